"""When a whole push or pull is not answered, nothing was recorded, and the device is told what to do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from fieldbeat.exchange.model import Problem, ProblemCode, Pull
from fieldbeat.exchange.pull import pull
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_sync import limits
from fieldbeat_testing.database import TestDatabase, opened
from fieldbeat_testing.pusher import KEY, Pusher, registered, registered_again, verdicts
from fieldbeat_testing.world import World


async def recorded(db: Db, world: World) -> tuple[Any, ...]:
    """All that a push could have left behind."""
    async with db.reading(world.tenant_id) as conn:
        row = await conn.fetchrow(
            "select (select count(*) from settled_mutation), (select count(*) from field_write),"
            " (select sum(head) from scope_head), (select max(last_seq) from device), (select max(ratchet) from device)"
        )
    assert row is not None
    return tuple(row)


async def problem_of(nina: Pusher, world: World, *, ratchet: str | None = None, **more: Any) -> Problem:
    """What the push of one good edit is answered with; it leaves nothing behind."""
    before, seq = await recorded(nina.db, world), nina.seq
    answer = await nina.push(nina.update("account", world.tea, {"note": "x"}, base_rev=1), ratchet=ratchet, **more)
    nina.seq = seq
    assert answer.problem is not None
    assert (answer.results, answer.rows) == ((), b"[]")
    assert await recorded(nina.db, world) == before
    return answer.problem


async def test_an_unknown_device_is_told_to_register(world: World, rival: World, nina: Pusher, otto: Pusher) -> None:
    stranger = await registered(nina.db, rival.nina)
    for device_id in (uuid7(), otto.device_id, stranger.device_id):
        assert (await problem_of(nina, world, device_id=device_id)).code is ProblemCode.DEVICE_UNKNOWN
        asked = Pull(device_id, nina.incarnation, 1)
        pulled = await pull(nina.db, world.nina.actor, asked, key=KEY)
        assert pulled.problem is not None
        assert (pulled.problem.code, pulled.changes, pulled.scopes) == (ProblemCode.DEVICE_UNKNOWN, b"[]", None)


async def test_the_ratchet_turns_with_every_push_that_presents_it(world: World, nina: Pusher) -> None:
    seen = [nina.ratchet]
    for n in range(3):
        await nina.push(nina.update("account", world.tea, {"note": str(n)}, base_rev=1))
        seen.append(nina.ratchet)
    assert len(set(seen)) == 4


async def test_the_one_before_is_accepted_and_answered_with_the_current_one(world: World, nina: Pusher) -> None:
    first = nina.ratchet
    sent = nina.update("account", world.tea, {"note": "the answer was lost"}, base_rev=1)
    current = (await nina.push(sent)).ratchet
    for _ in range(3):
        again = await nina.push(sent, ratchet=first)
        assert (verdicts(again), again.ratchet) == (["DUPLICATE APPLIED"], current)
    fresh = await nina.push(nina.update("account", world.tea, {"note": "more"}, base_rev=2), ratchet=first)
    assert (verdicts(fresh), fresh.ratchet) == (["APPLIED"], current)
    assert (await nina.push(ratchet=current)).ratchet != current


async def test_an_older_ratchet_is_a_fork(world: World, nina: Pusher) -> None:
    first = nina.ratchet
    await nina.push()
    await nina.push()
    for ratchet in (first, "", "nonsense", nina.ratchet[:-1]):
        problem = await problem_of(nina, world, ratchet=ratchet or "x")
        assert problem.code is ProblemCode.DEVICE_FORKED


async def test_the_ratchet_of_another_device_is_a_fork(world: World, nina: Pusher, otto: Pusher) -> None:
    assert (await problem_of(nina, world, ratchet=otto.ratchet)).code is ProblemCode.DEVICE_FORKED


async def test_a_retired_incarnation_is_a_fork(world: World, nina: Pusher) -> None:
    again = await registered_again(nina)
    assert (again.device_id, again.incarnation > nina.incarnation) == (nina.device_id, True)
    assert (await problem_of(nina, world)).code is ProblemCode.DEVICE_FORKED
    page = await nina.page()
    assert page.problem is not None
    assert page.problem.code is ProblemCode.DEVICE_FORKED
    assert await again.said(again.update("account", world.tea, {"note": "x"}, base_rev=1)) == ["APPLIED"]


async def test_an_install_has_one_writer_whoever_signs_in(db: Db, world: World, nina: Pusher) -> None:
    otto = await registered(db, world.otto, install_id=nina.install_id)
    assert otto.device_id != nina.device_id
    assert (await problem_of(nina, world)).code is ProblemCode.DEVICE_FORKED
    again = await registered_again(nina)
    assert (await problem_of(otto, world)).code is ProblemCode.DEVICE_FORKED
    assert await again.said(again.update("account", world.tea, {"note": "x"}, base_rev=1)) == ["APPLIED"]


@pytest.mark.parametrize("change", ["uuid", "patch", "record", "op"])
async def test_another_content_under_a_settled_number_is_a_fork(world: World, nina: Pusher, change: str) -> None:
    sent = nina.update("account", world.tea, {"note": "x"}, base_rev=1)
    await nina.push(sent)
    changes: dict[str, dict[str, Any]] = {
        "uuid": {"uuid": uuid7()},
        "patch": {"patch": {"note": "y"}},
        "record": {"record_id": UUID(world.lunch)},
        "op": {"op": "DELETE"},
    }
    before = await recorded(nina.db, world)
    answer = await nina.push(replace(sent, **changes[change]))
    assert answer.problem is not None
    assert answer.problem.code is ProblemCode.DEVICE_FORKED
    assert await recorded(nina.db, world) == before


async def test_what_does_not_belong_to_the_content_may_differ(world: World, nina: Pusher) -> None:
    sent = nina.update("account", world.tea, {"note": "x", "phone": "1"}, base_rev=1)
    await nina.push(sent)
    again = replace(sent, at=sent.at - timedelta(days=1), base_rev=None, patch={"phone": "1", "note": "x"})
    assert await nina.said(again) == ["DUPLICATE APPLIED"]


async def test_a_gap_is_told_with_the_number_expected(world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"note": "x"}, base_rev=1))
    made = [nina.update("account", world.tea, {"note": str(n)}, base_rev=1) for n in range(4)]  # 2, 3, 4, 5
    before = await recorded(nina.db, world)
    for sent, expected in (([made[1]], 2), ([made[0], made[2]], 3), ([made[0], made[0]], 3), ([made[1], made[0]], 2)):
        answer = await nina.push(*sent)
        assert answer.problem is not None
        assert (answer.problem.code, answer.problem.expected_seq) == (ProblemCode.SEQUENCE_GAP, expected)
        assert answer.last_seq == 1
    for seq in (0, -1):
        answer = await nina.push(replace(made[0], seq=seq))
        assert answer.problem is not None
        assert (answer.problem.code, answer.problem.expected_seq) == (ProblemCode.SEQUENCE_GAP, 2)
    assert await recorded(nina.db, world) == before
    assert await nina.said(*made) == ["APPLIED"] * 4


async def test_too_much_is_too_large(world: World, nina: Pusher) -> None:
    many = [nina.update("account", world.tea, {"note": "x"}, base_rev=1) for _ in range(501)]
    answer = await nina.push(*many)
    assert answer.problem is not None
    assert answer.problem.code is ProblemCode.TOO_LARGE
    heavy = [replace(each, patch={"note": "x" * (limits.PUSH_BYTES_MAX // 50)}) for each in many[:51]]
    answer = await nina.push(*heavy)
    assert answer.problem is not None
    assert answer.problem.code is ProblemCode.TOO_LARGE
    assert verdicts(await nina.push(*many[:500])) == ["APPLIED"] * 500


async def test_an_old_app_may_push_but_not_pull(world: World, nina: Pusher) -> None:
    sent = nina.update("account", world.tea, {"note": "x"}, base_rev=1)
    assert verdicts(await nina.push(sent, schema_version=0)) == ["APPLIED"]
    sent = nina.update("account", world.tea, {"note": "y"}, base_rev=1)
    assert verdicts(await nina.push(sent, schema_version=10_000)) == ["APPLIED"]
    asked = Pull(nina.device_id, nina.incarnation, 0)
    pulled = await pull(nina.db, world.nina.actor, asked, key=KEY)
    assert pulled.problem is not None
    assert pulled.problem.code is ProblemCode.UPGRADE_REQUIRED


async def test_a_cursor_that_was_not_given_to_this_user_is_invalid(
    world: World, rival: World, nina: Pusher, otto: Pusher
) -> None:
    stranger = await registered(nina.db, rival.nina)
    for each in (nina, otto, stranger):
        await each.pull()
    assert nina.cursor is not None
    flipped = nina.cursor[:-2] + ("A" if nina.cursor[-2] != "A" else "B") + nina.cursor[-1]
    for cursor in (otto.cursor, stranger.cursor, nina.cursor[:-4], nina.cursor[4:], flipped, "x", "é", " ", "A" * 22):
        page = await nina.page(cursor=cursor)
        assert page.problem is not None, cursor
        assert (page.problem.code, page.changes, page.scopes) == (ProblemCode.CURSOR_INVALID, b"[]", None)
    assert (await nina.page()).problem is None
    second = await registered(nina.db, world.nina)
    assert (await second.page(cursor=nina.cursor)).problem is None  # bound to the user, not to the device


async def test_a_wiped_device_hands_in_its_edits_and_sees_nothing(db: Db, world: World, nina: Pusher) -> None:
    await nina.pull()
    async with db.writing(world.tenant_id) as conn:
        await conn.execute("update device set wiped_at = clock_timestamp() where id = $1", nina.device_id)
    page = await nina.page()
    assert page.problem is not None
    assert page.problem.code is ProblemCode.DEVICE_WIPE
    answer = await nina.push(nina.update("account", world.tea, {"note": "x"}, base_rev=1))
    assert verdicts(answer) == ["REJECTED FORBIDDEN"]
    assert b"PUT" not in answer.rows


async def test_a_restored_database_is_told_and_acknowledged_edits_come_again(
    spoiled_db: Db, spoiled_world: World, spoiler: Conn
) -> None:
    world, nina = spoiled_world, await registered(spoiled_db, spoiled_world.nina)
    sent = nina.update("account", world.tea, {"note": "x"}, base_rev=1)
    await nina.push(sent)
    await nina.pull()
    await spoiler.execute("update installation set epoch = epoch + 1")
    assert (await problem_of(nina, world)).code is ProblemCode.EPOCH_CHANGED
    page = await nina.page()
    assert page.problem is not None
    assert page.problem.code is ProblemCode.EPOCH_CHANGED
    again = await registered_again(nina)
    assert again.epoch == nina.epoch + 1
    assert await again.said(replace(sent, seq=1, base_rev=None)) == ["DUPLICATE APPLIED"]
    again.cursor, again.held = None, {}
    await again.pull()
    assert again.row(world.tea) is not None


async def test_an_incarnation_that_a_restore_has_forgotten_continues_nothing(world: World, nina: Pusher) -> None:
    nina.incarnation, nina.acked = 77, 5
    again = await registered_again(nina)
    assert await again.said(again.update("account", world.lunch, {"note": "x"}, base_rev=None)) == ["CONFLICT"]


async def test_without_its_database_the_service_is_busy_and_settles_nothing(
    database: TestDatabase, world: World, nina: Pusher
) -> None:
    sent = nina.update("account", world.tea, {"note": "x"}, base_rev=1)
    there, ratchet = nina.db, nina.ratchet
    async with opened(database) as nina.db:
        pass
    answer, page = await nina.push(sent), await nina.page()
    for problem in (answer.problem, page.problem):
        assert problem is not None
        assert problem.code is ProblemCode.BUSY
        assert (problem.retry_after_ms or 0) > 0
    assert (answer.ratchet, answer.last_seq, answer.results) == (ratchet, 0, ())
    nina.db = there
    assert await nina.said(sent) == ["APPLIED"]


async def test_a_connection_that_dies_half_way_settles_nothing(
    spoiled_db: Db, spoiled_world: World, spoiler: Conn
) -> None:
    world, nina = spoiled_world, await registered(spoiled_db, spoiled_world.nina)
    before = await recorded(spoiled_db, world)
    # Whoever writes history is thrown off the database.
    await spoiler.execute(
        "create or replace function thrown_off() returns trigger language plpgsql security definer as"
        " $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;"
        "create trigger thrown_off before insert on field_write for each row execute function thrown_off()"
    )
    try:
        answer = await nina.push(sent := nina.update("account", world.tea, {"note": "x"}, base_rev=1))
    finally:
        await spoiler.execute("drop trigger thrown_off on field_write")
    assert answer.problem is not None
    assert answer.problem.code is ProblemCode.BUSY
    assert await recorded(spoiled_db, world) == before
    assert await nina.said(sent) == ["APPLIED"]
