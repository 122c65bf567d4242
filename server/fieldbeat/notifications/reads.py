"""What one was told oneself: nobody reads another's notifications."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.notifications import store
from fieldbeat.notifications.model import Notification


async def notifications_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Notification]:
    """The actor's among `ids`; the others are absent."""
    return {each.id: each for each in await store.notifications_by_ids(conn, actor, ids)}


async def notifications_page(
    conn: Conn, actor: Actor, *, status: str | None, after: tuple[datetime, UUID] | None, rows_max: int
) -> list[Notification]:
    """One page of the actor's, newest first, from behind `after` (created_at, id)."""
    return await store.notifications_page(conn, actor, status=status, after=after, rows_max=rows_max)
