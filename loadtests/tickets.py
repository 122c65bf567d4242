"""Tickets: what a ticket's clocks cost, to fold, to keep and to read; and a change of calendar over many tickets.

.venv/bin/python loadtests/tickets.py [TICKETS]
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.tickets import jobs
from fieldbeat.tickets.actions import add_message, create_ticket, update_ticket
from fieldbeat.tickets.clock_store import lock_open_tickets
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
        {"metric": metric, "priority": priority, "minutes": 600}
        for metric in METRICS
        for priority in ("LOW", "NORMAL", "HIGH", "URGENT")
    ],
}
SAMPLE = 500


async def main(tickets: int) -> None:
    with tempfile.TemporaryDirectory(), running_servers() as servers:
        async with opened(servers.new_database()) as db:
            world = await settle(db)
            hours_id = await _prepare(db, world)
            begin = time.perf_counter()
            for n in range(0, tickets, 50):
                await _open(db, world, min(50, tickets - n))
            took = time.perf_counter() - begin
            print(f"{tickets} tickets with 4 events, clocks kept with each: {took / tickets * 1e3:.1f} ms each")
            await _measure(db, world)
            async with records.writing(db, world.tenant_id) as tx:
                await set_business_hours(tx, world.adam.actor, patch={**OFFICE, "weekly": WEEK[:8]}, hours_id=hours_id)
            begin = time.perf_counter()
            done = await jobs.recalculate(db)
            took = time.perf_counter() - begin
            print(f"a calendar changed: {done} tickets in {took:.1f} s, {took / done * 1e3:.2f} ms a ticket")
            begin = time.perf_counter()
            checked = await jobs.check(db)
            print(f"checked: {checked.tickets} tickets, {checked.wrong} wrong, {time.perf_counter() - begin:.1f} s")


async def _prepare(db: Db, world: World) -> UUID:
    async with records.writing(db, world.tenant_id) as tx:
        hours = await set_business_hours(tx, world.adam.actor, patch=OFFICE)
    async with records.writing(db, world.tenant_id) as tx:
        await create_policy(tx, world.adam.actor, patch=PROMISE)
    return hours.id


async def _open(db: Db, world: World, count: int) -> None:
    actor, begun = world.adam.actor, datetime.now(UTC) - timedelta(days=4)
    async with records.writing(db, world.tenant_id) as tx:
        for _ in range(count):
            patch = {"kind": "FAULT", "subject": "It leaks"}
            id = (await create_ticket(tx, actor, account_id=UUID(world.lunch), patch=patch, at=begun)).record_id
            await add_message(tx, actor, ticket_id=id, body="x", public=True, at=begun + timedelta(hours=3))
            for hours, status in ((5, "PENDING_THIRD"), (30, "OPEN")):
                at = begun + timedelta(hours=hours)
                await update_ticket(tx, actor, ticket_id=id, patch={"status": status}, at=at)


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
