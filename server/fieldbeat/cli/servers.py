"""Which servers a command talks to: those that the settings name, else the embedded ones that `up` runs now."""

from fieldbeat.embedded.folder import DataFolder, holder
from fieldbeat.embedded.postgres import OWNER, database_url
from fieldbeat.embedded.valkey import redis_url
from fieldbeat.kit.settings import Settings


def reachable(settings: Settings) -> Settings:
    """`settings` with the addresses of the running embedded servers where none is named; unchanged when none runs."""
    folder = DataFolder(settings.data_dir.absolute())
    if holder(folder) is None:
        return settings
    return with_embedded(settings, folder)


def with_embedded(settings: Settings, folder: DataFolder) -> Settings:
    """`settings` with the embedded servers of `folder` where none is named."""
    found = {}
    if settings.database_url is None:
        found = {"database_url": database_url(folder), "migrate_url": database_url(folder, OWNER)}
    if settings.redis_url is None:
        found["redis_url"] = redis_url(folder)
    return settings.model_copy(update=found)
