"""Who may send what: each new mutation of a push is checked before it may touch a record.

The order of the checks is part of the protocol (docs/protocol.md, "Rejections"): what the device could have known comes
before what only the server knows, and nothing is said about records that its user never held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from fieldbeat.exchange import store
from fieldbeat.exchange.model import Mutation
from fieldbeat.exchange.registry import KEPT, SERVER_ONLY
from fieldbeat.kit.actor import Actor
from fieldbeat.records import Kept
from fieldbeat.records.model import Key
from fieldbeat.records.working import WorkingSet
from fieldbeat_sync import limits
from fieldbeat_sync.clock import to_ms
from fieldbeat_sync.mutation import Rejected
from fieldbeat_sync.schema import Collection, Op


@dataclass
class Admission:
    """What one push needs to know of its user's sight; `rejected_creates` grows and shrinks as it is settled.

    `lost_at`: of records that he held once, when he lost the last reason to see them.
    """

    actor: Actor
    held: frozenset[str]
    standings: Mapping[tuple[str, UUID], Mapping[str, str]]
    rejected_creates: set[UUID] = field(default_factory=set)
    lost_at: Mapping[tuple[str, UUID], datetime] = field(default_factory=dict)

    def check(self, working: WorkingSet, mutation: Mutation, *, made_at: datetime) -> Rejected | None:
        """Why the mutation, made at an effective time, may not reach its record, or None."""
        kept = KEPT[mutation.collection]
        # In flight: what was made before its author lost the record is taken (docs/protocol.md, "Rejections").
        before = made_at if kept.schema.in_flight else None
        key = Key(mutation.collection, mutation.record_id)
        own = self._check_record(working, mutation, key, kept, before)
        return own or self._check_references(working, mutation, kept, before)

    def _check_record(
        self, working: WorkingSet, mutation: Mutation, key: Key, kept: Kept, before: datetime | None
    ) -> Rejected | None:
        record = working.records.get(key)
        if mutation.op is Op.CREATE:
            may = self.actor.role in kept.schema.created_by
            return None if may else _forbidden(f"create a record of {key.collection}")
        if record is None or key not in working.before:
            created_here = record is not None
            return None if created_here else self._absent(key.id, (), key)
        out_of_sight = self._out_of_sight(key, before)
        if out_of_sight:
            return out_of_sight
        if mutation.op is Op.DELETE and not self._may_delete(kept.schema, record.row):
            return _forbidden(f"delete a record of {key.collection}")
        return None

    def _may_delete(self, schema: Collection, row: Mapping[str, Any]) -> bool:
        own = schema.deleted_also_by is not None and row[schema.deleted_also_by] == str(self.actor.user_id)
        return own or self.actor.role in schema.deleted_by

    def _check_references(
        self, working: WorkingSet, mutation: Mutation, kept: Kept, before: datetime | None
    ) -> Rejected | None:
        for name, keys in references(kept, mutation):
            key = next((each for each in keys if each in working.records), keys[0])
            if key in working.records and key not in working.before:
                continue  # created by this very push
            refused = self._out_of_sight(key, before) if key in working.before else self._absent(key.id, (name,), key)
            if refused:
                return Rejected(refused.code, f"{name}: {refused.message}", (name,))
        return None

    def _absent(self, record_id: UUID, fields: tuple[str, ...], key: Key) -> Rejected:
        if record_id in self.rejected_creates:
            return Rejected("DEPENDENCY", "The CREATE of this record was rejected.", fields)
        return Rejected("NOT_FOUND", f"There is no such {key.collection} among those that you may see.", fields)

    def _out_of_sight(self, key: Key, before: datetime | None) -> Rejected | None:
        standing = self.standings.get(key, {})
        if _is_held(standing, self.held):
            return None
        # In whole milliseconds, as edits have their times: what was made right after the loss does not precede it.
        if before is not None and key in self.lost_at and to_ms(before) < to_ms(self.lost_at[key]):
            return None
        if key.id in self.rejected_creates:
            return Rejected("DEPENDENCY", "The CREATE of this record was rejected.")
        if standing:
            return Rejected("FORBIDDEN", f"This {key.collection} is no longer among those that you may see.")
        return Rejected("NOT_FOUND", f"There is no such {key.collection} among those that you may see.")


async def admission(
    working: WorkingSet,
    actor: Actor,
    device_id: UUID,
    wanted: Sequence[tuple[Kept, UUID]],
    *,
    held: frozenset[str],
    lost: Mapping[str, datetime],
) -> Admission:
    """Reads, for all records that a push names, where they stand in the scopes that its user holds or held."""
    keys = sorted({(kept.schema.name, id_) for kept, id_ in wanted})
    tx = working.tx
    standings = await store.standings(tx.conn, actor.tenant_id, keys, held | lost.keys())
    standings |= await _collected(working, standings, held | lost.keys())
    ids = sorted({id_ for _, id_ in keys})
    rejected = await store.rejected_creates(tx.conn, actor.tenant_id, device_id, ids)
    in_flight = any(kept.schema.in_flight for kept, _ in wanted)
    gone = [key for key, kinds in standings.items() if not _is_held(kinds, held)] if in_flight else []
    lost_at = await store.lost_at(tx.conn, actor.tenant_id, gone, held=held, lost=lost) if gone else {}
    return Admission(actor, held, standings, rejected, lost_at)


def _is_held(kinds: Mapping[str, str], held: frozenset[str]) -> bool:
    return any(kind != "EVICT" and scope_id in held for scope_id, kind in kinds.items())


async def _collected(
    working: WorkingSet, standings: Mapping[tuple[str, UUID], Mapping[str, str]], scopes: frozenset[str]
) -> dict[tuple[str, UUID], dict[str, str]]:
    """Where records stood whose DELETE has left the feed since (garbage.py): their rows tell it, for good."""
    dead = [key for key, record in working.before.items() if not record.alive and key not in standings]
    found: dict[tuple[str, UUID], dict[str, str]] = {}
    for collection in sorted({key.collection for key in dead}):
        rows = {key.id: dict(working.before[key].row) for key in dead if key.collection == collection}
        stood = await working.kept[collection].scopes(working.tx.conn, working.tx.tenant_id, rows)
        found |= {(collection, id_): dict.fromkeys(stood[id_] & scopes, "DELETE") for id_ in rows}
    return {key: kinds for key, kinds in found.items() if kinds}


def malformed(mutation: Mutation) -> Rejected | None:
    """Why a mutation cannot be read at all, or None."""
    if mutation.collection in SERVER_ONLY:
        fields = tuple(mutation.patch) if isinstance(mutation.patch, Mapping) else ()
        return Rejected("FIELD_READ_ONLY", f"A {mutation.collection} is written by the server alone.", fields)
    if mutation.collection not in KEPT:
        return Rejected("UNKNOWN_COLLECTION", f"{mutation.collection} is not a collection.", ("collection",))
    if mutation.base_rev is not None and mutation.base_rev < 0:
        return Rejected("INVALID", "baseRev must not be negative.", ("baseRev",))
    if mutation.op in (Op.CREATE, Op.UPDATE) and not isinstance(mutation.patch, Mapping):
        return Rejected("INVALID", "patch must be an object.", ("patch",))
    return _unstorable(mutation)


def _unstorable(mutation: Mutation) -> Rejected | None:
    """Why the patch fits no row, whatever its collection, or None."""
    try:
        size = len(orjson.dumps(mutation.sent.patch))
    except TypeError:  # a lone surrogate, a number beyond 64 bits, too deep
        parts = mutation.patch.items() if isinstance(mutation.patch, Mapping) else ()
        fields = tuple(name for name, value in parts if not _is_json({name: value}))
        return Rejected("INVALID", "The patch holds what cannot be stored.", fields or ("patch",))
    if size > limits.MUTATION_BYTES_MAX:
        return Rejected("INVALID", f"A mutation may have {limits.MUTATION_BYTES_MAX} bytes.", ("patch",))
    return None


def _is_json(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


def references(kept: Kept, mutation: Mutation) -> list[tuple[str, tuple[Key, ...]]]:
    """The records that a readable mutation refers to, by field: one of the keys is meant."""
    found = []
    written = mutation.op is not Op.DELETE and isinstance(mutation.patch, Mapping)
    patch: Mapping[str, Any] = mutation.patch if written else {}
    for declared, collections in kept.schema.references:
        named = patch.get(declared.name)
        if declared.create_only and mutation.op is not Op.CREATE:
            continue  # the merge refuses it as read-only
        if isinstance(named, str):
            try:
                found.append((declared.name, tuple(Key(collection, UUID(named)) for collection in collections)))
            except ValueError:
                continue  # the merge refuses it, naming the field
    return found


def _forbidden(deed: str) -> Rejected:
    return Rejected("FORBIDDEN", f"Your role may not {deed}.")
