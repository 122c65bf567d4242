"""Where a database stands among our migrations, told without alembic: forward-only and numbered (`0001_…`), the names
of the files give the order. The API asks this on every readiness check."""

from functools import cache
from pathlib import Path

from fieldbeat.kit.db import Conn

# An installed wheel carries the migrations beside the packages.
_FOLDERS = (Path(__file__).parents[1] / "migrations", Path(__file__).parents[3] / "migrations")
FOLDER = next(folder for folder in _FOLDERS if folder.is_dir())


@cache
def revisions() -> tuple[str, ...]:
    """The revisions that this program knows, oldest first."""
    return tuple(sorted(path.name.split("_", 1)[0] for path in (FOLDER / "versions").glob("[0-9]*.py")))


def newest_revision() -> str:
    """The revision that this program needs."""
    return revisions()[-1]


async def revision_of(conn: Conn) -> str | None:
    """The revision of the database, or None when it was never migrated."""
    if await conn.fetchval("select to_regclass('public.alembic_version')") is None:
        return None
    found: str | None = await conn.fetchval("select version_num from public.alembic_version")
    return found
