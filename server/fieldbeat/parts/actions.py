"""The verbs of the catalogue: an administrator writes parts and, day by day, what they cost."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.parts import reads, store
from fieldbeat.parts.model import CatalogueNotYours, CostInvalid, CostSaid, PartCost, PartIncomplete, PartUnknown
from fieldbeat.parts.replica import KEPT_PART
from fieldbeat.records import Change, Changed, ChangeRefused, Tx
from fieldbeat_sync.mutation import Rejected
from fieldbeat_sync.schema import Op, Role

COST_MAX = 1_000_000_000


async def create_part(tx: Tx, actor: Actor, *, patch: Mapping[str, Any], id: UUID | None = None) -> Changed:
    """Adds a part. Refuses FORBIDDEN (not an administrator), UNIQUE (`sku`), INVALID."""
    _check_role(actor)
    return await _change(tx, actor, Change(KEPT_PART, id or uuid7(), Op.CREATE, patch))


async def update_part(
    tx: Tx, actor: Actor, *, part_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """Changes a part, or retires it. Refuses as `create_part`, and NOT_FOUND."""
    _check_role(actor)
    cleared = tuple(name for name in ("unit", "status") if name in patch and patch[name] is None)
    if cleared:
        raise PartIncomplete(fields=cleared)
    await _check_known(tx, actor, part_id, field="id")
    return await _change(tx, actor, Change(KEPT_PART, part_id, Op.UPDATE, patch, base_rev))


async def set_part_cost(tx: Tx, actor: Actor, *, part_id: UUID, from_on: date, amount: float) -> PartCost:
    """Says what a unit costs from a day on; a second word about the same day replaces the first, of the past too.

    Refuses FORBIDDEN (not an administrator), NOT_FOUND (`partId`), INVALID (`amount`).
    """
    _check_role(actor)
    await _check_known(tx, actor, part_id, field="partId")
    [cost] = await set_part_costs(tx, actor, [CostSaid(part_id, from_on, amount)])
    return cost


async def set_part_costs(tx: Tx, actor: Actor, costs: Sequence[CostSaid]) -> list[PartCost]:
    """As `set_part_cost`, of many known parts in one statement; of each part one."""
    _check_role(actor)
    if not all(math.isfinite(each.amount) and 0 <= each.amount <= COST_MAX for each in costs):
        raise CostInvalid(fields=("amount",))
    return await store.set_costs(tx.conn, actor, costs) if costs else []


async def _change(tx: Tx, actor: Actor, wanted: Change) -> Changed:
    sku = wanted.patch.get("sku")
    holder = await store.part_of_sku(tx.conn, tx.tenant_id, sku) if sku is not None else None
    if holder not in (None, wanted.record_id):
        raise ChangeRefused(Rejected("UNIQUE", f"sku {sku} is taken.", ("sku",)), existing_id=holder)
    [changed] = await records.change(tx, actor, [wanted])
    return changed


async def _check_known(tx: Tx, actor: Actor, part_id: UUID, *, field: str) -> None:
    if not await reads.parts_by_ids(tx.conn, actor, [part_id]):
        raise PartUnknown(fields=(field,))


def _check_role(actor: Actor) -> None:
    if actor.role is not Role.ADMIN:
        raise CatalogueNotYours
