"""Who covers what, and through which scopes an actor sees the world. Territories themselves are visible to everyone
of the tenant; what is in them is not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.territories import store
from fieldbeat.territories.model import Assignment, Territory

TENANT_SCOPE = "tenant"


def territory_scope(territory_id: UUID | str) -> str:
    """The scope of a territory's accounts."""
    return f"territory:{territory_id}"


async def territories_of(conn: Conn, actor: Actor) -> frozenset[UUID]:
    """The territories that `actor` holds today: his; a supervisor also those of people below; an administrator all."""
    return await store.held_territories(conn, actor)


async def scopes_held(conn: Conn, actor: Actor) -> frozenset[str]:
    """The ids of all scopes in which `actor` sees records today."""
    return await store.held_scopes(conn, actor)


async def scopes_lost(conn: Conn, actor: Actor) -> dict[str, datetime]:
    """Scopes that `actor` held once and does not hold today, by assignments that have ended, and when they ended."""
    return {territory_scope(id): ended_at for id, ended_at in (await store.once_held(conn, actor)).items()}


async def primary_territory(conn: Conn, tenant_id: UUID, user_id: UUID) -> UUID | None:
    """Of the territories that a person holds today, himself, the one that he has held longest (then the least id)."""
    return (await store.primary_territories(conn, tenant_id, [user_id])).get(user_id)


async def territories_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Territory]:
    """The territories among `ids` that `actor` may see; the others are absent."""
    return await store.territories_by_ids(conn, actor.tenant_id, ids)


async def territories_page(
    conn: Conn, actor: Actor, *, after: tuple[str, UUID] | None, rows_max: int
) -> list[Territory]:
    """The territories of the company in the order of names, from behind `after` (name, id)."""
    return await store.territories_after(conn, actor.tenant_id, after, rows_max=rows_max)


async def assignments_of_territories(
    conn: Conn, actor: Actor, territory_ids: Sequence[UUID]
) -> dict[UUID, list[Assignment]]:
    """Who has covered, covers and will cover each territory, oldest first."""
    found: dict[UUID, list[Assignment]] = {id: [] for id in territory_ids}
    for one in await store.assignments_of(conn, actor.tenant_id, territory_ids):
        found[one.territory_id].append(one)
    return found
