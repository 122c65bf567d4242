"""Who is on call. Everyone of the tenant may know; of who is passed over no more than that he is away."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.on_call import rules, store, turns
from fieldbeat.on_call.model import KeptRota, OnCall, TerritoryUnknown
from fieldbeat.on_call.store import InCharge
from fieldbeat.territories.reads import territories_by_ids


async def rotas_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, KeptRota]:
    """The rotas among `ids` that `actor` may see; the others are absent."""
    return await store.rotas_by_ids(conn, actor.tenant_id, ids)


async def rotas_page(conn: Conn, actor: Actor, *, after: tuple[str, UUID] | None, rows_max: int) -> list[KeptRota]:
    """The company's rotas in the order of names, from behind `after` (name, id)."""
    return await store.rotas_after(conn, actor.tenant_id, after, rows_max=rows_max)


async def on_call_for(conn: Conn, actor: Actor, *, territory_id: UUID | None, at: datetime) -> OnCall | None:
    """Who is on call for a territory, or for the company as a whole. Refuses NOT_FOUND (`territoryId`), INVALID."""
    rules.check_year(at.year, field="at")
    if territory_id is not None and not await territories_by_ids(conn, actor, [territory_id]):
        raise TerritoryUnknown(fields=("territoryId",))
    return (await who_is_on_call(conn, actor.tenant_id, [territory_id], at)).get(territory_id)


async def who_is_on_call(
    conn: Conn, tenant_id: UUID, territory_ids: Collection[UUID | None], at: datetime
) -> dict[UUID | None, OnCall]:
    """By territory; where it has no rota, or all of its people are away, by the company's own. One statement.

    Nobody on call: absent.
    """
    named = {id for id in territory_ids if id is not None}
    found = {
        each.territory_id: watch
        for each in await store.rotas_in_charge(conn, tenant_id, named, at)
        if (watch := _on_call(each, at))
    }
    chosen = {id: found.get(id) or found.get(None) for id in territory_ids}
    return {id: watch for id, watch in chosen.items() if watch}


async def people_on_call(
    conn: Conn, tenant_id: UUID, territory_ids: Collection[UUID], at: datetime
) -> dict[UUID, UUID]:
    """By territory who is on call; one statement."""
    found = await who_is_on_call(conn, tenant_id, territory_ids, at)
    return {id: each.watch.user_id for id, each in found.items() if id is not None}


def _on_call(rota: InCharge, at: datetime) -> OnCall | None:
    watch = turns.on_call(rules.rota_of(rota.fields), at, frozenset(rota.away))
    return OnCall(rota.id, watch) if watch else None
