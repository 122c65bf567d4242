"""Visits over GraphQL: the documents that the apps send, what is refused, and who sees what."""

from typing import Any
from uuid import uuid4

import pytest

from fieldbeat.kit.db import Db
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, run

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
MORNING = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
NOON = {"plannedStart": "2026-11-23T12:00:00Z", "plannedEnd": "2026-11-23T12:30:00Z"}
HERE = {"at": "2026-11-23T09:02:00Z", "latitude": 53.3, "longitude": -6.2, "accuracyM": 12, "mock": False}


async def planned(caller: Caller, account: str, **more: Any) -> Any:
    """A visit as it was planned."""
    made = await run(caller, "create_visit", input={"accountId": account, "window": MORNING, **more})
    return made["visit"]


async def shown(caller: Caller, id: str) -> Any:
    """A visit as verbs return it."""
    visit = await run(caller, "visit", id=id)
    return {
        name: value
        for name, value in visit.items()
        if name not in ("checkInEvidence", "checkOutEvidence", "alerts", "risk", "joint", "inferredCheckOut")
    }


async def listed(caller: Caller, **wanted: Any) -> list[str]:
    found = await run(caller, "visits", filter=wanted)
    return [edge["node"]["id"] for edge in found["edges"]]


async def test_a_visit_is_planned_made_and_told_about(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    visit = await planned(nina, harbour.lunch, purpose="Shelf")
    assert (visit["rev"], visit["status"], visit["window"], visit["purpose"]) == (1, "PLANNED", MORNING, "Shelf")
    assert (visit["rep"]["name"], visit["account"]["name"]) == ("Nina", "Lunch")
    id = visit["id"]

    moved = await run(nina, "reschedule_visit", input={"id": id, "baseRev": 1, "window": NOON})
    assert (moved["status"], moved["visit"]["window"]) == ("APPLIED", NOON)
    came = await run(nina, "check_in", input={"id": id, "baseRev": 2, **HERE})
    assert came["visit"]["status"] == "CHECKED_IN"
    assert came["visit"]["checkIn"] == {"at": HERE["at"], "mock": False}
    edited = await run(
        nina, "update_visit",
        input={"id": id, "baseRev": 3, "answers": {"facings": 4}, "addSamples": 3, "note": "new shelf"},
    )  # fmt: skip
    assert (edited["visit"]["answers"], edited["visit"]["samplesGiven"]) == ({"facings": 4}, 3)
    left = await run(
        nina, "check_out", input={"id": id, "baseRev": 4, "outcome": "ORDER", "at": "2026-11-23T09:30:00Z"}
    )
    assert (left["visit"]["status"], left["visit"]["outcome"]) == ("DONE", "ORDER")
    assert left["visit"] == await shown(nina, id)
    assert await nina.ask(NODE, {"id": id}) == {"node": {"__typename": "Visit", "id": id}}
    timeline = (await run(nina, "account_timeline", id=harbour.lunch))["timeline"]
    assert (timeline["edges"][0]["node"]["kind"], timeline["edges"][0]["node"]["createdId"]) == ("VISIT_CREATED", id)


async def test_what_was_skipped_or_cancelled_is_reopened_by_whom_it_is_for(harbour: World, signed_in: Callers) -> None:
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    id = (await planned(nina, harbour.lunch))["id"]
    blank = await run(nina, "skip_visit", input={"id": id, "reason": ""})
    assert (blank["code"], blank["fields"]) == ("ILLEGAL_TRANSITION", ["status", "skipReason"])
    skipped = await run(nina, "skip_visit", input={"id": id, "reason": "closed today"})
    assert (skipped["visit"]["status"], skipped["visit"]["skipReason"]) == ("SKIPPED", "closed today")
    assert (await run(nina, "reopen_visit", input={"id": id}))["visit"]["status"] == "PLANNED"
    assert (await run(nina, "cancel_visit", input={"id": id}))["visit"]["status"] == "CANCELLED"
    assert (await run(nina, "reopen_visit", input={"id": id}))["code"] == "FORBIDDEN"
    assert (await run(nina, "check_in", input={"id": id, **HERE}))["code"] == "ILLEGAL_TRANSITION"
    assert (await run(vera, "reopen_visit", input={"id": id}))["visit"]["status"] == "PLANNED"
    await run(nina, "check_in", input={"id": id, **HERE})
    await run(nina, "check_out", input={"id": id})
    assert (await run(nina, "reopen_visit", input={"id": id}))["code"] == "FORBIDDEN"
    assert (await run(vera, "reopen_visit", input={"id": id}))["visit"]["status"] == "CHECKED_IN"


async def test_a_form_with_an_old_base_is_merged_or_kept_as_a_conflict(harbour: World, signed_in: Callers) -> None:
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    id = (await planned(nina, harbour.lunch))["id"]
    await run(nina, "check_in", input={"id": id, "baseRev": 1, **HERE})
    apart = await run(vera, "update_visit", input={"id": id, "baseRev": 1, "note": "ask for Ann"})
    clash = await run(vera, "cancel_visit", input={"id": id, "baseRev": 1})
    assert (apart["status"], clash["status"], len(clash["conflictIds"])) == ("MERGED", "CONFLICT", 1)
    assert clash["visit"]["status"] == "CHECKED_IN"
    ahead = await run(vera, "update_visit", input={"id": id, "baseRev": 9, "note": "x"})
    assert (ahead["code"], ahead["fields"]) == ("INVALID", ["baseRev"])


@pytest.mark.parametrize(
    ("operation", "input", "code", "fields"),
    [
        ("check_in", {"latitude": 53.3}, "INVALID", ["latitude", "longitude"]),
        ("check_in", {"latitude": 91, "longitude": 0}, "INVALID", ["checkIn"]),
        ("check_in", {"latitude": 1, "longitude": 0, "accuracyM": -1}, "INVALID", ["checkIn"]),
        ("check_out", {}, "ILLEGAL_TRANSITION", ["status"]),
        ("reschedule_visit", {"window": {**MORNING, "plannedEnd": MORNING["plannedStart"]}}, "INVALID", ["window"]),
        ("update_visit", {"status": "DONE"}, "ILLEGAL_TRANSITION", ["status"]),
        ("update_visit", {"note": "x" * 20_001}, "INVALID", ["note"]),
        ("update_visit", {"pinned": None}, "INVALID", ["pinned"]),
        ("update_visit", {"answers": None}, "INVALID", ["answers"]),
        ("update_visit", {"photoIds": {"add": ["x"]}}, "INVALID", ["photoIds"]),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    harbour: World, signed_in: Callers, operation: str, input: Any, code: str, fields: list[str]
) -> None:
    nina = await signed_in(harbour.nina)
    visit = await planned(nina, harbour.lunch)
    refused = await run(nina, operation, input={"id": visit["id"], **input})
    assert (refused["code"], refused["fields"]) == (code, fields)
    assert await shown(nina, visit["id"]) == visit


async def test_check_out_is_not_before_check_in(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    id = (await planned(nina, harbour.lunch))["id"]
    await run(nina, "check_in", input={"id": id, **HERE})
    refused = await run(nina, "check_out", input={"id": id, "at": "2026-11-23T09:01:00Z"})
    assert (refused["code"], refused["fields"]) == ("INVALID", ["checkOut"])
    again = await run(nina, "check_in", input={"id": id, **HERE, "at": "2026-11-23T09:05:00Z"})
    assert (again["code"], again["fields"]) == ("IMMUTABLE", ["checkIn"])


async def test_who_makes_a_visit(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina, vera, adam = [await signed_in(each) for each in (harbour.nina, harbour.vera, harbour.adam)]
    assert (await planned(vera, harbour.diner))["rep"]["name"] == "Otto"
    assert (await planned(vera, harbour.diner, repId=str(harbour.nina.id)))["rep"]["name"] == "Nina"
    assert (await planned(adam, harbour.lunch, repId=str(harbour.otto.id)))["rep"]["name"] == "Otto"
    for caller, person, code in (
        (nina, harbour.otto, "FORBIDDEN"), (vera, harbour.adam, "FORBIDDEN"), (adam, rival.nina, "NOT_FOUND"),
    ):  # fmt: skip
        wanted = {"accountId": harbour.lunch, "window": MORNING, "repId": str(person.id)}
        refused = await run(caller, "create_visit", input=wanted)
        assert (refused["code"], refused["fields"]) == (code, ["repId"])


async def test_visits_are_listed_by_their_start_and_by_what_is_asked(harbour: World, signed_in: Callers) -> None:
    nina, otto, vera, adam = [
        await signed_in(each) for each in (harbour.nina, harbour.otto, harbour.vera, harbour.adam)
    ]
    late = (await planned(nina, harbour.lunch, window=NOON))["id"]
    early = (await planned(nina, harbour.tea))["id"]
    other = (await planned(otto, harbour.diner, window=NOON))["id"]
    lent = (await planned(vera, harbour.diner, repId=str(harbour.nina.id)))["id"]
    await run(nina, "skip_visit", input={"id": early, "reason": "ill"})
    assert set(await listed(nina)) == {early, lent, late}
    assert set(await listed(otto)) == {lent, other}
    assert set(await listed(vera)) == set(await listed(adam)) == {early, lent, late, other}
    assert await listed(vera, repId=str(harbour.otto.id)) == [other]
    assert await listed(vera, accountId=harbour.lunch) == [late]
    assert await listed(vera, status=["SKIPPED", "DONE"]) == [early]
    assert set(await listed(vera, **{"from": NOON["plannedStart"]})) == {late, other}
    assert set(await listed(vera, until=NOON["plannedStart"])) == {early, lent}
    pages, after = [], None
    while True:
        page = await run(vera, "visits", first=1, after=after)
        pages += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == await listed(vera)


async def test_a_visit_of_others_is_not_there(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina, otto, theirs = [await signed_in(each) for each in (harbour.nina, harbour.otto, rival.adam)]
    other = (await planned(otto, harbour.diner))["id"]
    foreign = (await planned(theirs, rival.lunch))["id"]
    for absent in (other, foreign, str(uuid4())):
        assert await run(nina, "visit", id=absent) is None
        assert await nina.ask(NODE, {"id": absent}) == {"node": None}
        for operation, input in (
            ("update_visit", {"note": "x"}), ("reschedule_visit", {"window": NOON}), ("check_in", HERE),
            ("check_out", {}), ("skip_visit", {"reason": "x"}), ("cancel_visit", {}), ("reopen_visit", {}),
        ):  # fmt: skip
            refused = await run(nina, operation, input={"id": absent, **input})
            assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["id"]), operation
    for account in (harbour.diner, rival.lunch):
        refused = await run(nina, "create_visit", input={"accountId": account, "window": MORNING})
        assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["accountId"])
        assert await listed(nina, accountId=account) == []
    assert await listed(nina, repId=str(rival.adam.id)) == []
    assert (await run(otto, "visit", id=other))["rev"] == 1
