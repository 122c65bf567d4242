"""One typed function per query; no decisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.notifications.model import Notification, NotificationStatus

SQL = load(__file__)


async def notifications_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Notification]:
    """Those that are the actor's."""
    rows = await conn.fetch(SQL["notifications_by_ids"], actor.tenant_id, actor.user_id, list(ids))
    return [_notification(row) for row in rows]


async def notifications_page(
    conn: Conn, actor: Actor, *, status: str | None, after: tuple[datetime, UUID] | None, rows_max: int
) -> list[Notification]:
    """One page of the actor's, newest first."""
    position = after or (None, None)
    rows = await conn.fetch(SQL["notifications_page"], actor.tenant_id, actor.user_id, status, *position, rows_max)
    return [_notification(row) for row in rows]


async def told_before(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> frozenset[UUID]:
    """The ids among these that exist."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["told_before"], tenant_id, list(ids)))


def _notification(row: Any) -> Notification:
    return Notification(**{**dict(row), "status": NotificationStatus(row["status"])})
