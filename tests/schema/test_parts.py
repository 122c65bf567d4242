"""The catalogue of parts, what they cost, and what tickets used of them, over GraphQL."""

from typing import Any
from uuid import uuid4

import pytest

from fieldbeat.kit.db import Db
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, do, run

NODE = "query ($id: ID!) { node(id: $id) { __typename } }"
FAULT = {"kind": "FAULT", "subject": "It leaks"}


async def refused(caller: Caller, operation: str, **input: Any) -> tuple[str, list[str]]:
    answer = await do(caller, operation, **input)
    assert "code" in answer, answer
    return answer["code"], answer["fields"]


async def listed(caller: Caller, sku: str = "S-1", name: str = "Seal", **more: Any) -> Any:
    return (await do(caller, "create_part", sku=sku, name=name, **more))["part"]


async def opened(caller: Caller, account_id: str, **more: Any) -> Any:
    return (await do(caller, "create_ticket", accountId=account_id, **FAULT, **more))["ticket"]


async def used(caller: Caller, ticket: Any, part: Any, quantity: int = 1, **more: Any) -> Any:
    made = await do(caller, "add_ticket_part", ticketId=ticket["id"], partId=part["id"], quantity=quantity, **more)
    return made["ticketPart"]


async def uses(caller: Caller, ticket: Any, **page: Any) -> list[tuple[str, int]]:
    edges = (await run(caller, "ticket_parts", id=ticket["id"], **page))["parts"]["edges"]
    return [(edge["node"]["part"]["sku"], edge["node"]["quantity"]) for edge in edges]


async def test_an_administrator_writes_the_catalogue_and_everyone_reads_it(
    db: Db, signed_in: Callers, nina: Caller, vera: Caller, adam: Caller
) -> None:
    seal = await listed(adam)
    assert seal == {**seal, "rev": 1, "unit": "piece", "status": "ACTIVE"}
    gas = await listed(adam, "G-1", "Kühlgas", unit="g")
    changed = await do(adam, "update_part", id=gas["id"], baseRev=1, status="RETIRED")
    assert (changed["part"]["status"], changed["status"]) == ("RETIRED", "APPLIED")

    async def found(caller: Caller, **filter: Any) -> list[str]:
        return [edge["node"]["sku"] for edge in (await run(caller, "parts", filter=filter))["edges"]]

    for filter, skus in (
        ({}, ["G-1", "S-1"]), ({"search": "kuhl"}, ["G-1"]), ({"search": "s-1 seal"}, ["S-1"]),
        ({"search": "%"}, []), ({"status": ["ACTIVE"]}, ["S-1"]),
    ):  # fmt: skip
        assert await found(nina, **filter) == skus
    first = await run(nina, "parts", first=1)
    rest = await run(nina, "parts", after=first["pageInfo"]["endCursor"])
    assert [edge["node"]["sku"] for edge in first["edges"] + rest["edges"]] == ["G-1", "S-1"]
    for caller in (nina, vera):
        for operation, input in (
            ("create_part", {"sku": "x", "name": "x"}), ("update_part", {"id": seal["id"], "name": "x"}),
            ("set_part_cost", {"partId": seal["id"], "from": "2026-01-01", "amount": 1}),
        ):  # fmt: skip
            assert (await refused(caller, operation, **input))[0] == "FORBIDDEN"
    rival = await signed_in((await settle(db, "rival")).adam)
    assert await found(rival) == []
    assert await rival.ask(NODE, {"id": seal["id"]}) == {"node": None}
    assert await refused(rival, "update_part", id=seal["id"], name="x") == ("NOT_FOUND", ["id"])


async def test_a_part_that_is_none_is_refused(adam: Caller) -> None:
    seal, gas = await listed(adam), await listed(adam, "G-1", "Gas")
    answer = await do(adam, "create_part", sku="S-1", name="Another")
    assert (answer["code"], answer["fields"], answer["existingId"]) == ("UNIQUE", ["sku"], seal["id"])
    assert await refused(adam, "update_part", id=gas["id"], sku="S-1") == ("UNIQUE", ["sku"])
    assert await refused(adam, "create_part", sku=" ", name="x") == ("INVALID", ["sku"])
    assert await refused(adam, "update_part", id=seal["id"], unit="") == ("INVALID", ["unit"])
    assert await refused(adam, "update_part", id=seal["id"], unit=None, status=None) == ("INVALID", ["unit", "status"])
    assert (await do(adam, "update_part", id=seal["id"], sku="S-1"))["part"]["sku"] == "S-1"


async def test_costs_are_dated_and_seen_from_above_alone(
    db: Db, signed_in: Callers, nina: Caller, vera: Caller, adam: Caller
) -> None:
    seal = await listed(adam)
    for on, amount in (("2026-01-01", 10), ("2026-03-01", 12.34567), ("2026-01-01", 9.5)):
        made = await do(adam, "set_part_cost", partId=seal["id"], **{"from": on, "amount": amount})
        assert made["partCost"]["amount"] == pytest.approx(amount, abs=5e-5)

    async def costs(caller: Caller, **page: Any) -> list[tuple[str, float]]:
        edges = (await run(caller, "part_costs", partId=seal["id"], **page))["edges"]
        return [(edge["node"]["from"], edge["node"]["amount"]) for edge in edges]

    newest, first = ("2026-03-01", 12.3457), ("2026-01-01", 9.5)
    for caller in (adam, vera):
        assert await costs(caller) == [newest, first]
    page = await run(vera, "part_costs", partId=seal["id"], first=1)
    assert page["edges"][0]["node"]["setBy"]["name"] == "Adam"
    assert await costs(vera, after=page["pageInfo"]["endCursor"]) == [first]
    assert await costs(nina) == []
    assert await costs(await signed_in((await settle(db, "rival")).adam)) == []
    for amount in (-0.01, 1e9 + 1):
        asked = {"partId": seal["id"], "from": "2026-01-01", "amount": amount}
        assert await refused(adam, "set_part_cost", **asked) == ("INVALID", ["amount"])
    asked = {"partId": str(uuid4()), "from": "2026-01-01", "amount": 1}
    assert await refused(adam, "set_part_cost", **asked) == ("NOT_FOUND", ["partId"])


async def test_what_a_ticket_used_adds_up_and_is_taken_out_by_who_noted_it(
    harbour: World, nina: Caller, vera: Caller, adam: Caller
) -> None:
    seal, gas = await listed(adam), await listed(adam, "G-1", "Gas", unit="g")
    ticket = await opened(nina, harbour.lunch)
    first = await used(nina, ticket, seal, 2, note="both doors")
    assert first == {
        **first, "rev": 1, "quantity": 2, "coveredByWarranty": False, "note": "both doors",
        "part": {"id": seal["id"], "sku": "S-1", "name": "Seal", "unit": "piece"},
        "author": {"id": str(harbour.nina.id), "name": "Nina"},
    }  # fmt: skip
    second = await used(vera, ticket, gas, 150)
    await do(vera, "update_ticket_part", id=first["id"], baseRev=1, addQuantity=3)
    made = await do(nina, "update_ticket_part", id=first["id"], baseRev=1, addQuantity=-1, note=None)
    assert (made["status"], made["ticketPart"]["quantity"], made["ticketPart"]["note"]) == ("MERGED", 4, None)
    assert await uses(nina, ticket) == [("S-1", 4), ("G-1", 150)]
    page = (await run(nina, "ticket_parts", id=ticket["id"], first=1))["parts"]
    assert await uses(nina, ticket, after=page["pageInfo"]["endCursor"]) == [("G-1", 150)]
    assert await refused(nina, "update_ticket_part", id=first["id"], addQuantity=-5) == ("INVALID", ["quantity"])
    assert await refused(nina, "delete_ticket_part", id=second["id"]) == ("FORBIDDEN", ["id"])
    assert (await do(nina, "delete_ticket_part", id=first["id"]))["status"] == "APPLIED"
    assert await uses(nina, ticket) == [("G-1", 150)]
    for quantity in (0, -1):
        asked = {"ticketId": ticket["id"], "partId": seal["id"], "quantity": quantity}
        assert await refused(nina, "add_ticket_part", **asked) == ("INVALID", ["quantity"])


async def test_a_merged_tickets_parts_are_shown_with_the_one_that_goes_on(
    harbour: World, nina: Caller, adam: Caller
) -> None:
    seal = await listed(adam)
    ended, into = await opened(nina, harbour.lunch), await opened(nina, harbour.lunch)
    for quantity, ticket in ((1, ended), (2, into)):
        await used(nina, ticket, seal, quantity)
    await do(nina, "merge_tickets", id=ended["id"], intoId=into["id"])
    assert await uses(nina, into) == [("S-1", 1), ("S-1", 2)]


async def test_the_warranty_covers_a_part_unless_somebody_says_otherwise(
    harbour: World, nina: Caller, vera: Caller, adam: Caller
) -> None:
    seal = await listed(adam)
    asset = await do(vera, "create_asset", accountId=harbour.lunch, name="Cooler", warrantyUntil="2999-01-01")
    covered = await opened(nina, harbour.lunch, assetId=asset["asset"]["id"])
    usual = await used(nina, covered, seal)
    assert usual["coveredByWarranty"] is True
    broken = await do(nina, "update_ticket_part", id=usual["id"], coveredByWarranty=False)
    assert broken["ticketPart"]["coveredByWarranty"] is False
    again = await do(nina, "update_ticket_part", id=usual["id"], coveredByWarranty=None)
    assert again["ticketPart"]["coveredByWarranty"] is True
    assert (await used(nina, covered, seal, coveredByWarranty=False))["coveredByWarranty"] is False
    assert (await used(nina, await opened(nina, harbour.tea), seal))["coveredByWarranty"] is False


async def test_what_another_reps_ticket_used_is_not_there(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, otto: Caller, adam: Caller
) -> None:
    seal = await listed(adam)
    ticket = await opened(nina, harbour.lunch)
    use = await used(nina, ticket, seal)
    rival = await signed_in((await settle(db, "rival")).adam)
    for stranger in (otto, rival):
        assert await stranger.ask(NODE, {"id": use["id"]}) == {"node": None}
        for operation, input, field in (
            ("add_ticket_part", {"ticketId": ticket["id"], "partId": seal["id"], "quantity": 1}, "ticketId"),
            ("update_ticket_part", {"id": use["id"], "addQuantity": 1}, "id"),
            ("delete_ticket_part", {"id": use["id"]}, "id"),
        ):
            assert await refused(stranger, operation, **input) == ("NOT_FOUND", [field]), operation
    theirs = await listed(rival)
    for part in (theirs["id"], str(uuid4())):
        asked = {"ticketId": ticket["id"], "partId": part, "quantity": 1}
        assert await refused(nina, "add_ticket_part", **asked) == ("NOT_FOUND", ["partId"])
    assert await uses(nina, ticket) == [("S-1", 1)]
