"""Which article solved which ticket: tickets and knowledge do not know each other, who links them sees both."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.knowledge import actions, store
from fieldbeat.knowledge.model import Article
from fieldbeat.knowledge.reads import articles_of_tickets
from fieldbeat.records import Tx
from fieldbeat.tickets.model import Ticket, TicketUnknown
from fieldbeat.tickets.reads import tickets_by_ids


async def link_article(tx: Tx, actor: Actor, *, ticket_id: UUID, article_id: UUID) -> None:
    """Notes that a ticket was solved with a published article. Refuses NOT_FOUND, INVALID (not published)."""
    await _check_seen(tx, actor, ticket_id)
    await actions.link_ticket(tx, actor, ticket_id=ticket_id, article_id=article_id)


async def unlink_article(tx: Tx, actor: Actor, *, ticket_id: UUID, article_id: UUID) -> None:
    """Takes that back, whoever noted it. Refuses NOT_FOUND."""
    await _check_seen(tx, actor, ticket_id)
    await actions.unlink_ticket(tx, actor, ticket_id=ticket_id, article_id=article_id)


async def solved_with(conn: Conn, actor: Actor, ticket_ids: Sequence[UUID]) -> dict[UUID, list[Article]]:
    """By ticket that `actor` may see, the articles that solved it, by title."""
    return await articles_of_tickets(conn, actor, list(await tickets_by_ids(conn, actor, ticket_ids)))


async def solved_tickets(conn: Conn, actor: Actor, article_ids: Sequence[UUID]) -> dict[UUID, list[Ticket]]:
    """By article, those of the last 100 tickets solved with it that `actor` may see, the newest link first."""
    linked = await store.tickets_of_articles(conn, actor.tenant_id, article_ids)
    known = await tickets_by_ids(conn, actor, [id for ids in linked.values() for id in ids])
    return {article_id: [known[id] for id in ids if id in known] for article_id, ids in linked.items()}


async def _check_seen(tx: Tx, actor: Actor, ticket_id: UUID) -> None:
    if ticket_id not in await tickets_by_ids(tx.conn, actor, [ticket_id]):
        raise TicketUnknown(fields=("ticketId",))
