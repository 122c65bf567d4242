"""Assets over GraphQL: who sees them, until when the company answers for them, and what a ticket says of that."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.tickets.actions import create_ticket, update_ticket
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, do, run

NODE = "query ($id: ID!) { node(id: $id) { __typename } }"
TIMELINE = "query ($id: ID!) { account(id: $id) { timeline { edges { node { kind createdId } } } } }"
FAULT = {"kind": "FAULT", "subject": "It leaks"}


async def refused(caller: Caller, operation: str, **input: Any) -> tuple[str, list[str]]:
    answer = await do(caller, operation, **input)
    assert "code" in answer, answer
    return answer["code"], answer["fields"]


async def has(caller: Caller, account_id: str, name: str = "Cooler", **more: Any) -> Any:
    return (await do(caller, "create_asset", accountId=account_id, name=name, **more))["asset"]


async def names(caller: Caller, **filter: Any) -> list[str]:
    return [edge["node"]["name"] for edge in (await run(caller, "assets", filter=filter))["edges"]]


async def test_an_asset_is_shown_with_its_account_and_there(harbour: World, nina: Caller, vera: Caller) -> None:
    cooler = await has(
        nina, harbour.lunch, serialNumber="SN-1", model="C 300", installedOn="2026-02-03", tags=["loan"],
        custom={"volts": 230},
    )  # fmt: skip
    assert cooler == {
        **cooler, "rev": 1, "serialNumber": "SN-1", "model": "C 300", "installedOn": "2026-02-03",
        "warrantyUntil": None, "status": "ACTIVE", "tags": ["loan"], "custom": {"volts": 230},
        "account": {"id": harbour.lunch, "name": "Lunch"},
    }  # fmt: skip
    assert (await nina.ask(NODE, {"id": cooler["id"]}))["node"] == {"__typename": "Asset"}
    for name in ("Scale", "Display"):
        await has(nina, harbour.lunch, name)
    first = (await run(vera, "account_assets", id=harbour.lunch, first=2))["assets"]
    rest = await run(vera, "account_assets", id=harbour.lunch, after=first["pageInfo"]["endCursor"])
    shown = [edge["node"]["name"] for edge in first["edges"] + rest["assets"]["edges"]]
    assert shown == ["Cooler", "Display", "Scale"]
    edges = (await nina.ask(TIMELINE, {"id": harbour.lunch}))["account"]["timeline"]["edges"]
    assert {"kind": "ASSET_CREATED", "createdId": cooler["id"]} in [edge["node"] for edge in edges]


async def test_what_others_changed_since_the_form_was_read_is_not_lost(
    harbour: World, nina: Caller, vera: Caller
) -> None:
    cooler = await has(nina, harbour.lunch)
    await do(vera, "update_asset", id=cooler["id"], baseRev=1, model="Hers", note="Hers")
    made = await do(nina, "update_asset", id=cooler["id"], baseRev=1, model="Mine", tags={"add": ["loud"]})
    assert made["status"] == "CONFLICT"
    assert (made["asset"]["note"], made["asset"]["tags"]) == ("Hers", ["loud"])
    assert await refused(nina, "update_asset", id=cooler["id"], name="") == ("INVALID", ["name"])
    retired = await do(nina, "update_asset", id=cooler["id"], status="RETIRED")
    assert retired["asset"]["status"] == "RETIRED"
    assert (await refused(nina, "update_asset", id=cooler["id"], status="ACTIVE"))[0] == "FORBIDDEN"
    back = await do(vera, "update_asset", id=cooler["id"], status="ACTIVE")
    assert back["asset"]["status"] == "ACTIVE"


async def test_a_warranty_is_given_from_above(harbour: World, nina: Caller, vera: Caller) -> None:
    until = {"warrantyUntil": "2028-01-01"}
    asked = ("FORBIDDEN", ["warrantyUntil"])
    assert await refused(nina, "create_asset", accountId=harbour.lunch, name="Mine", **until) == asked
    cooler = await has(nina, harbour.lunch)
    assert await refused(nina, "update_asset", id=cooler["id"], **until) == asked
    given = await do(vera, "update_asset", id=cooler["id"], **until)
    assert given["asset"]["warrantyUntil"] == "2028-01-01"
    assert await refused(nina, "update_asset", id=cooler["id"], warrantyUntil=None) == asked
    taken = await do(vera, "update_asset", id=cooler["id"], warrantyUntil=None)
    assert taken["asset"]["warrantyUntil"] is None
    assert (await has(vera, harbour.lunch, "Hers", **until))["warrantyUntil"] == "2028-01-01"


async def test_a_serial_number_is_told_to_who_may_see_its_holder(harbour: World, nina: Caller, otto: Caller) -> None:
    held = await has(nina, harbour.lunch, serialNumber="SN-1")
    for caller, account, existing in ((nina, harbour.tea, held["id"]), (otto, harbour.diner, None)):
        answer = await do(caller, "create_asset", accountId=account, name="x", serialNumber="SN-1")
        assert (answer["code"], answer["existingId"]) == ("UNIQUE", existing)


WANTED: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({}, ["Cooler", "Displäy", "Scale"]),
    ({"search": "display"}, ["Displäy"]),
    ({"search": "sn-7 c300"}, ["Cooler"]),
    ({"search": "100%"}, []),
    ({"search": " "}, []),
    ({"status": ["RETIRED"]}, ["Scale"]),
    ({"tags": ["loan", "big"]}, ["Cooler"]),
    ({"warrantyEndsBefore": "2026-06-30"}, []),
    ({"warrantyEndsBefore": "2026-07-01"}, ["Cooler"]),  # its last day is the 30th of June
    ({"underWarrantyOn": "2026-06-30"}, ["Cooler", "Displäy"]),
    ({"underWarrantyOn": "2026-07-01"}, ["Displäy"]),
    ({"underWarrantyOn": "2026-06-30", "warrantyEndsBefore": "2027-01-01"}, ["Cooler"]),
)


async def test_assets_are_found(harbour: World, vera: Caller) -> None:
    more = {"serialNumber": "SN-7", "model": "C300", "tags": ["loan", "big"], "warrantyUntil": "2026-07-01"}
    await has(vera, harbour.lunch, "Cooler", **more)
    await has(vera, harbour.diner, "Displäy", warrantyUntil="2027-07-01", tags=["loan"])
    scale = await has(vera, harbour.tea, "Scale")
    await do(vera, "update_asset", id=scale["id"], status="RETIRED")
    for wanted, expected in WANTED:
        assert await names(vera, **wanted) == expected, wanted
        here = [name for name in expected if name == "Displäy"]
        assert await names(vera, accountId=harbour.diner, **wanted) == here, wanted


async def test_assets_come_in_pages(harbour: World, nina: Caller) -> None:
    for name in "CABA":
        await has(nina, harbour.lunch, name)
    shown, after = [], None
    while True:
        page = await run(nina, "assets", first=1, after=after)
        shown += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert shown == ["A", "A", "B", "C"]


async def test_another_reps_asset_and_another_companys_are_not_there(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, otto: Caller
) -> None:
    cooler = await has(nina, harbour.lunch)
    rival = await settle(db, "rival")
    for stranger in (otto, await signed_in(rival.adam)):
        assert await run(stranger, "asset", id=cooler["id"]) is None
        assert await stranger.ask(NODE, {"id": cooler["id"]}) == {"node": None}
        assert await names(stranger) == []
        assert await names(stranger, accountId=harbour.lunch) == []
        for operation, input, field in (
            ("create_asset", {"accountId": harbour.lunch, "name": "x"}, "accountId"),
            ("update_asset", {"id": cooler["id"], "name": "x"}, "id"),
            ("delete_asset", {"id": cooler["id"]}, "id"),
        ):
            assert await refused(stranger, operation, **input) == ("NOT_FOUND", [field]), operation
    theirs = await has(await signed_in(rival.adam), rival.lunch)
    for caller, account, asset in (
        (otto, harbour.diner, cooler["id"]),
        (nina, harbour.tea, cooler["id"]),  # hers, but of another account
        (nina, harbour.lunch, theirs["id"]),
        (nina, harbour.lunch, str(uuid4())),
    ):
        assert await refused(caller, "create_ticket", accountId=account, assetId=asset, **FAULT) == (
            "INVALID", ["assetId"],
        )  # fmt: skip
    assert (await run(nina, "asset", id=cooler["id"]))["rev"] == 1


async def test_a_rep_retires_and_a_supervisor_deletes(harbour: World, nina: Caller, vera: Caller) -> None:
    cooler = await has(nina, harbour.lunch)
    assert (await refused(nina, "delete_asset", id=cooler["id"]))[0] == "FORBIDDEN"
    assert (await do(vera, "delete_asset", id=cooler["id"]))["status"] == "APPLIED"
    assert await run(nina, "asset", id=cooler["id"]) is None


async def test_a_ticket_shows_its_asset_and_an_asset_its_tickets(
    harbour: World, nina: Caller, otto: Caller, vera: Caller
) -> None:
    cooler = await has(nina, harbour.lunch)
    plain = (await do(nina, "create_ticket", accountId=harbour.lunch, **FAULT))["ticket"]
    assert (plain["asset"], plain["underWarranty"]) == (None, None)
    for _ in range(3):
        made = (await do(nina, "create_ticket", accountId=harbour.lunch, assetId=cooler["id"], **FAULT))["ticket"]
        assert (made["asset"]["name"], made["underWarranty"]) == ("Cooler", False)
    named = (await do(nina, "update_ticket", id=plain["id"], assetId=cooler["id"]))["ticket"]
    assert named["asset"]["id"] == cooler["id"]
    first = (await run(vera, "asset", id=cooler["id"], first=3))["tickets"]
    rest = (await run(vera, "asset", id=cooler["id"], after=first["pageInfo"]["endCursor"]))["tickets"]
    assert [edge["node"]["number"] for edge in first["edges"] + rest["edges"]] == [4, 3, 2, 1]
    cleared = (await do(nina, "update_ticket", id=plain["id"], assetId=None))["ticket"]
    assert (cleared["asset"], cleared["underWarranty"]) == (None, None)
    # Otto answers for one of them, at an account that he does not see.
    await do(vera, "assign_ticket", id=named["id"], assigneeId=str(harbour.otto.id))
    await do(vera, "update_ticket", id=named["id"], assetId=cooler["id"])
    shown = await run(otto, "ticket", id=named["id"])
    assert (shown["asset"], shown["underWarranty"]) == (None, False)


HOURS = {"timeZone": "Asia/Shanghai", "weekly": [{"weekday": "MONDAY", "from": "09:00", "until": "18:00"}]}


async def test_a_warranty_is_judged_when_the_ticket_was_opened_by_the_companys_day(
    db: Db, harbour: World, signed_in: Callers, vera: Caller
) -> None:
    cooler = await has(vera, harbour.lunch, warrantyUntil="2026-07-01")
    patch = {**FAULT, "assetId": cooler["id"]}

    async def covered(opened_at: str) -> bool:
        at = datetime.fromisoformat(opened_at)
        async with records.writing(db, harbour.tenant_id) as tx:
            made = await create_ticket(tx, harbour.vera.actor, account_id=UUID(harbour.lunch), patch=patch, at=at)
        shown = await run(vera, "ticket", id=str(made.record_id))
        assert shown["openedAt"] == opened_at
        return bool(shown["underWarranty"])

    assert await covered("2026-06-30T23:59:59Z")
    assert not await covered("2026-07-01T00:00:00Z")
    await do(await signed_in(harbour.adam), "set_business_hours", **HOURS)
    assert await covered("2026-06-30T15:59:59Z")  # the last second of its last day in Shanghai
    assert not await covered("2026-06-30T16:00:00Z")


async def test_a_promise_may_ask_for_the_warranty(db: Db, harbour: World, signed_in: Callers, vera: Caller) -> None:
    adam = await signed_in(harbour.adam)
    for position, (name, asked) in enumerate((("Covered", True), ("Not covered", False), ("All", None))):
        minutes = 60 * (position + 1)
        target = {"metric": "RESOLUTION", "priority": "NORMAL", "minutes": minutes}
        made = await do(
            adam, "create_sla_policy", name=name, position=position, targets=[target], aroundTheClock=True,
            conditions={"underWarranty": asked},
        )  # fmt: skip
        assert made["slaPolicy"]["conditions"]["underWarranty"] is asked
    covered = await has(vera, harbour.lunch, "Covered", warrantyUntil="2999-01-01")
    old = await has(vera, harbour.lunch, "Old", warrantyUntil="2020-01-01")
    never = await has(vera, harbour.lunch, "Never")

    async def promised(ticket_id: str) -> int:
        [clock] = (await run(vera, "ticket", id=ticket_id))["sla"]
        minutes: int = clock["targetMinutes"]
        return minutes

    for asset, minutes in ((covered, 60), (old, 120), (never, 120), (None, 180)):
        named = {"assetId": asset["id"]} if asset else {}
        made = await do(vera, "create_ticket", accountId=harbour.lunch, **FAULT, **named)
        assert await promised(made["ticket"]["id"]) == minutes
    await do(vera, "update_ticket", id=made["ticket"]["id"], assetId=covered["id"])
    assert await promised(made["ticket"]["id"]) == 60
    # What is named offline counts from when it was named: an hour and a half had passed, and one was promised.
    async with records.writing(db, harbour.tenant_id) as tx:
        opened, named_at = tx.at - timedelta(minutes=120), tx.at - timedelta(minutes=30)
        late = await create_ticket(tx, harbour.vera.actor, account_id=UUID(harbour.lunch), patch=FAULT, at=opened)
    async with records.writing(db, harbour.tenant_id) as tx:
        patch = {"assetId": covered["id"]}
        await update_ticket(tx, harbour.vera.actor, ticket_id=late.record_id, patch=patch, at=named_at)
    [clock] = (await run(vera, "ticket", id=str(late.record_id)))["sla"]
    assert clock["breachedByChange"]
    assert abs(datetime.fromisoformat(clock["breachedAt"]) - named_at) < timedelta(milliseconds=2)
