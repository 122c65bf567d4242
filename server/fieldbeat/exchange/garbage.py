"""Garbage of the feed: old DELETE and EVICT entries go, and raise the horizon of their scope.

A cursor below a horizon may have missed one of them, so its device reads that scope anew (`resyncScopes`), and that
scope alone; its queue stays. The newest PUT of a live record is never removed, and a deleted record keeps its row in
its table (`tombstones`).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit import sql
from fieldbeat.kit.db import Conn, Db

SQL = sql.load(__file__, filename="garbage.sql")

KEPT_FOR = timedelta(days=90)
ENTRIES_A_BATCH_MAX = 1_000  # of one transaction: writers of the touched scopes wait for it
BATCHES_A_RUN_MAX = 200
TENANTS_A_RUN_MAX = 1_000


class Gone(NamedTuple):
    """An entry of what is gone."""

    scope_id: str
    collection: str
    record_id: UUID
    seq: int


async def collect(db: Db, *, older_than: timedelta = KEPT_FOR, entries_max: int = ENTRIES_A_BATCH_MAX) -> int:
    """Collects in all tenants, in bounded batches, up to a bound a run; returns how many entries went."""
    async with db.unscoped() as conn:
        found = await conn.fetch(SQL["tenants_with_garbage"], older_than, TENANTS_A_RUN_MAX)
    collected = batches = 0
    for tenant_id in (row["tenant_id"] for row in found):
        full = True
        while full and batches < BATCHES_A_RUN_MAX:
            count = await collect_batch(db, tenant_id, older_than=older_than, entries_max=entries_max)
            collected, batches, full = collected + count, batches + 1, count == entries_max
    return collected


async def collect_batch(db: Db, tenant_id: UUID, *, older_than: timedelta, entries_max: int) -> int:
    """One transaction of it. Locks: the heads of the touched scopes, as publishing does."""
    async with db.writing(tenant_id) as conn:
        rows = await conn.fetch(SQL["old_entries"], tenant_id, older_than, entries_max)
        return await _remove(conn, tenant_id, [Gone(*row.values()) for row in rows]) if rows else 0


async def _remove(conn: Conn, tenant_id: UUID, old: Sequence[Gone]) -> int:
    await conn.fetch(SQL["lock_heads"], tenant_id, sorted({entry.scope_id for entry in old}))
    scopes, collections, ids, seqs = zip(*old, strict=True)
    count: int = await conn.fetchval(SQL["collect"], tenant_id, list(scopes), list(collections), list(ids), list(seqs))
    return count
