"""Visits as an actor may see them: at the accounts of his territories, and those that his people make."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.visits import store
from fieldbeat.visits.model import Position, Visit, VisitFilter

EVERY = VisitFilter()


async def visits_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Visit]:
    """The visits among `ids` that `actor` may see; the others are absent, not refused."""
    return {each.id: each for each in await store.visits_by_ids(conn, actor, ids)}


async def visits_page(
    conn: Conn, actor: Actor, *, wanted: VisitFilter = EVERY, after: Position | None = None, rows_max: int
) -> list[Visit]:
    """One page of the visits that `actor` may see, in the order of their planned start."""
    return await store.visits_page(conn, actor, wanted, after, rows_max=rows_max)
