"""What stands or falls together: groups, and edits of a record whose CREATE was rejected; and what does not."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from fieldbeat.exchange import reads
from fieldbeat.exchange.model import Mutation
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher, registered, registered_again, rows, verdicts
from fieldbeat_testing.world import World, settle

BAD = {"colour": 1}


async def test_one_bad_edit_blocks_none_of_the_others(world: World, nina: Pusher) -> None:
    queue = [
        nina.update("account", world.tea, BAD if n % 5 == 0 else {"custom": {str(n): n}}, base_rev=1) for n in range(25)
    ]
    answer = await nina.push(*queue)
    assert verdicts(answer).count("REJECTED INVALID") == 5
    assert verdicts(answer).count("APPLIED") == 20
    assert rows(answer)[world.tea]["rev"] == 21


@pytest.mark.parametrize("bad_one", [0, 1, 2])
async def test_a_group_takes_effect_all_or_none(world: World, nina: Pusher, bad_one: int) -> None:
    group = uuid7()
    patches: list[Any] = [{"note": "half"}, {"tags": {"$add": ["half"], "$remove": ["old"]}}, {"code": "HALF"}]
    patches[bad_one] = BAD
    answer = await nina.push(
        nina.update("account", world.lunch, {"phone": "before"}, base_rev=1),
        *(nina.update("account", world.lunch, patch, base_rev=1, group=group) for patch in patches),
        nina.update("account", world.lunch, {"website": "after"}, base_rev=1),
    )
    within = ["REJECTED INVALID" if n == bad_one else "REJECTED DEPENDENCY" for n in range(3)]
    assert verdicts(answer) == ["APPLIED", *within, "APPLIED"]
    row = rows(answer)[world.lunch]["row"]
    assert (row["rev"], row["note"], row["tags"], row["code"]) == (3, "as it was", ["old", "seed"], None)
    assert (row["phone"], row["website"]) == ("before", "after")


async def test_a_whole_group_stands_when_no_member_fails(world: World, nina: Pusher) -> None:
    group, other = uuid7(), uuid7()
    born = nina.create("account", {"name": "Bar"}, group=group)
    sent = [
        born,
        nina.create("contact", {"accountId": str(born.record_id), "name": "Carl"}, group=group),
        nina.update("account", world.tea, {"note": "twin"}, base_rev=1, group=other),
        nina.update("account", world.tea, BAD, base_rev=1, group=other),
    ]
    answer = await nina.push(*sent)
    assert verdicts(answer) == ["APPLIED", "APPLIED", "REJECTED DEPENDENCY", "REJECTED INVALID"]
    assert verdicts(await nina.push(*sent)) == [
        "DUPLICATE APPLIED", "DUPLICATE APPLIED", "DUPLICATE REJECTED DEPENDENCY", "DUPLICATE REJECTED INVALID",
    ]  # fmt: skip


async def test_a_group_whose_members_do_not_follow_one_another_is_refused(world: World, nina: Pusher) -> None:
    group = uuid7()
    answer = await nina.push(
        nina.update("account", world.lunch, {"phone": "first"}, base_rev=1, group=group),
        nina.update("account", world.lunch, {"website": "between"}, base_rev=1),
        nina.mutation(Op.NOOP, "account", world.lunch, group=group),
    )
    assert verdicts(answer) == ["REJECTED INVALID", "APPLIED", "REJECTED INVALID"]
    assert answer.results[0].fields == ("group",)
    row = rows(answer)[world.lunch]["row"]
    assert (row["phone"], row["website"], row["rev"]) == (None, "between", 2)


async def test_what_a_failed_group_created_was_never_there(world: World, nina: Pusher) -> None:
    group = uuid7()
    born = nina.create("account", {"name": "Bar", "code": "G1"}, group=group)
    answer = await nina.push(
        born,
        nina.create("contact", {"accountId": world.tea, "name": "Carl"}, group=group),
        nina.update("account", world.tea, BAD, base_rev=1, group=group),
        nina.update("account", born.record_id, {"note": "x"}, base_rev=None),
        nina.create("account", {"name": "Café", "code": "G1"}),
    )
    dependency = "REJECTED DEPENDENCY"
    assert verdicts(answer) == [dependency, dependency, "REJECTED INVALID", dependency, "APPLIED"]
    assert str(born.record_id) not in rows(answer)
    assert rows(answer)[world.tea]["rev"] == 1


async def test_a_state_that_a_failed_group_took_back_was_never_seen(world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.push(vera.update("account", world.tea, {"status": "ACTIVE"}, base_rev=1))
    group = uuid7()
    answer = await nina.push(
        nina.update("account", world.tea, {"status": "CLOSED"}, base_rev=1, group=group),
        nina.update("account", world.tea, BAD, base_rev=1, group=group),
        nina.update("account", world.tea, {"status": "INACTIVE"}, base_rev=1),
    )
    assert verdicts(answer) == ["REJECTED DEPENDENCY", "REJECTED INVALID", "CONFLICT"]
    assert rows(answer)[world.tea]["row"]["status"] == "INACTIVE"


async def test_a_member_that_repeats_a_rejected_uuid_takes_its_group_with_it(world: World, nina: Pusher) -> None:
    bad = nina.update("account", world.tea, BAD, base_rev=1)
    good = nina.update("account", world.tea, {"note": "once"}, base_rev=1)
    await nina.push(bad, good)
    groups = [uuid7() for _ in range(3)]
    answer = await nina.push(
        nina.update("account", world.tea, {"phone": "1"}, base_rev=1, group=groups[0]),
        nina.update("account", world.tea, BAD, base_rev=1, uuid=bad.uuid, group=groups[0]),
        nina.update("account", world.tea, {"phone": "2"}, base_rev=1, group=groups[1]),
        nina.update("account", world.tea, {"note": "other"}, base_rev=1, uuid=good.uuid, group=groups[1]),
        nina.update("account", world.tea, {"website": "3"}, base_rev=1, group=groups[2]),
        nina.update("account", world.tea, {"note": "once"}, base_rev=1, uuid=good.uuid, group=groups[2]),
    )
    assert verdicts(answer) == [
        "REJECTED DEPENDENCY", "DUPLICATE REJECTED INVALID", "REJECTED DEPENDENCY", "REJECTED INVALID",
        "APPLIED", "DUPLICATE APPLIED",
    ]  # fmt: skip


async def test_a_child_of_a_rejected_create_depends_on_it_now_and_later(world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"code": "T1"}, base_rev=1))
    refused = nina.create("account", {"name": "Bar", "code": "T1"})
    born = refused.record_id
    child = nina.create("contact", {"accountId": str(born), "name": "Carl"})
    grandchild = nina.update("contact", child.record_id, {"note": "x"}, base_rev=None)
    dependency = "REJECTED DEPENDENCY"
    assert await nina.said(refused, child, grandchild) == ["REJECTED UNIQUE", dependency, dependency]
    assert (
        await nina.said(
            nina.update("account", born, {"note": "x"}, base_rev=None),
            nina.create("contact", {"accountId": str(born), "name": "Cora"}),
            nina.update("contact", child.record_id, {"note": "x"}, base_rev=None),
        )
        == [dependency] * 3
    )
    assert (
        await nina.said(
            nina.create("account", {"name": "Bar", "code": "T2"}, record_id=born),
            nina.update("account", born, {"note": "x"}, base_rev=None),
            nina.create("contact", {"accountId": str(born), "name": "Carl"}, record_id=child.record_id),
        )
        == ["APPLIED"] * 3
    )
    assert await nina.said(nina.update("contact", child.record_id, {"note": "x"}, base_rev=1)) == ["APPLIED"]


async def test_a_rejected_create_is_remembered_over_a_new_incarnation(world: World, nina: Pusher) -> None:
    refused = nina.create("account", {"name": "Bar", "colour": 1})
    await nina.push(refused)
    again = await registered_again(nina)
    edit = again.update("account", refused.record_id, {"note": "x"}, base_rev=None)
    assert await again.said(edit) == ["REJECTED DEPENDENCY"]
    other = await registered(nina.db, world.nina)
    edit = other.update("account", refused.record_id, {"note": "x"}, base_rev=None)
    assert await other.said(edit) == ["REJECTED NOT_FOUND"]


async def test_the_whole_group_is_parked_with_its_payloads(db: Db, world: World, nina: Pusher) -> None:
    group = uuid7()
    await nina.push(
        nina.update("account", world.tea, {"note": "kept"}, base_rev=1, group=group),
        nina.update("account", world.tea, BAD, base_rev=1, group=group),
    )
    async with db.reading(world.tenant_id) as conn:
        parked = await reads.rejections_page(conn, world.nina.actor, after=None, rows_max=10)
    assert {(each.code, each.patch) for each in parked} == {
        ("DEPENDENCY", '{"note": "kept"}'), ("INVALID", '{"colour": 1}'),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
async def test_a_split_of_pushes_changes_no_verdict(db: Db, seed: int) -> None:
    """A random queue, whole in one company and cut at each point in others, is judged the same everywhere."""
    length = 12
    said = []
    for cut in [length, *random.Random(seed).sample(range(1, length), 4)]:
        world = await settle(db, f"split{seed}x{cut}")
        vera = await registered(db, world.vera)
        nina = await registered(db, world.nina)
        await vera.push(
            vera.update("account", world.tea, {"note": "by Vera", "code": "V1", "status": "ACTIVE"}, base_rev=1),
            vera.update("account", world.lunch, {"tags": {"$add": ["vera"], "$remove": ["old"]}}, base_rev=1),
        )
        queue = _queue(random.Random(seed), world, nina, length)
        said.append([verdict for push in _cut(queue, cut) for verdict in await nina.said(*push)])
    assert said.count(said[0]) == len(said)


def _cut(queue: Sequence[Mutation], at: int) -> list[Sequence[Mutation]]:
    """Two pushes, cut at `at` or behind the group that stands there."""
    while 0 < at < len(queue) and queue[at].group is not None and queue[at].group == queue[at - 1].group:
        at += 1
    return [each for each in (queue[:at], queue[at:]) if each]


def _queue(chance: random.Random, world: World, nina: Pusher, length: int) -> list[Mutation]:
    """Edits of few records and fields, so that they meet: creations under a few ids, codes, groups, repeats."""
    born = [uuid7() for _ in range(3)]
    queue: list[Mutation] = []
    group: UUID | None = None
    for _ in range(length):
        group = chance.choice([None, None, group or uuid7(), uuid7()])
        patch: dict[str, Any] = chance.choice([
            {"note": "by Nina"}, {"code": chance.choice(["C1", "C2", "V1", None])}, {"status": "CLOSED"}, BAD,
            {"status": "ACTIVE"}, {"tags": {"$add": ["nina"], "$remove": ["seed"]}}, {"tier": "VIP"},
        ])  # fmt: skip
        kind, n = chance.randrange(8), chance.randrange(3)
        if kind == 0:
            named = {"name": f"Bar {n}", "code": chance.choice(["C1", "C2", None])}
            made = nina.create("account", named, record_id=born[n])
        elif kind == 1:
            parent = chance.choice([str(born[n]), world.tea, world.diner])
            made = nina.create("contact", {"accountId": parent, "name": "Carl"})
        elif kind == 2 and queue:
            twin = chance.choice(queue)
            made = replace(twin, seq=nina.mutation(Op.NOOP, "account", world.tea).seq)
        else:
            target = chance.choice([world.tea, world.lunch, str(born[n])])
            made = nina.update("account", target, patch, base_rev=chance.choice([None, 1, 1, 2]))
        queue.append(replace(made, group=group))
    return queue
