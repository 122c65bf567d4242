"""What happens among the people whom the actor leads: a rep's own, a supervisor's people's, the whole company's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fieldbeat.activity import store
from fieldbeat.activity.model import TeamActivity
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn


async def activities_page(
    conn: Conn, actor: Actor, *, after: tuple[datetime, UUID] | None, rows_max: int
) -> Sequence[TeamActivity]:
    """One page, newest first, from behind `after` (at, id)."""
    return await store.activities_page(conn, actor, after=after, rows_max=rows_max)


async def activities_since(
    conn: Conn, actor: Actor, *, after: tuple[datetime, UUID], rows_max: int
) -> Sequence[TeamActivity]:
    """One page, the oldest first, from behind `after` (at, id)."""
    return await store.activities_since(conn, actor, after=after, rows_max=rows_max)
