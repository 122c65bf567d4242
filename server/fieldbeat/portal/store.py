"""One typed function per query; no decisions. A customer's rows are read within his account."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.portal.model import (
    Customer,
    EntryKind,
    MessagesPage,
    PortalMessage,
    PortalTicket,
    PortalToken,
    TicketRating,
)
from fieldbeat.portal.tokens import Token
from fieldbeat.tickets.model import TicketKind, TicketStatus

SQL = load(__file__)


class Bearer(NamedTuple):
    """A token's row with whom it is for; `live`: neither expired nor revoked."""

    token_id: UUID
    token_hash: bytes
    contact_id: UUID
    contact_name: str
    account_id: UUID
    account_name: str
    vouched_by: UUID
    at: datetime
    live: bool

    def customer(self, tenant_id: UUID) -> Customer:
        """Who bears it."""
        return Customer(
            tenant_id, self.token_id, self.contact_id, self.contact_name, self.account_id, self.account_name,
            self.vouched_by, self.at,
        )  # fmt: skip


async def bearer(conn: Conn, tenant_id: UUID, token_id: UUID) -> Bearer | None:
    """Of a token whose contact and account live."""
    row = await conn.fetchrow(SQL["bearer"], tenant_id, token_id)
    return Bearer(**dict(row)) if row else None


async def put_token(conn: Conn, actor: Actor, token: Token, contact_id: UUID, *, lasts: timedelta) -> PortalToken:
    """A new one."""
    row = await conn.fetchrow(
        SQL["put_token"], actor.tenant_id, token.token_id, contact_id, token.token_hash, actor.user_id, lasts
    )
    assert row is not None  # an insert returns its row
    return PortalToken(**dict(row))


async def token_by_id(conn: Conn, tenant_id: UUID, token_id: UUID) -> PortalToken | None:
    """One; not scoped."""
    row = await conn.fetchrow(SQL["token_by_id"], tenant_id, token_id)
    return PortalToken(**dict(row)) if row else None


async def revoke_token(conn: Conn, tenant_id: UUID, token_id: UUID) -> PortalToken:
    """One that there is."""
    row = await conn.fetchrow(SQL["revoke_token"], tenant_id, token_id)
    assert row is not None  # it was read in this transaction, and none is ever deleted
    return PortalToken(**dict(row))


async def tokens_of(conn: Conn, tenant_id: UUID, contact_ids: Sequence[UUID]) -> list[PortalToken]:
    """The last of each contact, the newest first; not scoped."""
    return [PortalToken(**dict(row)) for row in await conn.fetch(SQL["tokens_of"], tenant_id, contact_ids)]


async def lock_token(conn: Conn, customer: Customer) -> None:
    """Two requests with one token wait for each other, so that its bound holds."""
    await conn.execute(SQL["lock_token"], customer.tenant_id, customer.token_id)


async def entries_since(
    conn: Conn, customer: Customer, kind: EntryKind, *, age: timedelta, rows_max: int
) -> list[datetime]:
    """When such entries were written with this token, the newest first."""
    rows = await conn.fetch(SQL["entries_since"], customer.tenant_id, customer.token_id, kind, age, rows_max)
    return [row["at"] for row in rows]


async def put_entry(conn: Conn, customer: Customer, kind: EntryKind, record_id: UUID) -> None:
    """Notes what was written."""
    await conn.execute(SQL["put_entry"], customer.tenant_id, record_id, customer.token_id, kind)


async def tickets_by_ids(conn: Conn, customer: Customer, ids: Sequence[UUID]) -> list[PortalTicket]:
    """Those of his account."""
    return [_ticket(row) for row in await conn.fetch(SQL["tickets_by_ids"], customer.account_id, ids)]


async def tickets_page(
    conn: Conn, customer: Customer, below_number: int | None, *, rows_max: int
) -> list[PortalTicket]:
    """The greatest number first."""
    rows = await conn.fetch(SQL["tickets_page"], customer.account_id, below_number, rows_max)
    return [_ticket(row) for row in rows]


async def messages_page(
    conn: Conn, customer: Customer, pages: Sequence[MessagesPage]
) -> list[tuple[MessagesPage, PortalMessage]]:
    """Of each page its messages, in the order of (at, id)."""
    after = [page.after or (None, None) for page in pages]
    rows = await conn.fetch(
        SQL["messages_page"], customer.account_id, [page.ticket_id for page in pages],
        [page.rows_max for page in pages], [at for at, _ in after], [id for _, id in after],
    )  # fmt: skip
    fields = PortalMessage.__dataclass_fields__
    return [(pages[row["n"] - 1], PortalMessage(**{name: row[name] for name in fields})) for row in rows]


async def put_rating(conn: Conn, customer: Customer, ticket_id: UUID, score: int, comment: str | None) -> TicketRating:
    """The only one of its ticket."""
    row = await conn.fetchrow(SQL["put_rating"], customer.tenant_id, ticket_id, customer.contact_id, score, comment)
    assert row is not None  # an upsert returns its row
    return TicketRating(**dict(row))


async def ratings_of(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID]) -> dict[UUID, TicketRating]:
    """By ticket; not scoped."""
    rows = await conn.fetch(SQL["ratings_of"], tenant_id, ticket_ids)
    return {row["ticket_id"]: TicketRating(**dict(row)) for row in rows}


def _ticket(row: asyncpg.Record) -> PortalTicket:
    return PortalTicket(**{**dict(row), "kind": TicketKind(row["kind"]), "status": TicketStatus(row["status"])})
