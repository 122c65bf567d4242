"""Resolving a conflict: an ordinary edit of the field, so that two who resolve at once are merged like any others."""

from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.exchange import reads
from fieldbeat.exchange.model import Choice, ConflictView
from fieldbeat.exchange.registry import KEPT
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound, Refusal
from fieldbeat.records import Change, Tx
from fieldbeat_sync.policies import delete
from fieldbeat_sync.schema import Op


class ConflictClosed(Refusal):
    """The conflict was closed before; nothing is left to resolve."""

    code = "CONFLICT_CLOSED"


async def resolve_conflict(
    tx: Tx, actor: Actor, *, conflict_id: UUID, choice: Choice, value: Any = None, base_rev: int | None = None
) -> ConflictView:
    """Settles a conflict by the value chosen; `base_rev` is the rev of the record that the chooser saw.

    Two who resolve at once are merged like any two edits: who comes second with his own `base_rev` is judged by it.
    Refuses NOT_FOUND (out of sight), CONFLICT_CLOSED (closed, and no `base_rev` is given), FORBIDDEN (not his to
    delete), and what the field's rules refuse.
    """
    conflict = (await reads.conflicts_by_ids(tx.conn, actor, [conflict_id])).get(conflict_id)
    if conflict is None:
        raise NotFound(fields=("id",))
    if conflict.status != "OPEN" and base_rev is None:
        raise ConflictClosed
    changes = _changes(actor, conflict, choice, value, base_rev)
    if changes:
        await records.change(tx, actor, changes, resolving=conflict_id)
    else:
        await records.close_conflict(tx, KEPT[conflict.collection], conflict.record_id, conflict_id)
    return (await reads.show_conflicts(tx.conn, actor, [conflict_id]))[conflict_id]


def _changes(actor: Actor, conflict: ConflictView, choice: Choice, value: Any, base_rev: int | None) -> list[Change]:
    kept = KEPT[conflict.collection]
    if conflict.field == delete.FIELD:
        if choice is Choice.SET_VALUE:
            raise Invalid("A delete is kept or taken; there is no value to set.", fields=("choice",))
        if choice is Choice.KEEP_WINNER:
            return []
        if actor.role not in kept.schema.deleted_by:
            raise Forbidden(f"Your role may not delete a {conflict.collection}.")
        return [Change(kept, conflict.record_id, Op.DELETE, {}, base_rev)]
    chosen = {
        Choice.KEEP_WINNER: conflict.winner.value,
        Choice.TAKE_LOSER: conflict.loser.value,
        Choice.SET_VALUE: value,
    }
    head, dot, key = conflict.field.partition(".")
    patch = {head: {key: chosen[choice]}} if dot else {head: chosen[choice]}
    return [Change(kept, conflict.record_id, Op.UPDATE, patch, base_rev, corrects=choice is not Choice.SET_VALUE)]
