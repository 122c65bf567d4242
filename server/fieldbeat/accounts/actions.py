"""The verbs of accounts and contacts. Each looks whether the actor sees the record, decides, and records."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts import reads, rules, store
from fieldbeat.accounts.model import Account, AccountUnknown, Contact, ContactUnknown, NoTerritory, OwnerUnknown
from fieldbeat.accounts.replica import KEPT_ACCOUNT, KEPT_CONTACT, prepare_create
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.reads import people_below
from fieldbeat.records import Change, Changed, Tx
from fieldbeat.territories.reads import primary_territory, territories_by_ids, territories_of, territory_scope
from fieldbeat_sync.schema import Op


async def create_account(
    tx: Tx, actor: Actor, *, patch: Mapping[str, Any], owner_id: UUID | None = None, id: UUID | None = None
) -> Changed:
    """Creates an account in the primary territory of its owner: the actor, unless somebody above names another.

    Refuses INVALID (also: the owner covers no territory), FORBIDDEN and NOT_FOUND (`ownerId`), UNIQUE (`code`).
    """
    if owner_id is None or owner_id == actor.user_id:
        placed = await prepare_create(tx.conn, actor)
    else:
        placed = await _placed_with(tx, actor, owner_id)
    return await _change(tx, actor, Change(KEPT_ACCOUNT, id or uuid7(), Op.CREATE, {**patch, **placed}))


async def update_account(
    tx: Tx, actor: Actor, *, account_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """Merges `patch` (wire values) into an account; what others changed since `base_rev` is not lost.

    Refuses NOT_FOUND and whatever the merge refuses.
    """
    await _seen_account(tx, actor, account_id)
    return await _change(tx, actor, Change(KEPT_ACCOUNT, account_id, Op.UPDATE, patch, base_rev))


async def reassign_account(
    tx: Tx, actor: Actor, *, account_id: UUID, owner_id: UUID, territory_id: UUID | None = None
) -> Changed:
    """Gives an account to another owner; it moves to `territory_id`, or to the new owner's primary one.

    Its contacts, and the conflicts of it and of them, follow. Refuses NOT_FOUND, FORBIDDEN, INVALID (no territory).
    """
    await _seen_account(tx, actor, account_id)
    await _check_owner(tx, actor, owner_id)
    home = territory_id or await primary_territory(tx.conn, actor.tenant_id, owner_id)
    if home is None:
        raise NoTerritory(fields=("territoryId",))
    if home not in await territories_by_ids(tx.conn, actor, [home]):
        raise AccountUnknown("There is no such territory.", fields=("territoryId",))
    rules.check_may_reassign(actor, territory_id=home, territories=await territories_of(tx.conn, actor))
    patch = {"ownerId": str(owner_id), "territoryId": str(home)}
    changed = await _change(tx, actor, Change(KEPT_ACCOUNT, account_id, Op.UPDATE, patch))
    await _bring_along(tx, changed)
    return changed


async def delete_account(tx: Tx, actor: Actor, *, account_id: UUID, base_rev: int | None = None) -> Changed:
    """Deletes an account; an edit that had not seen it brings it back. Refuses NOT_FOUND, FORBIDDEN, DELETED."""
    await _seen_account(tx, actor, account_id)
    rules.check_may_delete(actor)
    return await _change(tx, actor, Change(KEPT_ACCOUNT, account_id, Op.DELETE, {}, base_rev))


async def create_contact(
    tx: Tx, actor: Actor, *, account_id: UUID, patch: Mapping[str, Any], id: UUID | None = None
) -> Changed:
    """Creates a contact at an account. Refuses NOT_FOUND (`accountId`), INVALID."""
    await _seen_account(tx, actor, account_id)
    whole = {**patch, "accountId": str(account_id)}
    return await _change(tx, actor, Change(KEPT_CONTACT, id or uuid7(), Op.CREATE, whole))


async def update_contact(
    tx: Tx, actor: Actor, *, contact_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """Merges `patch` into a contact. Refuses NOT_FOUND and whatever the merge refuses."""
    await _seen_contact(tx, actor, contact_id)
    return await _change(tx, actor, Change(KEPT_CONTACT, contact_id, Op.UPDATE, patch, base_rev))


async def delete_contact(tx: Tx, actor: Actor, *, contact_id: UUID, base_rev: int | None = None) -> Changed:
    """Deletes a contact, which whoever sees it may do. Refuses NOT_FOUND, DELETED."""
    await _seen_contact(tx, actor, contact_id)
    return await _change(tx, actor, Change(KEPT_CONTACT, contact_id, Op.DELETE, {}, base_rev))


async def _change(tx: Tx, actor: Actor, wanted: Change) -> Changed:
    """One change; who holds a unique value already is told to whoever may see him, and to nobody else."""
    try:
        [changed] = await records.change(tx, actor, [wanted])
    except records.ChangeRefused as refused:
        if refused.existing_id and not await reads.accounts_by_ids(tx.conn, actor, [refused.existing_id]):
            refused.existing_id = None
        raise
    return changed


async def _seen_account(tx: Tx, actor: Actor, account_id: UUID) -> Account:
    found = (await reads.accounts_by_ids(tx.conn, actor, [account_id])).get(account_id)
    if found is None:
        raise AccountUnknown(fields=("id",))
    return found


async def _seen_contact(tx: Tx, actor: Actor, contact_id: UUID) -> Contact:
    found = (await reads.contacts_by_ids(tx.conn, actor, [contact_id])).get(contact_id)
    if found is None:
        raise ContactUnknown(fields=("id",))
    return found


async def _placed_with(tx: Tx, actor: Actor, owner_id: UUID) -> dict[str, str]:
    await _check_owner(tx, actor, owner_id)
    home = await primary_territory(tx.conn, actor.tenant_id, owner_id)
    if home is None:
        raise NoTerritory(fields=("territoryId",))
    return {"ownerId": str(owner_id), "territoryId": str(home)}


async def _check_owner(tx: Tx, actor: Actor, owner_id: UUID) -> None:
    if not await store.person_known(tx.conn, actor.tenant_id, owner_id):
        raise OwnerUnknown(fields=("ownerId",))
    rules.check_may_own(actor, owner_id=owner_id, people=await people_below(tx.conn, actor))


async def _bring_along(tx: Tx, moved: Changed) -> None:
    """By where the account was when it was locked: somebody else may have moved it since it was seen."""
    left, entered = ((row or moved.row)["territoryId"] for row in (moved.before, moved.row))
    if left == entered:
        return
    contacts = await store.dependants(tx.conn, tx.tenant_id, moved.record_id)
    await records.move(
        tx,
        left=territory_scope(left),
        entered=territory_scope(entered),
        record_ids=[moved.record_id, *contacts],
        collections=[KEPT_CONTACT.schema.name],
    )
