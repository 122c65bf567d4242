"""Tickets over sync: numbers, who answers for them, messages that nobody changes, and hands that they pass through."""

from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.exchange.model import Mutation
from fieldbeat.kit.db import Conn, Db
from fieldbeat.tickets.replica import KEPT_TICKET
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher
from fieldbeat_testing.world import World


@pytest.fixture
async def leak(nina: Pusher, world: World) -> UUID:
    """A fault at LUNCH; rev 1."""
    made = nina.create("ticket", {"accountId": world.lunch, "kind": "FAULT", "subject": "The cooler leaks"})
    assert await nina.said(made) == ["APPLIED"]
    return made.record_id


async def row_of(device: Pusher, id: UUID, collection: str = "ticket") -> Any:
    await device.pull()
    return device.row(id, collection)


async def test_a_ticket_gets_the_next_number_and_the_accounts_owner(world: World, vera: Pusher, leak: UUID) -> None:
    made = [
        vera.create("ticket", {"accountId": account, "kind": "REQUEST", "subject": "A"})
        for account in (world.lunch, world.diner)
    ]
    assert await vera.said(*made) == ["APPLIED", "APPLIED"]
    rows = [await row_of(vera, id) for id in (leak, *(each.record_id for each in made))]
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert [row["assigneeId"] for row in rows] == [str(world.nina.id), str(world.nina.id), str(world.otto.id)]
    assert {row["priority"] for row in rows} == {"NORMAL"}


async def test_a_message_has_its_author_and_its_true_time_and_stays(nina: Pusher, world: World, leak: UUID) -> None:
    lie = {"at": "1999-01-01T00:00:00Z", "authorId": str(world.otto.id)}
    made = nina.create("ticketMessage", {"ticketId": str(leak), "body": "On my way", "public": True, **lie})
    assert await nina.said(made, nina.update("ticketMessage", made.record_id, {"body": "Never mind"}, base_rev=1)) == [
        "APPLIED",
        "REJECTED IMMUTABLE",
    ]
    assert await nina.said(nina.delete("ticketMessage", made.record_id, base_rev=1)) == ["REJECTED FORBIDDEN"]
    row = await row_of(nina, made.record_id, "ticketMessage")
    assert (row["authorId"], row["body"]) == (str(world.nina.id), "On my way")
    assert row["at"] > "2026"


@pytest.mark.parametrize(
    ("patches", "said"),
    [
        ([{"status": "CLOSED"}], "ILLEGAL_TRANSITION"),
        ([{"status": "CLOSED", "cause": "wear"}], "ILLEGAL_TRANSITION"),
        ([{"status": "CLOSED", "cause": "wear", "solution": "  "}], "ILLEGAL_TRANSITION"),
        ([{"status": "OPEN"}, {"status": "NEW"}], "ILLEGAL_TRANSITION"),
        ([{"status": "RESOLVED"}, {"status": "ON_HOLD"}], "ILLEGAL_TRANSITION"),
        ([{"number": 7}], "FIELD_READ_ONLY"),
        ([{"subject": None}], "INVALID"),
        ([{"priority": "SOON"}], "INVALID"),
    ],
)
async def test_what_cannot_be_is_refused(nina: Pusher, leak: UUID, patches: list[Any], said: str) -> None:
    *before, last = await nina.said(*(nina.update("ticket", leak, patch, base_rev=1) for patch in patches))
    assert before == ["APPLIED"] * (len(patches) - 1)
    assert last == f"REJECTED {said}"


async def test_its_assignee_reopens_a_ticket_and_closing_takes_cause_and_solution(nina: Pusher, leak: UUID) -> None:
    patches = (
        {"status": "PENDING_THIRD"}, {"status": "OPEN"}, {"status": "RESOLVED", "solution": "new seal"},
        {"status": "OPEN"}, {"status": "CLOSED", "cause": "wear"}, {"status": "OPEN"},
    )  # fmt: skip
    assert await nina.said(*(nina.update("ticket", leak, each, base_rev=1) for each in patches)) == ["APPLIED"] * 6


async def test_messages_go_where_their_ticket_goes(
    db: Db, world: World, nina: Pusher, otto: Pusher, vera: Pusher, leak: UUID
) -> None:
    made = nina.create("ticketMessage", {"ticketId": str(leak), "body": "On my way"})
    await nina.push(made)
    for each in (nina, otto, vera):
        await each.pull()
    async with records.writing(db, world.tenant_id) as tx:
        await records.change(
            tx, world.vera.actor,
            [records.Change(KEPT_TICKET, leak, Op.UPDATE, {"assigneeId": str(world.otto.id)})],
        )  # fmt: skip
    for each in (nina, otto, vera):  # Nina covers the territory still
        assert await row_of(each, leak) is not None
        assert await row_of(each, made.record_id, "ticketMessage") is not None
    async with records.writing(db, world.tenant_id) as tx:
        await records.change(tx, world.vera.actor, [records.Change(KEPT_TICKET, leak, Op.UPDATE, {"assigneeId": None})])
    assert await row_of(otto, made.record_id, "ticketMessage") is None
    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.vera.actor, account_id=UUID(world.lunch), owner_id=world.otto.id)
    assert await row_of(nina, made.record_id, "ticketMessage") is None
    assert await row_of(nina, leak) is None
    assert (await row_of(otto, leak))["assigneeId"] == str(world.otto.id)
    assert await row_of(otto, made.record_id, "ticketMessage") is not None
    assert await row_of(vera, made.record_id, "ticketMessage") is not None


async def test_history_says_how_the_time_of_a_write_is_known(nina: Pusher, owner: Conn, leak: UUID) -> None:
    boot = {"uptime_ms": 1_000.0, "boot_id": "b"}
    await nina.push(
        nina.update("ticket", leak, {"priority": "HIGH"}, base_rev=1, **boot),
        nina.update("ticket", leak, {"priority": "LOW"}, base_rev=1),
        uptime_ms=5_000.0, boot_id="b",
    )  # fmt: skip
    rows = await owner.fetch(
        "select timing from field_write where record_id = $1 and field = 'priority' order by rev", leak
    )
    assert [row["timing"] for row in rows] == ["BOOT", "DEVICE"]


async def contact_at(device: Pusher, account_id: str) -> str:
    made = device.create("contact", {"accountId": account_id, "name": "Ann"})
    assert await device.said(made) == ["APPLIED"]
    return str(made.record_id)


async def test_a_customer_is_one_of_the_tickets_account(nina: Pusher, world: World) -> None:
    there, elsewhere = await contact_at(nina, world.lunch), await contact_at(nina, world.tea)
    leak = {"accountId": world.lunch, "kind": "FAULT", "subject": "It leaks"}
    right, wrong = (nina.create("ticket", {**leak, "contactId": each}) for each in (there, elsewhere))
    answer = await nina.push(right, wrong)
    assert [each.code for each in answer.results] == [None, "INVALID"]
    assert answer.results[1].fields == ("contactId",)
    answer = await nina.push(said_by(nina, right.record_id, elsewhere), said_by(nina, right.record_id, there))
    assert [each.code for each in answer.results] == ["INVALID", None]
    assert answer.results[0].fields == ("onBehalfOfContactId",)
    answer = await nina.push(nina.update("ticket", right.record_id, {"contactId": elsewhere}, base_rev=1))
    assert (answer.results[0].code, answer.results[0].fields) == ("INVALID", ("contactId",))


def said_by(device: Pusher, ticket_id: UUID, contact_id: str) -> Mutation:
    patch = {"ticketId": str(ticket_id), "body": "Still wet", "public": True, "onBehalfOfContactId": contact_id}
    return device.create("ticketMessage", patch)


async def test_a_customers_word_from_a_phone_opens_what_waits_or_is_done(
    nina: Pusher, world: World, leak: UUID
) -> None:
    ann = await contact_at(nina, world.lunch)
    for status in ("PENDING_CUSTOMER", "RESOLVED"):
        row = await row_of(nina, leak)
        await nina.push(nina.update("ticket", leak, {"status": status}, base_rev=row["rev"]))
        assert await nina.said(said_by(nina, leak, ann)) == ["APPLIED"]
        assert (await row_of(nina, leak))["status"] == "OPEN"


async def test_whoever_wrote_the_word_down_before_he_resolved_has_seen_it(
    nina: Pusher, world: World, leak: UUID
) -> None:
    ann = await contact_at(nina, world.lunch)
    resolved = {"status": "RESOLVED"}
    await nina.push(said_by(nina, leak, ann), nina.update("ticket", leak, resolved, base_rev=1))
    assert (await row_of(nina, leak))["status"] == "RESOLVED"
    rev = (await row_of(nina, leak))["rev"]
    await nina.push(nina.update("ticket", leak, {"status": "OPEN"}, base_rev=rev))
    await nina.push(said_by(nina, leak, ann))
    await nina.push(nina.update("ticket", leak, resolved, base_rev=rev))  # it has not pulled, but the word is its own
    assert (await row_of(nina, leak))["status"] == "RESOLVED"


async def test_who_resolves_offline_beside_the_customers_word_leaves_it_open(
    nina: Pusher, vera: Pusher, world: World, leak: UUID
) -> None:
    ann = await contact_at(nina, world.lunch)
    row = await row_of(vera, leak)
    await nina.push(said_by(nina, leak, ann))
    await vera.push(vera.update("ticket", leak, {"status": "RESOLVED"}, base_rev=row["rev"]))
    assert (await row_of(vera, leak))["status"] == "OPEN"
    row = await row_of(vera, leak)
    await vera.push(vera.update("ticket", leak, {"status": "RESOLVED"}, base_rev=row["rev"]))
    assert (await row_of(nina, leak))["status"] == "RESOLVED"


async def test_what_is_offered_is_on_the_phone_of_whom_it_is_offered_to(
    db: Db, nina: Pusher, otto: Pusher, world: World, leak: UUID
) -> None:
    made = nina.create("ticketMessage", {"ticketId": str(leak), "body": "On my way"})
    await nina.push(made)

    async def write(**patch: str | None) -> list[bool]:
        async with records.writing(db, world.tenant_id) as tx:
            await records.change(tx, world.vera.actor, [records.Change(KEPT_TICKET, leak, Op.UPDATE, patch)])
        return [
            await row_of(otto, id, collection) is not None
            for id, collection in ((leak, "ticket"), (made.record_id, "ticketMessage"))
        ]

    otto_id, nina_id = str(world.otto.id), str(world.nina.id)
    assert await write(offeredToId=otto_id) == [True, True]
    assert await write(offeredToId=None) == [False, False]
    assert await write(offeredToId=otto_id) == [True, True]
    assert await write(offeredToId=None, assigneeId=otto_id) == [True, True]
    assert await write(offeredToId=nina_id) == [True, True]
    assert await write(offeredToId=None, assigneeId=nina_id) == [False, False]
    assert await row_of(nina, made.record_id, "ticketMessage") is not None


async def test_a_phone_does_not_write_what_the_server_decides(nina: Pusher, world: World, leak: UUID) -> None:
    patches = [{"offeredToId": str(world.otto.id)}, {"mergedIntoId": str(leak)}, {"openedAt": "2020-01-01T00:00:00Z"}]
    said = await nina.said(*(nina.update("ticket", leak, patch, base_rev=1) for patch in patches))
    assert said == ["REJECTED FIELD_READ_ONLY"] * 3
