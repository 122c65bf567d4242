"""What a customer sees of his account, and what the company sees of the portal."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.accounts.reads import contacts_by_ids
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.pages import by_page
from fieldbeat.portal import store
from fieldbeat.portal.model import Customer, MessagesPage, PortalMessage, PortalTicket, PortalToken, TicketRating
from fieldbeat.tickets.reads import tickets_by_ids


async def own_tickets(conn: Conn, customer: Customer, ids: Sequence[UUID]) -> dict[UUID, PortalTicket]:
    """The tickets of the customer's account among `ids`; the others are absent, not refused."""
    return {each.id: each for each in await store.tickets_by_ids(conn, customer, ids)}


async def own_tickets_page(
    conn: Conn, customer: Customer, *, below_number: int | None = None, rows_max: int
) -> list[PortalTicket]:
    """One page of the tickets of the customer's account, the greatest number first."""
    return await store.tickets_page(conn, customer, below_number, rows_max=rows_max)


async def public_messages(
    conn: Conn, customer: Customer, pages: Sequence[MessagesPage]
) -> dict[MessagesPage, list[PortalMessage]]:
    """Pages of what was said publicly, the oldest first, of merged tickets, too; empty for a ticket that is not his."""
    return by_page(pages, await store.messages_page(conn, customer, pages))


async def own_ratings(conn: Conn, customer: Customer, ticket_ids: Sequence[UUID]) -> dict[UUID, TicketRating]:
    """How tickets of the customer's account were rated."""
    return await store.ratings_of(conn, customer.tenant_id, list(await own_tickets(conn, customer, ticket_ids)))


async def ratings_of_tickets(conn: Conn, actor: Actor, ticket_ids: Sequence[UUID]) -> dict[UUID, TicketRating]:
    """How customers rated the tickets that `actor` may see."""
    return await store.ratings_of(conn, actor.tenant_id, list(await tickets_by_ids(conn, actor, ticket_ids)))


async def tokens_of_contacts(conn: Conn, actor: Actor, contact_ids: Sequence[UUID]) -> dict[UUID, list[PortalToken]]:
    """The last 100 tokens of each contact that `actor` may see, the newest first."""
    found: dict[UUID, list[PortalToken]] = {id: [] for id in contact_ids}
    for token in await store.tokens_of(conn, actor.tenant_id, list(await contacts_by_ids(conn, actor, contact_ids))):
        found[token.contact_id].append(token)
    return found
