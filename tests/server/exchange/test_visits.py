"""Visits over sync: states, evidence that is set once, answers until done, and edits that were in flight."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.exchange.actions import resolve_conflict
from fieldbeat.exchange.model import Choice
from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import Pusher, verdicts
from fieldbeat_testing.world import World

WINDOW = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
CAME = {"at": "2026-11-23T09:02:00Z", "latitude": 53.3, "longitude": -6.2, "accuracyM": 12, "mock": False}
LEFT = {"at": "2026-11-23T09:29:00Z"}
HERE = {"status": "CHECKED_IN", "checkIn": CAME}


@pytest.fixture
async def lunch(nina: Pusher, world: World) -> UUID:
    """A visit that Nina planned at LUNCH; rev 1."""
    made = nina.create("visit", {"accountId": world.lunch, "window": WINDOW})
    assert await nina.said(made) == ["APPLIED"]
    return made.record_id


async def row_of(device: Pusher, visit: UUID) -> Any:
    await device.pull()
    return device.row(visit, "visit")


async def test_a_visit_is_its_authors_and_reaches_who_leads_him(
    world: World, nina: Pusher, otto: Pusher, vera: Pusher, lunch: UUID
) -> None:
    row = await row_of(nina, lunch)
    assert (row["repId"], row["status"], row["samplesGiven"]) == (str(world.nina.id), "PLANNED", 0)
    assert await row_of(vera, lunch) == row
    assert await row_of(otto, lunch) is None


async def test_what_others_plan_is_made_by_who_serves_the_account(world: World, vera: Pusher) -> None:
    made = vera.create("visit", {"accountId": world.diner, "window": WINDOW})
    assert await vera.said(made) == ["APPLIED"]
    assert (await row_of(vera, made.record_id))["repId"] == str(world.otto.id)


async def test_done_with_evidence_beats_a_cancel_that_did_not_know_it(nina: Pusher, vera: Pusher, lunch: UUID) -> None:
    await vera.pull()
    assert await nina.said(
        nina.update("visit", lunch, HERE, base_rev=1),
        nina.update("visit", lunch, {"status": "DONE", "checkOut": LEFT}, base_rev=1),
    ) == ["APPLIED", "APPLIED"]
    assert await vera.said(vera.update("visit", lunch, {"status": "CANCELLED"}, base_rev=1)) == ["CONFLICT"]
    row = await row_of(nina, lunch)
    assert (row["status"], row["checkIn"]) == ("DONE", CAME)
    [conflict] = nina.conflicts()
    assert (conflict["winner"]["value"], conflict["loser"]["value"]) == ("DONE", "CANCELLED")


async def test_evidence_is_set_once_by_who_has_seen_it(nina: Pusher, lunch: UUID) -> None:
    later = {"checkIn": {**CAME, "at": "2026-11-23T09:05:00Z"}}
    said = await nina.said(
        nina.update("visit", lunch, HERE, base_rev=1), nina.update("visit", lunch, later, base_rev=1)
    )
    assert said == ["APPLIED", "REJECTED IMMUTABLE"]


async def test_two_check_ins_that_did_not_know_of_each_other_are_both_kept(
    nina: Pusher, vera: Pusher, lunch: UUID
) -> None:
    await nina.push(nina.update("visit", lunch, HERE, base_rev=1))
    joint = {"status": "CHECKED_IN", "checkIn": {**CAME, "accuracyM": 40}}
    assert await vera.said(vera.update("visit", lunch, joint, base_rev=1)) == ["CONFLICT"]
    await nina.pull()
    [conflict] = [each for each in nina.conflicts() if each["field"] == "checkIn"]
    assert {conflict[side]["value"]["accuracyM"] for side in ("winner", "loser")} == {12, 40}


async def test_which_check_in_stands_is_for_a_human_and_another_is_not_made_up(
    db: Db, world: World, nina: Pusher, vera: Pusher, lunch: UUID
) -> None:
    await nina.push(nina.update("visit", lunch, HERE, base_rev=1))
    await vera.push(vera.update("visit", lunch, {"checkIn": {**CAME, "accuracyM": 40}}, base_rev=1))
    await nina.pull()
    [conflict] = nina.conflicts()
    id = UUID(str(conflict["id"]))
    with pytest.raises(records.ChangeRefused, match="is set once"):
        async with records.writing(db, world.tenant_id) as tx:
            await resolve_conflict(
                tx, world.vera.actor, conflict_id=id, choice=Choice.SET_VALUE, value={**CAME, "accuracyM": 1}
            )
    async with records.writing(db, world.tenant_id) as tx:
        await resolve_conflict(tx, world.vera.actor, conflict_id=id, choice=Choice.TAKE_LOSER)
    assert (await row_of(nina, lunch))["checkIn"] == conflict["loser"]["value"]
    assert [each["status"] for each in nina.conflicts()] == ["RESOLVED"]


@pytest.mark.parametrize(
    ("patches", "said"),
    [
        ([{"status": "DONE"}], "ILLEGAL_TRANSITION"),
        ([{"status": "SKIPPED"}], "ILLEGAL_TRANSITION"),
        ([{"status": "SKIPPED", "skipReason": ""}], "ILLEGAL_TRANSITION"),
        ([{"status": "SKIPPED", "skipReason": " \n"}], "ILLEGAL_TRANSITION"),
        ([{"status": "CANCELLED"}, {"status": "CHECKED_IN"}], "ILLEGAL_TRANSITION"),
        ([{"status": "CHECKED_IN"}, {"status": "EN_ROUTE"}], "ILLEGAL_TRANSITION"),
        ([{"status": "CANCELLED"}, {"status": "PLANNED"}], "FORBIDDEN"),
        ([HERE, {"status": "DONE"}, {"status": "CHECKED_IN"}], "FORBIDDEN"),
        ([{"checkIn": {"at": "2026-11-23T09:02:00Z", "latitude": 91, "longitude": 0}}], "INVALID"),
        ([{"checkIn": {"at": "2026-11-23T09:02:00Z", "latitude": 53}}], "INVALID"),
        ([{"checkIn": {"latitude": 53, "longitude": 0}}], "INVALID"),
        ([HERE, {"status": "DONE", "checkOut": {"at": "2026-11-23T09:01:00Z"}}], "INVALID"),
        ([{"window": {**WINDOW, "plannedEnd": WINDOW["plannedStart"]}}], "INVALID"),
        ([{"repId": "00000000-0000-4000-8000-000000000000"}], "FIELD_READ_ONLY"),
    ],
)
async def test_what_cannot_be_is_refused(nina: Pusher, lunch: UUID, patches: list[Any], said: str) -> None:
    edits = [nina.update("visit", lunch, patch, base_rev=1) for patch in patches]
    *before, last = await nina.said(*edits)
    assert before == ["APPLIED"] * (len(patches) - 1)
    assert last == f"REJECTED {said}"


@pytest.mark.parametrize(
    "patches",
    [
        [{"status": "SKIPPED", "skipReason": "closed"}, {"status": "PLANNED"}],
        [{"skipReason": "closed"}, {"status": "SKIPPED"}, HERE],
        [{"status": "NO_SHOW"}, HERE, {"status": "DONE"}],
        [HERE, {"status": "PLANNED"}],
        [{"status": "EN_ROUTE"}, {"status": "PLANNED"}],
    ],
)
async def test_what_a_rep_may_do(nina: Pusher, lunch: UUID, patches: list[Any]) -> None:
    assert await nina.said(*(nina.update("visit", lunch, patch, base_rev=1) for patch in patches)) == ["APPLIED"] * len(
        patches
    )


async def test_a_colleague_in_the_territory_does_not_take_a_visit_back(
    world: World, vera: Pusher, nina: Pusher, lunch: UUID
) -> None:
    await nina.push(nina.update("visit", lunch, {"status": "EN_ROUTE"}, base_rev=1))
    assert await vera.said(vera.update("visit", lunch, {"status": "PLANNED"}, base_rev=2)) == ["APPLIED"]


async def test_answers_are_merged_until_done_and_closed_for_who_knows(nina: Pusher, vera: Pusher, lunch: UUID) -> None:
    assert await nina.said(
        nina.update("visit", lunch, {**HERE, "answers": {"facings": 4}}, base_rev=1),
        nina.update("visit", lunch, {"status": "DONE", "answers": {"price": 2.5}}, base_rev=1),
        nina.update("visit", lunch, {"answers": {"facings": 5}}, base_rev=1),
        nina.update("visit", lunch, {"amendments": {"facings": {"value": 5, "why": "miscounted"}}}, base_rev=1),
    ) == ["APPLIED", "APPLIED", "REJECTED IMMUTABLE", "APPLIED"]
    assert await vera.said(vera.update("visit", lunch, {"answers": {"stock": 3}}, base_rev=1)) == ["MERGED"]
    assert await vera.said(
        vera.update("visit", lunch, {"status": "CHECKED_IN", "answers": {"stock": 4}}, base_rev=5)
    ) == ["APPLIED"]
    row = await row_of(nina, lunch)
    assert row["answers"] == {"facings": 4, "price": 2.5, "stock": 4}


async def test_an_edit_in_flight_is_taken_from_who_has_lost_the_visit(
    db: Db, world: World, nina: Pusher, lunch: UUID
) -> None:
    note = nina.update("visit", lunch, {"note": "while it was mine"}, base_rev=1)
    about = nina.update("account", world.lunch, {"note": "while it was mine"}, base_rev=1)
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.lunch), owner_id=world.otto.id)
    late = nina.update("visit", lunch, {"note": "too late"}, base_rev=1)
    future = nina.update("visit", lunch, {"note": "from the future"}, base_rev=1, at=datetime.now(UTC) + timedelta(1))
    answer = await nina.push(note, about, late, future)
    assert verdicts(answer) == ["MERGED", "REJECTED FORBIDDEN", "REJECTED FORBIDDEN", "REJECTED FORBIDDEN"]
    assert b"while it was mine" not in answer.rows


async def test_open_visits_go_with_their_account_and_done_ones_stay(
    db: Db, world: World, nina: Pusher, otto: Pusher, vera: Pusher, lunch: UUID
) -> None:
    made = nina.create("visit", {"accountId": world.lunch, "window": WINDOW})
    await nina.push(
        made, *(nina.update("visit", made.record_id, each, base_rev=1) for each in (HERE, {"status": "DONE"}))
    )
    for each in (nina, otto, vera):
        await each.pull()
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.lunch), owner_id=world.otto.id)
    assert await row_of(nina, lunch) is None
    assert (await row_of(otto, lunch))["repId"] == str(world.otto.id)
    done = await row_of(nina, made.record_id)
    assert (done["repId"], done["status"]) == (str(world.nina.id), "DONE")
    assert await row_of(otto, made.record_id) == done == await row_of(vera, made.record_id)


async def test_samples_add_up(nina: Pusher, vera: Pusher, lunch: UUID) -> None:
    await nina.push(nina.update("visit", lunch, {"samplesGiven": {"$inc": 3}}, base_rev=1))
    await vera.push(vera.update("visit", lunch, {"samplesGiven": {"$inc": 2}}, base_rev=1))
    assert (await row_of(nina, lunch))["samplesGiven"] == 5
