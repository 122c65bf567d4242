"""One typed function per query; no decisions. A ticket's rows are read as the actor may see them."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.tickets.model import (
    PageOfAsset,
    PageOfTicket,
    SavedFilter,
    Ticket,
    TicketFilter,
    TicketKind,
    TicketMessage,
    TicketPriority,
    TicketStatus,
)

SQL = load(__file__)


class Place(NamedTuple):
    """Where a ticket lives: with its account, with who answers for it, with whom it is offered to."""

    id: UUID
    account_id: UUID
    assignee_id: UUID | None
    offered_to_id: UUID | None


class Placed(NamedTuple):
    """A ticket of an account that moves."""

    id: UUID
    status: str


class CustomersWord(NamedTuple):
    """A customer's message, and the ticket that goes on with it; `seen` by whoever made its state what it is."""

    id: UUID
    ticket_id: UUID
    status: str
    hlc: int
    timing: str
    seen: bool


class Move(NamedTuple):
    """A move of a ticket: the rev that its author had seen, and the move's dot."""

    ticket_id: UUID
    base_rev: int
    replica: int
    seq: int


async def lock_tickets_of_account(conn: Conn, tenant_id: UUID, account_id: UUID) -> list[Placed]:
    """All tickets of an account, deleted ones too. Locks them in the order of their ids."""
    rows = await conn.fetch(SQL["lock_tickets_of_account"], tenant_id, account_id)
    return [Placed(**dict(row)) for row in rows]


async def lock_dependants(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The messages of each of these tickets, which are locked, and the parts that it used. Locks the parts."""
    found: dict[UUID, list[UUID]] = {id: [] for id in ticket_ids}
    for row in await conn.fetch(SQL["lock_dependants"], tenant_id, ticket_ids):
        found[row["ticket_id"]].append(row["id"])
    return found


async def places_of_tickets(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> list[Place]:
    """Of the tickets among `ids` that exist, deleted ones too."""
    return [Place(**dict(row)) for row in await conn.fetch(SQL["places_of_tickets"], tenant_id, ids)]


async def take_numbers(conn: Conn, tenant_id: UUID, count: int) -> int:
    """The first of `count` numbers in a row. Locks the tenant's counter."""
    last: int = await conn.fetchval(SQL["take_numbers"], tenant_id, count)
    return last - count + 1


async def tickets_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Ticket]:
    """Those that the actor may see."""
    return [_ticket(row) for row in await conn.fetch(SQL["tickets_by_ids"], actor.user_id, actor.role, ids)]


async def tickets_page(
    conn: Conn, actor: Actor, wanted: TicketFilter, *, patterns: Sequence[str], below_number: int | None, rows_max: int
) -> list[Ticket]:
    """One page, the greatest number first."""
    lists = (wanted.statuses, wanted.priorities, wanted.kinds, wanted.tags)
    rows = await conn.fetch(
        SQL["tickets_page"], actor.user_id, actor.role, patterns, *(list(each) or None for each in lists),
        wanted.assignee_id, wanted.offered_to_id, wanted.account_id, below_number, rows_max, wanted.due,
    )  # fmt: skip
    return [_ticket(row) for row in rows]


async def tickets_of_assets(conn: Conn, actor: Actor, pages: Sequence[PageOfAsset]) -> list[tuple[PageOfAsset, Ticket]]:
    """The tickets of each page."""
    columns = [list(column) for column in zip(*pages, strict=True)]
    rows = await conn.fetch(SQL["tickets_of_assets"], actor.user_id, actor.role, *columns)
    return [(pages[row["n"] - 1], _ticket(row)) for row in rows]


async def messages_page(
    conn: Conn, actor: Actor, pages: Sequence[PageOfTicket]
) -> list[tuple[PageOfTicket, TicketMessage]]:
    """The messages of each page."""
    after = [page.after or (None, None) for page in pages]
    rows = await conn.fetch(
        SQL["messages_page"], actor.user_id, actor.role, [page.ticket_id for page in pages],
        [page.rows_max for page in pages], [key[0] for key in after], [key[1] for key in after],
    )  # fmt: skip
    return [(pages[row["n"] - 1], _message(row)) for row in rows]


async def messages_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[TicketMessage]:
    """Those whose ticket the actor may see."""
    return [_message(row) for row in await conn.fetch(SQL["messages_by_ids"], actor.user_id, actor.role, ids)]


async def merged_into(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """For each ticket those that were merged into it."""
    found: dict[UUID, list[UUID]] = {id: [] for id in ids}
    for row in await conn.fetch(SQL["merged_into"], tenant_id, ids):
        found[row["merged_into_id"]].append(row["id"])
    return found


async def going_on(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """The tickets in which these go on."""
    return [row["id"] for row in await conn.fetch(SQL["going_on"], tenant_id, ids)] if ids else []


async def is_contact_at(conn: Conn, tenant_id: UUID, contact_id: UUID, account_id: UUID) -> bool:
    """Whether the contact belongs to the account."""
    return await conn.fetchval(SQL["is_contact_at"], tenant_id, contact_id, account_id) is not None


async def customers_words(conn: Conn, tenant_id: UUID, message_ids: Sequence[UUID]) -> list[CustomersWord]:
    """Those of the messages that customers wrote, by ticket and time."""
    return [CustomersWord(**dict(row)) for row in await conn.fetch(SQL["customers_words"], tenant_id, message_ids)]


async def unseen_words(conn: Conn, tenant_id: UUID, moves: Sequence[Move]) -> list[UUID]:
    """The tickets that were moved by somebody who had not seen what the customer wrote."""
    columns = [list(column) for column in zip(*moves, strict=True)]
    return [row["ticket_id"] for row in await conn.fetch(SQL["unseen_words"], tenant_id, *columns)]


async def filters_of(conn: Conn, actor: Actor) -> list[SavedFilter]:
    """What the actor keeps, by name."""
    rows = await conn.fetch(SQL["filters_of"], actor.tenant_id, actor.user_id)
    return [SavedFilter(**dict(row)) for row in rows]


async def lock_filters(conn: Conn, actor: Actor) -> None:
    """To the end of the transaction."""
    await conn.execute(SQL["lock_filters"], str(actor.user_id))


async def save_filter(conn: Conn, actor: Actor, kept: SavedFilter) -> SavedFilter:
    """Inserts it, or replaces what the actor keeps under its name."""
    row = await conn.fetchrow(SQL["save_filter"], actor.tenant_id, kept.id, actor.user_id, kept.name, kept.wanted)
    assert row is not None  # an upsert returns its row
    return SavedFilter(**dict(row))


async def delete_filter(conn: Conn, actor: Actor, filter_id: UUID) -> bool:
    """Whether there was one."""
    return await conn.fetchval(SQL["delete_filter"], actor.tenant_id, actor.user_id, filter_id) is not None


def _ticket(row: asyncpg.Record) -> Ticket:
    typed = {
        "kind": TicketKind(row["kind"]),
        "priority": TicketPriority(row["priority"]),
        "status": TicketStatus(row["status"]),
        "visit_ids": tuple(row["visit_ids"]),
        "tags": tuple(row["tags"]),
        "required_skills": tuple(row["required_skills"]),
    }
    return Ticket(**{**{name: row[name] for name in Ticket.__dataclass_fields__}, **typed})


def _message(row: asyncpg.Record) -> TicketMessage:
    return TicketMessage(**{name: row[name] for name in TicketMessage.__dataclass_fields__})
