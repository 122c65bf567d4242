"""The life of a conflict: it opens with a lost value, follows its record, and closes when somebody has seen it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.exchange import reads
from fieldbeat.exchange.actions import ConflictClosed, resolve_conflict
from fieldbeat.exchange.model import Choice, ConflictView
from fieldbeat.kit.db import Db
from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound
from fieldbeat_testing.pusher import Pusher, registered, registered_again
from fieldbeat_testing.world import Person, World

LONG_AGO = timedelta(hours=1)


async def lose(vera: Pusher, nina: Pusher, account: str, field: str = "note", *, base_rev: int = 1) -> UUID:
    """Vera's value `by Vera` of a field loses to Nina's `by Nina`: the conflict."""
    await nina.push(nina.update("account", account, {field: "by Nina"}, base_rev=base_rev))
    late = vera.update("account", account, {field: "by Vera"}, base_rev=base_rev, at=datetime.now(UTC) - LONG_AGO)
    [result] = (await vera.push(late)).results
    [conflict] = result.conflict_ids
    return conflict


async def seen(db: Db, reader: Person, conflict: UUID) -> ConflictView | None:
    """The conflict as `reader` may look it up."""
    async with db.reading(reader.actor.tenant_id) as conn:
        return (await reads.conflicts_by_ids(conn, reader.actor, [conflict])).get(conflict)


async def resolve(db: Db, who: Person, conflict: UUID, choice: Choice, **more: Any) -> ConflictView:
    async with records.writing(db, who.actor.tenant_id) as tx:
        return await resolve_conflict(tx, who.actor, conflict_id=conflict, choice=choice, **more)


async def account(device: Pusher, id_: str) -> Mapping[str, Any]:
    await device.pull()
    row = device.row(id_)
    assert row is not None
    return row


async def test_the_same_device_losing_again_updates_its_open_conflict(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    first = await lose(vera, nina, world.tea)
    again = vera.update("account", world.tea, {"note": "by Vera again"}, base_rev=1, at=datetime.now(UTC) - LONG_AGO)
    [result] = (await vera.push(again)).results
    assert result.conflict_ids == (first,)
    await nina.pull()
    [conflict] = nina.conflicts()
    assert (conflict["status"], conflict["loser"]["value"], conflict["rev"]) == ("OPEN", "by Vera again", 2)


async def test_the_chain_goes_on_under_a_new_incarnation(world: World, nina: Pusher, vera: Pusher) -> None:
    first = await lose(vera, nina, world.tea)
    vera = await registered_again(vera)
    again = vera.update("account", world.tea, {"note": "still Vera"}, base_rev=1, at=datetime.now(UTC) - LONG_AGO)
    assert (await vera.push(again)).results[0].conflict_ids == (first,)


async def test_other_fields_and_other_losers_open_their_own(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    first = await lose(vera, nina, world.tea)
    adam = await registered(db, world.adam)
    late = {"at": datetime.now(UTC) - LONG_AGO}
    await nina.push(nina.update("account", world.tea, {"phone": "by Nina"}, base_rev=1))
    [other] = (await vera.push(vera.update("account", world.tea, {"phone": "x"}, base_rev=1, **late))).results
    [third] = (await adam.push(adam.update("account", world.tea, {"note": "by Adam"}, base_rev=1, **late))).results
    assert len({first, *other.conflict_ids, *third.conflict_ids}) == 3


async def test_who_has_seen_it_and_writes_the_field_supersedes_it(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    conflict = await lose(vera, nina, world.tea)
    assert await nina.said(nina.update("account", world.tea, {"phone": "1"}, base_rev=3)) == ["APPLIED"]
    assert await nina.said(nina.update("account", world.tea, {"note": "agreed"}, base_rev=3)) == ["APPLIED"]
    view = await seen(db, world.nina, conflict)
    assert view is not None
    assert (view.status, view.resolved_at is not None) == ("SUPERSEDED", True)


@pytest.mark.parametrize("base_rev", [None, 1, 2])
async def test_who_had_not_seen_it_does_not_close_it(
    db: Db, world: World, nina: Pusher, vera: Pusher, base_rev: int | None
) -> None:
    conflict = await lose(vera, nina, world.tea)
    await nina.push(nina.update("account", world.tea, {"note": "on and on"}, base_rev=base_rev))
    view = await seen(db, world.nina, conflict)
    assert view is not None
    assert (view.status, view.resolved_at) == ("OPEN", None)


async def test_the_winner_is_what_stands_also_when_that_has_changed_since(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    conflict = await lose(vera, nina, world.tea)
    adam = await registered(db, world.adam)
    await adam.push(adam.update("account", world.tea, {"note": "by Adam"}, base_rev=2))
    view = await seen(db, world.nina, conflict)
    assert view is not None
    assert (view.winner.value, view.loser.value, view.status) == ("by Adam", "by Vera", "OPEN")
    assert [side.actor.name for side in (view.winner, view.loser) if side.actor] == ["Adam", "Vera"]
    await resolve(db, world.nina, conflict, Choice.KEEP_WINNER, base_rev=4)
    assert (await account(nina, world.tea))["note"] == "by Adam"
    assert [each["status"] for each in nina.conflicts()] == ["RESOLVED"]


CHOICES: dict[Choice, tuple[Any, str]] = {
    Choice.KEEP_WINNER: (None, "by Nina"),
    Choice.TAKE_LOSER: (None, "by Vera"),
    Choice.SET_VALUE: ("by all", "by all"),
}


@pytest.mark.parametrize("choice", CHOICES)
async def test_it_is_resolved_by_an_ordinary_edit(
    db: Db, world: World, nina: Pusher, vera: Pusher, choice: Choice
) -> None:
    value, note = CHOICES[choice]
    conflict = await lose(vera, nina, world.tea)
    view = await resolve(db, world.nina, conflict, choice, value=value, base_rev=3)
    assert (view.status, view.resolved_at is not None) == ("RESOLVED", True)
    row = await account(vera, world.tea)
    assert (row["note"], row["rev"]) == (note, 4)
    assert [each["status"] for each in vera.conflicts()] == ["RESOLVED"]
    with pytest.raises(ConflictClosed):
        await resolve(db, world.vera, conflict, choice, value=value)


async def test_one_key_of_custom_is_resolved_alone(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"custom": {"a.b": 1, "c": 1}}, base_rev=1))
    [result] = (await vera.push(vera.update("account", world.tea, {"custom": {"a.b": 2}}, base_rev=1))).results
    await resolve(db, world.nina, result.conflict_ids[0], Choice.TAKE_LOSER)
    assert (await account(vera, world.tea))["custom"] == {"a.b": 1, "c": 1}


async def test_two_who_resolve_at_once_are_merged_like_any_two(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    conflict = await lose(vera, nina, world.tea)
    one, other = await asyncio.gather(
        resolve(db, world.vera, conflict, Choice.TAKE_LOSER, base_rev=3),
        resolve(db, world.adam, conflict, Choice.SET_VALUE, value="by Adam", base_rev=3),
    )
    assert {one.status, other.status} == {"RESOLVED"}
    row = await account(nina, world.tea)
    assert row["rev"] == 5
    [fresh] = [each for each in nina.conflicts() if each["status"] == "OPEN"]
    assert {fresh["winner"]["value"], fresh["loser"]["value"]} == {"by Vera", "by Adam"}
    assert row["note"] == fresh["winner"]["value"]


async def test_who_comes_second_with_an_old_view_is_merged_as_well(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    conflict = await lose(vera, nina, world.tea)
    await resolve(db, world.vera, conflict, Choice.SET_VALUE, value="by Vera, later", base_rev=3)
    await resolve(db, world.adam, conflict, Choice.SET_VALUE, value="by Adam", base_rev=3)
    assert (await account(nina, world.tea))["note"] == "by Adam"
    [fresh] = [each for each in nina.conflicts() if each["status"] == "OPEN"]
    assert fresh["loser"]["value"] == "by Vera, later"


async def test_an_edit_made_meanwhile_is_not_overwritten_in_silence(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    conflict = await lose(vera, nina, world.tea)
    await nina.push(nina.update("account", world.tea, {"note": "meanwhile"}, base_rev=2))
    await resolve(db, world.vera, conflict, Choice.TAKE_LOSER, base_rev=3)
    await nina.pull()
    [fresh] = [each for each in nina.conflicts() if each["status"] == "OPEN"]
    assert {fresh["winner"]["value"], fresh["loser"]["value"]} == {"by Vera", "meanwhile"}


async def starred(vera: Pusher, nina: Pusher, account_id: str) -> UUID:
    """Nina's edit beats Vera's delete: the conflict on `*`."""
    await nina.push(nina.update("account", account_id, {"note": "by Nina"}, base_rev=1))
    [result] = (await vera.push(vera.delete("account", account_id, base_rev=1))).results
    return result.conflict_ids[0]


async def test_a_beaten_delete_is_kept_as_it_is(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    conflict = await starred(vera, nina, world.tea)
    view = await resolve(db, world.nina, conflict, Choice.KEEP_WINNER)
    assert view.status == "RESOLVED"
    assert (await account(nina, world.tea))["rev"] == 3


async def test_a_beaten_delete_is_taken_by_who_may_delete(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    conflict = await starred(vera, nina, world.tea)
    with pytest.raises(Forbidden):
        await resolve(db, world.nina, conflict, Choice.TAKE_LOSER, base_rev=3)
    with pytest.raises(Invalid):
        await resolve(db, world.vera, conflict, Choice.SET_VALUE, value=None, base_rev=3)
    assert (await resolve(db, world.vera, conflict, Choice.TAKE_LOSER, base_rev=3)).status == "RESOLVED"
    await nina.pull()
    assert nina.row(world.tea) is None


async def test_two_who_settle_a_beaten_delete_at_once_both_come_through(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    conflict = await starred(vera, nina, world.tea)
    await asyncio.gather(
        resolve(db, world.vera, conflict, Choice.TAKE_LOSER, base_rev=3),
        resolve(db, world.adam, conflict, Choice.KEEP_WINNER, base_rev=3),
    )
    view = await seen(db, world.vera, conflict)
    assert view is not None
    assert view.status == "RESOLVED"
    await nina.pull()
    assert nina.row(world.tea) is None


async def test_a_conflict_is_for_those_who_see_the_record(
    db: Db, world: World, rival: World, nina: Pusher, vera: Pusher, otto: Pusher
) -> None:
    conflict = await lose(vera, nina, world.tea)
    for each, visible in ((world.nina, True), (world.vera, True), (world.adam, True), (world.otto, False)):
        assert (await seen(db, each, conflict) is not None) is visible
        async with db.reading(world.tenant_id) as conn:
            page = await reads.conflicts_page(conn, each.actor, status="OPEN", after=None, rows_max=10)
        assert [one.id for one in page] == ([conflict] if visible else [])
    assert await seen(db, rival.adam, conflict) is None
    await otto.pull()
    assert otto.conflicts() == []
    for stranger in (world.otto, rival.adam):
        with pytest.raises(NotFound):
            await resolve(db, stranger, conflict, Choice.KEEP_WINNER)


async def test_conflicts_move_with_their_record(db: Db, world: World, nina: Pusher, otto: Pusher, vera: Pusher) -> None:
    about_account = await lose(vera, nina, world.tea)
    born = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    await nina.push(born, nina.update("contact", born.record_id, {"note": "by Nina"}, base_rev=1))
    [result] = (await vera.push(vera.update("contact", born.record_id, {"note": "by Vera"}, base_rev=1))).results
    [about_contact] = result.conflict_ids
    await nina.pull()
    await otto.pull()
    assert {each["id"] for each in nina.conflicts()} == {str(about_account), str(about_contact)}
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.tea), owner_id=world.otto.id)
    await nina.pull()
    await otto.pull()
    assert nina.conflicts() == []
    assert {each["id"] for each in otto.conflicts()} == {str(about_account), str(about_contact)}
    assert otto.row(born.record_id, "contact") is not None
    assert nina.row(born.record_id, "contact") is None
    assert (await resolve(db, world.otto, about_contact, Choice.TAKE_LOSER)).status == "RESOLVED"
    with pytest.raises(NotFound):
        await resolve(db, world.nina, about_account, Choice.TAKE_LOSER)


async def test_conflicts_are_read_page_by_page(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    made = [await lose(vera, nina, world.tea, field, base_rev=1) for field in ("note", "phone", "website")]
    async with db.reading(world.tenant_id) as conn:
        first = await reads.conflicts_page(conn, world.vera.actor, status=None, after=None, rows_max=2)
        rest = await reads.conflicts_page(conn, world.vera.actor, status=None, after=first[-1].id, rows_max=2)
    assert [each.id for each in [*first, *rest]] == made[::-1]
