"""The verbs of the portal: somebody of the company gives and takes back tokens, a customer opens tickets and speaks.

What a customer writes goes the way of every ticket and message. Its actor is who gave him the token, with the server's
rights: whether the ticket is the customer's is looked at here, and the contact stands in what is written.
"""

from datetime import timedelta
from uuid import UUID

from fieldbeat.accounts.model import ContactUnknown
from fieldbeat.accounts.reads import contacts_by_ids
from fieldbeat.kit.actor import Actor
from fieldbeat.portal import rules, store
from fieldbeat.portal.model import (
    Customer,
    EntryKind,
    PortalTicket,
    PortalTicketUnknown,
    PortalToken,
    TicketRating,
    TokenUnknown,
)
from fieldbeat.portal.tokens import Token, new_token
from fieldbeat.records import Changed, Tx
from fieldbeat.tickets import actions as tickets
from fieldbeat.tickets.model import TicketKind
from fieldbeat_sync.schema import Role


async def issue_token(tx: Tx, actor: Actor, *, contact_id: UUID, days: int) -> tuple[PortalToken, Token]:
    """Gives a contact a token that is good for so many days; it is told this once. Refuses NOT_FOUND (`contactId`)."""
    await _check_seen(tx, actor, contact_id, refusal=ContactUnknown(fields=("contactId",)))
    token = new_token(actor.tenant_id)
    return await store.put_token(tx.conn, actor, token, contact_id, lasts=timedelta(days=days)), token


async def revoke_token(tx: Tx, actor: Actor, *, token_id: UUID) -> PortalToken:
    """Takes a token back, at once; done twice, done once. Refuses NOT_FOUND."""
    given = await store.token_by_id(tx.conn, actor.tenant_id, token_id)
    unknown = TokenUnknown(fields=("id",))
    if given is None:
        raise unknown
    await _check_seen(tx, actor, given.contact_id, refusal=unknown)
    return await store.revoke_token(tx.conn, actor.tenant_id, token_id)


async def open_ticket(
    tx: Tx, customer: Customer, *, kind: TicketKind, subject: str, description: str | None
) -> Changed:
    """The customer opens a ticket at his account. Refuses INVALID, TOO_MANY. Locks: his token."""
    await _check_takes_more(tx, customer, EntryKind.TICKET)
    patch = {"kind": kind, "subject": subject, "description": description, "contactId": str(customer.contact_id)}
    made = await tickets.create_ticket(tx, _server(customer), account_id=customer.account_id, patch=patch)
    await store.put_entry(tx.conn, customer, EntryKind.TICKET, made.record_id)
    return made


async def add_message(tx: Tx, customer: Customer, *, ticket_id: UUID, body: str) -> Changed:
    """The customer says something about his ticket; one that waits for him, or is done, opens again.

    Refuses NOT_FOUND (`ticketId`), INVALID, TOO_MANY. Locks: his token.
    """
    await _seen_ticket(tx, customer, ticket_id)
    await _check_takes_more(tx, customer, EntryKind.MESSAGE)
    made = await tickets.add_message(
        tx, _server(customer), ticket_id=ticket_id, body=body, public=True, contact_id=customer.contact_id
    )
    await store.put_entry(tx.conn, customer, EntryKind.MESSAGE, made.record_id)
    return made


async def rate_ticket(tx: Tx, customer: Customer, *, ticket_id: UUID, score: int, comment: str | None) -> TicketRating:
    """The customer says how he found the service; a later rating of the ticket replaces it.

    Refuses NOT_FOUND (`ticketId`), INVALID (also: it is not resolved).
    """
    rules.check_rating(await _seen_ticket(tx, customer, ticket_id), score, comment)
    return await store.put_rating(tx.conn, customer, ticket_id, score, comment)


async def _seen_ticket(tx: Tx, customer: Customer, ticket_id: UUID) -> PortalTicket:
    found = await store.tickets_by_ids(tx.conn, customer, [ticket_id])
    if not found:
        raise PortalTicketUnknown(fields=("ticketId",))
    return found[0]


async def _check_seen(tx: Tx, actor: Actor, contact_id: UUID, *, refusal: Exception) -> None:
    if contact_id not in await contacts_by_ids(tx.conn, actor, [contact_id]):
        raise refusal


async def _check_takes_more(tx: Tx, customer: Customer, kind: EntryKind) -> None:
    await store.lock_token(tx.conn, customer)
    written = await store.entries_since(tx.conn, customer, kind, age=rules.AN_HOUR, rows_max=rules.AN_HOUR_MAX[kind])
    rules.check_takes_more(kind, written, at=tx.at)


def _server(customer: Customer) -> Actor:
    return Actor(customer.tenant_id, customer.vouched_by, Role.ADMIN)
