"""Bringing a database to the revision that this program needs, as the owner of the schema."""

import subprocess
import sys

import orjson
import psycopg
from psycopg import sql

from fieldbeat.kit.revisions import newest_revision, revisions

MIGRATORS_LOCK = 0x6669656C64  # "field"; two who change one table's privileges at once fail, too


class MigrationRefused(Exception):
    """The database cannot be migrated as it stands; the message says what to do."""


def migrate(url: str, app_role: str) -> list[str]:
    """Migrate the database at `url` (the owner's role) and return the revisions that were added, oldest first.

    `app_role` gets the application's privileges.
    Locks: one migrator at a time, the others wait.
    Refuses a database of a newer version, and an application's role that does not exist.
    """
    with psycopg.connect(url, connect_timeout=5) as conn:
        before = _revision(conn)
        _check_not_newer(before)
        _check_role(conn, app_role)
    if before != newest_revision():
        _upgrade(url, app_role)
    with psycopg.connect(url) as conn:
        conn.execute("select pg_advisory_xact_lock(%s)", [MIGRATORS_LOCK])
        conn.execute(sql.SQL("grant select on public.alembic_version to {}").format(sql.Identifier(app_role)))
    return [revision for revision in revisions() if before is None or revision > before]


def check_current(url: str) -> None:
    """Refuses a database that is not at the revision that this program needs; any role may ask."""
    with psycopg.connect(url, connect_timeout=5) as conn:
        found = _revision(conn)
    _check_not_newer(found)
    if found != newest_revision():
        raise MigrationRefused(
            f"The database is at revision {found or 'none'}, this version needs {newest_revision()}: run "
            "`fieldbeat migrate` first, or set FIELDBEAT_MIGRATE_URL to the owner's role."
        )


def _revision(conn: psycopg.Connection) -> str | None:
    if conn.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
        return None
    row = conn.execute("select version_num from public.alembic_version").fetchone()
    return str(row[0]) if row else None


def _check_not_newer(revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise MigrationRefused(
            f"The database is at revision {revision}, which this version does not know (it ends at "
            f"{newest_revision()}): a newer version migrated it. Use that version or a newer one."
        )


def _check_role(conn: psycopg.Connection, role: str) -> None:
    if not conn.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        raise MigrationRefused(
            f"The application's role {role} does not exist; make it first: create role {role} login."
        )


def _upgrade(url: str, app_role: str) -> None:
    order = orjson.dumps({"url": url, "app_role": app_role})
    done = subprocess.run(
        [sys.executable, "-m", "fieldbeat.kit.upgrade"], input=order, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise MigrationRefused(
            f"The migration failed and was rolled back: {said.splitlines()[-1] if said else 'no reason'}"
        )
