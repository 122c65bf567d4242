"""One typed function per query; no decisions."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.territories.model import Assignment, Territory

SQL = load(__file__)


async def held_territories(conn: Conn, actor: Actor) -> frozenset[UUID]:
    """The territories behind every scoped read of the actor, today."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["held_territories"], actor.user_id, actor.role))


async def held_scopes(conn: Conn, actor: Actor) -> frozenset[str]:
    """The ids of the actor's scopes, today."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["held_scopes"], actor.user_id, actor.role))


async def once_held(conn: Conn, actor: Actor) -> dict[UUID, datetime]:
    """Territories whose assignments to the actor, or to somebody below him, have all ended, and when."""
    rows = await conn.fetch(SQL["once_held"], actor.tenant_id, actor.user_id, actor.role)
    return {row["id"]: row["ended_at"] for row in rows}


async def primary_territories(conn: Conn, tenant_id: UUID, user_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """By person; one without a territory is absent."""
    rows = await conn.fetch(SQL["primary_territories"], tenant_id, user_ids)
    return {row["user_id"]: row["territory_id"] for row in rows}


async def territories_by_ids(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Territory]:
    """The live territories among `ids`."""
    rows = await conn.fetch(SQL["territories_by_ids"], tenant_id, ids)
    return {row["id"]: _territory(row) for row in rows}


async def territories_after(
    conn: Conn, tenant_id: UUID, after: tuple[str, UUID] | None, *, rows_max: int
) -> list[Territory]:
    """One page in the order of names."""
    name, id = after or (None, None)
    return [_territory(row) for row in await conn.fetch(SQL["territories_after"], tenant_id, name, id, rows_max)]


async def named_territory(conn: Conn, tenant_id: UUID, name: str) -> UUID | None:
    """The live territory of this name."""
    found: UUID | None = await conn.fetchval(SQL["named_territory"], tenant_id, name)
    return found


async def assignments_of(conn: Conn, tenant_id: UUID, territory_ids: Sequence[UUID]) -> list[Assignment]:
    """Past, present and future ones, oldest first in each territory."""
    return [Assignment(**row) for row in await conn.fetch(SQL["assignments_of"], tenant_id, territory_ids)]


async def lock_person(conn: Conn, tenant_id: UUID, user_id: UUID) -> bool:
    """Whether there is such a person; locked to the end of the transaction."""
    return await conn.fetchval(SQL["lock_person"], tenant_id, user_id) is not None


async def cut_assignments(conn: Conn, tenant_id: UUID, territory_id: UUID, user_id: UUID, on: date) -> None:
    """End what stands on a day, and drop what would begin on it or later."""
    await conn.execute(SQL["drop_assignments"], tenant_id, territory_id, user_id, on)
    await conn.execute(SQL["cut_assignments"], tenant_id, territory_id, user_id, on)


async def add_assignment(conn: Conn, tenant_id: UUID, added: Assignment) -> None:
    """Insert one."""
    await conn.execute(
        SQL["add_assignment"], tenant_id, added.id, added.territory_id, added.user_id, added.from_on, added.until_on
    )


def _territory(row: object) -> Territory:
    fields = dict(row)  # type: ignore[call-overload]
    return Territory(**{**fields, "labels": tuple(fields["labels"] or ())})
