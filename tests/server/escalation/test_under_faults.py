"""Every due step takes effect exactly once, whatever befalls workers, queue and database meanwhile.

Two real workers, the clock of one ten minutes ahead or behind; both are killed at random and in the middle of their
work, Valkey is emptied, PostgreSQL killed. The counts are printed.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import redis

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.tickets.actions import create_ticket
from fieldbeat.tickets.policies import create_policy
from fieldbeat_testing.database import Servers, TestDatabase, opened, running_servers
from fieldbeat_testing.workers import Crew, crew
from fieldbeat_testing.world import World, settle

from .conftest import PROMISE

TICKETS, A_BATCH = 1_200, 50
TOLD = {30: ((0, "Nina"),), 45: ((1, "Nina"), (1, "Vera")), 60: ((2, "Vera"),)}  # by minutes: step and person
DUE_FOR_S = 100  # so long, from the start of the workers, steps go on to come due
FAULTS = {"worker killed": 4, "both killed at work": 5, "Valkey emptied": 3, "PostgreSQL killed": 3}
FOUND_WITHIN = timedelta(seconds=30)
OFF = timedelta(minutes=10)


@pytest.fixture
def own_servers() -> Iterator[Servers]:
    """Durable ones, which this test alone may kill."""
    with running_servers(durable=True) as running:
        yield running


@pytest.mark.large
async def test_each_due_step_takes_effect_once(own_servers: Servers, tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10_000)
    chance, database = random.Random(seed), own_servers.new_database()
    async with opened(database) as db:
        expected = await _open_tickets(db, chance)
    settings = {"database_url": database.app_url, "redis_url": own_servers.redis_url, "data_dir": str(tmp_path)}
    with crew(tmp_path / "workers.log", **settings) as workers:
        begun = await _ask(database, "select clock_timestamp() as at")
        tending = asyncio.create_task(_tend(workers))
        cut = await _trouble(own_servers, database, workers, chance)
        ended = await _ask(database, "select clock_timestamp() as at")
        await _wait_until_taken(database)
        tending.cancel()
    steps = await _ask(database, STEPS)
    told, notices = [[tuple(row) for row in await _ask(database, each)] for each in (TOLD_ROWS, NOTICES)]
    lag = max(step["taken_at"] - max(step["due_at"], begun[0]["at"]) for step in steps)
    print(  # noqa: T201 (the counts are the result)
        f"\nseed {seed}: {', '.join(f'{name} {times}' for name, times in FAULTS.items())}; batches cut in the middle "
        f"{cut}, workers that found no database {workers.ended}; one clock 10 minutes ahead or behind; "
        f"{len(steps):,} due steps of {TICKETS:,} tickets, {len(told):,} escalations and {len(notices):,} "
        f"notifications with history and feed; missing {_missing(expected, told)}, twice {_missing(told, expected)}; "
        f"taken at the latest {lag.total_seconds():.1f} s after it was due"
    )
    assert Counter(told) == Counter(expected)
    assert Counter(notices) == Counter((ticket, name, 1) for ticket, _, name in expected)
    assert {(step["ticket"], step["step"]) for step in steps} == {(ticket, step) for ticket, step, _ in expected}
    assert all(step["taken_at"] >= step["due_at"] for step in steps), "taken by a clock that is ahead"
    assert all(step["taken_at"] - max(step["due_at"], ended[0]["at"]) <= FOUND_WITHIN for step in steps)
    assert cut, "nobody was disturbed at work"


STEPS = """
select ticket_id as ticket, step, due_at, taken_at from sla_step
where taken_at is not null or due_at <= clock_timestamp()
"""
TOLD_ROWS = """
select e.ticket_id as ticket, e.step, p.name from escalation e join person p on p.id = e.user_id
"""
# What reached the person's phone: the row with its entry in his feed, and how often its title was written.
NOTICES = """
select substr(n.fields ->> 'link', 8)::uuid as ticket, p.name,
       (select count(*) from field_write w where w.record_id = n.id and w.field = '=') as written
from notification n join person p on p.id = n.user_id
join feed f on f.record_id = n.id and f.kind = 'PUT' and f.scope_id = 'user:' || p.id
"""
AT_WORK = """
select clock_timestamp() from pg_locks where relation = 'sla_step'::regclass and mode = 'RowShareLock' limit 1
"""
TAKEN_SINCE = "select exists (select from sla_step where taken_at >= $1)"
WAITING = "select 1 from sla_step where taken_at is null and due_at <= clock_timestamp() + interval '10 s' limit 1"


async def _open_tickets(db: Db, chance: random.Random) -> list[tuple[UUID, int, str]]:
    """Opened so that each has a step that is due about now or within a minute; returns (ticket, step, who is told)."""
    world = await settle(db)
    async with records.writing(db, world.tenant_id) as tx:
        await create_policy(tx, world.adam.actor, patch=PROMISE, around_the_clock=True)
    expected: list[tuple[UUID, int, str]] = []
    minutes = [list(TOLD)[n % len(TOLD)] for n in range(TICKETS)]
    for begin in range(0, TICKETS, A_BATCH):
        expected += await _open(db, world, chance, minutes[begin : begin + A_BATCH])
    return expected


async def _open(db: Db, world: World, chance: random.Random, minutes: list[int]) -> list[tuple[UUID, int, str]]:
    told = []
    async with records.writing(db, world.tenant_id) as tx:
        for each in minutes:
            at = tx.at - timedelta(minutes=each, seconds=chance.uniform(-DUE_FOR_S - 10, 10))
            patch = {"kind": "FAULT", "subject": "It leaks"}
            made = await create_ticket(tx, world.vera.actor, account_id=UUID(world.lunch), at=at, patch=patch)
            told += [(made.record_id, *who) for due, steps in TOLD.items() if due <= each for who in steps]
    return told


async def _trouble(servers: Servers, database: TestDatabase, workers: Crew, chance: random.Random) -> int:
    """Every fault so many times, in any order; who was killed is started again, the second with another wrong clock.

    Returns how often a batch was cut in the middle: its steps were claimed, and never taken.
    """
    cut = 0
    for number in (0, 1):
        workers.start(number, off=OFF * number)
    delays = iter((0.0, 0.01, 0.03, 0.05, 0.08))  # a batch is met where it begins, in the middle and where it ends
    to_come = [name for name, times in FAULTS.items() for _ in range(times)]
    chance.shuffle(to_come)
    for fault in to_come:
        await asyncio.sleep(chance.uniform(3, 7))
        match fault:
            case "Valkey emptied":
                with redis.Redis.from_url(servers.redis_url) as valkey:
                    valkey.flushall()
            case "PostgreSQL killed":
                await asyncio.to_thread(servers.kill_postgres)
            case "worker killed":
                _again(workers, chance, chance.randrange(2))
            case _:
                cut += await _cut(database, workers, next(delays))
                _again(workers, chance, 0, 1)
    return cut


def _again(workers: Crew, chance: random.Random, *numbers: int) -> None:
    for number in numbers:
        workers.kill(number)
        workers.start(number, off=OFF * number * chance.choice((1, -1)))


async def _cut(database: TestDatabase, workers: Crew, delay_s: float) -> bool:
    """Waits until a worker has claimed steps, and a little, and kills both; whether none of the steps was taken."""
    conn = await asyncpg.connect(database.superuser_url)
    try:
        async with asyncio.timeout(20):
            while (seen := await conn.fetchval(AT_WORK)) is None:  # noqa: ASYNC110 (what is waited for has no event)
                await asyncio.sleep(0.001)
        await asyncio.sleep(delay_s)
        for number in list(workers.running):
            workers.kill(number)
        await asyncio.sleep(0.3)
        return not await conn.fetchval(TAKEN_SINCE, seen)
    finally:
        await conn.close()


async def _tend(workers: Crew) -> None:
    while True:
        workers.tend()
        await asyncio.sleep(0.2)


async def _wait_until_taken(database: TestDatabase) -> None:
    """Until nothing is due, now or in the next seconds, and a sweep longer, lest somebody takes it again."""
    async with asyncio.timeout(DUE_FOR_S + FOUND_WITHIN.total_seconds()):
        while await _ask(database, WAITING):  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.5)
    await asyncio.sleep(6)


async def _ask(database: TestDatabase, statement: str) -> list[Any]:
    conn = await asyncpg.connect(database.owner_url)
    try:
        return await conn.fetch(statement)
    finally:
        await conn.close()


def _missing(wanted: list[Any], there: list[Any]) -> int:
    return (Counter(wanted) - Counter(there)).total()
