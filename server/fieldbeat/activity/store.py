"""One typed function per query; no decisions."""

from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from fieldbeat.activity.model import ActivityKind, TeamActivity
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__)

Position: TypeAlias = tuple[datetime, UUID]


async def activities_page(conn: Conn, actor: Actor, *, after: Position | None, rows_max: int) -> list[TeamActivity]:
    """One page, newest first."""
    position = after or (None, None)
    rows = await conn.fetch(SQL["activities_page"], actor.tenant_id, actor.user_id, actor.role, *position, rows_max)
    return [_activity(row) for row in rows]


async def activities_since(conn: Conn, actor: Actor, *, after: Position, rows_max: int) -> list[TeamActivity]:
    """One page, the oldest first."""
    rows = await conn.fetch(SQL["activities_since"], actor.tenant_id, actor.user_id, actor.role, *after, rows_max)
    return [_activity(row) for row in rows]


async def tenants_with_old_activities(conn: Conn, age: timedelta, *, tenants_max: int) -> list[UUID]:
    """Where some are older."""
    rows = await conn.fetch(SQL["tenants_with_old_activities"], age, tenants_max)
    return [row["tenant_id"] for row in rows]


async def forget_activities(conn: Conn, tenant_id: UUID, age: timedelta, *, rows_max: int) -> int:
    """Removes the oldest of what is older; returns how many rows."""
    tag = await conn.execute(SQL["forget_activities"], tenant_id, age, rows_max)
    return int(tag.rsplit(" ", 1)[-1])


def _activity(row: Any) -> TeamActivity:
    return TeamActivity(**{**dict(row), "kind": ActivityKind(row["kind"])})
