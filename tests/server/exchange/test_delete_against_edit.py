"""A delete covers what its author had seen; whatever he had not seen keeps the record alive, and both are kept."""

from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import create_contact, delete_account, update_account
from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import Pusher, registered, rows, verdicts
from fieldbeat_testing.world import World


async def starred(device: Pusher) -> list[tuple[str, Any, Any, str, str]]:
    """The conflicts on `*` after a pull: status, both values, both authors."""
    await device.pull()
    return [
        (
            each["status"], each["winner"]["value"], each["loser"]["value"],
            each["winner"]["actor"]["name"], each["loser"]["actor"]["name"],
        )
        for each in device.conflicts() if each["field"] == "*"
    ]  # fmt: skip


async def test_a_delete_that_saw_everything_is_applied_and_reaches_the_others(
    world: World, nina: Pusher, vera: Pusher
) -> None:
    for each in (nina, vera):
        await each.pull()
    assert await vera.said(vera.delete("account", world.tea, base_rev=1)) == ["APPLIED"]
    told = (await nina.pull()).changes
    assert [(each["kind"], each["id"], each["rev"]) for each in told] == [("DELETE", world.tea, 2)]
    assert nina.row(world.tea) is None
    fresh = await registered(nina.db, world.nina)
    await fresh.pull()
    assert fresh.row(world.tea) is None


async def test_an_edit_that_came_first_keeps_the_record(world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.pull()
    await nina.push(nina.update("account", world.lunch, {"phone": "1"}, base_rev=1))
    answer = await vera.push(vera.delete("account", world.lunch, base_rev=1))
    assert verdicts(answer) == ["CONFLICT"]
    row = rows(answer)[world.lunch]["row"]
    assert (row["rev"], row["phone"], row["note"]) == (3, "1", "as it was")
    assert await starred(nina) == [("OPEN", None, {"deleted": True}, "Nina", "Vera")]


async def test_an_edit_that_comes_later_revives_it_with_all_values(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.pull()
    await vera.push(vera.delete("account", world.lunch, base_rev=1))
    await nina.pull()
    assert nina.row(world.lunch) is None
    answer = await nina.push(nina.update("account", world.lunch, {"phone": "1"}, base_rev=1))
    assert verdicts(answer) == ["CONFLICT"]
    row = rows(answer)[world.lunch]["row"]
    assert (row["rev"], row["phone"], row["note"], row["tags"]) == (3, "1", "as it was", ["old", "seed"])
    assert await starred(vera) == [("OPEN", None, {"deleted": True}, "Nina", "Vera")]
    assert vera.row(world.lunch) is not None


async def test_both_orders_end_alike(world: World, nina: Pusher, vera: Pusher) -> None:
    edits = [nina.update("account", id_, {"phone": "1"}, base_rev=1) for id_ in (world.lunch, world.tea)]
    deletes = [vera.delete("account", id_, base_rev=1) for id_ in (world.lunch, world.tea)]
    await nina.push(edits[0])
    await vera.push(*deletes)
    await nina.push(edits[1])
    one, other = [each[:3] for each in await starred(nina)]
    assert one == other
    lunch, tea = nina.row(world.lunch), nina.row(world.tea)
    assert lunch is not None
    assert tea is not None
    assert (lunch["rev"], lunch["phone"]) == (tea["rev"], tea["phone"]) == (3, "1")


async def test_its_own_edits_do_not_stop_a_delete(world: World, vera: Pusher) -> None:
    assert await vera.said(
        vera.update("account", world.tea, {"note": "x"}, base_rev=1), vera.delete("account", world.tea, base_rev=1)
    ) == ["APPLIED", "APPLIED"]


async def test_what_the_server_decides_keeps_nothing_alive(db: Db, world: World, vera: Pusher) -> None:
    await vera.pull()
    async with records.writing(db, world.tenant_id) as tx:
        await update_account(tx, world.adam.actor, account_id=UUID(world.tea), patch={"tier": "VIP"})
    assert await vera.said(vera.delete("account", world.tea, base_rev=1)) == ["MERGED"]


async def test_two_deletes_of_one_record_are_both_kept(db: Db, world: World, vera: Pusher) -> None:
    adam = await registered(db, world.adam)
    assert await vera.said(vera.delete("account", world.tea, base_rev=1)) == ["APPLIED"]
    assert await adam.said(adam.delete("account", world.tea, base_rev=1)) == ["MERGED"]
    nina = await registered(db, world.nina)
    answer = await nina.push(nina.update("account", world.tea, {"note": "x"}, base_rev=1))
    assert len(answer.results[0].conflict_ids) == 2


async def test_a_child_born_after_the_deleters_last_pull_keeps_its_parent(
    world: World, nina: Pusher, vera: Pusher
) -> None:
    await vera.pull()
    await nina.push(nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    answer = await vera.push(vera.delete("account", world.tea, base_rev=1))
    assert verdicts(answer) == ["CONFLICT"]
    assert rows(answer)[world.tea]["kind"] == "PUT"
    assert await starred(nina) == [("OPEN", None, {"deleted": True}, "Nina", "Vera")]


async def test_a_child_that_the_deleter_had_pulled_is_covered(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    await vera.pull()
    assert await vera.said(vera.delete("account", world.tea, base_rev=1)) == ["APPLIED"]


async def test_a_delete_queued_before_the_pull_had_not_seen_the_child(world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.pull()
    queued = vera.delete("account", world.tea, base_rev=1)
    await nina.push(nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    await vera.pull()
    assert await vera.said(queued) == ["CONFLICT"]


async def test_a_child_that_is_gone_keeps_nothing(world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.pull()
    born = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    await nina.push(born, nina.delete("contact", born.record_id, base_rev=1))
    assert await vera.said(vera.delete("account", world.tea, base_rev=1)) == ["APPLIED"]


async def test_a_child_revives_the_parent_that_was_deleted_meanwhile(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.pull()
    await vera.pull()
    await vera.push(vera.delete("account", world.lunch, base_rev=1))
    born = nina.create("contact", {"accountId": world.lunch, "name": "Carl"})
    answer = await nina.push(born)
    assert verdicts(answer) == ["APPLIED"]
    assert len(answer.results[0].conflict_ids) == 1
    row = rows(answer)[world.lunch]["row"]
    assert (row["rev"], row["note"]) == (3, "as it was")
    assert await starred(vera) == [("OPEN", None, {"deleted": True}, "Nina", "Vera")]
    assert vera.row(born.record_id, "contact") is not None


async def test_a_childs_creation_leaves_its_parents_rev(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    assert await vera.said(vera.update("account", world.tea, {"note": "x"}, base_rev=1)) == ["APPLIED"]


async def test_the_server_sees_every_child_when_it_deletes(db: Db, world: World, vera: Pusher) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        await create_contact(tx, world.nina.actor, account_id=UUID(world.tea), patch={"name": "Carl"})
    async with records.writing(db, world.tenant_id) as tx:
        await delete_account(tx, world.vera.actor, account_id=UUID(world.tea))
    await vera.pull()
    assert vera.row(world.tea) is None


async def test_the_keeper_of_a_record_is_named_even_where_others_made_its_rev(
    db: Db, world: World, otto: Pusher, vera: Pusher
) -> None:
    await vera.pull()
    async with records.writing(db, world.tenant_id) as tx:
        await create_contact(tx, world.otto.actor, account_id=UUID(world.diner), patch={"name": "Carl"})
    await vera.push(vera.delete("account", world.diner, base_rev=1))
    assert await starred(otto) == [("OPEN", None, {"deleted": True}, "Otto", "Vera")]


@pytest.mark.parametrize("revives", ["edit", "child"])
async def test_a_code_that_was_given_away_cannot_come_back(
    world: World, nina: Pusher, vera: Pusher, revives: str
) -> None:
    await nina.push(nina.update("account", world.tea, {"code": "A1"}, base_rev=1))
    await nina.pull()
    await vera.push(vera.delete("account", world.tea, base_rev=2))
    await vera.push(vera.update("account", world.lunch, {"code": "A1"}, base_rev=1))
    if revives == "edit":
        sent = nina.update("account", world.tea, {"note": "x"}, base_rev=2)
    else:
        sent = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    answer = await nina.push(sent, nina.update("account", world.lunch, {"phone": "1"}, base_rev=1))
    assert verdicts(answer) == ["REJECTED UNIQUE", "MERGED"]
    assert rows(answer)[world.tea]["kind"] == "DELETE"


async def test_two_phones_that_both_edited_and_deleted_leave_nothing_alive(db: Db, world: World) -> None:
    """Together the deletes had seen every write, though neither had seen the other's edit."""
    nina, vera = await registered(db, world.nina), await registered(db, world.vera)
    first = await nina.push(contact := nina.create("contact", {"accountId": world.tea, "name": "Ida"}))
    assert first.results[0].rev == 1
    for phone, note in ((nina, "one"), (vera, "two")):
        edit = phone.update("contact", contact.record_id, {"note": note}, base_rev=1)
        await phone.push(edit, phone.delete("contact", contact.record_id, base_rev=1))
    entries = [each for each in (await vera.pull()).changes if each["id"] == str(contact.record_id)]
    assert [each["kind"] for each in entries] == ["DELETE"]
