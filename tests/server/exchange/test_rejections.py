"""Each code of REJECTED, and when it is given: nothing takes effect, the payload is parked, the queue goes on."""

import asyncio
import json
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.exchange import reads
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.territories.actions import assign_territory
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher, registered, rows, verdicts
from fieldbeat_testing.world import ALWAYS, World

ACCOUNT_FIELDS: dict[str, Any] = {
    "an unknown field": {"colour": "red"},
    "a bad enum": {"kind": "SHOP"},
    "a bad state": {"status": "ASLEEP"},
    "a number for a text": {"name": 7},
    "a text for a set": {"tags": "a"},
    "an array for a set on update": {"tags": ["a"]},
    "a number for a location": {"location": 7},
    "an unknown member of a group": {"address": {"planet": "Earth"}},
    "a latitude beyond the pole": {"location": {"latitude": 91, "longitude": 0}},
    "a location without its longitude": {"location": {"latitude": 1}},
    "NUL": {"note": "a\0b"},
    "NUL in a set": {"tags": {"$add": ["a\0b"]}},
    "NUL in a key": {"custom": {"a\0b": 1}},
    "a lone surrogate": {"note": "a\ud800b"},
    "a lone surrogate in a key": {"custom": {"\udfff": 1}},
    "a lone surrogate in a field's name": {"\ud800": 1},
    "a number beyond 64 bits": {"custom": {"n": 10**30}},
    "a number beyond any float": {"location": {"latitude": 10**400, "longitude": 0}},
    "an endless number": {"custom": {"n": float("inf")}},
    "a text too long": {"name": "x" * 201},
    "a note too long": {"note": "x" * 20_001},
    "a blank name": {"name": "  "},
    "a name taken away": {"name": None},
    "a state taken away": {"status": None},
    "an element added and removed": {"tags": {"$add": ["a"], "$remove": ["a"]}},
    "too many elements": {"tags": {"$add": [str(n) for n in range(201)]}},
    "too many keys": {"custom": {str(n): n for n in range(201)}},
    "too deep": {"custom": {"a": [[[[[[1]]]]]]}},
    "nothing at all": {},
    "a list": ["note"],
    "a text": "note",
    "no patch": None,
    "one bad field among good ones": {"note": "fine", "kind": "SHOP"},
    "a patch too large": {"custom": {str(n): "x" * 19_000 for n in range(15)}},
}


@pytest.mark.parametrize("patch", ACCOUNT_FIELDS.values(), ids=ACCOUNT_FIELDS)
async def test_an_edit_that_cannot_be_read_is_invalid_and_nothing_of_it_stands(
    world: World, nina: Pusher, patch: Any
) -> None:
    answer = await nina.push(
        nina.update("account", world.tea, patch, base_rev=1),
        nina.update("account", world.tea, {"phone": "after"}, base_rev=1),
    )
    assert verdicts(answer) == ["REJECTED INVALID", "APPLIED"]
    assert answer.results[0].message
    row = rows(answer)[world.tea]["row"]
    assert (row["rev"], row["note"], row["phone"]) == (2, None, "after")


@pytest.mark.parametrize("depth", [50, 300, 900, 100_000])
async def test_a_bottomless_patch_is_refused_like_any_other(world: World, nina: Pusher, depth: int) -> None:
    abyss: Any = 1
    for _ in range(depth):
        abyss = [abyss]
    sent = [
        nina.update("account", world.tea, {"custom": {"a": abyss}}, base_rev=1),
        nina.mutation(Op.DELETE, "contact", world.tea, abyss, base_rev=1),
        nina.update("account", world.tea, {"note": "fine"}, base_rev=1),
    ]
    said = ["REJECTED INVALID", "REJECTED NOT_FOUND", "APPLIED"]
    assert await nina.said(*sent) == said
    assert await nina.said(*sent) == [f"DUPLICATE {each}" for each in said]


async def test_every_field_at_fault_is_named(world: World, nina: Pusher) -> None:
    sent = nina.update("account", world.tea, {"colour": 1, "kind": "SHOP", "note": "fine"}, base_rev=1)
    [result] = (await nina.push(sent)).results
    assert set(result.fields) == {"colour", "kind"}
    [result] = (
        await nina.push(nina.update("account", world.tea, {"note": "\ud800", "phone": "1"}, base_rev=1))
    ).results
    assert result.fields == ("note",)


async def test_a_parked_payload_is_kept_to_the_letter(db: Db, world: World, nina: Pusher) -> None:
    patches: list[Any] = [{"note": "a\0\ud800é", "colour": 10**30}, "no object", None]
    await nina.push(*(nina.update("account", world.tea, patch, base_rev=1) for patch in patches))
    async with db.reading(world.tenant_id) as conn:
        parked = await reads.rejections_page(conn, world.nina.actor, after=None, rows_max=10)
    assert [each.code for each in parked] == ["INVALID"] * 3
    assert all(each.patch is not None and each.patch.isascii() for each in parked)
    assert [json.loads(each.patch or "") for each in reversed(parked)] == patches


async def test_a_base_that_never_was_is_invalid(world: World, nina: Pusher) -> None:
    assert (
        await nina.said(
            nina.update("account", world.tea, {"note": "x"}, base_rev=2),
            nina.update("account", world.tea, {"note": "x"}, base_rev=-1),
            nina.delete("contact", world.tea, base_rev=-1),
            nina.update("account", world.tea, {"note": "x"}, base_rev=1 << 70),
        )
        == ["REJECTED INVALID"] * 4
    )


async def test_what_a_create_needs_is_asked_for(world: World, nina: Pusher) -> None:
    answer = await nina.push(
        nina.create("account", {}),
        nina.create("contact", {"name": "Carl"}),
        nina.create("contact", {"accountId": world.tea}),
        nina.create("contact", {"accountId": "no id", "name": "Carl"}),
        nina.create("contact", {"accountId": None, "name": "Carl"}),
        nina.create("contact", None),
    )
    assert verdicts(answer) == ["REJECTED INVALID"] * 6
    assert [each.fields for each in answer.results] == [
        ("name",), ("accountId",), ("name",), ("accountId",), ("accountId",), ("patch",),
    ]  # fmt: skip


READ_ONLY: dict[str, tuple[str, dict[str, Any]]] = {
    "the owner": ("account", {"ownerId": str(uuid7())}),
    "the territory": ("account", {"territoryId": str(uuid7())}),
    "the tier": ("account", {"tier": "VIP"}),
    "the tier beside a good field": ("account", {"tier": "VIP", "note": "fine"}),
    "a contact's account": ("contact", {"accountId": str(uuid7())}),
    "somebody's name": ("user", {"name": "Me"}),
    "a territory's name": ("territory", {"name": "Mine"}),
}


@pytest.mark.parametrize(("collection", "patch"), READ_ONLY.values(), ids=READ_ONLY)
async def test_what_the_server_decides_is_read_only(
    world: World, nina: Pusher, collection: str, patch: dict[str, Any]
) -> None:
    contact = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    ids = {"account": world.tea, "contact": contact.record_id, "user": world.nina.id, "territory": world.north}
    answer = await nina.push(contact, nina.update(collection, ids[collection], patch, base_rev=1))
    assert verdicts(answer) == ["APPLIED", "REJECTED FIELD_READ_ONLY"]
    assert set(answer.results[1].fields) == patch.keys() - {"note"}
    assert rows(answer)[str(ids[collection])]["rev"] == 1


async def test_a_conflict_is_not_edited_but_resolved(world: World, nina: Pusher) -> None:
    assert (
        await nina.said(
            nina.update("conflict", uuid7(), {"status": "RESOLVED"}, base_rev=1),
            nina.create("conflict", {"status": "RESOLVED"}),
            nina.delete("conflict", uuid7(), base_rev=1),
        )
        == ["REJECTED FIELD_READ_ONLY"] * 3
    )


async def test_an_unknown_collection_is_told(nina: Pusher) -> None:
    answer = await nina.push(
        nina.create("voyage", {"name": "x"}),
        nina.update("a\0\ud800" * 300, uuid7(), {"name": "x"}, base_rev=1),
        nina.delete("", uuid7(), base_rev=1),
    )
    assert verdicts(answer) == ["REJECTED UNKNOWN_COLLECTION"] * 3
    assert {each.fields for each in answer.results} == {("collection",)}


async def test_a_rep_may_not_delete_an_account_nor_make_people(world: World, nina: Pusher, vera: Pusher) -> None:
    assert (
        await nina.said(
            nina.delete("account", world.tea, base_rev=1),
            nina.create("user", {"name": "Nobody", "email": "a@b.example", "role": "ADMIN"}),
            nina.delete("user", world.nina.id, base_rev=1),
            nina.delete("territory", world.north, base_rev=1),
        )
        == ["REJECTED FORBIDDEN"] * 4
    )
    assert await vera.said(vera.delete("account", world.tea, base_rev=1)) == ["APPLIED"]


async def test_a_state_is_taken_back_by_those_who_lead(world: World, nina: Pusher, vera: Pusher) -> None:
    assert await nina.said(
        nina.update("account", world.tea, {"status": "CLOSED"}, base_rev=1),
        nina.update("account", world.tea, {"status": "ACTIVE"}, base_rev=2),
    ) == ["APPLIED", "REJECTED FORBIDDEN"]
    assert await vera.said(vera.update("account", world.tea, {"status": "ACTIVE"}, base_rev=2)) == ["APPLIED"]


async def test_what_he_never_held_is_not_found_whoever_has_it(world: World, rival: World, nina: Pusher) -> None:
    unseen = [world.diner, rival.lunch, str(uuid7())]
    answer = await nina.push(
        *(nina.update("account", id_, {"note": "x"}, base_rev=1) for id_ in unseen),
        *(nina.delete("contact", id_, base_rev=1) for id_ in unseen),
        *(nina.create("contact", {"accountId": id_, "name": "Carl"}) for id_ in unseen),
    )
    assert verdicts(answer) == ["REJECTED NOT_FOUND"] * 9
    assert len({each.message for each in answer.results[:3]}) == 1
    assert len({each.message for each in answer.results[6:]}) == 1
    assert {each.fields for each in answer.results[6:]} == {("accountId",)}
    assert orjson.loads(answer.rows) == []


async def test_what_has_left_his_scope_is_forbidden(db: Db, world: World, nina: Pusher) -> None:
    await nina.push(born := nina.create("contact", {"accountId": world.tea, "name": "Carl"}))
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.tea), owner_id=world.otto.id)
    answer = await nina.push(
        nina.update("account", world.tea, {"note": "x"}, base_rev=1),
        nina.update("contact", born.record_id, {"note": "x"}, base_rev=1),
        nina.delete("contact", born.record_id, base_rev=1),
        nina.create("contact", {"accountId": world.tea, "name": "Cora"}),
    )
    assert verdicts(answer) == ["REJECTED FORBIDDEN"] * 4
    assert {each["kind"] for each in rows(answer).values()} == {"EVICT"}


async def test_when_his_assignment_has_ended_all_of_it_is_forbidden(db: Db, world: World, nina: Pusher) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        until = date(2021, 1, 1)
        await assign_territory(
            tx, world.adam.actor, territory_id=world.north, user_id=world.nina.id, from_on=ALWAYS, until_on=until
        )
    answer = await nina.push(
        nina.update("account", world.tea, {"note": "x"}, base_rev=1),
        nina.update("account", world.diner, {"note": "x"}, base_rev=1),
        nina.create("account", {"name": "Bar"}),
    )
    assert verdicts(answer) == ["REJECTED FORBIDDEN", "REJECTED NOT_FOUND", "REJECTED INVALID"]
    assert answer.results[2].fields == ("territoryId",)
    assert rows(answer)[world.tea]["kind"] == "EVICT"


async def test_a_contact_that_was_deleted_and_moved_on_is_forbidden_too(db: Db, world: World, nina: Pusher) -> None:
    born = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    await nina.push(born, nina.delete("contact", born.record_id, base_rev=1))
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.tea), owner_id=world.otto.id)
    other = await registered(db, world.nina)
    edit = other.update("contact", born.record_id, {"note": "x"}, base_rev=1)
    assert await other.said(edit) == ["REJECTED FORBIDDEN"]


async def test_an_edit_of_what_it_knew_to_be_deleted_is_told_so(world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.push(vera.delete("account", world.tea, base_rev=1))
    assert await nina.said(nina.update("account", world.tea, {"note": "x"}, base_rev=2)) == ["REJECTED DELETED"]
    assert (
        await vera.said(
            vera.update("account", world.tea, {"note": "x"}, base_rev=1),
            vera.delete("account", world.tea, base_rev=1),
            vera.create("contact", {"accountId": world.tea, "name": "Carl"}),
        )
        == ["REJECTED DELETED"] * 3
    )


async def test_a_code_is_held_by_one_and_named_to_who_may_see_him(
    world: World, rival: World, nina: Pusher, otto: Pusher, db: Db
) -> None:
    await nina.push(nina.update("account", world.tea, {"code": "A1"}, base_rev=1))
    seen = nina.update("account", world.lunch, {"code": "A1"}, base_rev=1)
    [result] = (await nina.push(seen)).results
    assert (result.code, result.existing_id, result.fields) == ("UNIQUE", UUID(world.tea), ("code",))
    [again] = (await nina.push(seen)).results
    assert again.existing_id == result.existing_id
    [hidden] = (await otto.push(otto.create("account", {"name": "Bar", "code": "A1"}))).results
    assert (hidden.code, hidden.existing_id) == ("UNIQUE", None)
    stranger = await registered(db, rival.nina)
    assert await stranger.said(stranger.create("account", {"name": "Bar", "code": "A1"})) == ["APPLIED"]


async def test_a_code_that_the_same_push_gave_is_named(world: World, nina: Pusher) -> None:
    first = nina.create("account", {"name": "Bar", "code": "B1"})
    answer = await nina.push(first, nina.create("account", {"name": "Café", "code": "B1"}))
    assert verdicts(answer) == ["APPLIED", "REJECTED UNIQUE"]
    assert answer.results[1].existing_id == first.record_id


async def test_a_code_set_free_may_be_taken_in_the_same_push(world: World, nina: Pusher, vera: Pusher) -> None:
    one, other = sorted([world.lunch, world.tea])
    assert (
        await nina.said(
            nina.update("account", other, {"code": "A1"}, base_rev=1),
            nina.update("account", one, {"code": "B1"}, base_rev=1),
        )
        == ["APPLIED"] * 2
    )
    answer = await nina.push(
        nina.update("account", other, {"code": None}, base_rev=2),
        nina.update("account", one, {"code": "A1"}, base_rev=2),
        nina.update("account", other, {"code": "B1"}, base_rev=2),
    )
    assert verdicts(answer) == ["APPLIED"] * 3
    assert [rows(answer)[id_]["row"]["code"] for id_ in (one, other)] == ["A1", "B1"]
    assert (
        await vera.said(
            vera.delete("account", other, base_rev=4), vera.update("account", one, {"code": "B1"}, base_rev=3)
        )
        == ["APPLIED"] * 2
    )


async def test_two_devices_race_for_one_code_and_one_is_told_of_the_other(
    db: Db, world: World, nina: Pusher, vera: Pusher
) -> None:
    rivals = [await registered(db, world.nina) for _ in range(4)]
    answers = await asyncio.gather(
        *(each.push(each.create("account", {"name": f"Bar {n}", "code": "C1"})) for n, each in enumerate(rivals))
    )
    said = sorted(verdicts(answer)[0] for answer in answers)
    assert said == ["APPLIED", "REJECTED UNIQUE", "REJECTED UNIQUE", "REJECTED UNIQUE"]
    held = {answer.results[0].existing_id for answer in answers} - {None}
    await nina.pull()
    assert {nina.row(id_) is not None for id_ in held} == {True}


async def test_an_id_is_created_once_and_named_to_who_may_see_it(world: World, nina: Pusher, otto: Pusher) -> None:
    [result] = (await nina.push(nina.create("account", {"name": "Again"}, record_id=world.tea))).results
    assert (result.code, result.existing_id, result.fields) == ("UNIQUE", UUID(world.tea), ("id",))
    assert await nina.said(nina.update("account", world.tea, {"note": "mine"}, base_rev=1)) == ["APPLIED"]
    answer = await otto.push(otto.create("account", {"name": "Again"}, record_id=world.tea))
    assert (verdicts(answer), answer.results[0].existing_id, answer.rows) == (["REJECTED UNIQUE"], None, b"[]")
    assert await otto.said(otto.update("account", world.tea, {"note": "x"}, base_rev=None)) == ["REJECTED DEPENDENCY"]


async def test_a_uuid_names_one_edit_for_good(db: Db, world: World, nina: Pusher) -> None:
    first = nina.update("account", world.tea, {"note": "one"}, base_rev=1)
    await nina.push(first)
    answer = await nina.push(
        nina.update("account", world.tea, {"note": "two"}, base_rev=2, uuid=first.uuid),
        nina.update("account", world.lunch, {"note": "one"}, base_rev=1, uuid=first.uuid),
        nina.mutation(Op.DELETE, "account", world.tea, {"note": "one"}, base_rev=1, uuid=first.uuid),
        nina.update("account", world.tea, {"note": "one"}, base_rev=9, uuid=first.uuid),
    )
    assert verdicts(answer) == ["REJECTED INVALID"] * 3 + ["DUPLICATE APPLIED"]
    assert rows(answer)[world.tea]["row"]["note"] == "one"
    async with db.reading(world.tenant_id) as conn:
        parked = await reads.rejections_page(conn, world.nina.actor, after=None, rows_max=10)
    assert [each.patch for each in parked] == ['{"note": "one"}', '{"note": "one"}', '{"note": "two"}']


async def test_a_uuid_that_stands_twice_in_a_push_is_judged_as_in_two(world: World, nina: Pusher) -> None:
    first = nina.update("account", world.tea, {"tags": {"$add": ["a"]}}, base_rev=1)
    bad = nina.update("account", world.tea, {"colour": 1}, base_rev=1)
    answer = await nina.push(
        first,
        bad,
        nina.update("account", world.tea, first.patch, base_rev=1, uuid=first.uuid),
        nina.update("account", world.tea, bad.patch, base_rev=1, uuid=bad.uuid),
        nina.update("account", world.tea, {"tags": {"$add": ["b"]}}, base_rev=1, uuid=first.uuid),
    )
    assert verdicts(answer) == [
        "APPLIED", "REJECTED INVALID", "DUPLICATE APPLIED", "DUPLICATE REJECTED INVALID", "REJECTED INVALID",
    ]  # fmt: skip
    assert rows(answer)[world.tea]["rev"] == 2
