"""The past of tickets: how long it takes to plan and to import it with its clocks, and to import it again.

.venv/bin/python loadtests/histories.py [ROWS]
"""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fieldbeat import records
from fieldbeat.accounts.actions import create_contact, update_account
from fieldbeat.importing.actions import run_import
from fieldbeat.importing.plan import make_plan
from fieldbeat.kit.db import Db
from fieldbeat.tickets.policies import create_policy
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_testing.database import opened, running_servers
from fieldbeat_testing.ticket_histories import made_up, write
from fieldbeat_testing.world import World, settle

WEEK = [
    {"weekday": day, "from": from_, "until": until}
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    for from_, until in (("09:00", "12:00"), ("13:30", "18:00"))
]
TARGETS = [
    {"metric": metric, "priority": priority, "minutes": 240}
    for metric in ("FIRST_RESPONSE", "NEXT_RESPONSE", "RESOLUTION")
    for priority in ("LOW", "NORMAL", "HIGH", "URGENT")
]


async def main(rows_min: int) -> None:
    with tempfile.TemporaryDirectory() as folder, running_servers() as servers:
        async with opened(servers.new_database()) as db:
            world = await settle(db)
            await _prepare(db, world)
            people = [world.nina.email, world.otto.email, world.vera.email]
            rows = made_up(random.Random(rows_min), ["L", "T", "D"], people, rows_min=rows_min)
            mapping = write(Path(folder), rows)
            print(f"{len(rows)} rows of {len({row.ticket for row in rows})} tickets")
            begin, busy = time.perf_counter(), time.process_time()
            plan = make_plan(Path(folder), mapping)
            _tell("planned and judged", len(rows), begin, busy)
            for what in ("imported with clocks", "imported again"):
                begin, busy = time.perf_counter(), time.process_time()
                done = await run_import(db, world.adam.actor, plan)
                _tell(f"{what} (added {done.tally.added})", len(rows), begin, busy)


async def _prepare(db: Db, world: World) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        hours = {"timeZone": "Asia/Shanghai", "weekly": WEEK, "country": "CN"}
        await set_business_hours(tx, world.adam.actor, patch=hours)
        for id, code in ((world.lunch, "L"), (world.tea, "T"), (world.diner, "D")):
            await update_account(tx, world.adam.actor, account_id=UUID(id), patch={"code": code})
            await create_contact(tx, world.adam.actor, account_id=UUID(id), patch={"name": "Zoe"})
    async with records.writing(db, world.tenant_id) as tx:
        await create_policy(tx, world.adam.actor, patch={"name": "All", "targets": TARGETS})


def _tell(what: str, rows: int, begin: float, busy: float) -> None:
    took, own = time.perf_counter() - begin, time.process_time() - busy
    print(f"{what}: {took:.1f} s ({rows / took:.0f} rows a second), {own:.1f} s of this process")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
