"""What the demo company has lent and sold to its customers, and the parts that keep it going."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from fieldbeat.assets.actions import create_asset
from fieldbeat.kit.actor import Actor
from fieldbeat.parts.actions import create_part, set_part_costs
from fieldbeat.parts.model import CostSaid
from fieldbeat.records import Tx

YEAR = timedelta(days=365)


class Kind(NamedTuple):
    """A sort of equipment; `warranty` from its installation on, if there is one."""

    name: str
    model: str
    tags: tuple[str, ...]
    warranty: timedelta | None


KINDS = (
    Kind("Display cooler", "Polar 300", ("loan", "cold"), 3 * YEAR),
    Kind("Counter scale", "Libra 15", ("sold",), 2 * YEAR),
    Kind("Shelf display", "Oak, 5 boards", ("loan",), None),
)
PARTS = (
    ("SEAL-300", "Door seal", "piece", 8.5),
    ("HINGE-300", "Door hinge", "piece", 6.2),
    ("GAS-R290", "Coolant R290", "g", 0.06),
    ("CELL-15", "Load cell", "piece", 41.0),
    ("LED-1M", "LED strip", "m", 3.9),
    ("BOLT-M6", "Bolt M6", "piece", 0.12),
)


async def stock_parts(tx: Tx, actor: Actor) -> dict[str, UUID]:
    """The catalogue, by sku, each with its cost of the last year and of this one."""
    ids = {}
    for sku, name, unit, _ in PARTS:
        ids[sku] = (await create_part(tx, actor, patch={"sku": sku, "name": name, "unit": unit})).record_id
    year = tx.at.year
    for on, factor in ((date(year - 1, 1, 1), 0.95), (date(year, 1, 1), 1.0)):
        costs = [CostSaid(ids[sku], on, round(cost * factor, 4)) for sku, _, _, cost in PARTS]
        await set_part_costs(tx, actor, costs)
    return ids


async def equip(tx: Tx, actor: Actor, account_ids: Sequence[UUID]) -> dict[tuple[UUID, str], UUID]:
    """Something of every kind for each account, by account and kind: installed at different times, so that some
    warranties have ended and some end soon."""
    found = {}
    for n, account_id in enumerate(account_ids):
        for kind in KINDS:
            installed = tx.at.date() - timedelta(days=60 + 97 * n % 1500)
            patch = {
                "name": kind.name, "model": kind.model, "tags": list(kind.tags), "installedOn": installed.isoformat(),
                "serialNumber": f"{kind.model[:2].upper()}-{2400 + n}" if kind.warranty else None,
                "warrantyUntil": (installed + kind.warranty).isoformat() if kind.warranty else None,
            }  # fmt: skip
            made = await create_asset(tx, actor, account_id=account_id, patch=patch)
            found[account_id, kind.name] = made.record_id
    return found
