"""Apps of every supported version on one server: each in its own words, none erases what it does not know."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from fieldbeat.exchange import reads
from fieldbeat.exchange.model import Mutation, ProblemCode
from fieldbeat.exchange.wording import entries_for, lifted
from fieldbeat.kit.db import Db
from fieldbeat_sync import versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_testing.pusher import Pusher, registered, registered_again, rows
from fieldbeat_testing.world import Person, World

FIRST_CONTACT = {"id", "rev", "accountId", "name", "title", "phones", "emails", "consent", "note"}
CURRENT = SCHEMA.version


async def phone(db: Db, person: Person, version: int) -> Pusher:
    """A phone with an app of this version."""
    made = await registered(db, person)
    made.schema_version = version
    return made


@pytest.fixture
async def older(db: Db, world: World) -> Pusher:
    """Nina's phone, which was never updated."""
    return await phone(db, world.nina, 1)


@pytest.fixture
async def newer(db: Db, world: World) -> Pusher:
    """Vera's phone, which is up to date."""
    return await phone(db, world.vera, CURRENT)


async def contact(by: Pusher, world: World, **fields: Any) -> UUID:
    """A contact at TEA."""
    born = by.create("contact", {"accountId": world.tea, "name": "Ann", **fields})
    assert await by.said(born) == ["APPLIED"]
    return born.record_id


async def held(by: Pusher, record_id: UUID) -> Mapping[str, Any]:
    """The contact as this phone holds it after a pull."""
    await by.pull()
    row = by.row(record_id, "contact")
    assert row is not None
    return row


async def test_each_app_sees_the_names_that_it_knows(world: World, older: Pusher, newer: Pusher) -> None:
    ann = await contact(older, world, title="Cook")
    new = await held(newer, ann)
    assert (new["jobTitle"], new["preferredChannel"]) == ("Cook", None)
    answer = await newer.push(
        newer.update("contact", ann, {"jobTitle": "Chef", "preferredChannel": "VISIT"}, base_rev=1)
    )
    assert rows(answer)[str(ann)]["row"]["preferredChannel"] == "VISIT"
    old = await held(older, ann)
    assert (set(old), old["title"]) == (FIRST_CONTACT, "Chef")


async def test_the_answer_to_a_push_is_in_the_words_of_the_app(world: World, older: Pusher, newer: Pusher) -> None:
    ann = await contact(newer, world, jobTitle="Cook", preferredChannel="EMAIL")
    await older.pull()
    answer = await older.push(older.update("contact", ann, {"title": "Chef"}, base_rev=1))
    row = rows(answer)[str(ann)]["row"]
    assert (set(row), row["title"]) == (FIRST_CONTACT, "Chef")


async def test_a_whole_row_of_an_older_app_erases_nothing(world: World, older: Pusher, newer: Pusher) -> None:
    ann = await contact(newer, world, jobTitle="Cook", preferredChannel="EMAIL", note="as it was")
    row = await held(older, ann)
    whole = {name: row[name] for name in ("name", "title", "note", "consent")}
    assert await older.said(older.update("contact", ann, whole, base_rev=1)) == ["APPLIED"]
    assert (await held(newer, ann))["preferredChannel"] == "EMAIL"


@pytest.mark.parametrize("seed", range(3))
async def test_edits_of_any_version_leave_every_other_field_alone(db: Db, world: World, seed: int) -> None:
    """Invariant 22: edit → push → pull on any other version, over and over, against a model of the current words."""
    dice = random.Random(seed)
    phones = [
        await phone(db, world.nina if n % 2 else world.vera, version) for n, version in enumerate((1, CURRENT, 1))
    ]
    ann = await contact(phones[1], world, jobTitle="Cook", preferredChannel="EMAIL", phones=["1"])
    model: dict[str, Any] = dict(await held(phones[1], ann))
    for turn in range(12):
        by = dice.choice(phones)
        before = await held(by, ann)
        said = change(dice, by.schema_version, turn)
        assert await by.said(by.update("contact", ann, said, base_rev=before["rev"])) == ["APPLIED"]
        model |= {versions.lift_name(by.schema_version, "contact", name): value for name, value in said.items()}
        model["rev"] += 1
        for reader in phones:
            assert await held(reader, ann) == versions.lower_row(reader.schema_version, "contact", model)


def change(dice: random.Random, version: int, turn: int) -> dict[str, Any]:
    """Some fields of a contact, as this version names them."""
    known = versions.schema_of(version).collections["contact"].by_name
    offered = {"title": f"t{turn}", "jobTitle": f"j{turn}", "name": f"n{turn}", "note": None, "consent": "GRANTED"}
    offered["preferredChannel"] = dice.choice(["PHONE", "VISIT", None])
    able = sorted(offered.keys() & known.keys())
    return {name: offered[name] for name in dice.sample(able, dice.randint(1, len(able)))}


async def test_a_conflict_is_about_the_field_that_the_reader_knows(world: World, older: Pusher, newer: Pusher) -> None:
    ann = await contact(older, world, title="Cook")
    await newer.pull()
    assert await older.said(older.update("contact", ann, {"title": "Chef"}, base_rev=1)) == ["APPLIED"]
    answer = await newer.push(newer.update("contact", ann, {"jobTitle": "Boss"}, base_rev=1))
    assert [result.status for result in answer.results] == ["CONFLICT"]
    await older.pull()
    await newer.pull()
    assert [each["field"] for each in older.conflicts()] == ["title"]
    assert [each["field"] for each in newer.conflicts()] == ["jobTitle"]


async def test_a_refusal_speaks_the_words_of_the_app_and_parks_what_it_sent(
    db: Db, world: World, older: Pusher
) -> None:
    ann = await contact(older, world)
    sent = older.update("contact", ann, {"title": 5, "preferredChannel": "PHONE"}, base_rev=1)
    [result] = (await older.push(sent)).results
    assert (result.code, result.fields) == ("INVALID", ("preferredChannel", "title"))
    assert result.message is not None
    assert "title must be a string" in result.message
    assert "jobTitle" not in result.message
    async with db.reading(world.tenant_id) as conn:
        [parked] = await reads.rejections_page(conn, world.nina.actor, after=None, rows_max=10)
    assert parked.patch is not None
    assert (orjson.loads(parked.patch), parked.fields) == (sent.patch, ("preferredChannel", "title"))


async def test_no_app_may_use_the_names_of_another_version(world: World, older: Pusher, newer: Pusher) -> None:
    ann = await contact(older, world)
    await newer.pull()
    assert await older.said(older.update("contact", ann, {"jobTitle": "x"}, base_rev=1)) == ["REJECTED INVALID"]
    assert await newer.said(newer.update("contact", ann, {"title": "x"}, base_rev=1)) == ["REJECTED INVALID"]


@pytest.mark.parametrize("version", [-1, 0, CURRENT + 1])
async def test_only_a_pull_asks_for_an_upgrade(db: Db, world: World, version: int) -> None:
    app = await phone(db, world.nina, version)
    page = await app.page()
    assert page.problem is not None
    assert page.problem.code is ProblemCode.UPGRADE_REQUIRED
    assert orjson.loads(page.changes) == []
    assert await app.said(app.update("account", world.tea, {"note": "still heard"}, base_rev=1)) == ["APPLIED"]


async def test_what_a_newer_app_says_that_nobody_knows_yet_blocks_no_queue(db: Db, world: World) -> None:
    app = await phone(db, world.nina, CURRENT + 1)
    said = await app.said(
        app.update("account", world.tea, {"moonPhase": "full", "note": "x"}, base_rev=1),
        app.create("tide", {"height": 3}),
        app.update("account", world.tea, {"note": "taken"}, base_rev=1),
    )
    assert said == ["REJECTED INVALID", "REJECTED UNKNOWN_COLLECTION", "APPLIED"]


async def test_an_answer_lost_before_the_update_is_given_after_it(world: World, older: Pusher) -> None:
    ann = await contact(older, world)
    sent = older.update("contact", ann, {"title": "Chef"}, base_rev=1)
    assert await older.said(sent) == ["APPLIED"]
    older.schema_version = CURRENT
    assert await older.said(upgraded(sent)) == ["DUPLICATE APPLIED"]
    again = await registered_again(older)
    again.schema_version = CURRENT
    assert await again.said(replace(upgraded(sent), seq=1)) == ["DUPLICATE APPLIED"]
    assert (await held(again, ann))["rev"] == 2


async def test_another_payload_under_the_same_uuid_is_still_found_out(world: World, older: Pusher) -> None:
    ann = await contact(older, world)
    sent = older.update("contact", ann, {"title": "Chef"}, base_rev=1)
    await older.push(sent)
    older.schema_version = CURRENT
    other = replace(sent, seq=3, patch={"jobTitle": "Chef", "preferredChannel": "PHONE"})
    assert await older.said(other) == ["REJECTED INVALID"]


def upgraded(mutation: Mutation) -> Mutation:
    """The queued edit as the updated app sends it."""
    return replace(mutation, patch=versions.lift_patch(1, mutation.collection, mutation.patch))


async def test_history_is_found_under_every_name(db: Db, world: World, older: Pusher) -> None:
    ann = await contact(older, world, title="Cook")
    async with db.reading(world.tenant_id) as conn:
        found = [
            await reads.why_value(conn, world.nina.actor, collection="contact", record_id=ann, field=name)
            for name in ("title", "jobTitle")
        ]
    assert found[0] == found[1]
    assert [write.value for write in found[0]] == ["Cook"]


async def test_a_page_without_changed_collections_goes_out_as_it_is_stored(
    db: Db, world: World, older: Pusher, newer: Pusher
) -> None:
    await newer.pull()  # people, too, whose rows differ
    await newer.push(newer.update("account", UUID(world.tea), {"note": "call"}, base_rev=1))
    page = await newer.page()
    assert b"call" in page.changes
    assert entries_for(1, page.changes) is page.changes
    await contact(older, world)
    with_contact = await newer.page()
    assert entries_for(1, with_contact.changes) != with_contact.changes
    assert entries_for(CURRENT, with_contact.changes) is with_contact.changes


def test_a_push_of_the_current_version_is_not_touched(older: Pusher) -> None:
    asked = replace(older.asking(), schema_version=CURRENT)
    assert lifted(asked) is asked
