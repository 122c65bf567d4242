"""Undoing a batch: what it added is deleted, what it changed is set back, unless somebody has changed it since."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat import records
from fieldbeat.importing import store
from fieldbeat.importing.model import Batch, BatchUndone, BatchUnknown, Kept, Left, Ref, Undone
from fieldbeat.importing.settle import KEPT, REFS, change_record, resolve_refs
from fieldbeat.importing.store import ToUndo
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.records import Change, Tx
from fieldbeat.tickets.replica import KEPT_TICKET
from fieldbeat.tickets.store import take_numbers
from fieldbeat_sync.mutation import Conflicted
from fieldbeat_sync.schema import Op

CHUNK_ROWS = 500
END = 2**31 - 1


async def undo_import(db: Db, actor: Actor, batch_id: UUID) -> Undone:
    """Undoes a batch, the last row first; interrupted, it goes on when asked again.

    What somebody has changed since, or what something else depends on, stays, and is told.
    Locks: the batch. Refuses `BatchUnknown`, `BatchUndone`.
    """
    undone, below = Undone(), END
    while True:
        async with records.writing(db, actor.tenant_id) as tx:
            batch = await _batch(tx, batch_id)
            rows = await store.rows_to_undo(tx.conn, tx.tenant_id, batch_id, below, CHUNK_ROWS)
            if not rows:
                await store.end_undoing(tx.conn, tx.tenant_id, batch_id)
                return undone
            await store.lock_source(tx.conn, tx.tenant_id, batch.source)
            # One collection in one transaction: until it is published, a contact that goes keeps its account alive.
            rows = [row for row in rows if row.collection == rows[0].collection]
            await _undo(tx, actor, batch, rows[0].collection, rows, undone)
        below = rows[-1].place


async def _batch(tx: Tx, batch_id: UUID) -> Batch:
    batch = await store.lock_batch(tx.conn, tx.tenant_id, batch_id)
    if batch is None:
        raise BatchUnknown
    if batch.undone_at is not None:
        raise BatchUndone
    return batch


async def _undo(tx: Tx, actor: Actor, batch: Batch, collection: str, rows: Sequence[ToUndo], undone: Undone) -> None:
    current = await store.revs(tx.conn, tx.tenant_id, KEPT[collection], [row.record_id for row in rows])
    done: list[int] = []
    for row in rows:
        now = current[row.record_id]
        if now.deleted:
            done.append(row.place)
        elif now.rev != row.rev:
            undone.left.append(Left(collection, row.key, row.record_id, "somebody has changed it since"))
        elif row.before is not None and collection == KEPT_TICKET.schema.name:
            undone.left.append(Left(collection, row.key, row.record_id, "its past is not taken back in parts"))
        elif row.before is not None:
            await _set_back(tx, actor, batch, row)
            undone.restored += 1
            done.append(row.place)
        elif await store.in_use(tx.conn, tx.tenant_id, collection, row.record_id):
            undone.left.append(Left(collection, row.key, row.record_id, "something else depends on it"))
        elif await _remove(tx, actor, collection, row):
            undone.removed += 1
            done.append(row.place)
        else:
            undone.left.append(Left(collection, row.key, row.record_id, "somebody has changed it since"))
    await store.mark_undone(tx.conn, tx.tenant_id, batch.id, done)


async def _set_back(tx: Tx, actor: Actor, batch: Batch, row: ToUndo) -> None:
    before = row.before or {}
    refs = [Ref(*said[name]) for said in (before, row.said) for name in REFS & said.keys()]
    ids = await resolve_refs(tx.conn, tx.tenant_id, batch.source, refs)
    rev = await change_record(tx, actor, row.collection, Kept(row.record_id, row.rev, row.said), before, ids)
    await store.restore_rev(tx.conn, tx.tenant_id, row.record_id, row.rev, rev)


async def _remove(tx: Tx, actor: Actor, collection: str, row: ToUndo) -> bool:
    """Whether it is gone: an edit that came in between keeps it alive."""
    number = await _freed_number(tx, actor, row.record_id) if collection == KEPT_TICKET.schema.name else None
    gone = Change(KEPT[collection], row.record_id, Op.DELETE, {}, row.rev)
    [changed] = await records.change(tx, actor, [gone])
    if isinstance(changed.outcome, Conflicted):
        if number:
            await records.change(tx, actor, [Change(KEPT_TICKET, row.record_id, Op.UPDATE, {"number": number})])
        return False
    if collection == "territory":
        await store.drop_assignments(tx.conn, tx.tenant_id, row.record_id)
    if collection == "user":
        await store.release_login(tx.conn, row.record_id)
    return True


async def _freed_number(tx: Tx, actor: Actor, ticket_id: UUID) -> int | None:
    """The number of a ticket, which gets another one, so that a later import can give it again."""
    number = await take_numbers(tx.conn, tx.tenant_id, 1)
    [changed] = await records.change(tx, actor, [Change(KEPT_TICKET, ticket_id, Op.UPDATE, {"number": number})])
    return changed.before["number"] if changed.before else None
