"""What a snapshot sends first: what its reader needs to begin to work, while the rest is still on its way.

Which rows these are is fixed when the snapshot is opened, after the heads: they are sent once, and passed over where
their scope is read row by row. What becomes of them meanwhile stands behind the heads, so the pull delivers it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from fieldbeat.days.reads import needed_first
from fieldbeat.exchange import chunks
from fieldbeat.exchange import snapshot_store as kept
from fieldbeat.exchange.chunks import Rendered
from fieldbeat.exchange.snapshot_store import RowKey
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn

ROWS_MAX = 500


async def todays_rows(conn: Conn, actor: Actor, held: Collection[str], *, now: datetime) -> tuple[RowKey, ...]:
    """What `actor` needs first of what stands in the scopes that he holds, in the order in which it is sent."""
    wanted = await needed_first(conn, actor, now=now, rows_max=ROWS_MAX)
    if not wanted:
        return ()
    found = await kept.standing_rows(conn, actor.tenant_id, wanted, held)
    by_collection = groupby(found, key=lambda key: key.collection)
    return tuple(key for _, own in by_collection for key in sorted(own))


def opened(stored: Sequence[Sequence[str]]) -> tuple[RowKey, ...]:
    """The rows of a snapshot that was begun before."""
    return tuple(RowKey(scope_id, collection, UUID(record_id)) for scope_id, collection, record_id in stored)


async def read_today(
    conn: Conn, tenant_id: UUID, today: Sequence[RowKey], passed: int, held: Collection[str]
) -> list[tuple[Rendered, int]]:
    """The next lines behind the first `passed` rows, each with how many are passed after it; none at the end."""
    left = [key for key in today[passed:] if key.scope_id in held]
    rows = await kept.rows_by_keys(conn, tenant_id, left, bytes_max=chunks.BYTES_MAX)
    return [(line, today.index(RowKey(line.scope_id, *line.last)) + 1) for line in chunks.render(rows)]
