"""Tickets as an actor may see them: at accounts in his territories, his, offered to him; and so for those below him."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.accounts.rules import patterns_of, words_of
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.tickets import rules, store
from fieldbeat.tickets.model import MessagesPage, SavedFilter, Ticket, TicketFilter, TicketMessage, TicketQueue

EVERY = TicketFilter()


async def tickets_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Ticket]:
    """The tickets among `ids` that `actor` may see; the others are absent, not refused."""
    return {one.id: one for one in await store.tickets_by_ids(conn, actor, ids)}


async def search_tickets(
    conn: Conn, actor: Actor, *, wanted: TicketFilter = EVERY, queue: TicketQueue | None = None,
    below_number: int | None = None, rows_max: int,
) -> list[Ticket]:  # fmt: skip
    """One page of the tickets that `actor` may see, newest number first. Refuses INVALID (`queue`)."""
    narrowed, words = rules.narrowed(wanted, queue, actor), words_of(wanted.search)
    if wanted.search and not words:
        return []
    return await store.tickets_page(
        conn, actor, narrowed, patterns=patterns_of(words), below_number=below_number, rows_max=rows_max
    )


async def messages_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, TicketMessage]:
    """The messages among `ids` whose ticket `actor` may see; the others are absent."""
    return {one.id: one for one in await store.messages_by_ids(conn, actor, ids)}


async def messages_of_tickets(
    conn: Conn, actor: Actor, pages: Sequence[MessagesPage]
) -> dict[MessagesPage, list[TicketMessage]]:
    """Pages of what is said, the oldest first, merged tickets' too; empty for a ticket that `actor` does not see."""
    found: dict[MessagesPage, list[TicketMessage]] = {page: [] for page in pages}
    for page, message in await store.messages_page(conn, actor, pages):
        found[page].append(message)
    return found


async def tickets_merged_into(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, list[Ticket]]:
    """For each of these tickets those that were merged into it and that `actor` may see."""
    merged = await store.merged_into(conn, actor.tenant_id, ids)
    known = await tickets_by_ids(conn, actor, [id for each in merged.values() for id in each])
    return {into: [known[id] for id in each if id in known] for into, each in merged.items()}


async def filters_of(conn: Conn, actor: Actor) -> list[SavedFilter]:
    """What `actor` keeps, by name."""
    return await store.filters_of(conn, actor)
