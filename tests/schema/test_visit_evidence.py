"""What a check-in is worth, what of it somebody ought to look at, and who has read where a rep was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldbeat.kit.db import Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, run

WINDOW = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
SHOP = {"latitude": 53.3, "longitude": -6.2}


def north_by(metres: float) -> dict[str, float]:
    """A place so far north of the shop."""
    return {**SHOP, "latitude": SHOP["latitude"] + metres / 111_195.08}


async def planned(caller: Caller, account: str) -> str:
    """A visit at an account whose place is known."""
    await run(caller, "update_account", input={"id": account, "location": SHOP})
    made = await run(caller, "create_visit", input={"accountId": account, "window": WINDOW})
    id: str = made["visit"]["id"]
    return id


async def shown(caller: Caller, visit: str) -> Any:
    return await run(caller, "visit", id=visit)


@pytest.mark.parametrize(
    ("place", "inside", "alerts"),
    [
        (north_by(150), True, []),
        (north_by(205), False, ["OUTSIDE_GEOFENCE"]),
        ({**north_by(205), "accuracyM": 10}, True, []),
        ({**north_by(9_000), "accuracyM": 10, "mock": True}, False, ["MOCK_LOCATION", "OUTSIDE_GEOFENCE"]),
        ({}, None, ["NO_LOCATION"]),
    ],
)
async def test_a_check_in_is_at_the_place_within_its_radius_and_accuracy(
    harbour: World, signed_in: Callers, place: Any, inside: bool | None, alerts: list[str]
) -> None:
    nina = await signed_in(harbour.nina)
    id = await planned(nina, harbour.lunch)
    await run(nina, "check_in", input={"id": id, **place})
    visit = await shown(nina, id)
    evidence = visit["checkInEvidence"]
    assert (evidence["insideGeofence"], visit["alerts"], evidence["timing"]) == (inside, alerts, "SERVER")
    assert (evidence["mock"], evidence["clockSkewMs"]) == ("MOCK_LOCATION" in alerts, 0)
    assert evidence["deviceAt"] == evidence["trustedAt"] == visit["checkIn"]["at"]
    if place:
        metres = (place["latitude"] - SHOP["latitude"]) * 111_195.08
        assert evidence["distanceM"] == pytest.approx(metres, abs=0.01)


async def test_a_phone_whose_calendar_is_off_tells_the_time_all_the_same(
    db: Db, harbour: World, signed_in: Callers
) -> None:
    vera = await signed_in(harbour.vera)
    id = await planned(vera, harbour.lunch)
    phone = await registered(db, harbour.nina)
    phone.skew = timedelta(days=30)
    began, said = datetime.now(UTC), datetime.now(UTC) + phone.skew
    came = phone.update("visit", id, {"status": "CHECKED_IN", "checkIn": {"at": said.isoformat(), **SHOP}}, base_rev=1)
    assert await phone.said(came) == ["APPLIED"]
    visit = await shown(vera, id)
    evidence = visit["checkInEvidence"]
    assert abs(datetime.fromisoformat(evidence["trustedAt"]) - began) < timedelta(seconds=5)
    assert datetime.fromisoformat(evidence["deviceAt"]) == said
    assert abs(evidence["clockSkewMs"] - phone.skew / timedelta(milliseconds=1)) < 5_000
    assert (visit["alerts"], evidence["timing"]) == (["CLOCK_SKEW"], "DEVICE")
    note = phone.update("visit", id, {"note": "late"}, base_rev=1)
    await phone.push(note)
    assert (await shown(vera, id))["checkInEvidence"] == evidence


async def test_a_second_open_check_in_is_shown_and_not_lost(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    first, second = await planned(nina, harbour.lunch), await planned(nina, harbour.tea)
    await run(nina, "check_in", input={"id": first, **SHOP})
    assert (await shown(nina, first))["alerts"] == []
    assert (await run(nina, "check_in", input={"id": second, **SHOP}))["visit"]["status"] == "CHECKED_IN"
    assert (await shown(nina, first))["alerts"] == (await shown(nina, second))["alerts"] == ["OPEN_CHECK_IN"]
    await run(nina, "check_out", input={"id": first, **SHOP})
    assert (await shown(nina, first))["alerts"] == (await shown(nina, second))["alerts"] == []


async def test_a_way_that_nobody_drives_is_a_risk_with_its_reason(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    first, second = await planned(nina, harbour.lunch), await planned(nina, harbour.tea)
    await run(nina, "check_in", input={"id": first, **SHOP, "at": "2026-11-23T09:00:00Z"})
    await run(nina, "check_out", input={"id": first, "at": "2026-11-23T09:30:00Z"})
    far = north_by(30_000)
    await run(nina, "check_in", input={"id": second, **far, "at": "2026-11-23T09:40:00Z"})
    found = await shown(nina, second)
    assert (set(found["alerts"]), found["risk"]) == ({"OUTSIDE_GEOFENCE", "CLOCK_SKEW", "TRAVEL_SPEED"}, 90)
    assert "TRAVEL_SPEED" not in (await shown(nina, first))["alerts"]
    third = await planned(nina, harbour.lunch)
    await run(nina, "check_in", input={"id": third, **SHOP, "at": "2026-11-23T09:55:00Z"})
    found = await shown(nina, third)
    assert set(found["alerts"]) == {"OPEN_CHECK_IN", "CLOCK_SKEW"}  # 30 km in 15 minutes
    assert (await shown(nina, second))["inferredCheckOut"] == "2026-11-23T09:55:00Z"
    assert found["inferredCheckOut"] is None


async def test_two_who_were_there_together_are_joint(harbour: World, signed_in: Callers) -> None:
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    await run(vera, "update_account", input={"id": harbour.lunch, "location": SHOP})
    ids = []
    for rep, came, left in ((harbour.nina, 0, 20), (harbour.otto, 20, 40), (harbour.vera, 41, 59)):
        wanted = {"accountId": harbour.lunch, "window": WINDOW, "repId": str(rep.id)}
        id = (await run(vera, "create_visit", input=wanted))["visit"]["id"]
        ids.append(id)
        await run(vera, "check_in", input={"id": id, **SHOP, "at": f"2026-11-23T09:{came:02}:00Z"})
        assert not (await shown(nina, id))["joint"]
        await run(vera, "check_out", input={"id": id, "at": f"2026-11-23T09:{left:02}:00Z"})
    assert [(await shown(nina, id))["joint"] for id in ids] == [True, True, False]


async def test_reading_a_place_is_noted_for_whose_it_was(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina, otto, vera, theirs = [
        await signed_in(each) for each in (harbour.nina, harbour.otto, harbour.vera, rival.adam)
    ]
    ids = [await planned(nina, each) for each in (harbour.lunch, harbour.tea)]
    for id in ids:
        await run(nina, "check_in", input={"id": id, **SHOP, "accuracyM": 8})
        await run(nina, "check_out", input={"id": id})
    for caller in (otto, theirs):
        assert await run(caller, "visit_places", ids=ids) == [None, None]
    await shown(vera, ids[0])
    assert (await run(nina, "location_reads"))["edges"] == []
    places = await run(nina, "visit_places", ids=ids)
    assert places[0] == {
        "id": ids[0], "checkIn": {**SHOP, "accuracyM": 8},
        "checkOut": {"latitude": None, "longitude": None, "accuracyM": None},
    }  # fmt: skip
    assert (await run(nina, "location_reads"))["edges"] == []
    assert await run(vera, "visit_places", ids=ids) == places
    for caller in (nina, vera):
        notes = [edge["node"] for edge in (await run(caller, "location_reads"))["edges"]]
        assert {(note["reader"]["name"], note["rep"]["name"], note["visitId"]) for note in notes} == {
            ("Vera", "Nina", id) for id in ids
        }
    page = await run(vera, "location_reads", first=1)
    more = await run(vera, "location_reads", first=1, after=page["pageInfo"]["endCursor"])
    assert {each["edges"][0]["node"]["visitId"] for each in (page, more)} == set(ids)
    for caller in (otto, theirs):
        assert (await run(caller, "location_reads"))["edges"] == []
        assert (await run(caller, "location_reads", repId=str(harbour.nina.id)))["edges"] == []


async def notes(caller: Caller) -> list[Any]:
    """Who has read where the caller and his people were, newest first."""
    return [edge["node"] for edge in (await run(caller, "location_reads"))["edges"]]


async def test_places_in_history_and_conflicts_are_noted_as_well(harbour: World, signed_in: Callers, db: Db) -> None:
    nina, vera, otto = [await signed_in(each) for each in (harbour.nina, harbour.vera, harbour.otto)]
    id = await planned(nina, harbour.lunch)
    phone, other = await registered(db, harbour.nina), await registered(db, harbour.nina)
    came = {"at": "2026-11-23T09:00:00Z", **SHOP, "accuracyM": 8, "mock": False}
    await phone.push(phone.update("visit", id, {"status": "CHECKED_IN", "checkIn": came}, base_rev=1))
    again = other.update("visit", id, {"checkIn": {**came, "at": "2026-11-23T09:05:00Z"}}, base_rev=1)
    assert await other.said(again) == ["CONFLICT"]
    asked = {"collection": "visit", "recordId": id}
    for caller in (nina, vera):
        await run(caller, "why_value", field="status", **asked)
        await run(caller, "why_value", field="checkIn", **asked)
    why = document("why_value")
    assert await otto.refused(why, {**asked, "field": "checkIn"}) == "BAD_REQUEST"
    assert [note["via"] for note in await notes(nina)] == ["HISTORY"]
    for caller in (otto, nina, vera):
        found = [edge["node"]["id"] for edge in (await run(caller, "sync_conflicts"))["edges"]]
    assert [note["via"] for note in await notes(nina)] == ["CONFLICT", "HISTORY"]
    await vera.ask("query ($id: ID!) { node(id: $id) { ... on SyncConflict { loser { value } } } }", {"id": found[0]})
    await run(vera, "resolve_conflict", input={"id": found[0], "choice": "KEEP_WINNER"})
    assert [note["via"] for note in await notes(nina)] == ["CONFLICT"] * 3 + ["HISTORY"]
    told = {
        (note["visitId"], note["reader"]["name"], note["rep"]["name"], note["visits"]) for note in await notes(nina)
    }
    assert told == {(id, "Vera", "Nina", 1)}
