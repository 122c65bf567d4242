"""A new incarnation of an install: its earlier edits stay its own, and none of them counts twice."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fieldbeat.exchange.model import Mutation, Previous, ProblemCode
from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import Pusher, registered, registered_again, rows, verdicts
from fieldbeat_testing.world import World


def renumbered(queue: Sequence[Mutation], device: Pusher) -> list[Mutation]:
    """The same edits for a new incarnation: numbered from 1, with their uuids."""
    device.seq = len(queue)
    return [replace(each, seq=seq) for seq, each in enumerate(queue, start=1)]


async def test_its_own_earlier_edit_is_superseded_and_no_conflict(world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "first"}, base_rev=1))
    again = await registered_again(nina)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    edit = again.update("account", world.tea, {"note": "second"}, base_rev=1, at=long_ago)
    answer = await again.push(edit)
    assert verdicts(answer) == ["APPLIED"]
    assert rows(answer)[world.tea]["row"]["note"] == "second"


async def test_own_dots_reach_back_over_many_incarnations(world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "first"}, base_rev=1))
    device = nina
    for _ in range(3):
        device = await registered_again(device)
    assert await device.said(device.update("account", world.tea, {"note": "last"}, base_rev=1)) == ["APPLIED"]


async def test_what_another_copy_sent_after_the_backup_is_not_its_own(world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "before the backup"}, base_rev=1))
    backup = replace(nina, held=dict(nina.held))
    await nina.push(nina.update("account", world.tea, {"note": "after the backup"}, base_rev=1))
    await nina.push(nina.update("account", world.lunch, {"note": "after the backup"}, base_rev=1))
    refused = await backup.push(backup.update("account", world.tea, {"note": "restored"}, base_rev=1))
    assert refused.problem is not None
    assert refused.problem.code is ProblemCode.DEVICE_FORKED
    restored = await registered_again(backup)
    assert await restored.said(restored.update("account", world.tea, {"note": "restored"}, base_rev=1)) == ["CONFLICT"]
    assert await restored.said(restored.update("account", world.tea, {"note": "again"}, base_rev=1)) == ["MERGED"]


async def test_without_a_previous_nothing_is_its_own(db: Db, world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "first"}, base_rev=1))
    new = await registered(db, world.nina, install_id=nina.install_id)
    assert await new.said(new.update("account", world.tea, {"note": "second"}, base_rev=1)) == ["CONFLICT"]


async def test_nobody_takes_over_the_edits_of_another_person(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.push(vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1))
    thief = await registered(db, world.nina, previous=Previous(vera.incarnation, 1))
    assert await thief.said(thief.update("account", world.tea, {"note": "by Nina"}, base_rev=1)) == ["CONFLICT"]


async def test_later_edits_of_a_new_incarnation_come_later_whatever_its_clock(world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "first"}, base_rev=1))
    again = await registered_again(nina)
    old = datetime.now(UTC) - timedelta(days=2)
    answer = await again.push(
        again.update("account", world.tea, {"note": "second"}, base_rev=1, at=old),
        again.update("account", world.tea, {"note": "third"}, base_rev=1, at=old - timedelta(days=2)),
    )
    assert rows(answer)[world.tea]["row"]["note"] == "third"


async def test_a_new_phone_goes_on_where_the_old_one_stopped(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.push(vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1))
    await nina.push(nina.update("account", world.lunch, {"note": "by Nina"}, base_rev=1))
    phone = await registered(db, world.nina, previous=Previous(nina.incarnation, nina.acked))
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    answer = await phone.push(phone.update("account", world.tea, {"note": "by Nina"}, base_rev=1, at=long_ago))
    assert rows(answer)[world.tea]["row"]["note"] == "by Nina"  # after her edit of LUNCH, and so after Vera's
    edit = phone.update("account", world.lunch, {"note": "again"}, base_rev=1, at=long_ago)
    assert await phone.said(edit) == ["APPLIED"]


async def test_a_renumbered_queue_counts_nothing_twice(world: World, nina: Pusher, vera: Pusher) -> None:
    queue = [
        nina.update("account", world.lunch, {"tags": {"$add": ["nina"], "$remove": ["old"]}}, base_rev=1),
        nina.create("contact", {"accountId": world.lunch, "name": "Carl", "phones": ["1"]}),
        nina.update("account", world.lunch, {"colour": 1}, base_rev=1),
        nina.update("account", world.lunch, {"note": "by Nina"}, base_rev=1),
    ]
    said = await nina.said(*queue)
    await vera.push(
        vera.update("account", world.lunch, {"tags": {"$add": ["old"], "$remove": ["nina"]}}, base_rev=3),
        vera.delete("contact", queue[1].record_id, base_rev=1),
    )
    nina.acked = 0  # the answer was lost: its own store knows of nothing acknowledged
    again = await registered_again(nina)
    sent = renumbered(queue, again)
    answer = await again.push(*sent, again.update("account", world.lunch, {"tags": {"$add": ["b"]}}, base_rev=None))
    assert verdicts(answer) == [*(f"DUPLICATE {each}" for each in said), "MERGED"]
    assert answer.last_seq == 5
    row = rows(answer)[world.lunch]["row"]
    assert (row["tags"], row["note"], row["rev"]) == (["b", "old", "seed"], "by Nina", 5)
    assert rows(answer)[str(queue[1].record_id)]["kind"] == "DELETE"
    assert verdicts(await again.push(*sent)) == [f"DUPLICATE {each}" for each in said]
    await again.pull()


async def test_half_a_queue_was_settled_before_and_the_rest_is_new(world: World, nina: Pusher) -> None:
    queue = [nina.update("account", world.tea, {"custom": {str(n): n}}, base_rev=1) for n in range(6)]
    await nina.push(*queue[:3])
    again = await registered_again(nina)
    assert await again.said(*renumbered(queue, again)) == ["DUPLICATE APPLIED"] * 3 + ["APPLIED"] * 3
    page = await again.pull()
    assert page.last_seq == 6
    row = again.row(world.tea)
    assert row is not None
    assert (row["custom"], row["rev"]) == ({str(n): n for n in range(6)}, 7)


@pytest.mark.parametrize("cut", [3, 2, 1])
async def test_what_it_sends_again_was_its_own_also_where_its_store_had_not_known(
    world: World, nina: Pusher, cut: int
) -> None:
    queue = [nina.update("account", world.tea, {"note": str(n)}, base_rev=1) for n in range(3)]
    await nina.push(*queue[:2])
    again = await registered_again(nina, last_seq=1)  # the second answer was lost, with the phone
    sent = renumbered(queue, again)
    said = await again.said(*sent[:cut])
    if cut < len(sent):
        said += await again.said(*sent[cut:])
    assert said == ["DUPLICATE APPLIED", "DUPLICATE APPLIED", "APPLIED"]


async def test_twin_phones_of_one_backup_push_one_edit_at_once_and_it_applies_once(
    db: Db, world: World, nina: Pusher
) -> None:
    queue = [
        nina.update("account", world.tea, {"tags": {"$add": ["twin"]}}, base_rev=1),
        nina.create("contact", {"accountId": world.tea, "name": "Carl"}),
        nina.update("account", world.lunch, {"colour": 1}, base_rev=1),
    ]
    twins = [await registered(db, world.nina) for _ in range(4)]
    answers = await asyncio.gather(*(twin.push(*renumbered(queue, twin)) for twin in twins))
    first = ["APPLIED", "APPLIED", "REJECTED INVALID"]
    assert sorted(verdicts(each) for each in answers) == [first] + [[f"DUPLICATE {each}" for each in first]] * 3
    await nina.pull()
    row = nina.row(world.tea)
    assert row is not None
    assert (row["rev"], row["tags"]) == (2, ["twin"])
    assert len([key for key in nina.held if key[0] == "contact"]) == 1


async def test_twins_of_one_install_are_told_apart(world: World, nina: Pusher) -> None:
    sent = nina.update("account", world.tea, {"note": "x"}, base_rev=1)
    copies = [replace(nina, held={}) for _ in range(2)]
    one, other = await asyncio.gather(*(registered_again(each) for each in copies))
    current, retired = (one, other) if one.incarnation > other.incarnation else (other, one)
    refused = await retired.push(sent)
    assert refused.problem is not None
    assert refused.problem.code is ProblemCode.DEVICE_FORKED
    assert await current.said(sent) == ["APPLIED"]
