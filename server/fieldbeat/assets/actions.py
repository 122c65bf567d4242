"""The verbs of assets. Each looks whether the actor sees the asset, decides, and records."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.model import AccountUnknown
from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.assets import reads
from fieldbeat.assets.model import AssetUnknown, DeletingNotYours, WarrantyNotYours
from fieldbeat.assets.replica import KEPT_ASSET
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.records import Change, Changed, Tx
from fieldbeat_sync.schema import LEADS, Op


async def create_asset(
    tx: Tx, actor: Actor, *, account_id: UUID, patch: Mapping[str, Any], id: UUID | None = None
) -> Changed:
    """Notes what a customer has. Refuses NOT_FOUND (`accountId`), FORBIDDEN (`warrantyUntil`), UNIQUE, INVALID."""
    if account_id not in await accounts_by_ids(tx.conn, actor, [account_id]):
        raise AccountUnknown(fields=("accountId",))
    _check_warranty(actor, patch)
    return await _change(
        tx, actor, Change(KEPT_ASSET, id or uuid7(), Op.CREATE, {**patch, "accountId": str(account_id)})
    )


async def update_asset(
    tx: Tx, actor: Actor, *, asset_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """Merges `patch` into an asset; what others changed since `base_rev` is not lost.

    Refuses NOT_FOUND, FORBIDDEN (`warrantyUntil`; not your reopen) and whatever else the merge refuses.
    """
    await _check_seen(tx, actor, asset_id)
    _check_warranty(actor, patch)
    return await _change(tx, actor, Change(KEPT_ASSET, asset_id, Op.UPDATE, patch, base_rev))


async def delete_asset(tx: Tx, actor: Actor, *, asset_id: UUID, base_rev: int | None = None) -> Changed:
    """Deletes an asset that never was; what has served its time is retired. Refuses NOT_FOUND, FORBIDDEN, DELETED."""
    await _check_seen(tx, actor, asset_id)
    if actor.role not in LEADS:
        raise DeletingNotYours
    return await _change(tx, actor, Change(KEPT_ASSET, asset_id, Op.DELETE, {}, base_rev))


async def _change(tx: Tx, actor: Actor, wanted: Change) -> Changed:
    """One change; who holds a serial number already is told to whoever may see him, and to nobody else."""
    try:
        [changed] = await records.change(tx, actor, [wanted])
    except records.ChangeRefused as refused:
        if refused.existing_id and not await reads.assets_by_ids(tx.conn, actor, [refused.existing_id]):
            refused.existing_id = None
        raise
    return changed


async def _check_seen(tx: Tx, actor: Actor, asset_id: UUID) -> None:
    if not await reads.assets_by_ids(tx.conn, actor, [asset_id]):
        raise AssetUnknown(fields=("id",))


def _check_warranty(actor: Actor, patch: Mapping[str, Any]) -> None:
    if "warrantyUntil" in patch and actor.role not in LEADS:
        raise WarrantyNotYours(fields=("warrantyUntil",))
