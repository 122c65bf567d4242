"""An edit that only the database can refuse: it alone is rejected, however deep it stands in the push."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fieldbeat.exchange.model import ProblemCode
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.pusher import Pusher, registered, rows, verdicts
from fieldbeat_testing.world import World


@asynccontextmanager
async def trap(spoiler: Conn, table: str, condition: str) -> AsyncIterator[None]:
    """A constraint for new rows that no check in Python knows of."""
    await spoiler.execute(f"alter table {table} add constraint trap check ({condition}) not valid")
    yield
    await spoiler.execute(f"alter table {table} drop constraint trap")


@pytest.fixture
async def phone(spoiled_db: Db, spoiled_world: World) -> Pusher:
    """Nina's phone in a company whose database may be spoiled."""
    return await registered(spoiled_db, spoiled_world.nina)


@pytest.fixture
async def poisonous(spoiler: Conn) -> AsyncIterator[None]:
    """The database refuses accounts with the note `poison`, and long phone numbers."""
    condition = "fields ->> 'note' is distinct from 'poison' and coalesce(length(fields ->> 'phone'), 0) < 5"
    async with trap(spoiler, "account", condition):
        yield


@pytest.mark.parametrize("places", [{0}, {9}, {4}, {0, 5, 9}, set(range(10))], ids=str)
@pytest.mark.usefixtures("poisonous")
async def test_only_the_culprit_is_rejected(phone: Pusher, places: set[int]) -> None:
    sent = []
    for n in range(10):
        born = phone.create("account", {"name": f"Bar {n}", "note": "poison" if n in places else "fine"})
        sent.append(born)
    answer = await phone.push(*sent)
    assert verdicts(answer) == ["REJECTED INVALID" if n in places else "APPLIED" for n in range(10)]
    assert len(rows(answer)) == 10 - len(places)
    assert verdicts(await phone.push(*sent)) == [f"DUPLICATE {each}" for each in verdicts(answer)]
    await phone.pull()


@pytest.mark.usefixtures("poisonous")
async def test_a_poisoned_edit_is_followed_by_its_dependants_alone(spoiled_world: World, phone: Pusher) -> None:
    world, nina = spoiled_world, phone
    fine = nina.update("account", world.tea, {"note": "fine"}, base_rev=1)
    bad = nina.create("account", {"name": "Bar", "note": "poison"})
    answer = await nina.push(
        fine,
        bad,
        nina.create("contact", {"accountId": str(bad.record_id), "name": "Carl"}),
        nina.create("contact", {"accountId": world.tea, "name": "Cora"}),
        nina.update("account", world.lunch, {"phone": "123456"}, base_rev=1),
        nina.update("account", world.lunch, {"website": "fine"}, base_rev=1),
    )
    assert verdicts(answer) == [
        "APPLIED", "REJECTED INVALID", "REJECTED DEPENDENCY", "APPLIED", "REJECTED INVALID", "APPLIED",
    ]  # fmt: skip


@pytest.mark.usefixtures("poisonous")
async def test_a_poisoned_group_is_one_unit(spoiled_world: World, phone: Pusher) -> None:
    world, nina = spoiled_world, phone
    group = uuid7()
    answer = await nina.push(
        nina.update("account", world.tea, {"website": "a"}, base_rev=1),
        nina.update("account", world.tea, {"code": "G1"}, base_rev=1, group=group),
        nina.update("account", world.tea, {"note": "poison"}, base_rev=1, group=group),
        nina.update("account", world.tea, {"kind": "DEALER"}, base_rev=1, group=group),
        nina.update("account", world.tea, {"website": "b"}, base_rev=1),
    )
    assert [each.split()[0] for each in verdicts(answer)] == ["APPLIED", *["REJECTED"] * 3, "APPLIED"]
    row = rows(answer)[world.tea]["row"]
    assert (row["rev"], row["code"], row["kind"], row["website"]) == (3, None, "OUTLET", "b")


async def test_what_the_database_refuses_of_the_verdict_itself_is_found_too(
    spoiled_world: World, phone: Pusher, spoiler: Conn
) -> None:
    sent = [phone.update("account", spoiled_world.tea, {"note": note}, base_rev=1) for note in "abc"]
    async with trap(spoiler, "settled_mutation", f"uuid <> '{sent[1].uuid}' or code is not null"):
        assert await phone.said(*sent) == ["APPLIED", "REJECTED INVALID", "APPLIED"]


async def test_where_no_edit_is_to_blame_none_is_rejected(spoiled_world: World, phone: Pusher, spoiler: Conn) -> None:
    sent = phone.update("account", spoiled_world.tea, {"note": "a"}, base_rev=1)
    async with trap(spoiler, "device", f"id <> '{phone.device_id}' or last_seq = 0"):
        answer = await phone.push(sent)
    assert answer.problem is not None
    assert answer.problem.code is ProblemCode.BUSY
    assert await phone.said(sent) == ["APPLIED"]
