"""How tickets and their messages live on a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT, homes_of, owners_of
from fieldbeat.attachments.replica import KEPT_ATTACHMENT, attachments_of
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Refusal
from fieldbeat.outbox.actions import announce
from fieldbeat.records import Change, Kept, Row, Saved, Tx, Wrote
from fieldbeat.tickets import clock_store, store
from fieldbeat.tickets.activities import activities_of
from fieldbeat.tickets.judging import judge_messages, judge_parts, judge_tickets
from fieldbeat.tickets.keeping import refresh_clocks
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.tickets import sla_policy, ticket, ticket_message, ticket_part
from fieldbeat_sync.clock import instant_of
from fieldbeat_sync.mutation import Timing
from fieldbeat_sync.schema import Op, Role

HANDED_OVER = "ticket.handedOver"  # the effect's payload: {"handOvers": [[ticket id, the ticket's rev], …]}
WITHOUT_CUSTOMER = frozenset({"PENDING_CUSTOMER", "RESOLVED", "CLOSED"})  # what a customer's message takes back


async def scopes_of_tickets(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A ticket is in its account's territory, with its assignee and with whom it is offered to."""
    homes = await homes_of(conn, tenant_id, {row["accountId"] for row in rows.values()})
    return {id: homes.get(row["accountId"], frozenset()) | _people(row) for id, row in rows.items()}


async def scopes_of_dependants(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A message, or the use of a part, is where its ticket is."""
    ids = sorted({UUID(row["ticketId"]) for row in rows.values()})
    tickets = {place.id: place for place in await store.places_of_tickets(conn, tenant_id, ids)}
    homes = await homes_of(conn, tenant_id, {str(place.account_id) for place in tickets.values()})
    scopes = {
        str(id): homes.get(str(place.account_id), frozenset()) | _with(place.assignee_id, place.offered_to_id)
        for id, place in tickets.items()
    }
    return {id: scopes.get(row["ticketId"], frozenset()) for id, row in rows.items()}


async def scopes_of_policies(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """Everyone may know what the company promises."""
    return dict.fromkeys(rows, frozenset({scope.TENANT}))


async def prepare_tickets(
    conn: Conn, actor: Actor, patches: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any] | Refusal]:
    """What the server adds to the tickets of devices; it refuses none of them."""
    return await placed_tickets(conn, actor, patches)


async def placed_tickets(conn: Conn, actor: Actor, patches: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A new ticket gets the tenant's next number, and the account's owner answers for it, or else who wrote it.

    Locks: the tenant's counter of tickets, to the end of the transaction. A CREATE that is rejected leaves a gap.
    """
    owners = await owners_of(conn, actor.tenant_id, [patch.get("accountId") for patch in patches])
    first = await store.take_numbers(conn, actor.tenant_id, len(patches))
    return [
        {"number": first + n, "assigneeId": owners.get(str(patch.get("accountId")), str(actor.user_id))}
        for n, patch in enumerate(patches)
    ]


async def bring_dependants(tx: Tx, saved: Sequence[Saved]) -> None:
    """What hangs on tickets that went to somebody else, or were offered to him, goes with them, and so do conflicts."""
    moved = {each.record_id: (each.before, each.after) for each in saved if each.before and each.after}
    given = {id: (was, now) for id, (was, now) in moved.items() if _people(was) != _people(now)}
    if not given:
        return
    dependants = await store.lock_dependants(tx.conn, tx.tenant_id, list(given))
    attachments = await attachments_of(tx, list(given))
    homes = await homes_of(tx.conn, tx.tenant_id, {now["accountId"] for _, now in given.values()})
    for id, (was, now) in given.items():
        [home] = homes[now["accountId"]]
        then, today = _people(was), _people(now)
        for left, entered in [*((person, None) for person in then - today), *((None, one) for one in today - then)]:
            await records.move(
                tx, left=left, entered=entered, standing_in=home, record_ids=[id, *dependants[id], *attachments[id]],
                collections=[ticket_message.name, ticket_part.name, KEPT_ATTACHMENT.schema.name],
            )  # fmt: skip


async def follow_tickets(tx: Tx, actor: Actor, saved: Sequence[Saved]) -> None:
    """What follows from a change of tickets as it happens; hand-overs are announced."""
    await _follow(tx, actor, saved)
    handed = [[str(each.record_id), write.rev] for each in saved for write in each.writes if _hands_over(each, write)]
    if handed:
        await announce(tx.conn, tx.tenant_id, cause=uuid7(), effect=HANDED_OVER, payload={"handOvers": handed})


async def follow_past_tickets(tx: Tx, actor: Actor, saved: Sequence[Saved]) -> None:
    """What follows from a past that is imported: nobody is told now of what was due, or was handed over, then."""
    await _follow(tx, actor, saved)
    await clock_store.pass_over_due_steps(tx.conn, tx.tenant_id, [each.record_id for each in saved], tx.at)


async def _follow(tx: Tx, actor: Actor, saved: Sequence[Saved]) -> None:
    """Messages go where their tickets go; who had not seen the customer's last word leaves it open; clocks follow."""
    tx.activities += [activity for each in saved for activity in activities_of(each, tx.at)]
    await bring_dependants(tx, saved)
    moves = [move for each in saved if (move := _move_away(each))]
    unseen = await store.unseen_words(tx.conn, tx.tenant_id, moves) if moves else []
    opening = [Change(KEPT_TICKET, id, Op.UPDATE, {"status": "OPEN"}) for id in dict.fromkeys(unseen)]
    if opening:
        await records.change(tx, _server(actor), opening)
    rest = [each for each in saved if each.record_id not in unseen]
    new = frozenset(each.record_id for each in rest if each.before is None)
    await refresh_clocks(tx, [each.record_id for each in rest], new=new)


async def follow_messages(tx: Tx, actor: Actor, saved: Sequence[Saved]) -> None:
    """A customer's word opens a ticket that waits for him or was resolved without having seen it; clocks follow."""
    written = [each.record_id for each in saved if each.before is None and each.after]
    words = await store.customers_words(tx.conn, tx.tenant_id, written) if written else []
    if words:
        await records.change(tx, _server(actor), [_taken_note(word) for word in words])
    answered = {UUID(each.after["ticketId"]) for each in saved if each.after and each.after["public"]}
    await refresh_clocks(tx, await store.going_on(tx.conn, tx.tenant_id, sorted(answered)))


def _taken_note(word: store.CustomersWord) -> Change:
    """The ticket names the message, which raises its rev: so a later move tells whether its author had seen it."""
    patch = {"customerMessageId": str(word.id)}
    if word.status in WITHOUT_CUSTOMER and not word.seen:
        patch["status"] = "OPEN"
    return Change(
        KEPT_TICKET, word.ticket_id, Op.UPDATE, patch, at=instant_of(word.hlc), timing=Timing(word.timing)
    )  # fmt: skip


def _move_away(saved: Saved) -> store.Move | None:
    """How the ticket came to wait for a customer who has written, or to be done, in this transaction."""
    row = saved.after
    if row is None or row["customerMessageId"] is None or row["mergedIntoId"] or row["status"] not in WITHOUT_CUSTOMER:
        return None
    moved = [each for each in saved.writes if each.field == "status" and each.outcome == "WON"]
    return store.Move(saved.record_id, moved[-1].base_rev, moved[-1].replica, moved[-1].seq) if moved else None


def _hands_over(saved: Saved, write: Wrote) -> bool:
    return saved.before is not None and write.field == "assigneeId" and write.outcome == "WON"


def _server(actor: Actor) -> Actor:
    """The server may reopen whatever `actor` may; he stays the one who brought it about."""
    return replace(actor, role=Role.ADMIN)


def _people(row: Row) -> frozenset[str]:
    return _with(row["assigneeId"], row["offeredToId"])


def _with(*user_ids: object) -> frozenset[str]:
    return frozenset(scope.user(id) for id in user_ids if id)


KEPT_TICKET = Kept(
    ticket, "ticket", scopes_of_tickets, scope_fields=("accountId", "assigneeId", "offeredToId"), parent=KEPT_ACCOUNT,
    prepare=prepare_tickets, follow_up=follow_tickets, judge=judge_tickets,
)  # fmt: skip
KEPT_MESSAGE = Kept(
    ticket_message, "ticket_message", scopes_of_dependants, scope_fields=("ticketId",), parent=KEPT_TICKET,
    follow_up=follow_messages, judge=judge_messages,
)  # fmt: skip
KEPT_TICKET_PART = Kept(
    ticket_part, "ticket_part", scopes_of_dependants, scope_fields=("ticketId",), parent=KEPT_TICKET, judge=judge_parts
)
KEPT_POLICY = Kept(sla_policy, "sla_policy", scopes_of_policies)
