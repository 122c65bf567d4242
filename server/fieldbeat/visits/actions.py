"""The verbs of visits. Each looks whether the actor sees the record, decides, and records."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Refusal
from fieldbeat.people.reads import people_below, people_by_ids
from fieldbeat.records import Change, Changed, Tx
from fieldbeat.visits import reads, rules
from fieldbeat.visits.model import AccountUnknown, PlaceHalf, RepUnknown, Visit, VisitUnknown
from fieldbeat.visits.replica import KEPT_VISIT, prepare_visits
from fieldbeat_sync.clock import text_of
from fieldbeat_sync.schema import Op


async def create_visit(
    tx: Tx, actor: Actor, *, account_id: UUID, patch: Mapping[str, Any], rep_id: UUID | None = None,
    id: UUID | None = None,
) -> Changed:  # fmt: skip
    """Plans a visit for `rep_id`; absent: for the actor if he is a rep, else for the account's owner.

    Refuses INVALID, NOT_FOUND (`accountId`, `repId`), FORBIDDEN (`repId`).
    """
    if account_id not in await accounts_by_ids(tx.conn, actor, [account_id]):
        raise AccountUnknown(fields=("accountId",))
    whole = {**patch, "accountId": str(account_id)}
    made_by = await _made_by(tx, actor, whole, rep_id)
    [changed] = await records.change(tx, actor, [Change(KEPT_VISIT, id or uuid7(), Op.CREATE, {**whole, **made_by})])
    return changed


async def update_visit(
    tx: Tx, actor: Actor, *, visit_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """Merges `patch` (wire values) into a visit; what others changed since `base_rev` is not lost.

    Refuses NOT_FOUND and whatever the merge refuses, such as ILLEGAL_TRANSITION, IMMUTABLE, FORBIDDEN (a reopen).
    """
    await _seen(tx, actor, visit_id)
    return await _change(tx, actor, visit_id, patch, base_rev)


async def check_in(
    tx: Tx, actor: Actor, *, visit_id: UUID, evidence: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """The rep is there. `evidence`: at (the server's time when absent), latitude, longitude, accuracyM, mock.

    Refuses as `update_visit`; INVALID when the place is half.
    """
    return await _prove(tx, actor, visit_id, {"status": "CHECKED_IN"}, "checkIn", evidence, base_rev)


async def check_out(
    tx: Tx, actor: Actor, *, visit_id: UUID, evidence: Mapping[str, Any], patch: Mapping[str, Any],
    base_rev: int | None = None,
) -> Changed:  # fmt: skip
    """The rep leaves, and the visit is done; `patch` is what else he says of it. Refuses as `check_in`."""
    return await _prove(tx, actor, visit_id, {**patch, "status": "DONE"}, "checkOut", evidence, base_rev)


async def reopen_visit(tx: Tx, actor: Actor, *, visit_id: UUID, base_rev: int | None = None) -> Changed:
    """Takes a visit back: a done one into the shop, any other into the plan. Refuses as `update_visit`."""
    seen = await _seen(tx, actor, visit_id)
    return await _change(tx, actor, visit_id, {"status": rules.reopened(seen.status)}, base_rev)


async def _prove(
    tx: Tx, actor: Actor, visit_id: UUID, patch: Mapping[str, Any], name: str, evidence: Mapping[str, Any],
    base_rev: int | None,
) -> Changed:  # fmt: skip
    if (evidence.get("latitude") is None) != (evidence.get("longitude") is None):
        raise PlaceHalf(fields=("latitude", "longitude"))
    await _seen(tx, actor, visit_id)
    proof = {**evidence, "at": _instant(evidence.get("at") or tx.at)}
    return await _change(tx, actor, visit_id, {**patch, name: proof}, base_rev)


async def _change(tx: Tx, actor: Actor, visit_id: UUID, patch: Mapping[str, Any], base_rev: int | None) -> Changed:
    [changed] = await records.change(tx, actor, [Change(KEPT_VISIT, visit_id, Op.UPDATE, patch, base_rev)])
    return changed


async def _seen(tx: Tx, actor: Actor, visit_id: UUID) -> Visit:
    found = (await reads.visits_by_ids(tx.conn, actor, [visit_id])).get(visit_id)
    if found is None:
        raise VisitUnknown(fields=("id",))
    return found


async def _made_by(tx: Tx, actor: Actor, patch: Mapping[str, Any], rep_id: UUID | None) -> Mapping[str, Any]:
    if rep_id is None:
        [values] = await prepare_visits(tx.conn, actor, [patch])
        if isinstance(values, Refusal):
            raise values
        return values
    if rep_id not in await people_by_ids(tx.conn, actor, [rep_id]):
        raise RepUnknown(fields=("repId",))
    rules.check_may_plan_for(actor, rep_id=rep_id, people=await people_below(tx.conn, actor))
    return {"repId": str(rep_id)}


def _instant(at: datetime | str) -> str:
    return at if isinstance(at, str) else text_of(at)
