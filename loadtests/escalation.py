"""Escalation with many open tickets, and many rows made at once: `python loadtests/escalation.py [TICKETS] [VISITS]`.

TICKETS stand open with a clock and two steps each, none due: an idle sweep. Then 10,000 steps are due: all are taken,
with who was told, notifications, history and feed. Then VISITS are made as a plan's publication makes them. Beside each
stands a bare INSERT ... SELECT of the very same durable rows, under the same indexes, keys and policies.
Processor time: this process, and PostgreSQL's one backend that works for it.
"""

import os
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import asyncpg
import uvloop
from company import Company, company

from fieldbeat import records
from fieldbeat.days import plans, store
from fieldbeat.days.model import Proposal
from fieldbeat.days.planning.model import Effort
from fieldbeat.escalation import jobs
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.memory import keep_memory
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.records import Change
from fieldbeat.visits.replica import KEPT_PLAN
from fieldbeat_sync.schema import Op

STEPS, IDLE_SWEEPS, PLANS = 10_000, 500, 100
TICKS = os.sysconf("SC_CLK_TCK")

TICKETS = """
with made as (
    insert into ticket (tenant_id, id, rev, fields, stamps)
    select $1, uuidv7(), 1, jsonb_build_object(
               'accountId', ($2::uuid[])[1 + n % cardinality($2)], 'assigneeId', $3::uuid, 'number', n,
               'status', 'OPEN', 'priority', 'NORMAL', 'kind', 'FAULT', 'subject', 'Leak ' || n, 'description', 'Wet.',
               'tags', '[]'::jsonb, 'visitIds', '[]'::jsonb), '\\x01'
    from generate_series($4::bigint, $5::bigint) as n
    returning id, number),
clocks as (
    insert into sla_clock (tenant_id, ticket_id, metric, instance, started_at, target, elapsed, anchor_at, runs,
                           deadline, breached_by_change, policy_id, version, hours_rev, deadline_version)
    select $1, id, 'RESOLUTION', 1, now(), interval '30 days', interval '0', now(), true, now() + interval '30 days',
           false, $6, 1, 0, 1
    from made)
insert into sla_step (tenant_id, ticket_id, metric, instance, step, deadline_version, due_at, levels)
select $1, id, 'RESOLUTION', 1, step, 1, now() + (interval '1 second' * (2600000 + number % 100000)) , array[0]
from made cross join generate_series(0, 1) as step
"""
DUE = """
update sla_step set due_at = now() - interval '1 minute'
where (tenant_id, ticket_id, step) in (
    select tenant_id, ticket_id, step from sla_step where taken_at is null order by due_at limit $1)
"""

TAKEN = """
update sla_step set taken_at = clock_timestamp()
where tenant_id = current_tenant() and taken_at is null and due_at <= clock_timestamp()
"""


@dataclass(frozen=True)
class Spent:
    """Seconds: on the clock, of this process, of the database's."""

    wall: float
    own: float
    database: float

    @property
    def processor(self) -> float:
        """Of both."""
        return self.own + self.database

    def __str__(self) -> str:
        parts = f"this process {self.own:.2f}, PostgreSQL {self.database:.2f}"
        return f"{self.wall:.2f} s (processor {self.processor:.2f}: {parts})"


class Meter:
    """Holds what a block cost, when it has ended."""

    spent: Spent


@asynccontextmanager
async def metered(made: Company) -> AsyncIterator[Meter]:
    """Measures a block that works on the company's one connection."""
    pid = await made.db.pool.fetchval("select pg_backend_pid()")
    meter = Meter()
    wall, own, theirs = perf_counter(), process_time(), _processor(pid)
    yield meter
    meter.spent = Spent(perf_counter() - wall, process_time() - own, _processor(pid) - theirs)


def _processor(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / TICKS


async def main(tickets: int, visits: int) -> None:
    """Prepares, measures, prints."""
    keep_memory()  # as a worker does
    async with company(territories=1, accounts=1_000, pool=1) as made:
        owner = await asyncpg.connect(made.owner_url)
        await open_tickets(made, owner, tickets)
        await _idle(made)
        await _due(made, owner)
        await _publish(made, owner, visits)
        await owner.close()


async def open_tickets(made: Company, owner: Any, tickets: int) -> None:
    """Writes them with a clock and two steps each, none due, at all accounts of the company in turn."""
    superuser = await asyncpg.connect(made.owner_url.replace("fieldbeat_owner", "postgres"))
    await superuser.execute("set session_replication_role = replica")  # their keys are right
    begun, policy = perf_counter(), uuid7()
    accounts = [id for own in made.accounts for id in own]
    for begin in range(1, tickets + 1, 20_000):
        end = min(begin + 19_999, tickets)
        await superuser.execute(
            TICKETS, made.actor.tenant_id, accounts, made.actor.user_id, begin, end, policy, timeout=600
        )
    await superuser.close()
    await owner.execute("vacuum analyze ticket, sla_clock, sla_step", timeout=900)
    size = await owner.fetchval("select pg_size_pretty(pg_database_size(current_database()))")
    print(f"{tickets:,} open tickets, {size}, written in {perf_counter() - begun:.0f} s")


async def _idle(made: Company) -> None:
    took = []
    for _ in range(IDLE_SWEEPS):
        begun = perf_counter()
        assert await jobs.sweep(made.db) == 0
        took.append(perf_counter() - begun)
    print(
        f"an idle sweep: median {statistics.median(took) * 1e3:.2f} ms, best {min(took) * 1e3:.2f} ms, {_load()}",
        flush=True,
    )


async def _due(made: Company, owner: Any) -> None:
    spent = []
    for _ in range(3):
        await owner.execute(DUE, STEPS, timeout=600)
        before = await owner.fetchval("select clock_timestamp()")
        async with metered(made) as meter:
            taken = await jobs.sweep(made.db)
        assert taken == STEPS, taken
        spent.append(meter.spent)
    await owner.execute(DUE, STEPS, timeout=600)
    await _stage(owner, "notification", before)
    await owner.execute(
        "create unlogged table staged_escalation as select tenant_id, ticket_id, metric, instance, step, "
        "deadline_version + 1000 as deadline_version, user_id, level, at from escalation where at >= "
        f"'{before.isoformat()}'; grant select on staged_escalation to fieldbeat_app"
    )
    bare = await _bare(made, owner, "notification", "escalation", also=TAKEN)
    _tell(f"{STEPS:,} due steps", spent, bare)


async def _publish(made: Company, owner: Any, visits: int) -> None:
    first, *plan_ids = await _plans(made, visits // PLANS)
    await _bring(made, [first])
    await owner.execute(
        "analyze visit, visit_plan, field_write, feed"
    )  # else the plans of statements are for empty tables
    before = await owner.fetchval("select clock_timestamp()")
    async with metered(made) as meter:
        await _bring(made, plan_ids)
    await owner.execute("drop table ids, staged_notification, staged_field_write, staged_feed")
    await _stage(owner, "visit", before)
    _tell(
        f"{PLANS * (visits // PLANS):,} visits of {PLANS} plans published",
        [meter.spent],
        await _bare(made, owner, "visit"),
    )


async def _bring(made: Company, plan_ids: list[UUID]) -> None:
    for plan_id in plan_ids:
        async with records.writing(made.db, made.actor.tenant_id) as tx:
            await plans.publish_plan(tx, made.actor, plan_id=plan_id, now=datetime.now(UTC))


async def _plans(made: Company, visits: int) -> list[UUID]:
    """Drafts of as many reps and one, each of so many visits in four weeks from next Monday on."""
    today = datetime.now(UTC).date()
    begin = today + timedelta(days=14 - today.weekday())
    accounts, plan_ids = [str(each) for each in made.accounts[0]], [uuid7() for _ in range(PLANS + 1)]
    async with records.writing(made.db, made.actor.tenant_id) as tx:
        for n, plan_id in enumerate(plan_ids):
            rep_id = uuid7()
            rep = {"name": f"Rep {n}", "email": f"rep{n}@acme.example", "role": "REP"}
            head = {"repId": str(rep_id), "from": begin.isoformat(), "until": (begin + timedelta(days=28)).isoformat()}
            await records.change(tx, made.actor, [Change(KEPT_USER, rep_id, Op.CREATE, rep)])
            await records.change(tx, made.actor, [Change(KEPT_PLAN, plan_id, Op.CREATE, head)])
            days = [_day(begin + timedelta(days=day), accounts, range(day, visits, 28)) for day in range(28)]
            proposal = Proposal("0" * 64, days, [])
            await store.save_outcome(
                tx.conn, made.actor.tenant_id, plan_id, proposal, effort=Effort.QUICK, made_by=made.actor.user_id
            )
    return plan_ids


def _day(on: date, accounts: list[str], numbers: range) -> dict[str, Any]:
    made = [
        {"accountId": accounts[n % len(accounts)], "plannedStart": f"{on}T{8 + k // 4:02}:{k % 4 * 15:02}:00Z",
         "plannedEnd": f"{on}T{8 + k // 4:02}:{k % 4 * 15 + 14:02}:00Z", "pinned": False}
        for k, n in enumerate(numbers)
    ]  # fmt: skip
    return {"date": on.isoformat(), "travelKm": 0, "travelMinutes": 0, "visits": made}


async def _stage(owner: Any, table: str, since: datetime) -> None:
    """The durable rows of the records of `table` made since then, under other ids."""
    await owner.execute(
        f"create unlogged table ids as select id as old, uuidv7() as new from {table} "
        f"where created_at >= '{since.isoformat()}'; analyze ids"
    )
    for name, changed, found in (
        (table, {"id": "ids.new"}, "join ids on ids.old = t.id"),
        ("feed", {"record_id": "ids.new", "seq": "t.seq + 10000000"}, "join ids on ids.old = t.record_id"),
        (
            "field_write",
            {"record_id": "case when t.record_id = ids.old then ids.new else t.record_id end",
             "field": "case when t.record_id = ids.old then t.field else '+' || ids.new end"},
            f"join ids on ids.old = case when t.field like '+%' then substr(t.field, 2)::uuid else t.record_id end "
            f"where t.applied_at >= '{since.isoformat()}'",
        ),
    ):  # fmt: skip
        columns = ", ".join(f"{changed.get(each, 't.' + each)} as {each}" for each in await _columns(owner, name))
        await owner.execute(
            f"create unlogged table staged_{name} as select {columns} from {name} t {found}; "
            f"grant select on staged_{name} to fieldbeat_app; analyze staged_{name}",
            timeout=600,
        )


async def _columns(owner: Any, table: str) -> list[str]:
    rows = await owner.fetch(
        "select column_name from information_schema.columns where table_name = $1 and is_generated = 'NEVER' "
        "and table_schema = 'public' order by ordinal_position",
        table,
    )
    return [row["column_name"] for row in rows]


async def _bare(made: Company, owner: Any, *tables: str, also: str | None = None) -> Spent:
    """The same rows by nothing but statements, in one transaction of the application's role."""
    inserts = []
    for table in (*tables, "field_write", "feed"):
        columns = ", ".join(await _columns(owner, table))
        inserts.append(f"insert into {table} ({columns}) select {columns} from staged_{table}")
    async with metered(made) as meter, made.db.writing(made.actor.tenant_id) as conn:
        for statement in [*inserts, *([also] if also else [])]:
            await conn.execute(statement, timeout=600)
    return meter.spent


def _tell(what: str, spent: list[Spent], bare: Spent) -> None:
    best = min(spent, key=lambda each: each.processor)
    print(
        f"{what}: {best}\n  the same rows by INSERT ... SELECT: {bare}\n  "
        f"{best.wall / bare.wall:.2f} times as long, {best.processor / bare.processor:.2f} times the processor time, "
        f"{_load()}",
        flush=True,
    )


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    uvloop.run(main(*(given + [1_000_000, 46_000][len(given) :])))
