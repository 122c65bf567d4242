"""The verbs of rotas: made, changed, deleted, and somebody steps in."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.on_call import rules, store
from fieldbeat.on_call.model import KeptRota, MemberUnknown, RotaUnknown, StandIn, TerritoryHasRota, TerritoryUnknown
from fieldbeat.on_call.replica import KEPT_ROTA
from fieldbeat.people.reads import people_below
from fieldbeat.records import Change, Tx
from fieldbeat.territories.reads import territories_by_ids, territories_of
from fieldbeat_sync.schema import Op


async def create_rota(tx: Tx, actor: Actor, *, patch: Mapping[str, Any], id: UUID | None = None) -> KeptRota:
    """Makes the rota of a territory, or the company's own; `patch` has the collection's fields.

    Refuses FORBIDDEN, NOT_FOUND (`territoryId`, `userIds`), UNIQUE (the territory has one), INVALID.
    Locks: the tenant's rotas.
    """
    fields = {**KEPT_ROTA.schema.blank, **patch}
    rules.rota_of(fields)
    await store.lock_rotas(tx.conn, tx.tenant_id)
    territory_id = _id(fields["territoryId"])
    await _check_may_keep(tx, actor, [territory_id], _ids(fields["userIds"]))
    await _check_there(tx, actor, territory_id, _ids(fields["userIds"]))
    await _check_free(tx, territory_id)
    return await _write(tx, actor, Change(KEPT_ROTA, id or uuid7(), Op.CREATE, patch))


async def update_rota(
    tx: Tx, actor: Actor, *, rota_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> KeptRota:
    """Changes a rota; what is absent stays. Refuses as `create_rota`, and NOT_FOUND (`id`). Locks: as there."""
    await store.lock_rotas(tx.conn, tx.tenant_id)
    before = (await _known(tx, rota_id)).fields
    fields = {**before, **patch}
    rules.rota_of(fields)
    was, now = _id(before["territoryId"]), _id(fields["territoryId"])
    added = _ids(fields["userIds"]) - _ids(before["userIds"])
    await _check_may_keep(tx, actor, [was, now], added)
    await _check_there(tx, actor, now if now != was else None, added)
    if now != was:
        await _check_free(tx, now)
    return await _write(tx, actor, Change(KEPT_ROTA, rota_id, Op.UPDATE, patch, base_rev))


async def delete_rota(tx: Tx, actor: Actor, *, rota_id: UUID) -> None:
    """Nobody is on call by it any more. Refuses NOT_FOUND (`id`), FORBIDDEN. Locks: the tenant's rotas."""
    await store.lock_rotas(tx.conn, tx.tenant_id)
    kept = await _known(tx, rota_id)
    await _check_may_keep(tx, actor, [_id(kept.fields["territoryId"])], frozenset())
    await records.change(tx, actor, [Change(KEPT_ROTA, rota_id, Op.DELETE, {})])


async def stand_in(tx: Tx, actor: Actor, *, rota_id: UUID, stand_in: StandIn) -> KeptRota:
    """Somebody steps in for a while, whosever turn it is; said again for another person, the last one counts.

    Refuses NOT_FOUND (`rotaId`, `userId`), FORBIDDEN, INVALID (`from`, `until`). Locks: the tenant's rotas.
    """
    await store.lock_rotas(tx.conn, tx.tenant_id)
    fields = (await _known(tx, rota_id, field="rotaId")).fields
    said = rules.with_stand_in(fields["standIns"], stand_in, by=actor.user_id, now=tx.at)
    if not await store.working_people(tx.conn, tx.tenant_id, [stand_in.user_id]):
        raise MemberUnknown(fields=("userId",))
    rules.check_may_stand_in(
        actor, rules.rota_of(fields), stand_in.user_id, territory_id=_id(fields["territoryId"]),
        territories=await territories_of(tx.conn, actor), people=await people_below(tx.conn, actor),
    )  # fmt: skip
    return await _write(tx, actor, Change(KEPT_ROTA, rota_id, Op.UPDATE, {"standIns": said}))


async def _check_may_keep(tx: Tx, actor: Actor, territory_ids: Collection[UUID | None], named: frozenset[UUID]) -> None:
    rules.check_may_keep(
        actor, territory_ids=territory_ids, named=named, territories=await territories_of(tx.conn, actor),
        people=await people_below(tx.conn, actor),
    )  # fmt: skip


async def _check_there(tx: Tx, actor: Actor, territory_id: UUID | None, named: frozenset[UUID]) -> None:
    if territory_id is not None and not await territories_by_ids(tx.conn, actor, [territory_id]):
        raise TerritoryUnknown(fields=("territoryId",))
    if await store.working_people(tx.conn, tx.tenant_id, named) != named:
        raise MemberUnknown(fields=("userIds",))


async def _check_free(tx: Tx, territory_id: UUID | None) -> None:
    if await store.rota_of_territory(tx.conn, tx.tenant_id, territory_id):
        raise TerritoryHasRota(fields=("territoryId",))


async def _known(tx: Tx, rota_id: UUID, *, field: str = "id") -> KeptRota:
    kept = (await store.rotas_by_ids(tx.conn, tx.tenant_id, [rota_id])).get(rota_id)
    if kept is None:
        raise RotaUnknown(fields=(field,))
    return kept


async def _write(tx: Tx, actor: Actor, change: Change) -> KeptRota:
    await records.change(tx, actor, [change])
    return await _known(tx, change.record_id)


def _id(said: str | None) -> UUID | None:
    return UUID(said) if said else None


def _ids(said: Collection[str]) -> frozenset[UUID]:
    return frozenset(map(UUID, said))
