"""The queues of tickets that are overdue or soon will be, with very many in them: `loadtests/queues.py [TICKETS]`.

TICKETS are open; of every hundred twenty are overdue and five come due within 24 hours, or all but so many that a page
holds them. Pages of 50 are read as an administrator reads them and as a rep does who has one of twenty territories.
"""

import os
import sys
from datetime import date
from statistics import median
from time import perf_counter
from typing import Any

import asyncpg
import uvloop
from company import Company, company
from escalation import open_tickets

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.people.actions import create_user
from fieldbeat.territories.actions import assign_territory
from fieldbeat.tickets.model import TicketQueue
from fieldbeat.tickets.reads import search_tickets
from fieldbeat_sync.schema import Role

TERRITORIES, PAGE, READS = 20, 50, 20
MANY = """
update sla_clock c set deadline = now() + case when t.number % 100 < 20 then -interval '1 minute' * (t.number % 40000)
                                               else interval '1 minute' * (t.number % 1440) end
from ticket t where t.id = c.ticket_id and t.number % 100 < 25
"""
FEW = """
update sla_clock c set deadline = now() + interval '30 days' from ticket t where t.id = c.ticket_id and t.number > 300
"""


async def main(tickets: int) -> None:
    """Prepares, measures, prints."""
    async with company(territories=TERRITORIES, accounts=100, pool=1) as made:
        owner = await asyncpg.connect(made.owner_url)
        rep = await _rep(made)
        await open_tickets(made, owner, tickets)
        for what, statement in (("very many", MANY), ("few", FEW)):
            await owner.execute(statement, timeout=900)
            await owner.execute("vacuum analyze ticket, sla_clock", timeout=900)
            for queue in (TicketQueue.BREACHED, TicketQueue.DUE_SOON):
                for whom, actor in (("an administrator", made.actor), ("a rep", rep)):
                    await _tell(made, owner, f"{what} {queue}", whom, actor, queue)
        await owner.close()


async def _rep(made: Company) -> Actor:
    async with records.writing(made.db, made.actor.tenant_id) as tx:
        person = await create_user(
            tx, made.actor, name="Nina", email="nina@acme.example", role=Role.REP, password="x" * 12
        )
        await assign_territory(
            tx, made.actor, territory_id=made.territories[0], user_id=person.id, from_on=date(2020, 1, 1)
        )
    return Actor(made.actor.tenant_id, person.id, Role.REP)


async def _tell(made: Company, owner: Any, what: str, whom: str, actor: Actor, queue: TicketQueue) -> None:
    took, seen, below = [], 0, None
    for _ in range(READS):
        begun = perf_counter()
        async with made.db.reading(actor.tenant_id) as conn:
            page = await search_tickets(conn, actor, queue=queue, below_number=below, rows_max=PAGE)
        took.append(perf_counter() - begun)
        seen += len(page)
        below = page[-1].number if len(page) == PAGE else None
    print(
        f"{what}, {whom}: {seen:,} in {READS} pages, median {median(took) * 1e3:.1f} ms, "
        f"longest {max(took) * 1e3:.1f} ms, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
