"""The statements of `today.sql`, one typed function each; no decisions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from fieldbeat.days.model import Stop
from fieldbeat.kit import sql
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn

SQL = sql.load(__file__, filename="today.sql")


class Needed(NamedTuple):
    """A record that a person needs to begin to work."""

    collection: str
    id: UUID


class TicketPlace(NamedTuple):
    """Where a ticket's account is."""

    id: UUID
    priority: str
    required_skills: list[str]
    account_id: UUID
    territory_id: UUID
    latitude: float | None
    longitude: float | None


class Hand(NamedTuple):
    """A rep as dispatch sees him: where he was last or is due next, where he starts, what he has to do."""

    user_id: UUID
    name: str
    time_zone: str
    latitude: float | None
    longitude: float | None
    start_latitude: float | None
    start_longitude: float | None
    busy_until: datetime | None
    visits_left: int
    tickets_open: int
    skills: list[str]
    covers: bool


async def day_stops(conn: Conn, actor: Actor, from_at: datetime, until_at: datetime) -> list[Stop]:
    """The actor's own visits between two instants."""
    rows = await conn.fetch(SQL["day_stops"], actor.tenant_id, actor.user_id, actor.role, from_at, until_at)
    return [Stop(**dict(row)) for row in rows]


async def left_open(conn: Conn, actor: Actor, before: datetime) -> list[UUID]:
    """Visits of earlier days at which the actor is checked in still."""
    return [row["id"] for row in await conn.fetch(SQL["left_open"], actor.tenant_id, actor.user_id, before)]


async def needed_first(
    conn: Conn, tenant_id: UUID, user_id: UUID, undone: Collection[str], now: datetime, *, rows_max: int
) -> list[Needed]:
    """What a person needs to begin to work, the most needed first."""
    rows = await conn.fetch(SQL["needed_first"], tenant_id, user_id, rows_max, list(undone), now)
    return [Needed(*row.values()) for row in rows]


async def ticket_place(conn: Conn, tenant_id: UUID, ticket_id: UUID) -> TicketPlace | None:
    """Of a ticket that is there."""
    row = await conn.fetchrow(SQL["ticket_place"], tenant_id, ticket_id)
    return TicketPlace(**dict(row)) if row else None


async def hands(
    conn: Conn, tenant_id: UUID, user_ids: Sequence[UUID], *, from_at: datetime, until_at: datetime, territory_id: UUID
) -> list[Hand]:
    """The reps among these people, with their day from an instant until another."""
    rows = await conn.fetch(SQL["hands"], tenant_id, list(user_ids), from_at, until_at, territory_id)
    return [Hand(**dict(row)) for row in rows]
