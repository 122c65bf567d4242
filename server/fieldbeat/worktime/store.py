"""One typed function per query; no decisions."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.worktime.model import KeptHours, Leave, LeaveKind, LeavePart

SQL = load(__file__)


async def lock_business_hours(conn: Conn, tenant_id: UUID) -> None:
    """To the end of the transaction."""
    await conn.execute(SQL["lock_business_hours"], str(tenant_id))


async def business_hours_of(conn: Conn, tenant_id: UUID) -> list[KeptHours]:
    """All of a company, the default first."""
    return [KeptHours(**row) for row in await conn.fetch(SQL["business_hours_of"], tenant_id)]


async def business_hours_by_ids(conn: Conn, tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, KeptHours]:
    """Those that exist."""
    rows = await conn.fetch(SQL["business_hours_by_ids"], tenant_id, list(ids))
    return {row["id"]: KeptHours(**row) for row in rows}


async def business_hours_after(
    conn: Conn, tenant_id: UUID, after: tuple[str, UUID] | None, *, rows_max: int
) -> list[KeptHours]:
    """One page in the order of names."""
    name, id = after or (None, None)
    return [KeptHours(**row) for row in await conn.fetch(SQL["business_hours_after"], tenant_id, name, id, rows_max)]


async def known_people(conn: Conn, tenant_id: UUID, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the company among `ids`."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["known_people"], tenant_id, list(ids)))


async def people_under(conn: Conn, actor: Actor) -> frozenset[UUID]:
    """The actor and everyone below him; for an administrator everyone."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["people_under"], actor.user_id, actor.role))


async def leave_of_users(
    conn: Conn, tenant_id: UUID, user_ids: Collection[UUID], from_on: date, until_on: date
) -> list[Leave]:
    """What overlaps these days."""
    rows = await conn.fetch(SQL["leave_of_users"], tenant_id, list(user_ids), from_on, until_on)
    return [_leave(row) for row in rows]


async def leave_after(
    conn: Conn,
    actor: Actor,
    user_id: UUID | None,
    from_on: date,
    until_on: date,
    after: tuple[date, UUID] | None,
    *,
    rows_max: int,
) -> list[Leave]:
    """One page in the order of first days."""
    on, id = after or (None, None)
    rows = await conn.fetch(
        SQL["leave_after"],
        actor.tenant_id, actor.user_id, actor.role, user_id, from_on, until_on, on, id, rows_max,
    )  # fmt: skip
    return [_leave(row) for row in rows]


async def lock_leave(conn: Conn, actor: Actor, leave_id: UUID) -> Leave | None:
    """One leave that the actor may see."""
    row = await conn.fetchrow(SQL["lock_leave"], actor.tenant_id, leave_id, actor.user_id, actor.role)
    return _leave(row) if row else None


async def put_leave(conn: Conn, actor: Actor, leave: Leave) -> bool:
    """Enters or replaces it; False when its id is that of another person's leave."""
    entered: UUID | None = await conn.fetchval(
        SQL["put_leave"], actor.tenant_id, leave.id, leave.user_id, leave.from_on, leave.until_on, leave.part,
        leave.kind, actor.user_id,
    )  # fmt: skip
    return entered is not None


async def drop_leave(conn: Conn, tenant_id: UUID, leave_id: UUID) -> None:
    """Deletes it."""
    await conn.execute(SQL["drop_leave"], tenant_id, leave_id)


def _leave(row: Any) -> Leave:
    fields = dict(row)
    return Leave(**{**fields, "part": LeavePart(fields["part"]), "kind": LeaveKind(fields["kind"])})
