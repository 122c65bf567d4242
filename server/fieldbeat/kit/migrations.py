"""Bringing a database to the revision that this program needs, and telling where it stands.

Migrations are forward-only and numbered (`0001_…`), so the names of the files tell the order without alembic.
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

FOLDER = Path(__file__).parents[3] / "migrations"


class DatabaseNewer(Exception):
    """The database was migrated by a newer version of the program."""


class RoleMissing(Exception):
    """The application's role does not exist on the server."""


def revisions() -> list[str]:
    """The revisions that this program knows, oldest first."""
    return sorted(path.name.split("_", 1)[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """The revision that this program needs."""
    return revisions()[-1]


def revision_of(url: str) -> str | None:
    """The revision of the database at `url`, or None for a database that was never migrated."""
    with psycopg.connect(url, connect_timeout=5) as conn:
        if conn.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
            return None
        row = conn.execute("select version_num from public.alembic_version").fetchone()
        return str(row[0]) if row else None


def migrate(url: str, app_role: str) -> list[str]:
    """Migrate the database at `url` (the owner's role) and return the revisions that were added, oldest first.

    `app_role` gets the application's privileges. Locks: one migrator at a time, the others wait.
    Refuses a database of a newer version, and a role that does not exist.
    """
    before = revision_of(url)
    check_not_newer(before)
    _check_role(url, app_role)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes |= {"url": url, "app_role": app_role}
    command.upgrade(config, "head")
    with psycopg.connect(url) as conn:
        conn.execute(sql.SQL("grant select on public.alembic_version to {}").format(sql.Identifier(app_role)))
    return [revision for revision in revisions() if before is None or revision > before]


def check_not_newer(revision: str | None) -> None:
    """Refuses a revision that this program does not know."""
    if revision is not None and revision not in revisions():
        raise DatabaseNewer(
            f"The database is at revision {revision}, which this version does not know (it ends at "
            f"{newest_revision()}): it was migrated by a newer one. Use that version or a newer one."
        )


def _check_role(url: str, role: str) -> None:
    with psycopg.connect(url, connect_timeout=5) as conn:
        if not conn.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            raise RoleMissing(f"The application's role {role} does not exist; make it first: create role {role} login.")
