"""Accounts and contacts over GraphQL: the documents that the apps send, what is refused, and who sees what."""

from typing import Any
from uuid import uuid4

from fieldbeat.kit.db import Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.world import World, settle

from .conftest import Callers, run

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


def names(connection: Any) -> list[str]:
    return [edge["node"]["name"] for edge in connection["edges"]]


async def test_an_account_is_created_edited_and_told_about(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    address = {"street": "Quay 1", "city": "Łódź", "postalCode": "90-001", "country": "Poland"}
    made = await run(
        nina, "create_account",
        input={
            "name": "Bakery", "code": "B1", "kind": "DEALER", "address": address, "tags": ["new"],
            "location": {"latitude": 51.77, "longitude": 19.46}, "custom": {"fax": "1"},
        },
    )  # fmt: skip
    account = made["account"]
    assert account["address"] == {**address, "region": None}
    assert account["location"] == {"latitude": 51.77, "longitude": 19.46, "accuracyM": None}
    assert (account["status"], account["owner"]["name"], account["territory"]["name"]) == ("PROSPECT", "Nina", "North")

    edited = await run(
        nina, "update_account",
        input={
            "id": account["id"], "baseRev": 1, "phone": "123", "address": None, "status": "ACTIVE",
            "tags": {"add": ["vip"], "remove": ["new"]}, "custom": {"fax": None, "grade": 2},
        },
    )  # fmt: skip
    after = edited["account"]
    assert (edited["status"], after["rev"], after["phone"], after["address"]) == ("APPLIED", 2, "123", None)
    assert (after["tags"], after["custom"], after["code"]) == (["vip"], {"grade": 2}, "B1")

    contact = (await run(nina, "create_contact", input={"accountId": account["id"], "name": "Zoe"}))["contact"]
    shown = await run(nina, "account", id=account["id"])
    assert names(shown["contacts"]) == ["Zoe"]
    told = [edge["node"] for edge in shown["timeline"]["edges"]]
    assert [(one["kind"], one["rev"]) for one in told] == [("CONTACT_CREATED", 2), ("CHANGED", 2), ("CREATED", 1)]
    assert told[0]["contact"]["id"] == contact["id"]
    assert {write["field"] for write in told[1]["writes"]} == {
        "phone", "address", "status", "tags", "custom.fax", "custom.grade",
    }  # fmt: skip
    assert all(one["actor"]["name"] == "Nina" for one in told)


async def test_a_form_with_an_old_base_is_merged_or_kept_as_a_conflict(harbour: World, signed_in: Callers) -> None:
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    await run(nina, "update_account", input={"id": harbour.lunch, "baseRev": 1, "phone": "1", "note": "hers"})
    apart = await run(vera, "update_account", input={"id": harbour.lunch, "baseRev": 1, "website": "w"})
    clash = await run(vera, "update_account", input={"id": harbour.lunch, "baseRev": 1, "note": "vera's"})
    assert (apart["status"], clash["status"], len(clash["conflictIds"])) == ("MERGED", "CONFLICT", 1)
    timeline = (await run(nina, "account_timeline", id=harbour.lunch))["timeline"]
    assert timeline["edges"][0]["node"]["kind"] in ("CHANGED", "CONFLICT")
    pages, after = [], None
    while True:
        page = (await run(nina, "account_timeline", id=harbour.lunch, first=1, after=after))["timeline"]
        pages += [edge["node"]["rev"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == [4, 3, 2, 1]


async def test_listing_searching_and_paging(harbour: World, signed_in: Callers) -> None:
    vera = await signed_in(harbour.vera)
    assert names(await run(vera, "accounts")) == ["Diner", "Lunch", "Tea"]
    first = await run(vera, "accounts", first=2)
    assert first["pageInfo"]["hasNextPage"]
    assert names(await run(vera, "accounts", first=2, after=first["pageInfo"]["endCursor"])) == ["Tea"]
    assert names(await run(vera, "accounts", filter={"search": "lun", "status": "PROSPECT"})) == ["Lunch"]
    assert names(await run(vera, "accounts", filter={"ownerId": str(harbour.otto.id)})) == ["Diner"]
    assert names(await run(vera, "accounts", filter={"tags": ["seed"]})) == ["Lunch"]
    await run(vera, "update_account", input={"id": harbour.tea, "location": {"latitude": 1.0, "longitude": 2.0}})
    near = await run(vera, "accounts", near={"latitude": 1.0, "longitude": 2.001})
    assert names(near) == ["Tea"]
    assert 111 < near["edges"][0]["distanceM"] < 112
    for tiny in (1e-320, 1e-200):  # squared, they are out of a number's range
        place = {"latitude": tiny, "longitude": tiny}
        await run(vera, "update_account", input={"id": harbour.tea, "location": place})
        near = await run(vera, "accounts", near={"latitude": 0, "longitude": 0})
        assert near["edges"][0]["distanceM"] == 0
        assert names(await run(vera, "accounts", near={"latitude": tiny, "longitude": 0.001})) == ["Tea"]
    wrong = await vera.refused(document("accounts"), {"near": {"latitude": 91, "longitude": 0}})
    assert wrong == "BAD_REQUEST"


async def test_what_is_not_yours_is_not_there(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina = await signed_in(harbour.nina)
    for absent in (harbour.diner, rival.lunch, str(uuid4())):
        assert await run(nina, "account", id=absent) is None
        assert await nina.ask(NODES, {"ids": [absent]}) == {"nodes": [None]}
        refused = await run(nina, "update_account", input={"id": absent, "note": "x"})
        assert (refused["__typename"], refused["code"]) == ("NotFound", "NOT_FOUND")
        refused = await run(nina, "create_contact", input={"accountId": absent, "name": "x"})
        assert refused["code"] == "NOT_FOUND"
    assert await nina.ask(NODES, {"ids": [harbour.lunch]}) == {
        "nodes": [{"__typename": "Account", "id": harbour.lunch}]
    }
    assert names(await run(nina, "accounts", filter={"territoryId": str(harbour.south)})) == []
    assert names(await run(nina, "accounts", filter={"ownerId": str(rival.nina.id)})) == []


async def test_who_holds_a_taken_code_is_told_only_to_those_who_see_him(harbour: World, signed_in: Callers) -> None:
    otto, vera = await signed_in(harbour.otto), await signed_in(harbour.vera)
    await run(vera, "update_account", input={"id": harbour.lunch, "code": "L1"})
    hidden = await run(otto, "create_account", input={"name": "Other", "code": "L1"})
    assert (hidden["code"], hidden["fields"], hidden["existingId"]) == ("UNIQUE", ["code"], None)
    shown = await run(vera, "update_account", input={"id": harbour.diner, "code": "L1"})
    assert (shown["code"], shown["existingId"]) == ("UNIQUE", harbour.lunch)


async def test_an_account_needs_a_territory_and_an_owner_who_is_yours(
    db: Db, harbour: World, signed_in: Callers
) -> None:
    rival = await settle(db, "rival")
    nina, vera, adam = [await signed_in(one) for one in (harbour.nina, harbour.vera, harbour.adam)]
    homeless = await run(vera, "create_account", input={"name": "X"})
    assert (homeless["code"], homeless["fields"]) == ("INVALID", ["territoryId"])
    for caller in (vera, adam):
        given = await run(caller, "create_account", input={"name": "X", "ownerId": str(harbour.otto.id)})
        assert given["account"]["territory"]["name"] == "South"
    mine = await run(nina, "create_account", input={"name": "X", "ownerId": str(harbour.otto.id)})
    assert (mine["code"], mine["fields"]) == ("FORBIDDEN", ["ownerId"])
    theirs = await run(adam, "create_account", input={"name": "X", "ownerId": str(rival.otto.id)})
    assert (theirs["code"], theirs["fields"]) == ("NOT_FOUND", ["ownerId"])


async def test_a_supervisor_reassigns_and_contacts_go_along(harbour: World, signed_in: Callers) -> None:
    nina, otto, vera = [await signed_in(one) for one in (harbour.nina, harbour.otto, harbour.vera)]
    await run(nina, "create_contact", input={"accountId": harbour.lunch, "name": "Cook"})
    refused = await run(nina, "reassign_account", input={"id": harbour.lunch, "ownerId": str(harbour.otto.id)})
    assert refused["code"] == "FORBIDDEN"
    moved = await run(vera, "reassign_account", input={"id": harbour.lunch, "ownerId": str(harbour.otto.id)})
    assert (moved["account"]["owner"]["name"], moved["account"]["territory"]["name"]) == ("Otto", "South")
    assert await run(nina, "account", id=harbour.lunch) is None
    shown = await run(otto, "account", id=harbour.lunch)
    assert names(shown["contacts"]) == ["Cook"]
    assert shown["timeline"]["edges"][0]["node"]["kind"] == "REASSIGNED"
    nowhere = await run(vera, "reassign_account", input={"id": harbour.lunch, "ownerId": str(harbour.vera.id)})
    assert (nowhere["code"], nowhere["fields"]) == ("INVALID", ["territoryId"])


async def test_deleting_is_for_leads_and_a_contact_goes_by_whoever_sees_it(harbour: World, signed_in: Callers) -> None:
    nina, otto, vera = [await signed_in(one) for one in (harbour.nina, harbour.otto, harbour.vera)]
    contact = (await run(nina, "create_contact", input={"accountId": harbour.lunch, "name": "Cook"}))["contact"]
    edited = await run(
        nina, "update_contact", input={"id": contact["id"], "title": "Chef", "phones": {"add": ["1"]}, "baseRev": 1}
    )
    assert (edited["contact"]["jobTitle"], edited["contact"]["phones"]) == ("Chef", ["1"])
    assert (await run(otto, "delete_contact", input={"id": contact["id"]}))["code"] == "NOT_FOUND"
    assert (await run(nina, "delete_contact", input={"id": contact["id"]}))["status"] == "APPLIED"
    assert (await run(nina, "delete_account", input={"id": harbour.lunch}))["code"] == "FORBIDDEN"
    assert (await run(vera, "delete_account", input={"id": harbour.lunch}))["status"] == "APPLIED"
    assert await run(nina, "account", id=harbour.lunch) is None


async def test_territories_are_made_and_assigned_by_those_above(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina, vera, adam = [await signed_in(one) for one in (harbour.nina, harbour.vera, harbour.adam)]
    assert (await run(vera, "create_territory", input={"name": "East"}))["code"] == "FORBIDDEN"
    east = (await run(adam, "create_territory", input={"name": "East", "labels": ["Town"]}))["territory"]
    assert (await run(adam, "create_territory", input={"name": "East"}))["__typename"] == "TerritoryNameTaken"

    def assigned(territory: object, person: object, **more: Any) -> dict[str, Any]:
        return {"territoryId": str(territory), "userId": str(person), "from": "2020-01-01", **more}

    assert (await run(nina, "assign_territory", input=assigned(harbour.north, harbour.otto.id)))["code"] == "FORBIDDEN"
    assert (await run(vera, "assign_territory", input=assigned(east["id"], harbour.otto.id)))["code"] == "FORBIDDEN"
    for territory, person, field in (
        (uuid4(), harbour.otto.id, "territoryId"), (rival.north, harbour.otto.id, "territoryId"),
        (harbour.north, rival.otto.id, "userId"), (harbour.north, uuid4(), "userId"),
    ):  # fmt: skip
        refused = await run(adam, "assign_territory", input=assigned(territory, person))
        assert (refused["code"], refused["fields"]) == ("NOT_FOUND", [field])
    backwards = await run(adam, "assign_territory", input=assigned(east["id"], harbour.otto.id, until="2020-01-01"))
    assert (backwards["code"], backwards["fields"]) == ("INVALID", ["from", "until"])
    done = await run(vera, "assign_territory", input=assigned(harbour.north, harbour.otto.id))
    assert done["assignment"]["user"]["name"] == "Otto"
    otto = await signed_in(harbour.otto)
    assert names(await run(otto, "accounts")) == ["Diner", "Lunch", "Tea"]
    await run(vera, "assign_territory", input=assigned(harbour.north, harbour.otto.id, until="2020-02-01"))
    assert names(await run(otto, "accounts")) == ["Diner"]
    shown = await run(nina, "territories")
    assert names(shown) == ["East", "North", "South"]
    assert len(shown["edges"][1]["node"]["assignments"]) == 2


async def test_what_cannot_be_empty_or_was_never_there_is_refused_by_name(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    for wrong in ({"name": None}, {"status": None}, {"tags": None}, {"custom": None}, {"note": "n", "baseRev": -1}):
        answer = await run(nina, "update_account", input={"id": harbour.lunch, **wrong})
        assert (answer["code"], answer["fields"]) == ("INVALID", [list(wrong)[-1]])
    assert (await run(nina, "account", id=harbour.lunch))["rev"] == 1
