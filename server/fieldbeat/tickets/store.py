"""One typed function per query; no decisions."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__)


class Place(NamedTuple):
    """Where a ticket lives: with its account, and with who answers for it."""

    id: UUID
    account_id: UUID
    assignee_id: UUID | None


class Placed(NamedTuple):
    """A ticket of an account that moves."""

    id: UUID
    status: str
    message_ids: list[UUID]


async def lock_tickets_of_account(conn: Conn, tenant_id: UUID, account_id: UUID) -> list[Placed]:
    """All tickets of an account, deleted ones too. Locks them in the order of their ids."""
    rows = await conn.fetch(SQL["lock_tickets_of_account"], tenant_id, account_id)
    return [Placed(**dict(row)) for row in rows]


async def messages_of_tickets(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The messages of each ticket."""
    found: dict[UUID, list[UUID]] = {id: [] for id in ticket_ids}
    for row in await conn.fetch(SQL["messages_of_tickets"], tenant_id, ticket_ids):
        found[row["ticket_id"]].append(row["id"])
    return found


async def places_of_tickets(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> list[Place]:
    """Of the tickets among `ids` that exist, deleted ones too."""
    return [Place(**dict(row)) for row in await conn.fetch(SQL["places_of_tickets"], tenant_id, ids)]


async def take_numbers(conn: Conn, tenant_id: UUID, count: int) -> int:
    """The first of `count` numbers in a row. Locks the tenant's counter."""
    last: int = await conn.fetchval(SQL["take_numbers"], tenant_id, count)
    return last - count + 1
