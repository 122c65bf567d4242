"""Tickets: what a ticket's clocks cost, to fold, to keep and to read; and a change of calendar over many tickets.

.venv/bin/python loadtests/tickets.py [TICKETS]

The first 500 are opened, answered and moved by the verbs; the others are copies of them, row by row, under new ids.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.kit.memory import keep_memory
from fieldbeat.tickets import jobs
from fieldbeat.tickets.actions import add_message, create_ticket, update_ticket
from fieldbeat.tickets.clock_store import lock_open_tickets, recalculation
from fieldbeat.tickets.clocks import elapsed_of, state_of
from fieldbeat.tickets.keeping import fold_all
from fieldbeat.tickets.policies import create_policy
from fieldbeat.tickets.reads import clocks_of_tickets
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_testing.database import opened, running_servers
from fieldbeat_testing.world import World, settle

WEEK = [
    {"weekday": day, "from": from_, "until": until}
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    for from_, until in (("09:00", "12:00"), ("13:00", "18:00"))
]
OFFICE = {"timeZone": "Europe/Berlin", "weekly": WEEK, "country": "DE"}
METRICS = ("FIRST_RESPONSE", "NEXT_RESPONSE", "RESOLUTION", "PERIODIC_UPDATE")
PROMISE = {
    "name": "All",
    "targets": [
        {"metric": metric, "priority": priority, "minutes": 6_000}
        for metric in METRICS
        for priority in ("LOW", "NORMAL", "HIGH", "URGENT")
    ],
}
SAMPLE = 500
BY_VERBS_MAX = 500
COPIES = """
create unlogged table copy as
select t.id as old, uuidv7() as new, row_number() over () as n from ticket t cross join generate_series(1, {copies});
create index on copy (old);
insert into ticket (tenant_id, id, rev, fields, stamps, created_at, changed_at)
select t.tenant_id, c.new, t.rev, t.fields || jsonb_build_object('number', 1000000 + c.n), t.stamps, t.created_at,
       t.changed_at
from copy c join ticket t on t.id = c.old order by c.new;
create unlogged table copied_message as
select m.id as old, uuidv7() as new, c.new as ticket_id from copy c join ticket_message m on m.ticket_id = c.old;
create index on copied_message (old);
insert into ticket_message (tenant_id, id, rev, fields, stamps, created_at, changed_at)
select m.tenant_id, c.new, m.rev, m.fields || jsonb_build_object('ticketId', c.ticket_id), m.stamps,
       m.created_at, m.changed_at
from copied_message c join ticket_message m on m.id = c.old;
insert into field_write (tenant_id, collection, record_id, field, rev, replica, seq, hlc, rank, epoch, value, actor_id,
                         applied_at, outcome, rule, timing)
select w.tenant_id, w.collection, c.new, w.field, w.rev, w.replica, w.seq, w.hlc, w.rank, w.epoch,
       case when w.field = 'ticketId' then to_jsonb(c.ticket_id) else w.value end, w.actor_id, w.applied_at, w.outcome,
       w.rule, w.timing
from (select old, new, null::uuid as ticket_id from copy union all select old, new, ticket_id from copied_message) c
join field_write w on w.record_id = c.old and w.field not like '+%';
insert into sla_applied (tenant_id, ticket_id, at, known_at, policy_id, version, hours_rev)
select a.tenant_id, c.new, a.at, a.known_at, a.policy_id, a.version, a.hours_rev
from copy c join sla_applied a on a.ticket_id = c.old;
insert into sla_clock (tenant_id, ticket_id, metric, instance, started_at, target, elapsed, anchor_at, runs, deadline,
                       ended_at, breached_at, breached_by_change, retracted_at, unverified_at, policy_id, version,
                       hours_rev, deadline_version)
select k.tenant_id, c.new, k.metric, k.instance, k.started_at, k.target, k.elapsed, k.anchor_at, k.runs, k.deadline,
       k.ended_at, k.breached_at, k.breached_by_change, k.retracted_at, k.unverified_at, k.policy_id, k.version,
       k.hours_rev, k.deadline_version
from copy c join sla_clock k on k.ticket_id = c.old;
insert into sla_step (tenant_id, ticket_id, metric, instance, step, deadline_version, due_at, levels, taken_at)
select s.tenant_id, c.new, s.metric, s.instance, s.step, s.deadline_version, s.due_at, s.levels, s.taken_at
from copy c join sla_step s on s.ticket_id = c.old;
drop table copy, copied_message;
analyze ticket, ticket_message, field_write, sla_applied, sla_clock, sla_step;
"""


async def main(tickets: int) -> None:
    keep_memory()  # as a worker does
    with tempfile.TemporaryDirectory(), running_servers() as servers:
        database = servers.new_database()
        async with opened(database) as db:
            world = await settle(db)
            hours_id = await _prepare(db, world)
            begin = time.perf_counter()
            by_verbs = min(tickets, BY_VERBS_MAX)
            for n in range(0, by_verbs, 50):
                await _open(db, world, n, min(n + 50, by_verbs))
            took = time.perf_counter() - begin
            print(f"{by_verbs} tickets with 4 events, clocks kept with each: {took / by_verbs * 1e3:.1f} ms each")
            await _copy(database.superuser_url, copies=tickets // by_verbs - 1)
            await _measure(db, world)
            async with records.writing(db, world.tenant_id) as tx:
                await set_business_hours(tx, world.adam.actor, patch={**OFFICE, "weekly": WEEK[:8]}, hours_id=hours_id)
            begin, own = time.perf_counter(), time.process_time()
            done = await _watched(db, world, jobs.recalculate(db))
            took, own = time.perf_counter() - begin, time.process_time() - own
            print(
                f"a calendar changed: {done} tickets in {took:.1f} s, {took / done * 1e3:.2f} ms a ticket "
                f"(this process {own:.1f} s), load {os.getloadavg()[0]:.1f}"
            )
            begin = time.perf_counter()
            checked = await jobs.check(db)
            print(f"checked: {checked.tickets} tickets, {checked.wrong} wrong, {time.perf_counter() - begin:.1f} s")


async def _prepare(db: Db, world: World) -> UUID:
    async with records.writing(db, world.tenant_id) as tx:
        hours = await set_business_hours(tx, world.adam.actor, patch=OFFICE)
    async with records.writing(db, world.tenant_id) as tx:
        await create_policy(tx, world.adam.actor, patch=PROMISE)
    return hours.id


async def _open(db: Db, world: World, first: int, until: int) -> None:
    actor, now = world.adam.actor, datetime.now(UTC)
    async with records.writing(db, world.tenant_id) as tx:
        for n in range(first, until):
            begun = now - timedelta(days=4, minutes=7 * n)
            patch = {"kind": "FAULT", "subject": "It leaks"}
            id = (await create_ticket(tx, actor, account_id=UUID(world.lunch), patch=patch, at=begun)).record_id
            await add_message(tx, actor, ticket_id=id, body="x", public=True, at=begun + timedelta(hours=3))
            for hours, status in ((5, "PENDING_THIRD"), (30, "OPEN")):
                at = begun + timedelta(hours=hours)
                await update_ticket(tx, actor, ticket_id=id, patch={"status": status}, at=at)


async def _copy(superuser_url: str, *, copies: int) -> None:
    """Multiplies the tickets with all that their clocks are made of; their keys are right."""
    owner = await asyncpg.connect(superuser_url)
    await owner.execute("set session_replication_role = replica")
    await owner.execute(COPIES.format(copies=copies), timeout=1_800)
    await owner.close()


async def _watched(db: Db, world: World, work: Awaitable[int]) -> int:
    """Waits for a recalculation and says twice in ten seconds how far it is, as whoever asks for it is told."""
    task = asyncio.ensure_future(work)
    while not (await asyncio.wait({task}, timeout=5))[0]:
        async with db.reading(world.tenant_id) as conn:
            under_way = await recalculation(conn, world.tenant_id)
        if under_way:
            print(f"  {under_way.done:,} of {under_way.total:,}", flush=True)
    return task.result()


async def _measure(db: Db, world: World) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        ids = await lock_open_tickets(tx.conn, world.tenant_id, None, rows_max=SAMPLE)
    async with db.reading(world.tenant_id) as conn:
        begin = time.perf_counter()
        await fold_all(conn, world.tenant_id, ids)
        print(f"read the events and fold: {(time.perf_counter() - begin) / len(ids) * 1e3:.2f} ms a ticket")
        begin = time.perf_counter()
        found = await clocks_of_tickets(conn, world.nina.actor, ids)
        now = datetime.now(UTC)
        shown = [(state_of(clock, now), elapsed_of(clock, h, now)) for each in found.values() for clock, h in each]
        took = time.perf_counter() - begin
        print(
            f"read and show {len(shown) / len(ids):.0f} clocks: {took / len(ids) * 1e3:.3f} ms a ticket of {len(ids)}"
        )
        begin = time.perf_counter()
        for id in ids[:100]:
            await clocks_of_tickets(conn, world.nina.actor, [id])
        print(f"the same for one ticket alone: {(time.perf_counter() - begin) / len(ids[:100]) * 1e3:.2f} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
