"""Assets and parts over sync: what customers have goes with them, and what two phones use of a part adds up."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from fieldbeat import records
from fieldbeat.assets.actions import create_asset, update_asset
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.kit.db import Conn, Db
from fieldbeat.parts.actions import create_part, set_part_cost, update_part
from fieldbeat.tickets.actions import assign_ticket
from fieldbeat.tickets.replica import KEPT_MESSAGE, KEPT_TICKET_PART
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher, rows
from fieldbeat_testing.waiting import until_it_waits
from fieldbeat_testing.world import ALWAYS, World

COOLER = {"name": "Cooler", "serialNumber": "SN-1", "model": "C 300", "installedOn": "2026-02-03", "tags": ["loan"]}


@pytest.fixture
async def cooler(nina: Pusher, world: World) -> UUID:
    """A cooler at LUNCH; rev 1."""
    made = nina.create("asset", {"accountId": world.lunch, **COOLER})
    assert await nina.said(made) == ["APPLIED"]
    return made.record_id


@pytest.fixture
async def leak(nina: Pusher, world: World, cooler: UUID) -> UUID:
    """A fault of the cooler; rev 1."""
    patch = {"accountId": world.lunch, "kind": "FAULT", "subject": "It leaks", "assetId": str(cooler)}
    made = nina.create("ticket", patch)
    assert await nina.said(made) == ["APPLIED"]
    return made.record_id


@pytest.fixture
async def seal(db: Db, world: World) -> UUID:
    """A part of the catalogue."""
    async with records.writing(db, world.tenant_id) as tx:
        return (await create_part(tx, world.adam.actor, patch={"sku": "S-1", "name": "Seal"})).record_id


async def row_of(device: Pusher, id: UUID, collection: str) -> Any:
    await device.pull()
    return device.row(id, collection)


async def test_an_asset_is_in_its_accounts_territory_and_merges_field_by_field(
    nina: Pusher, otto: Pusher, vera: Pusher, cooler: UUID
) -> None:
    assert await row_of(otto, cooler, "asset") is None
    shown = await row_of(vera, cooler, "asset")
    assert {**shown, **COOLER, "status": "ACTIVE", "warrantyUntil": None} == shown
    mine = nina.update("asset", cooler, {"note": "left door", "tags": {"$add": ["big"]}}, base_rev=1)
    hers = vera.update("asset", cooler, {"model": "C 301", "tags": {"$remove": ["loan"]}}, base_rev=1)
    assert await nina.said(mine) == ["APPLIED"]
    assert await vera.said(hers) == ["MERGED"]
    shown = await row_of(nina, cooler, "asset")
    assert (shown["note"], shown["model"], shown["tags"]) == ("left door", "C 301", ["big"])


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"warrantyUntil": "2030-01-01"}, "FIELD_READ_ONLY"),
        ({"accountId": str(uuid4())}, "FIELD_READ_ONLY"),
        ({"installedOn": "soon"}, "INVALID"),
        ({"status": "BROKEN"}, "INVALID"),
        ({"name": None}, "INVALID"),
    ],
)
async def test_what_a_phone_may_not_say_of_an_asset(nina: Pusher, cooler: UUID, patch: Any, said: str) -> None:
    assert await nina.said(nina.update("asset", cooler, patch, base_rev=1)) == [f"REJECTED {said}"]


async def test_a_serial_number_is_one_assets(nina: Pusher, otto: Pusher, world: World, cooler: UUID) -> None:
    answer = await nina.push(nina.create("asset", {"accountId": world.tea, "name": "B", "serialNumber": "SN-1"}))
    assert (answer.results[0].code, answer.results[0].existing_id) == ("UNIQUE", cooler)
    answer = await otto.push(otto.create("asset", {"accountId": world.diner, "name": "C", "serialNumber": "SN-1"}))
    assert (answer.results[0].code, answer.results[0].existing_id) == ("UNIQUE", None)  # he does not see it


async def test_a_supervisor_takes_a_retired_asset_back_and_deletes_one(
    nina: Pusher, vera: Pusher, cooler: UUID
) -> None:
    assert await nina.said(
        nina.update("asset", cooler, {"status": "RETIRED"}, base_rev=1),
        nina.update("asset", cooler, {"status": "ACTIVE"}, base_rev=1),
        nina.delete("asset", cooler, base_rev=2),
    ) == ["APPLIED", "REJECTED FORBIDDEN", "REJECTED FORBIDDEN"]
    assert await vera.said(vera.update("asset", cooler, {"status": "ACTIVE"}, base_rev=2)) == ["APPLIED"]
    assert await vera.said(vera.delete("asset", cooler, base_rev=3)) == ["APPLIED"]


async def test_a_ticket_is_about_an_asset_of_its_own_account(
    db: Db, nina: Pusher, vera: Pusher, world: World, rival: World, leak: UUID
) -> None:
    assert (await row_of(nina, leak, "ticket"))["assetId"] is not None
    scale = nina.create("asset", {"accountId": world.tea, "name": "Scale"})
    ticket = {"kind": "FAULT", "subject": "Wrong weight", "assetId": str(scale.record_id).upper()}
    wrong = nina.create("ticket", {"accountId": world.lunch, **ticket})
    right = nina.create("ticket", {"accountId": world.tea, **ticket})
    answer = await nina.push(scale, wrong, right)  # made offline, one after the other
    assert [each.code for each in answer.results] == [None, "INVALID", None]
    assert answer.results[1].fields == ("assetId",)
    assert rows(answer)[str(right.record_id)]["row"]["assetId"] == str(scale.record_id)
    answer = await vera.push(vera.update("ticket", leak, {"assetId": str(scale.record_id)}, base_rev=1))
    assert (answer.results[0].code, answer.results[0].fields) == ("INVALID", ("assetId",))
    async with records.writing(db, rival.tenant_id) as tx:
        theirs = await create_asset(tx, rival.adam.actor, account_id=UUID(rival.lunch), patch={"name": "Theirs"})
    for unknown in (theirs.record_id, uuid4()):
        answer = await nina.push(nina.update("ticket", leak, {"assetId": str(unknown)}, base_rev=1))
        assert (answer.results[0].code, answer.results[0].fields) == ("NOT_FOUND", ("assetId",))
    assert await nina.said(nina.update("ticket", leak, {"assetId": None}, base_rev=1)) == ["APPLIED"]


async def test_what_two_phones_use_of_a_part_adds_up(nina: Pusher, vera: Pusher, seal: UUID, leak: UUID) -> None:
    used = nina.create("ticketPart", {"ticketId": str(leak), "partId": str(seal), "quantity": 2})
    assert await nina.said(used) == ["APPLIED"]
    await vera.pull()
    id = used.record_id
    mine = [nina.update("ticketPart", id, {"quantity": {"$inc": n}}, base_rev=1) for n in (1, 3)]
    hers = vera.update("ticketPart", id, {"quantity": {"$inc": -2}, "coveredByWarranty": True}, base_rev=1)
    assert await vera.said(hers) == ["APPLIED"]
    assert await nina.said(*mine) == ["MERGED", "MERGED"]
    for phone in (nina, vera):
        shown = await row_of(phone, id, "ticketPart")
        assert (shown["quantity"], shown["coveredByWarranty"], shown["note"]) == (4, True, None)
        assert shown["authorId"] == str(nina.person.id)
        assert shown["at"] > "2026"
    assert await nina.said(mine[0]) == ["DUPLICATE MERGED"]
    assert (await row_of(nina, id, "ticketPart"))["quantity"] == 4


async def test_no_more_of_a_part_is_taken_back_than_was_used(
    nina: Pusher, vera: Pusher, seal: UUID, leak: UUID
) -> None:
    made = {"ticketId": str(leak), "partId": str(seal)}
    for quantity in (0, -1, 0.5, {"$inc": 0}):
        answer = await nina.push(nina.create("ticketPart", {**made, "quantity": quantity}))
        assert (answer.results[0].code, answer.results[0].fields) == ("INVALID", ("quantity",))
    assert await nina.said(nina.create("ticketPart", made)) == ["REJECTED INVALID"]
    used = nina.create("ticketPart", {**made, "quantity": 1})
    await nina.push(used)
    back = {"quantity": {"$inc": -1}}
    await vera.pull()
    assert await nina.said(nina.update("ticketPart", used.record_id, back, base_rev=1)) == ["APPLIED"]
    answer = await vera.push(vera.update("ticketPart", used.record_id, back, base_rev=1))  # both had it in the van
    assert (answer.results[0].code, answer.results[0].fields) == ("INVALID", ("quantity",))
    assert (await row_of(vera, used.record_id, "ticketPart"))["quantity"] == 0


async def test_who_noted_a_use_deletes_it_and_so_does_who_leads_him(
    nina: Pusher, otto: Pusher, vera: Pusher, seal: UUID, leak: UUID, db: Db, world: World
) -> None:
    made = [nina.create("ticketPart", {"ticketId": str(leak), "partId": str(seal), "quantity": 1}) for _ in range(3)]
    await nina.push(*made)
    first, second, third = (each.record_id for each in made)
    assert await otto.said(otto.delete("ticketPart", first, base_rev=1)) == ["REJECTED NOT_FOUND"]
    assert await nina.said(nina.delete("ticketPart", first, base_rev=1)) == ["APPLIED"]
    assert await vera.said(vera.delete("ticketPart", second, base_rev=1)) == ["APPLIED"]
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.lunch), owner_id=world.otto.id)
    assert await otto.said(otto.delete("ticketPart", third, base_rev=1)) == ["REJECTED FORBIDDEN"]


async def test_assets_and_used_parts_change_hands_with_their_customer(
    db: Db, nina: Pusher, otto: Pusher, vera: Pusher, world: World, seal: UUID, cooler: UUID, leak: UUID
) -> None:
    used = nina.create("ticketPart", {"ticketId": str(leak), "partId": str(seal), "quantity": 1})
    await nina.push(used)
    await vera.push(vera.update("asset", cooler, {"model": "x"}, base_rev=1))
    assert await nina.said(nina.update("asset", cooler, {"model": "y"}, base_rev=1)) == ["CONFLICT"]
    for each in (nina, otto, vera):
        await each.pull()
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.lunch), owner_id=world.otto.id)
    for id, collection in ((cooler, "asset"), (leak, "ticket"), (used.record_id, "ticketPart")):
        assert await row_of(nina, id, collection) is None
        assert await row_of(otto, id, collection) is not None
        assert await row_of(vera, id, collection) is not None
    assert nina.conflicts() == []
    assert [each["recordId"] for each in otto.conflicts()] == [str(cooler)]
    late = nina.update("asset", cooler, {"note": "late"}, base_rev=2)
    assert await nina.said(late) == ["REJECTED FORBIDDEN"]


async def test_what_was_used_before_the_ticket_was_lost_is_taken(
    db: Db, nina: Pusher, otto: Pusher, world: World, seal: UUID, leak: UUID
) -> None:
    before = nina.create("ticketPart", {"ticketId": str(leak), "partId": str(seal), "quantity": 3})
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.lunch), owner_id=world.otto.id)
    assert await nina.said(before) == ["APPLIED"]
    assert (await row_of(otto, before.record_id, "ticketPart"))["quantity"] == 3
    after = nina.create("ticketPart", {"ticketId": str(leak), "partId": str(seal), "quantity": 3})
    assert await nina.said(after) == ["REJECTED FORBIDDEN"]


async def test_used_parts_go_to_whom_their_ticket_is_given(
    db: Db, nina: Pusher, otto: Pusher, world: World, seal: UUID, leak: UUID
) -> None:
    used = nina.create("ticketPart", {"ticketId": str(leak), "partId": str(seal), "quantity": 1})
    await nina.push(used)
    async with records.writing(db, world.tenant_id) as tx:
        await assign_ticket(tx, world.vera.actor, ticket_id=leak, assignee_id=world.otto.id)
    assert await row_of(otto, used.record_id, "ticketPart") is not None
    async with records.writing(db, world.tenant_id) as tx:
        await assign_ticket(tx, world.vera.actor, ticket_id=leak, assignee_id=world.nina.id)
    assert await row_of(otto, used.record_id, "ticketPart") is None


async def test_a_tickets_conflicts_go_to_whom_it_is_given(
    db: Db, nina: Pusher, otto: Pusher, vera: Pusher, world: World, leak: UUID
) -> None:
    await vera.push(vera.update("ticket", leak, {"subject": "A leak"}, base_rev=1))
    early = nina.update("ticket", leak, {"subject": "No leak"}, base_rev=1)
    assert await nina.said(early) == ["CONFLICT"]
    async with records.writing(db, world.tenant_id) as tx:
        await assign_ticket(tx, world.vera.actor, ticket_id=leak, assignee_id=world.otto.id)
    await otto.pull()
    assert [each["recordId"] for each in otto.conflicts()] == [str(leak)]
    await vera.pull()
    await vera.push(vera.update("ticket", leak, {"subject": "Settled"}, base_rev=4))
    await otto.pull()
    assert [each["status"] for each in otto.conflicts()] == ["SUPERSEDED"]
    async with records.writing(db, world.tenant_id) as tx:
        await assign_ticket(tx, world.vera.actor, ticket_id=leak, assignee_id=world.nina.id)
    await otto.pull()
    assert otto.conflicts() == []
    for new_owner, holds in ((world.otto, (1, 0, 1)), (world.nina, (0, 1, 1))):
        async with records.writing(db, world.tenant_id) as tx:
            await reassign_account(tx, world.adam.actor, account_id=UUID(world.lunch), owner_id=new_owner.id)
        for phone, count in zip((otto, nina, vera), holds, strict=True):
            await phone.pull()
            assert len(phone.conflicts()) == count


async def test_a_visits_conflicts_go_to_its_rep(db: Db, nina: Pusher, otto: Pusher, vera: Pusher, world: World) -> None:
    span = {"plannedStart": "2030-01-07T09:00:00Z", "plannedEnd": "2030-01-07T09:30:00Z"}
    made = nina.create("visit", {"accountId": world.lunch, "window": span})
    assert await nina.said(made) == ["APPLIED"]
    await vera.push(vera.update("visit", made.record_id, {"purpose": "Sell"}, base_rev=1))
    early = nina.update("visit", made.record_id, {"purpose": "Chat"}, base_rev=1)
    assert await nina.said(early) == ["CONFLICT"]
    for person, count in ((world.otto, 1), (world.nina, 0)):
        async with records.writing(db, world.tenant_id) as tx:
            given = records.Change(KEPT_VISIT, made.record_id, Op.UPDATE, {"repId": str(person.id)})
            await records.change(tx, world.adam.actor, [given])
        await otto.pull()
        assert len(otto.conflicts()) == count


@pytest.mark.parametrize("mover", ["reassigned", "assigned"])
@pytest.mark.parametrize("written", ["a message", "a new use", "a use"])
async def test_what_is_written_of_a_ticket_while_it_changes_hands_goes_with_it(
    db: Db, owner: Conn, nina: Pusher, otto: Pusher, world: World, seal: UUID, leak: UUID, written: str, mover: str
) -> None:
    """The writer has not committed when the mover begins, which then waits for it."""
    used, new = uuid4(), uuid4()
    ticket, adam = {"ticketId": str(leak)}, world.adam.actor
    use = {**ticket, "partId": str(seal), "quantity": 1}
    writes = {
        "a message": records.Change(KEPT_MESSAGE, new, Op.CREATE, {**ticket, "body": "Still leaks"}),
        "a new use": records.Change(KEPT_TICKET_PART, new, Op.CREATE, use),
        "a use": records.Change(KEPT_TICKET_PART, used, Op.UPDATE, {"quantity": {"$inc": 4}}),
    }
    async with records.writing(db, world.tenant_id) as tx:
        await records.change(tx, adam, [records.Change(KEPT_TICKET_PART, used, Op.CREATE, use)])
    for each in (nina, otto):
        await each.pull()

    async def move() -> None:
        async with records.writing(db, world.tenant_id) as tx:
            if mover == "assigned":
                await assign_ticket(tx, adam, ticket_id=leak, assignee_id=world.otto.id)
            else:
                await reassign_account(tx, adam, account_id=UUID(world.lunch), owner_id=world.otto.id)

    async with records.writing(db, world.tenant_id) as tx:
        await records.change(tx, adam, [writes[written]])
        moving = asyncio.create_task(move())
        await until_it_waits(owner, moving)
    await moving
    change = writes[written]
    row = await row_of(otto, change.record_id, change.kept.schema.name)
    assert row is not None
    assert row.get("quantity", 5) == (1 if written == "a new use" else 5)
    await nina.pull()
    assert (nina.row(change.record_id, change.kept.schema.name) is None) == (mover == "reassigned")


async def test_the_catalogue_is_on_every_phone_and_its_costs_on_none(
    db: Db, owner: Conn, nina: Pusher, otto: Pusher, world: World, seal: UUID
) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        await set_part_cost(tx, world.adam.actor, part_id=seal, from_on=ALWAYS, amount=12.3456)
        await update_part(tx, world.adam.actor, part_id=seal, patch={"status": "RETIRED"})
    for phone in (nina, otto):
        shown = await row_of(phone, seal, "part")
        assert (shown["sku"], shown["unit"], shown["status"]) == ("S-1", "piece", "RETIRED")
    assert await nina.said(nina.update("part", seal, {"name": "x"}, base_rev=2)) == ["REJECTED FIELD_READ_ONLY"]
    assert await nina.said(nina.create("part", {"sku": "x", "name": "x"})) == ["REJECTED FORBIDDEN"]
    sent = await owner.fetch("select doc from feed where tenant_id = $1 and doc like '%12.3%'", world.tenant_id)
    kept = await owner.fetch(
        "select field from field_write where tenant_id = $1 and collection = 'part'", world.tenant_id
    )
    assert sent == []
    assert {row["field"] for row in kept} <= {"sku", "name", "unit", "status"}


async def test_a_warranty_from_above_meets_an_edit_from_below(db: Db, nina: Pusher, world: World, cooler: UUID) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        await update_asset(tx, world.vera.actor, asset_id=cooler, patch={"warrantyUntil": "2028-02-03"})
    assert await nina.said(nina.update("asset", cooler, {"note": "offline"}, base_rev=1)) == ["MERGED"]
    shown = await row_of(nina, cooler, "asset")
    assert (shown["warrantyUntil"], shown["note"]) == ("2028-02-03", "offline")
