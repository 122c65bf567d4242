"""What the worker does for clocks in its own time: reckon them anew after a change, and check the cache at night."""

from typing import NamedTuple
from uuid import UUID

import structlog

from fieldbeat import records
from fieldbeat.kit.db import Conn, Db
from fieldbeat.outbox.model import Effect, Performers
from fieldbeat.tickets import clock_store as store
from fieldbeat.tickets.keeping import fold_all, refresh_clocks

TICKETS_A_BATCH_MAX = 500  # of one transaction: who edits one of them waits for it
BATCHES_A_RUN_MAX = 400
TENANTS_A_RUN_MAX = 1_000

log = structlog.stdlib.get_logger("fieldbeat.tickets")


class Checked(NamedTuple):
    """How many tickets were checked, and how many had other clocks than the fold gives."""

    tickets: int
    wrong: int


async def recalculate(db: Db, *, batches_max: int = BATCHES_A_RUN_MAX, tickets_max: int = TICKETS_A_BATCH_MAX) -> int:
    """Reckons open tickets anew where policies or business hours changed; returns how many, up to a bound a run.

    It goes on where a run that was cut off, or another worker, has left.
    """
    async with db.unscoped() as conn:
        tenants = await store.stale_tenants(conn, tenants_max=TENANTS_A_RUN_MAX)
    done = batches = 0
    for tenant_id in tenants:
        more = True
        while more and batches < batches_max:
            count, more = await recalculate_batch(db, tenant_id, tickets_max=tickets_max)
            done, batches = done + count, batches + 1
    return done


async def recalculate_batch(db: Db, tenant_id: UUID, *, tickets_max: int = TICKETS_A_BATCH_MAX) -> tuple[int, bool]:
    """One transaction: how many tickets, and whether there are more. Locks: the company's recalculation, tickets."""
    async with records.writing(db, tenant_id) as tx:
        if not await store.lock_recalculation(tx.conn, tenant_id):
            return 0, False
        under_way = await _begun(tx.conn, tenant_id)
        ids = await store.lock_open_tickets(tx.conn, tenant_id, under_way.last_id, rows_max=tickets_max)
        await refresh_clocks(tx, ids)
        finished = len(ids) < tickets_max
        await store.go_on_recalculating(
            tx.conn, tenant_id, done=len(ids), last_id=ids[-1] if ids else None, finished=finished
        )
        return len(ids), not finished


async def follow_arrivals(conn: Conn, effect: Effect) -> None:
    """Somebody checked in: the clocks of the tickets for which he came. Locks: those tickets."""
    visit_ids = [UUID(id) for id in effect.payload["visitIds"]]
    ids = await store.lock_tickets_of_visits(conn, effect.tenant_id, visit_ids)
    await refresh_clocks(records.Tx(conn, effect.tenant_id, await records.now(conn)), ids)


PERFORMERS: Performers = {"visit.arrived": follow_arrivals}


async def check(db: Db, *, tickets_max: int = TICKETS_A_BATCH_MAX) -> Checked:
    """Compares the cached clocks of open tickets with what the fold gives; what differs is logged as an error."""
    async with db.unscoped() as conn:
        tenants = await store.tenants_with_clocks(conn, tenants_max=TENANTS_A_RUN_MAX)
    tickets = wrong = 0
    for tenant_id in tenants:
        last_id: UUID | None = None
        while ids := await _open_tickets(db, tenant_id, last_id, tickets_max):
            differing = await wrong_clocks(db, tenant_id, ids)
            if differing:
                log.error("clocks differ from their events", tenant=str(tenant_id), tickets=[*map(str, differing[:20])])
            tickets, wrong, last_id = tickets + len(ids), wrong + len(differing), ids[-1]
    log.info("clocks checked", tickets=tickets, wrong=wrong)
    return Checked(tickets, wrong)


async def wrong_clocks(db: Db, tenant_id: UUID, ticket_ids: list[UUID]) -> list[UUID]:
    """The tickets whose cached clocks are not what the fold gives, in one snapshot."""
    async with db.reading(tenant_id) as conn:
        folded, _ = await fold_all(conn, tenant_id, ticket_ids)
        cached = {(each.ticket_id, each.clock) for each in await store.clocks_of(conn, tenant_id, ticket_ids)}
    return sorted({id for id, _ in cached ^ {(id, clock) for id, clocks in folded.items() for clock in clocks}})


async def _begun(conn: Conn, tenant_id: UUID) -> store.Recalculation:
    changed_at = await store.newest_change(conn, tenant_id)
    last = await store.recalculation(conn, tenant_id)
    if last is None or last.changed_at < changed_at:
        total = await store.count_open_tickets(conn, tenant_id)
        await store.begin_recalculation(conn, tenant_id, changed_at, total=total)
        last = await store.recalculation(conn, tenant_id)
    assert last is not None  # as it was begun
    return last


async def _open_tickets(db: Db, tenant_id: UUID, behind: UUID | None, tickets_max: int) -> list[UUID]:
    async with db.reading(tenant_id) as conn:
        return await store.open_tickets(conn, tenant_id, behind, rows_max=tickets_max)
