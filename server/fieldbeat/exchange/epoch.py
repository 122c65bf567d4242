"""The epoch: raised when the database was restored to an earlier point, so that no device goes on as if nothing had
happened (docs/operating/restore.md).

Every device then registers anew, hands in again what it was told to be settled in the last days, and reads everything.
Done as the owner of the schema, before anything serves the restored database.
"""

from datetime import datetime
from typing import NamedTuple

import psycopg

from fieldbeat.kit.refusal import Refusal

# Replica numbers that were issued after the backup must not be issued again: a device would take the edits of another
# for its own.
REPLICAS_SKIPPED = 1_000_000

_STANDING = "select epoch, clock_timestamp() from installation"
_SERVING = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name = 'fieldbeat' and pid <> pg_backend_pid()
"""
# By the clock: an older backup, restored later, must not come to an epoch that was there before. Seconds since 2020.
_RAISE = """
update installation
set epoch = greatest(epoch + 1, extract(epoch from clock_timestamp() - timestamptz '2020-01-01 00:00:00Z')::integer)
returning epoch, clock_timestamp()
"""
_SKIP = "update tenant set last_replica = last_replica + %s"


class StillServing(Refusal):
    """The API or a worker is connected to this database. Stop them first: a device that meets the restored database
    under its old epoch would take it for the one that it knows."""

    code = "STILL_SERVING"


class Epoch(NamedTuple):
    """The epoch at an instant of the database's clock."""

    number: int
    at: datetime


def read_epoch(url: str) -> Epoch:
    """The epoch of the database at `url`; any role may ask."""
    with psycopg.connect(url, connect_timeout=5) as conn:
        return _epoch(conn.execute(_STANDING).fetchone())


def raise_epoch(url: str, *, while_serving: bool = False) -> Epoch:
    """Raises the epoch of the restored database at `url` (the owner's role) above every one before.

    Refuses (`StillServing`) while the application is connected, unless `while_serving`.
    """
    with psycopg.connect(url, connect_timeout=5) as conn:
        serving = conn.execute(_SERVING).fetchone()
        if serving != (0,) and not while_serving:
            raise StillServing
        conn.execute(_SKIP, [REPLICAS_SKIPPED])
        return _epoch(conn.execute(_RAISE).fetchone())


def _epoch(row: tuple[int, datetime] | None) -> Epoch:
    assert row is not None
    return Epoch(*row)
