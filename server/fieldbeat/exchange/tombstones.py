"""Tombstones: the row of a deleted record stands for two years, so that a late edit to it is judged by delete against
edit and never taken for the creation of another. Then the row goes; its history stays.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.exchange.garbage import BATCHES_A_RUN_MAX, SQL, TENANTS_A_RUN_MAX
from fieldbeat.exchange.registry import KEPT
from fieldbeat.kit.db import Conn, Db
from fieldbeat.records import Kept

KEPT_FOR = timedelta(days=731)  # two years, a leap day among them
PUT_OFF = timedelta(days=30)  # where something refers to the row, or it has been deleted again since
ROWS_A_BATCH_MAX = 500


class Tombstone(NamedTuple):
    """A deleted record."""

    collection: str
    id: UUID


async def collect_tombstones(db: Db, *, older_than: timedelta = KEPT_FOR) -> int:
    """Removes what is older, in all tenants, in bounded batches, up to a bound a run; returns how many rows went."""
    async with db.unscoped() as conn:
        found = await conn.fetch(SQL["tenants_with_tombstones"], older_than, TENANTS_A_RUN_MAX)
    removed = batches = 0
    for tenant_id in (row["tenant_id"] for row in found):
        while batches < BATCHES_A_RUN_MAX and (old := await _old(db, tenant_id, older_than)):
            removed += sum([await _remove(db, tenant_id, kept, ids, older_than) for kept, ids in _ordered(old)])
            batches += 1
    return removed


async def _old(db: Db, tenant_id: UUID, older_than: timedelta) -> list[Tombstone]:
    async with db.reading(tenant_id) as conn:
        rows = await conn.fetch(SQL["old_tombstones"], tenant_id, older_than, ROWS_A_BATCH_MAX)
    return [Tombstone(*row.values()) for row in rows]


def _ordered(old: Sequence[Tombstone]) -> Iterator[tuple[Kept, list[UUID]]]:
    """By collection, children before their parents."""
    ids = defaultdict(list)
    for each in old:
        ids[each.collection].append(each.id)
    yield from ((KEPT[name], ids[name]) for name in sorted(ids, key=lambda name: (-_depth(KEPT[name]), name)))


def _depth(kept: Kept) -> int:
    return 1 + _depth(kept.parent) if kept.parent else 0


async def _remove(db: Db, tenant_id: UUID, kept: Kept, ids: Sequence[UUID], older_than: timedelta) -> int:
    """One transaction. Something may refer to one of the rows: then each is tried alone, and that one put off."""
    try:
        async with db.writing(tenant_id) as conn:
            removed: int = await conn.fetchval(_statement("remove_dead", kept), tenant_id, ids, older_than)
            await _settle(conn, tenant_id, kept, ids, older_than)
    except asyncpg.ForeignKeyViolationError:
        if len(ids) > 1:
            return sum([await _remove(db, tenant_id, kept, [each], older_than) for each in ids])
        async with db.writing(tenant_id) as conn:
            await _settle(conn, tenant_id, kept, ids, older_than)
        return 0
    return removed


async def _settle(conn: Conn, tenant_id: UUID, kept: Kept, ids: Sequence[UUID], older_than: timedelta) -> None:
    """Who is gone, or lives, is no tombstone any more; who is still one is looked at again later."""
    await conn.execute(_statement("settle_tombstones", kept), tenant_id, kept.schema.name, ids, older_than - PUT_OFF)


def _statement(name: str, kept: Kept) -> str:
    return SQL[name].replace("{table}", kept.table)
