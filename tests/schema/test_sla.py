"""Promises over GraphQL: who makes them, what is refused, and how a ticket's clocks are shown."""

from typing import Any

import pytest

from fieldbeat.kit.db import Db
from fieldbeat.tickets import jobs
from fieldbeat_testing.world import World, settle

from .conftest import Callers, do, run

NODE = "query ($id: ID!) { node(id: $id) { __typename } }"
HOURS = {"timeZone": "Asia/Shanghai", "weekly": [{"weekday": "MONDAY", "from": "09:00", "until": "18:00"}]}
TARGETS = [
    {"metric": metric, "priority": priority, "minutes": minutes}
    for metric, minutes in (("FIRST_RESPONSE", 60), ("RESOLUTION", 480))
    for priority in ("LOW", "NORMAL", "HIGH", "URGENT")
]


async def test_an_administrator_promises_and_everyone_may_know(db: Db, harbour: World, signed_in: Callers) -> None:
    adam, nina = await signed_in(harbour.adam), await signed_in(harbour.nina)
    hours = (await do(adam, "set_business_hours", **HOURS))["businessHours"]
    made = (await do(adam, "create_sla_policy", name="All", targets=TARGETS))["slaPolicy"]
    assert made["businessHours"]["id"] == hours["id"]
    assert (made["version"], made["status"], made["targets"]) == (1, "ACTIVE", TARGETS)
    assert [step["percent"] for step in made["steps"]] == [50, 75, 100, 100, 100]
    again = await do(adam, "update_sla_policy", id=made["id"], targets=TARGETS[:4], businessHoursId=None)
    assert (again["slaPolicy"]["version"], again["slaPolicy"]["businessHours"]) == (2, None)
    listed = [edge["node"] for edge in (await run(nina, "sla_policies"))["edges"]]
    assert listed == [again["slaPolicy"]]
    assert (await nina.ask(NODE, {"id": made["id"]}))["node"] == {"__typename": "SlaPolicy"}
    for operation, input in (
        ("create_sla_policy", {"name": "Mine", "targets": TARGETS}),
        ("update_sla_policy", {"id": made["id"], "name": "Mine"}),
        ("retire_sla_policy", {"id": made["id"]}),
    ):
        for person in (nina, await signed_in(harbour.vera)):
            assert (await do(person, operation, **input))["code"] == "FORBIDDEN"
    rival = await signed_in((await settle(db, "rival")).adam)
    assert await rival.ask(NODE, {"id": made["id"]}) == {"node": None}
    assert (await do(rival, "update_sla_policy", id=made["id"], name="Mine"))["code"] == "NOT_FOUND"
    assert (await do(rival, "retire_sla_policy", id=made["id"]))["code"] == "NOT_FOUND"
    refused = await do(rival, "create_sla_policy", name="x", targets=TARGETS, businessHoursId=hours["id"])
    assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["businessHoursId"])
    assert (await do(adam, "retire_sla_policy", id=made["id"]))["slaPolicy"]["status"] == "RETIRED"
    assert (await do(adam, "update_sla_policy", id=made["id"], name="Mine"))["fields"] == ["id"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"targets": []}, "targets"),
        ({"targets": TARGETS + TARGETS[:1]}, "targets"),
        ({"targets": [{**TARGETS[0], "minutes": 0}]}, "targets"),
        ({"pauses": [{"metric": "RESOLUTION", "statuses": ["RESOLVED"]}]}, "pauses"),
        ({"pauses": [{"metric": "RESOLUTION", "statuses": []}] * 2}, "pauses"),
        ({"steps": [{"percent": -1}]}, "steps"),
        ({"steps": [{"percent": 50, "levels": []}]}, "steps"),
        ({"name": "x" * 201}, "name"),
        ({"position": -1}, "position"),
    ],
)
async def test_a_promise_that_is_none_is_refused(
    harbour: World, signed_in: Callers, given: dict[str, Any], field: str
) -> None:
    adam = await signed_in(harbour.adam)
    refused = await do(adam, "create_sla_policy", **{"name": "All", "targets": TARGETS, **given})
    assert (refused["code"], refused["fields"]) == ("INVALID", [field])
    assert (await run(adam, "sla_policies"))["edges"] == []


async def test_null_means_the_usual(harbour: World, signed_in: Callers) -> None:
    adam = await signed_in(harbour.adam)
    made = (await do(adam, "create_sla_policy", name="All", targets=TARGETS, position=7))["slaPolicy"]
    usual = {"position": None, "conditions": None, "pauses": None, "steps": None}
    changed = (await do(adam, "update_sla_policy", id=made["id"], **usual))["slaPolicy"]
    assert (made["position"], changed["position"]) == (7, 0)
    refused = await do(adam, "update_sla_policy", id=made["id"], name=None)
    assert (refused["code"], refused["fields"]) == ("INVALID", ["name"])


async def test_a_promise_counts_around_the_clock_or_in_hours(harbour: World, signed_in: Callers) -> None:
    adam = await signed_in(harbour.adam)
    hours = (await do(adam, "set_business_hours", name="Day", **HOURS))["businessHours"]
    promised = {"name": "All", "targets": TARGETS, "businessHoursId": hours["id"], "aroundTheClock": True}
    refused = await do(adam, "create_sla_policy", **promised)
    assert (refused["code"], refused["fields"]) == ("INVALID", ["aroundTheClock", "businessHoursId"])
    assert (await run(adam, "sla_policies"))["edges"] == []


async def test_a_ticket_shows_its_clocks(db: Db, harbour: World, signed_in: Callers) -> None:
    adam, nina, otto = [await signed_in(each) for each in (harbour.adam, harbour.nina, harbour.otto)]
    opened = {"accountId": harbour.lunch, "kind": "FAULT", "subject": "It leaks"}
    before = (await do(nina, "create_ticket", **opened))["ticket"]
    assert (await run(nina, "ticket", id=before["id"]))["sla"] == []
    await do(adam, "create_sla_policy", name="All", targets=TARGETS, aroundTheClock=True)
    ticket = (await do(nina, "create_ticket", **opened))["ticket"]
    first, resolution = (await run(nina, "ticket", id=ticket["id"]))["sla"]
    assert first == {
        **first, "metric": "FIRST_RESPONSE", "state": "RUNNING", "targetMinutes": 60, "elapsedMinutes": 0,
        "breachedAt": None, "startedAt": ticket["openedAt"], "retractedAt": None, "unverifiedAt": None,
    }  # fmt: skip
    assert (resolution["metric"], resolution["state"]) == ("RESOLUTION", "RUNNING")
    assert resolution["remainingMinutes"] in (479, 480)
    await do(nina, "change_ticket_status", id=ticket["id"], status="PENDING_CUSTOMER")
    await do(nina, "add_ticket_message", ticketId=ticket["id"], body="Which cooler?", public=True)
    first, resolution = (await run(nina, "ticket", id=ticket["id"]))["sla"]
    assert (first["state"], resolution["state"], resolution["deadline"]) == ("MET", "PAUSED", None)
    assert await run(otto, "ticket", id=ticket["id"]) is None
    assert await jobs.recalculate(db) == 2
    progress = await run(nina, "sla_recalculation")
    assert (progress["total"], progress["done"], progress["finishedAt"] is None) == (2, 2, False)
    assert len((await run(nina, "ticket", id=before["id"]))["sla"]) == 2
