"""The queues of tickets that are overdue or soon will be, with very many in them: `loadtests/queues.py [TICKETS]`.

TICKETS are open; of every hundred twenty are overdue and five come due within 24 hours, or all but so many that a page
holds them. Pages of 50 are read as an administrator reads them and as a rep does who has one of twenty territories.
Then a tenth of the tickets wait: doubtful pauses, when there is none among them, and when all are late ones.
"""

import os
import sys
from datetime import UTC, date, datetime
from statistics import median
from time import perf_counter

import asyncpg
import uvloop
from company import Company, company
from escalation import open_tickets

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.people.actions import create_user
from fieldbeat.territories.actions import assign_territory
from fieldbeat.tickets.model import TicketQueue
from fieldbeat.tickets.pauses import Pause, doubtful_pauses
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
MOVED = """
insert into field_write (tenant_id, collection, record_id, field, rev, replica, seq, hlc, value, actor_id, applied_at,
                         outcome, rule)
select tenant_id, 'ticket', id, 'status', {rev}, 0, {rev}, (extract(epoch from now()) * 1000)::bigint << 16,
       '"{status}"', assignee_id, now(), 'WON', 'SUPERSEDES'
from ticket where number % 10 = 0
"""
WAITING = """
with waiting as (
    update ticket set fields = fields || '{"status": "ON_HOLD"}' where number % 10 = 0 returning id, number)
update sla_clock c set runs = false, deadline = null, elapsed = target * 0.95,
                       anchor_at = now() - interval '1 minute' * (w.number % 30000)
from waiting w where w.id = c.ticket_id
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
                    await _tell(made, f"{what} {queue}", whom, actor, queue)
        await owner.execute(WAITING, timeout=900)
        for what, moves in (("none doubtful", ((2, "ON_HOLD"),)), ("all late", ((3, "OPEN"), (4, "ON_HOLD")))):
            for rev, status in moves:
                await owner.execute(MOVED.format(rev=rev, status=status), timeout=900)
            await owner.execute("vacuum analyze ticket, sla_clock, field_write", timeout=900)
            await _tell_pauses(made, f"{tickets // 10:,} tickets wait, {what}")
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


async def _tell(made: Company, what: str, whom: str, actor: Actor, queue: TicketQueue) -> None:
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


async def _tell_pauses(made: Company, what: str) -> None:
    took, page = [], list[Pause]()
    for _ in range(READS):
        after = (page[-1].stands_at, page[-1].ticket_id) if page else None
        begun = perf_counter()
        async with made.db.reading(made.actor.tenant_id) as conn:
            page = await doubtful_pauses(
                conn, made.actor, over_minutes=960, now=datetime.now(UTC), after=after, rows_max=PAGE
            )
        took.append(perf_counter() - begun)
    print(
        f"{what}: pages of {len(page)}, median {median(took) * 1e3:.1f} ms, longest {max(took) * 1e3:.1f} ms, "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
