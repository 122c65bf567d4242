"""Why a value is what it is: every write of a field, newest first, with who made it and why it won or lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fieldbeat.exchange import reads
from fieldbeat.exchange.model import FieldWrite
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Invalid, NotFound
from fieldbeat_testing.pusher import Pusher
from fieldbeat_testing.world import Person, World


async def why(db: Db, who: Person, record_id: object, field: str, collection: str = "account") -> list[FieldWrite]:
    async with db.reading(who.actor.tenant_id) as conn:
        return await reads.why_value(
            conn, who.actor, collection=collection, record_id=UUID(str(record_id)), field=field
        )


async def told(db: Db, who: Person, record_id: object, field: str) -> list[tuple[Any, int, str | None, str, str]]:
    """Value, rev, author, outcome and rule of each write."""
    writes = await why(db, who, record_id, field)
    return [(each.value, each.rev, each.actor.name, each.outcome, each.rule) for each in writes]


async def test_every_write_is_told_newest_first_with_its_author_and_rule(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    await nina.push(nina.update("account", world.lunch, {"note": "by Nina"}, base_rev=1))
    late = datetime.now(UTC) - timedelta(hours=1)
    await vera.push(vera.update("account", world.lunch, {"note": "too early"}, base_rev=1, at=late))
    await vera.push(vera.update("account", world.lunch, {"note": "by Vera", "phone": "1"}, base_rev=3))
    assert await told(db, world.nina, world.lunch, "note") == [
        ("by Vera", 4, "Vera", "WON", "SUPERSEDES"),
        ("too early", 3, "Vera", "LOST", "EARLIER_LOSES"),
        ("by Nina", 2, "Nina", "WON", "SUPERSEDES"),
        ("as it was", 1, "Adam", "WON", "CREATED"),
    ]
    [newest, lost, *_] = await why(db, world.nina, world.lunch, "note")
    assert (newest.replica, newest.at > lost.at, newest.applied_at >= lost.applied_at) == (vera.incarnation, True, True)
    assert lost.at <= newest.applied_at


async def test_sets_and_states_are_told_as_they_were_written(db: Db, world: World, nina: Pusher) -> None:
    patch = {"tags": {"$add": ["new"], "$remove": ["old"]}, "status": "ACTIVE"}
    await nina.push(nina.update("account", world.lunch, patch, base_rev=1))
    assert (await told(db, world.nina, world.lunch, "tags"))[0] == (
        {"$add": ["new"], "$remove": ["old"]}, 2, "Nina", "ADDED", "ADD_WINS",
    )  # fmt: skip
    assert [each[0] for each in await told(db, world.nina, world.lunch, "status")] == ["ACTIVE", "PROSPECT"]


async def test_a_field_never_edited_is_told_by_its_creation(db: Db, world: World) -> None:
    assert await told(db, world.nina, world.tea, "phone") == [(None, 1, "Adam", "WON", "CREATED")]
    assert await told(db, world.nina, world.tea, "kind") == [("OUTLET", 1, "Adam", "WON", "CREATED")]
    assert await told(db, world.nina, world.tea, "custom.k") == [(None, 1, "Adam", "WON", "CREATED")]


async def test_who_made_a_child_did_not_create_its_parent(db: Db, world: World, vera: Pusher) -> None:
    await vera.push(vera.create("contact", {"accountId": world.tea, "name": "Ada"}))
    assert await told(db, world.nina, world.tea, "phone") == [(None, 1, "Adam", "WON", "CREATED")]


async def test_each_key_of_custom_has_a_history_of_its_own(db: Db, world: World, nina: Pusher) -> None:
    await nina.push(nina.update("account", world.tea, {"custom": {"a.b": 1, "c": 2}}, base_rev=1))
    await nina.push(nina.update("account", world.tea, {"custom": {"a.b": None}}, base_rev=2))
    assert [each[:2] for each in await told(db, world.nina, world.tea, "custom.a.b")] == [(None, 3), (1, 2), (None, 1)]
    assert [each[:2] for each in await told(db, world.nina, world.tea, "custom.c")] == [(2, 2), (None, 1)]


async def test_deletes_are_told_under_the_star(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    assert await told(db, world.nina, world.tea, "*") == []
    await vera.push(vera.delete("account", world.tea, base_rev=1))
    assert await told(db, world.nina, world.tea, "*") == [
        ({"deleted": True, "baseRev": 1}, 2, "Vera", "WON", "DELETES")
    ]
    await nina.push(nina.update("account", world.tea, {"note": "x"}, base_rev=1))
    await vera.push(vera.delete("account", world.tea, base_rev=2))
    assert (await told(db, world.nina, world.tea, "*"))[0][1:] == (4, "Vera", "LOST", "EDIT_BEATS_DELETE")


async def test_what_he_may_not_see_is_not_found(db: Db, world: World, rival: World) -> None:
    for who, record_id in ((world.otto, world.tea), (rival.adam, world.tea), (world.nina, rival.tea)):
        with pytest.raises(NotFound):
            await why(db, who, record_id, "note")
    with pytest.raises(NotFound):
        await why(db, world.nina, uuid7(), "note")


@pytest.mark.parametrize("field", ["colour", "custom", "note.x", "", "custom.", "+x", "id"])
async def test_what_is_no_field_is_invalid(db: Db, world: World, field: str) -> None:
    with pytest.raises(Invalid):
        await why(db, world.nina, world.tea, field)
    with pytest.raises(Invalid):
        await why(db, world.nina, world.tea, "note", "voyage")
