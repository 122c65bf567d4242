"""How tickets and their messages live on a phone."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT, homes_of, owners_of
from fieldbeat.attachments.replica import KEPT_ATTACHMENT, attachments_of
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.refusal import Refusal
from fieldbeat.records import Kept, Row, Saved, Tx
from fieldbeat.tickets import store
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.tickets import ticket, ticket_message


async def scopes_of_tickets(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A ticket is in its account's territory and with its assignee."""
    homes = await homes_of(conn, tenant_id, {row["accountId"] for row in rows.values()})
    return {id: homes.get(row["accountId"], frozenset()) | _with_person(row["assigneeId"]) for id, row in rows.items()}


async def scopes_of_messages(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A message is where its ticket is."""
    ids = sorted({UUID(row["ticketId"]) for row in rows.values()})
    tickets = {place.id: place for place in await store.places_of_tickets(conn, tenant_id, ids)}
    homes = await homes_of(conn, tenant_id, {str(place.account_id) for place in tickets.values()})
    scopes = {
        str(id): homes.get(str(place.account_id), frozenset()) | _with_person(place.assignee_id)
        for id, place in tickets.items()
    }
    return {id: scopes.get(row["ticketId"], frozenset()) for id, row in rows.items()}


async def prepare_tickets(
    conn: Conn, actor: Actor, patches: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any] | Refusal]:
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
    """The messages and attachments of tickets that went to somebody else go with them."""
    given = [each for each in saved if each.before and each.after and _person(each.before) != _person(each.after)]
    ids = [each.record_id for each in given]
    messages = await store.messages_of_tickets(tx.conn, tx.tenant_id, ids)
    attachments = await attachments_of(tx, ids)
    homes = await homes_of(tx.conn, tx.tenant_id, {each.after["accountId"] for each in given if each.after})
    for each in given:
        if each.before and each.after:
            [home] = homes[each.after["accountId"]]
            await records.move(
                tx, left=_person(each.before), entered=_person(each.after), standing_in=home,
                record_ids=[*messages[each.record_id], *attachments[each.record_id]],
                collections=[ticket_message.name, KEPT_ATTACHMENT.schema.name],
            )  # fmt: skip


async def follow_tickets(tx: Tx, actor: Actor, saved: Sequence[Saved]) -> None:
    """What follows from tickets that were written."""
    await bring_dependants(tx, saved)


def _person(row: Row) -> str | None:
    return scope.user(row["assigneeId"]) if row["assigneeId"] else None


def _with_person(user_id: object) -> frozenset[str]:
    return frozenset({scope.user(user_id)}) if user_id else frozenset()


KEPT_TICKET = Kept(
    ticket, "ticket", scopes_of_tickets, scope_fields=("accountId", "assigneeId"), parent=KEPT_ACCOUNT,
    prepare=prepare_tickets, follow_up=follow_tickets,
)  # fmt: skip
KEPT_MESSAGE = Kept(
    ticket_message, "ticket_message", scopes_of_messages, scope_fields=("ticketId",), parent=KEPT_TICKET
)
