"""`fieldbeat migrate`: bring the database to the revision that this version needs."""

from urllib.parse import unquote, urlsplit

import typer

from fieldbeat.cli.servers import reachable
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.migrations import migrate as bring_up_to_date
from fieldbeat.kit.settings import Settings, SettingsInvalid, read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate() -> None:
    """Migrate as the owner's role (FIELDBEAT_MIGRATE_URL) and give the application's role what it needs."""
    settings = reachable(read_settings())
    configure_log(settings)
    added = migrated(settings)
    typer.echo(f"Migrated: {', '.join(added)}." if added else "The database is up to date.")


def migrated(settings: Settings) -> list[str]:
    """Migrate the database that `settings` name; returns the revisions that were added."""
    return bring_up_to_date(settings.needs_migrate_url(), _role_of(settings.needs_database_url()))


def _role_of(url: str) -> str:
    user = urlsplit(url).username
    if user is None:
        raise SettingsInvalid("FIELDBEAT_DATABASE_URL names no role: postgresql://ROLE@HOST/DATABASE.")
    return unquote(user)
