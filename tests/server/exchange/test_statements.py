"""A push of a hundred edits costs as many statements as a push of one; so does a page of a pull."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from fieldbeat.exchange.model import Mutation
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.database import TestDatabase, opened
from fieldbeat_testing.pusher import Pusher, registered, verdicts
from fieldbeat_testing.world import World

PUSH_STATEMENTS_MAX = 24
PULL_STATEMENTS_MAX = 2  # the page; what was given, when it ends a checkpoint


class Counter:
    """Counts statements on the one connection of a pool."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def note(self, query: asyncpg.connection.LoggedQuery) -> None:
        self.statements.append(query.query)


@asynccontextmanager
async def counting(db: Db) -> AsyncIterator[Counter]:
    """What the pool's connection is asked meanwhile; everything runs one after another on it."""
    counter = Counter()
    async with db.pool.acquire() as conn:
        conn.add_query_logger(counter.note)
    yield counter
    async with db.pool.acquire() as conn:
        conn.remove_query_logger(counter.note)


@pytest.fixture
async def one_by_one(database: TestDatabase) -> AsyncIterator[Db]:
    """A pool of its own; used one after another it never opens a second connection."""
    async with opened(database) as pool:
        yield pool


Make = Callable[[Pusher, World, int, UUID], Mutation]


def _edit(device: Pusher, world: World, n: int, account: UUID) -> Mutation:
    return device.update("account", account, {"note": f"x{n}", "tags": {"$add": ["t"]}}, base_rev=1)


def _stale(device: Pusher, world: World, n: int, account: UUID) -> Mutation:
    return device.update("account", account, {"name": f"by Vera {n}", "status": "ACTIVE"}, base_rev=None)


def _opening(device: Pusher, world: World, n: int, account: UUID) -> Mutation:
    return device.create("account", {"name": f"New {n}", "code": f"N{uuid7()}"})


def _child(device: Pusher, world: World, n: int, account: UUID) -> Mutation:
    return device.create("contact", {"accountId": str(account), "name": f"Carl {n}"})


def _delete(device: Pusher, world: World, n: int, account: UUID) -> Mutation:
    return device.delete("account", account, base_rev=1)


def _taken(device: Pusher, world: World, n: int, account: UUID) -> Mutation:
    return device.update("account", account, {"code": "TAKEN"}, base_rev=1)


def _bad(device: Pusher, world: World, n: int, account: UUID) -> Mutation:
    return device.update("account", account, {"colour": n}, base_rev=1)


SHAPES: dict[str, tuple[Make, str]] = {
    "edits": (_edit, "APPLIED"),
    "conflicts": (_stale, "CONFLICT"),
    "new accounts": (_opening, "APPLIED"),
    "new contacts": (_child, "APPLIED"),
    "deletes": (_delete, "APPLIED"),
    "codes taken": (_taken, "REJECTED UNIQUE"),
    "unreadable edits": (_bad, "REJECTED INVALID"),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_statements_of_a_push_do_not_grow_with_it(one_by_one: Db, world: World, shape: str) -> None:
    make, said = SHAPES[shape]
    nina, vera = await registered(one_by_one, world.nina), await registered(one_by_one, world.vera)
    made = [nina.create("account", {"name": f"Bar {n}"}) for n in range(102)]
    await nina.push(*made, nina.update("account", world.lunch, {"code": "TAKEN"}, base_rev=1))
    device = nina if make is _opening else vera
    await device.push(make(device, world, 0, made[0].record_id))  # every statement is prepared
    costs: list[list[str]] = []
    for batch in (made[1:2], made[2:]):
        async with counting(one_by_one) as counter:
            answer = await device.push(*(make(device, world, n, each.record_id) for n, each in enumerate(batch)))
        assert set(verdicts(answer)) == {said}
        costs.append(counter.statements)
    assert costs[0] == costs[1]
    assert 0 < len(costs[0]) <= PUSH_STATEMENTS_MAX


async def test_the_statements_of_a_repeated_push_do_not_grow_with_it(one_by_one: Db, world: World) -> None:
    nina = await registered(one_by_one, world.nina)
    made = [nina.create("account", {"name": f"Bar {n}"}) for n in range(101)]
    await nina.push(*made)
    await nina.push(made[0])
    costs: list[list[str]] = []
    for batch in (made[:1], made[1:]):
        async with counting(one_by_one) as counter:
            await nina.push(*batch)
        costs.append(counter.statements)
    assert costs[0] == costs[1]


async def test_the_statements_of_a_page_do_not_grow_with_it(one_by_one: Db, world: World) -> None:
    nina, vera = await registered(one_by_one, world.nina), await registered(one_by_one, world.vera)
    await nina.pull()
    costs: list[list[Any]] = []
    for count in (1, 1, 100):
        await vera.push(*(vera.create("contact", {"accountId": world.tea, "name": f"Carl {n}"}) for n in range(count)))
        async with counting(one_by_one) as counter:
            assert len((await nina.pull()).changes) == count
        costs.append(counter.statements)
    assert costs[1] == costs[2]
    assert 0 < len(costs[1]) <= PULL_STATEMENTS_MAX
