"""What the worker does with visits. Each run is bounded and may run twice; what is left waits for the next."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import server_of
from fieldbeat.kit.db import Db
from fieldbeat.records import Change, Row, Tx
from fieldbeat.records.model import Entry
from fieldbeat.visits import place_store, store
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat_sync.schema import Op

A_TENANT_MAX = 500  # visits of one transaction
TENANTS_MAX = 1_000
PROOFS = ("checkIn", "checkOut")
NOWHERE = {"latitude": None, "longitude": None, "accuracyM": None}


async def mark_no_shows(db: Db, *, grace: timedelta, offline_grace: timedelta) -> int:
    """Visits whose window has passed unmade become NO_SHOW; returns how many.

    After `grace` when the rep's phone has sent something since, else after `offline_grace`. Whoever was there all the
    same wins when his phone comes back: a check-in outranks NO_SHOW.
    """
    async with db.unscoped() as conn:
        tenants = await store.tenants_with_missed_visits(conn, grace, tenants_max=TENANTS_MAX)
    return sum([await _mark(db, tenant_id, grace, max(grace, offline_grace)) for tenant_id in tenants])


async def forget_places(db: Db, *, older_than: timedelta) -> int:
    """Coordinates of visits that ended so long ago go, from rows, history and conflicts; the times stay.

    Returns how many visits forgot.
    """
    async with db.unscoped() as conn:
        tenants = await place_store.tenants_with_old_places(conn, older_than, tenants_max=TENANTS_MAX)
    return sum([await _forget(db, tenant_id, older_than) for tenant_id in tenants])


async def _mark(db: Db, tenant_id: UUID, grace: timedelta, offline_grace: timedelta) -> int:
    async with records.writing(db, tenant_id) as tx:
        missed = await store.missed_visits(tx.conn, tenant_id, grace, offline_grace, visits_max=A_TENANT_MAX)
        changes = [Change(KEPT_VISIT, each.id, Op.UPDATE, {"status": "NO_SHOW"}, each.rev) for each in missed]
        if changes:
            await records.change(tx, server_of(tenant_id), changes)
    return len(missed)


async def _forget(db: Db, tenant_id: UUID, older_than: timedelta) -> int:
    async with records.writing(db, tenant_id) as tx:
        old = await place_store.old_places(tx.conn, tenant_id, older_than, visits_max=A_TENANT_MAX)
        changes = [
            Change(KEPT_VISIT, each.id, Op.UPDATE, _without_place(each), each.rev, corrects=True)
            for each in old
            if not each.deleted
        ]
        if changes:
            await records.change(tx, server_of(tenant_id), changes)
        ids = [each.id for each in old]
        if ids:
            await records.rewrite_conflicts(tx, KEPT_VISIT, ids, fields=PROOFS, rewrite=_conflict_without_place)
            await place_store.forget_places(tx.conn, ids)
            await _announce_deleted(tx, [each for each in old if each.deleted])
    return len(old)


async def _announce_deleted(tx: Tx, deleted: Sequence[place_store.OldPlace]) -> None:
    """Deleted visits stay deleted, at the rev under which they have forgotten."""
    rows = {each.id: _placed(each) for each in deleted}
    scopes = await KEPT_VISIT.scopes(tx.conn, tx.tenant_id, rows) if rows else {}
    for each in deleted:
        for scope_id in sorted(scopes[each.id]):
            tx.announce(Entry(scope_id, KEPT_VISIT.schema.name, each.id, "DELETE", each.rev + 1, None, None))


def _placed(old: place_store.OldPlace) -> Row:
    return {"accountId": str(old.account_id), "repId": str(old.rep_id) if old.rep_id else None}


def _without_place(old: place_store.OldPlace) -> dict[str, Any]:
    said = {"checkIn": old.check_in, "checkOut": old.check_out}
    return {name: {**proof, **NOWHERE} for name, proof in said.items() if proof}


def _conflict_without_place(row: Row) -> Row:
    return {**row, **{side: _side_without_place(row[side]) for side in ("winner", "loser")}}


def _side_without_place(side: Mapping[str, Any]) -> dict[str, Any]:
    value = side["value"]
    return {**side, "value": {**value, **NOWHERE} if isinstance(value, dict) else value}
