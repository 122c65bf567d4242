"""What a check-in is worth, what of it somebody ought to look at, and who has read where a rep was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers

OPERATIONS = Path(__file__).parents[2] / "graphql" / "operations"
WINDOW = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
SHOP = {"latitude": 53.3, "longitude": -6.2}


def north_by(metres: float) -> dict[str, float]:
    """A place so far north of the shop."""
    return {**SHOP, "latitude": SHOP["latitude"] + metres / 111_195.08}


async def run(caller: Caller, operation: str, **variables: Any) -> Any:
    data = await caller.ask((OPERATIONS / f"{operation}.graphql").read_text(), variables)
    return next(iter(data.values()))


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
