"""What comes and goes with a scope: a record that moves, an assignment that begins or ends."""

import asyncio
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from fieldbeat import records
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.kit.db import Db
from fieldbeat.territories.actions import assign_territory
from fieldbeat_testing.pusher import Checkpoint, Pusher, registered
from fieldbeat_testing.world import ALWAYS, World


async def reassign(db: Db, world: World, account: str, owner: UUID) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(account), owner_id=owner)


async def assign(db: Db, world: World, territory: UUID, user: UUID, *, until: date | None = None) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        await assign_territory(
            tx, world.adam.actor, territory_id=territory, user_id=user, from_on=ALWAYS, until_on=until
        )


def kinds(end: Checkpoint) -> list[tuple[str, str | None, str]]:
    """Kind, collection and scope of each change, the scope's id cut off."""
    return [(each["kind"], each["collection"], each["scope"].partition(":")[0]) for each in end.changes]


async def test_a_moved_account_takes_its_contacts_and_conflicts_along(
    db: Db, world: World, nina: Pusher, otto: Pusher, vera: Pusher
) -> None:
    born = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    await nina.push(born, nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1))
    await vera.push(vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1))
    for each in (nina, otto, vera):
        await each.pull()
    held = dict(nina.held)
    await reassign(db, world, world.tea, world.otto.id)

    left, entered, both = await nina.pull(), await otto.pull(), await vera.pull()
    moved = {"account", "contact", "conflict"}
    assert sorted(kinds(left)) == [("EVICT", each, "territory") for each in sorted(moved)]
    assert sorted(kinds(entered)) == [("PUT", each, "territory") for each in sorted(moved)]
    assert len(both.changes) == 6
    assert all("row" not in each and "clock" not in each for each in left.changes)
    assert {key for key in held if key not in nina.held} == {
        ("account", world.tea), ("contact", str(born.record_id)), ("conflict", the_conflict(held)),
    }  # fmt: skip
    assert {key[0] for key in otto.held if key not in nina.held} >= moved
    assert vera.row(world.tea) == otto.row(world.tea)
    assert vera.row(born.record_id, "contact") is not None


def the_conflict(held: Mapping[tuple[str, str], object]) -> str:
    """The id of the conflict among rows."""
    return next(id_ for collection, id_ in held if collection == "conflict")


async def test_there_and_back_again_is_as_it_was(db: Db, world: World, nina: Pusher, otto: Pusher) -> None:
    await nina.push(nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    await nina.pull()
    await otto.pull()
    keys = set(nina.held)
    for owner in (world.otto.id, world.nina.id):
        await reassign(db, world, world.tea, owner)
    await nina.pull()
    await otto.pull()
    assert set(nina.held) == keys
    assert otto.row(world.tea) is None
    assert await nina.said(nina.update("account", world.tea, {"note": "mine again"}, base_rev=3)) == ["APPLIED"]


async def test_small_pages_of_a_move_end_alike(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(*(nina.create("contact", {"accountId": world.tea, "name": f"Carl {n}"}) for n in range(5)))
    await vera.pull()
    await reassign(db, world, world.tea, world.otto.id)
    await vera.pull(limit=1)
    fresh = await registered(db, world.vera)
    await fresh.pull()
    assert vera.held == fresh.held


async def test_when_an_assignment_ends_the_whole_scope_goes(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.push(nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    await nina.pull()
    await vera.pull()
    await assign(db, world, world.north, world.nina.id, until=date(2021, 1, 1))
    end = await nina.pull()
    [gone] = end.changes
    assert gone == {"scope": f"territory:{world.north}", "collection": None, "id": None, "kind": "EVICT", "rev": 0}
    assert {each.id for each in end.scopes} == {"tenant", f"user:{world.nina.id}"}
    assert {key[0] for key in nina.held} == {"user", "territory"}
    assert (await nina.pull()).changes == []
    assert (await vera.pull()).changes[0]["kind"] == "EVICT"  # nobody below her covers it any more


async def test_a_territory_gained_comes_from_nothing(db: Db, world: World, nina: Pusher, otto: Pusher) -> None:
    await otto.push(otto.create("contact", {"accountId": world.diner, "name": "Dora"}))
    await nina.pull()
    await assign(db, world, world.south, world.nina.id)
    end = await nina.pull(limit=1)
    assert {each["scope"] for each in end.changes} == {f"territory:{world.south}"}
    assert sorted(each["collection"] for each in end.changes) == ["account", "contact"]
    assert nina.row(world.diner) is not None
    assert await nina.said(nina.update("account", world.diner, {"note": "mine, too"}, base_rev=1)) == ["APPLIED"]


async def test_lost_and_regained_between_two_pulls_is_no_loss(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.pull()
    await assign(db, world, world.north, world.nina.id, until=date(2021, 1, 1))
    await assign(db, world, world.north, world.nina.id)
    await vera.push(vera.update("account", world.tea, {"note": "meanwhile"}, base_rev=1))
    assert kinds(await nina.pull()) == [("PUT", "account", "territory")]


async def test_what_another_scope_still_gives_stays(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await assign(db, world, world.south, world.nina.id)
    await nina.pull()
    await reassign(db, world, world.tea, world.otto.id)
    await nina.pull()
    row = nina.row(world.tea)
    assert row is not None
    assert row["territoryId"] == str(world.south)


async def test_a_scope_lost_in_the_middle_of_the_pages_is_gone_at_the_end(db: Db, world: World, nina: Pusher) -> None:
    await nina.push(*(nina.create("account", {"name": f"Bar {n}"}) for n in range(6)))
    for _ in range(9):
        page = await nina.page(limit=1)
        nina.take(page)
        nina.cursor = page.cursor
    assert any(key[0] == "account" for key in nina.held)
    await assign(db, world, world.north, world.nina.id, until=date(2021, 1, 1))
    await nina.pull(limit=1)
    assert not any(key[0] == "account" for key in nina.held)


async def test_a_contact_edited_while_its_account_moves_is_neither_left_behind_nor_old(
    db: Db, world: World, nina: Pusher, otto: Pusher, vera: Pusher
) -> None:
    await nina.push(born := nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    for each in (nina, otto):
        await each.pull()
    edit = vera.update("contact", born.record_id, {"note": "while it moved"}, base_rev=1)
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.tea), owner_id=world.otto.id)
        pushing = asyncio.create_task(vera.said(edit))
        await asyncio.wait([pushing], timeout=0.2)
    assert await pushing == ["APPLIED"]
    for each in (nina, otto, vera):
        await each.pull()
    assert nina.row(born.record_id, "contact") is None
    row = otto.row(born.record_id, "contact")
    assert row is not None
    assert (row["note"], row["rev"]) == ("while it moved", 2)
    assert vera.row(born.record_id, "contact") == row
