"""Running a plan against a company: chunk by chunk, each one transaction, so that it may be cut off anywhere."""

from collections.abc import Callable, Sequence

from fieldbeat import records
from fieldbeat.importing import rules, store
from fieldbeat.importing.mapping import CODES
from fieldbeat.importing.model import Batch, Fault, Imported, Plan, Planned, Ref, Tally, TenantUnclear
from fieldbeat.importing.settle import missing_rows, resolve, settle_chunk
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Refusal
from fieldbeat_sync.schema import Role


async def importer(db: Db, *, tenant: str | None = None, email: str | None = None) -> Actor:
    """In whose name an import runs: an administrator of the company (of `email`, or the oldest one).

    `tenant` is the company's id or name; it may be absent where there is only one. Refuses `TenantUnclear`.
    """
    async with db.unscoped() as conn:
        found = await store.find_tenants(conn, tenant)
    if len(found) != 1:
        raise TenantUnclear("There is no such company." if tenant and not found else "")
    async with db.reading(found[0]) as conn:
        user_id = await store.an_administrator(conn, found[0], email)
    if user_id is None:
        raise TenantUnclear("The company has no such administrator.")
    return Actor(found[0], user_id, Role.ADMIN)


async def run_import(
    db: Db,
    actor: Actor,
    plan: Plan,
    *,
    progress: Callable[[int], None] = lambda done: None,
    password: str | None = None,
) -> Imported:
    """Settles a plan; interrupted, it goes on where it was when the same content is imported again.

    `progress` is told how many rows are settled. New people get `password`, or each one of his own, which is told.
    A row that is refused is skipped and told. Locks: one chunk at a time.
    """
    batch = await _batch(db, actor, plan)
    did = Tally(faults=list(plan.faults))
    progress(batch.position)
    for place, rows in rules.chunks(plan.rows, begin=batch.position):
        await _settle(db, actor, plan, batch, place, rows, did, password)
        progress(place + len(rows))
    return Imported(batch.id, batch.position, did)


async def preview_import(db: Db, actor: Actor, plan: Plan) -> Tally:
    """What `run_import` would do, as far as it can be known without doing it."""
    would = Tally(faults=list(plan.faults))
    planned = {Ref(row.collection, row.key) for row in plan.rows}
    planned |= {Ref(CODES, ref.key) for ref in planned if ref.collection == "account"}
    async with db.reading(actor.tenant_id) as conn:
        for _, rows in rules.chunks(plan.rows, begin=0):
            there = planned | (await resolve(conn, actor.tenant_id, plan.source, rows)).keys()
            missing = {row.key: faults for row in rows if (faults := missing_rows(row, there))}
            would.faults += [fault for faults in missing.values() for fault in faults]
            keys = [row.key for row in rows if row.key not in missing]
            kept = await store.kept_rows(conn, actor.tenant_id, plan.source, rows[0].collection, keys)
            same = sum(row.key in kept and kept[row.key].said == row.said for row in rows)
            would.take(Tally(added=len(keys) - len(kept), changed=len(kept) - same, unchanged=same))
    return would


async def _batch(db: Db, actor: Actor, plan: Plan) -> Batch:
    async with db.writing(actor.tenant_id) as conn:
        await store.lock_source(conn, actor.tenant_id, plan.source)
        batch = await store.unfinished_batch(conn, actor.tenant_id, plan)
        if batch is None:
            batch_id = uuid7()
            await store.add_batch(conn, actor.tenant_id, batch_id, actor.user_id, plan)
            batch = await store.lock_batch(conn, actor.tenant_id, batch_id)
    assert batch is not None
    return batch


async def _settle(
    db: Db,
    actor: Actor,
    plan: Plan,
    batch: Batch,
    place: int,
    rows: Sequence[Planned],
    did: Tally,
    password: str | None,
) -> None:
    """One chunk; refused, its halves in turn, down to the one row that is at fault."""
    part = Tally()
    try:
        async with records.writing(db, actor.tenant_id) as tx:
            part = await settle_chunk(
                tx, actor, source=plan.source, batch_id=batch.id, place=place, rows=rows, password=password
            )
            await store.advance_batch(tx.conn, actor.tenant_id, batch.id, place + len(rows), part)
    except Refusal as refusal:
        if len(rows) > 1:
            half = len(rows) // 2
            await _settle(db, actor, plan, batch, place, rows[:half], did, password)
            await _settle(db, actor, plan, batch, place + half, rows[half:], did, password)
            return
        part = Tally(faults=[_fault(rows[0], refusal)])
        async with db.writing(actor.tenant_id) as conn:
            await store.advance_batch(conn, actor.tenant_id, batch.id, place + 1, part)
    did.take(part)


def _fault(row: Planned, refusal: Refusal) -> Fault:
    return Fault(row.file, row.line, ", ".join(refusal.fields), refusal.message)
