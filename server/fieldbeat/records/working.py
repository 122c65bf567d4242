"""The records of one transaction: loaded and locked together, merged in memory one edit after another, written once.

Loading and writing are set-wise, so that a push of a hundred mutations costs a dozen statements and an online verb the
same dozen. In between nothing waits: a group that fails is taken back by restoring a mark.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.records import store
from fieldbeat.records.model import Conflict, Given, Judgement, Kept, Key, Saved, Settled, Task, Wrote
from fieldbeat.records.transaction import Entry, Tx
from fieldbeat_sync import codec
from fieldbeat_sync.clock import instant_of, ms_of, text_of
from fieldbeat_sync.merge import Merge, Past, history_needed, merge, revive
from fieldbeat_sync.mutation import Author, Clash, Rejected, Stamp, Version, Write
from fieldbeat_sync.policies import delete
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op, Policy


class Mark(NamedTuple):
    """A state of the working set to return to."""

    records: dict[Key, Record]
    wrote: int
    conflicts: dict[UUID, Conflict]
    holders: dict[tuple[str, str, str], UUID]


@dataclass
class WorkingSet:
    """`records` as they stand now, `before` as they were locked; what they need of history; what is to be written."""

    tx: Tx
    kept: dict[str, Kept]
    author: Author
    before: dict[Key, Record]
    records: dict[Key, Record]
    conflicts: dict[UUID, Conflict]
    given: Given
    opened_before: Mapping[UUID, Conflict] = field(default_factory=dict)
    pasts: dict[tuple[Key, int, bool], store.PastRow] = field(default_factory=dict)
    versions: dict[Key, dict[str, list[Version]]] = field(default_factory=dict)
    holders: dict[tuple[str, str, str], UUID] = field(default_factory=dict)
    wrote: list[Wrote] = field(default_factory=list)
    judges: dict[str, Judgement] = field(default_factory=dict)

    def mark(self) -> Mark:
        """Where `reset` returns to."""
        return Mark(dict(self.records), len(self.wrote), dict(self.conflicts), dict(self.holders))

    def reset(self, mark: Mark) -> None:
        """Takes back every edit since the mark."""
        self.records, self.conflicts, self.holders = dict(mark.records), dict(mark.conflicts), dict(mark.holders)
        for wrote in reversed(self.wrote[mark.wrote :]):
            self.versions[wrote.key][wrote.field].pop()
        del self.wrote[mark.wrote :]

    def settle(self, task: Task, *, after_hlc: int = 0) -> Settled:
        """Merges one edit in memory and says what became of it; `after_hlc`: of its author's edit before."""
        if after_hlc:
            task = replace(task, edit=structs.replace(task.edit, after_hlc=after_hlc))
        orphan = self._orphan(task)
        if orphan:
            return Settled(orphan)
        record = self.records.get(task.key)
        merged = merge(task.kept.schema, record, task.edit, self._past(task))
        if isinstance(merged, Rejected):
            return Settled(merged, existing_id=task.record_id if merged.code == "UNIQUE" else None)
        misjudged = self._judged(task, record)
        if misjudged:
            return Settled(misjudged)
        taken = self._taken(task.kept, task.key, merged.record) or self._taken_from_parent(task)
        if taken:
            return taken
        conflict_ids = self._accept(task, merged)
        if task.parent:
            conflict_ids += self._keep_alive(task, task.parent)
        return Settled(merged.outcome, merged.record.rev, conflict_ids, hlc=merged.writes[0].stamp.hlc)

    def _judged(self, task: Task, record: Record | None) -> Rejected | None:
        judge = self.judges.get(task.key.collection)
        return judge(record.row if record else {}, task.edit.patch) if judge else None

    def _orphan(self, task: Task) -> Rejected | None:
        """Why a CREATE cannot have its parent, if so."""
        if task.parent is None:
            return None
        field_name, parent = task.kept.schema.parent or "", self.records.get(task.parent)
        if parent is None:
            return Rejected("NOT_FOUND", f"There is no such {task.parent.collection}.", (field_name,))
        if delete.seen(parent.deletes, task.edit):
            return Rejected(
                "DELETED", f"The {task.parent.collection} was deleted, and this edit had seen that.", (field_name,)
            )
        return None

    def _past(self, task: Task) -> Past:
        before, edit = self.before.get(task.key), task.edit
        if before is None:
            return Past(versions=self._known(task.key))
        past = self.pasts.get(_stale(self, task))
        uncovered = past.uncovered if past else None
        if past is None or edit.base_rev >= before.rev:
            # All that was there was seen; what came since in this transaction is the author's own.
            return Past(floor_ms=before.changed_ms, versions=self._known(task.key), uncovered=uncovered)
        floor_ms = past.seen_ms if past.seen_ms is not None else ms_of(before.created.hlc)
        return Past(past.foreign_rev, floor_ms, self._known(task.key), uncovered)

    def _known(self, key: Key) -> Mapping[str, Sequence[Version]]:
        return self.versions.get(key, {})

    def _taken(self, kept: Kept, key: Key, after: Record) -> Settled | None:
        """Why the record as it would be breaks a unique key, if it does; else notes the values that it now holds."""
        before = self.records.get(key)
        if not after.alive:
            return None
        for declared in kept.schema.fields:
            value = after.row[declared.name]
            if declared.policy is not Policy.UNIQUE or value is None:
                continue
            if before is not None and before.alive and before.row[declared.name] == value:
                continue
            holder = self._holder(key.collection, declared.name, value)
            if holder not in (None, key.id):
                refused = Rejected("UNIQUE", f"{declared.name} {value} is taken.", (declared.name,))
                return Settled(refused, existing_id=holder)
            self.holders[key.collection, declared.name, value] = key.id
        return None

    def _taken_from_parent(self, task: Task) -> Settled | None:
        """Why a CREATE cannot bring its deleted parent back: somebody else has its unique value by now."""
        parent = self.records[task.parent] if task.parent else None
        if parent is None or parent.alive or task.kept.parent is None or task.parent is None:
            return None
        taken = self._taken(task.kept.parent, task.parent, replace(parent, deletes=()))
        if taken is None or not isinstance(taken.outcome, Rejected):
            return None
        field_name = task.kept.schema.parent or ""
        message = f"The deleted {task.parent.collection} cannot come back: {taken.outcome.message}"
        return Settled(Rejected("UNIQUE", message, (field_name,)))

    def _holder(self, collection: str, name: str, value: str) -> UUID | None:
        """Who holds the value now: who held it when the records were locked, unless that one has let it go since."""
        holder = self.holders.get((collection, name, value))
        record = self.records.get(Key(collection, holder)) if holder else None
        if record is not None and (not record.alive or record.row[name] != value):
            return None
        return holder

    def _accept(self, task: Task, merged: Merge) -> tuple[UUID, ...]:
        self.records[task.key] = merged.record
        for write in merged.writes:
            self._write(task, task.key, write.field, write.value, write.stamp, write.outcome, write.rule)
        opened = tuple(self._open(task, task.key, merged.record, clash) for clash in merged.clashes)
        for write in merged.writes:
            self._follow_up(task, write, set(opened))
        return opened

    def _write(self, task: Task, key: Key, name: str, value: Any, stamp: Stamp, outcome: str, rule: str) -> None:
        self.wrote.append(
            Wrote(
                key, name, value, stamp.rev, stamp.replica, stamp.seq, stamp.hlc, stamp.rank, stamp.epoch,
                outcome, rule, task.actor_id, task.device_id, task.edit.timing, task.edit.base_rev,
            )
        )  # fmt: skip
        self.versions.setdefault(key, {}).setdefault(name, []).append(Version(value, stamp))

    def _keep_alive(self, task: Task, key: Key) -> tuple[UUID, ...]:
        """The CREATE of a child keeps its parent alive or revives it; else the parent's rev stands."""
        parent = self.records[key]
        revived = revive(parent, task.edit)
        opened: tuple[UUID, ...] = ()
        if revived:
            parent = self.records[key] = revived.record
            for write in revived.writes:
                self._write(task, key, write.field, write.value, write.stamp, write.outcome, write.rule)
            opened = tuple(self._open(task, key, parent, clash) for clash in revived.clashes)
        hlc = self.records[task.key].created.hlc
        stamp = Stamp(task.edit.author.replica, task.edit.seq, parent.rev, hlc)
        self._write(task, key, f"+{task.record_id}", {"collection": task.key.collection}, stamp, "ADDED", "KEEPS_ALIVE")
        return opened

    def _open(self, task: Task, key: Key, record: Record, clash: Clash) -> UUID:
        """Opens a conflict, or carries on the open one in which this author lost the same field before."""
        chain = next((each for each in self.conflicts.values() if self._continues(each, key, clash)), None)
        at = self.tx.at
        fields = {
            "collection": key.collection,
            "recordId": str(key.id),
            "field": clash.field,
            "policy": clash.policy,
            "status": "OPEN",
            "winner": _side(clash.winner),
            "loser": _side(clash.loser),
            "createdAt": chain.fields["createdAt"] if chain else text_of(at),
            "resolvedAt": None,
        }
        conflict = Conflict(
            id=chain.id if chain else uuid7(),
            rev=chain.rev + 1 if chain else 1,
            fields=fields,
            winner_replica=clash.winner.stamp.replica,
            loser_replica=clash.loser.stamp.replica,
            record_rev=record.rev,
            winner_rev=clash.winner.stamp.rev,
            loser_rev=clash.loser.stamp.rev,
            created_at=chain.created_at if chain else at,
            winner_hlc=clash.winner.stamp.hlc,
            loser_hlc=clash.loser.stamp.hlc,
            loser_seq=clash.loser.stamp.seq,
        )
        self.conflicts[conflict.id] = conflict
        return conflict.id

    def _continues(self, earlier: Conflict, key: Key, clash: Clash) -> bool:
        """Whether the author's earlier losing value, now overwritten by himself, is what the open conflict keeps."""
        same = earlier.about == key and earlier.fields["field"] == clash.field and earlier.fields["status"] == "OPEN"
        own = earlier.loser_seq > 0 and self.author.owns(earlier.loser_replica, earlier.loser_seq)
        return same and own and clash.field != delete.FIELD

    def _follow_up(self, task: Task, write: Write, opened: set[UUID]) -> None:
        """A write by an author who had seen the field's conflict closes it; else the conflict shows what stands now."""
        for conflict in list(self.conflicts.values()):
            same = conflict.about == task.key and conflict.fields["field"] == write.field
            if not same or conflict.fields["status"] != "OPEN" or conflict.id in opened:
                continue
            if task.edit.base_rev >= conflict.record_rev:
                self.close(conflict, "SUPERSEDED")
            elif write.outcome == "WON" and write.field != delete.FIELD:
                self._stand(conflict, Version(write.value, write.stamp))

    def _stand(self, conflict: Conflict, winner: Version) -> None:
        """The value that stands has changed under an open conflict: whoever keeps the winner keeps this one.

        As with a loser that has changed, only who has seen the conflict as it is now closes it.
        """
        fields = {**conflict.fields, "winner": _side(winner)}
        stamp = winner.stamp
        self.conflicts[conflict.id] = replace(
            conflict,
            rev=conflict.rev + 1,
            fields=fields,
            winner_replica=stamp.replica,
            record_rev=stamp.rev,
            winner_rev=stamp.rev,
            winner_hlc=stamp.hlc,
        )

    def close(self, conflict: Conflict, status: str) -> None:
        """Closes a conflict with its final status."""
        fields = {**conflict.fields, "status": status, "resolvedAt": text_of(self.tx.at)}
        self.conflicts[conflict.id] = replace(conflict, rev=conflict.rev + 1, fields=fields)


async def lock(
    tx: Tx, author: Author, wanted: Sequence[tuple[Kept, UUID]], *, given: Given | None = None
) -> WorkingSet:
    """Locks records and reads their open conflicts; `given` is what a device was given when it last pulled.

    Locks: records in (collection, id) order, then their open conflicts by id.
    """
    kept = {each.schema.name: each for each, _ in wanted}
    keys = sorted({Key(each.schema.name, id_) for each, id_ in wanted})
    before = await _lock(tx, kept, keys)
    tx.follow(max((record.changed_ms for record in before.values()), default=0))
    found = await store.open_conflicts(tx.conn, tx.tenant_id, list(before)) if before else []
    known = {each.id: each for each in found}
    return WorkingSet(tx, kept, author, before, dict(before), dict(known), given or Given(None), known)


async def recall(working: WorkingSet, tasks: Sequence[Task]) -> None:
    """Reads what history and unique keys tell about `tasks`, set-wise; nothing when every edit had seen its record."""
    await _load_history(working, tasks)
    await _load_holders(working, tasks)
    await _load_judges(working, tasks)


async def save(working: WorkingSet) -> None:
    """Writes what changed, set-wise, and announces it."""
    tx = working.tx
    changed = {key: record for key, record in working.records.items() if record is not working.before.get(key)}
    for collection in sorted({key.collection for key in changed}):
        own = {key.id: record for key, record in changed.items() if key.collection == collection}
        freed = _freed(working, collection, own)
        if freed:
            await store.set_aside(tx.conn, tx.tenant_id, working.kept[collection], freed, tx.at)
        await store.save_records(tx.conn, tx.tenant_id, working.kept[collection], own, tx.at)
    if working.wrote:
        await store.write_history(tx.conn, tx.tenant_id, working.wrote, tx.at)
    conflicts = [each for each in working.conflicts.values() if each is not working.opened_before.get(each.id)]
    await _announce(working, changed, await _save_conflicts(tx, conflicts))
    await _follow_up(working, changed)


def _freed(working: WorkingSet, collection: str, own: Mapping[UUID, Record]) -> list[UUID]:
    """Records whose unique value is taken over by another one that is saved with them."""
    freed = []
    for declared in working.kept[collection].schema.fields:
        if declared.policy is Policy.UNIQUE:
            before = {id_: _holds(working.before.get(Key(collection, id_)), declared.name) for id_ in own}
            after = {id_: _holds(record, declared.name) for id_, record in own.items()}
            taken = {after[id_] for id_ in own if after[id_] != before[id_]}
            freed += [id_ for id_ in own if before[id_] not in (None, after[id_]) and before[id_] in taken]
    return sorted(set(freed))


def _holds(record: Record | None, name: str) -> Any:
    """The value of a unique field that the record holds; a dead one holds none."""
    return record.row[name] if record is not None and record.alive else None


async def _lock(tx: Tx, kept: Mapping[str, Kept], keys: Sequence[Key]) -> dict[Key, Record]:
    ids: dict[str, list[UUID]] = defaultdict(list)
    for key in keys:
        ids[key.collection].append(key.id)
    locked: dict[Key, Record] = {}
    for collection, wanted in ids.items():
        stored = await store.lock_records(tx.conn, tx.tenant_id, kept[collection], wanted)
        locked |= {Key(collection, id_): each.record for id_, each in stored.items()}
    return locked


async def _load_history(working: WorkingSet, tasks: Sequence[Task]) -> None:
    stale: dict[tuple[Key, int, bool], None] = {}
    wanted: dict[tuple[Key, str, int], None] = {}
    for task in tasks:
        record = working.before.get(task.key)
        if record is not None and (task.edit.base_rev < record.rev or task.edit.op is Op.DELETE):
            stale[_stale(working, task)] = None
            needed = history_needed(task.kept.schema, record, task.edit)
            wanted |= dict.fromkeys((task.key, name, task.edit.base_rev) for name in needed)
    tx, author = working.tx, working.author
    if stale:
        deleted = {
            task.key: working.before[task.key]
            for task in tasks
            if task.edit.op is Op.DELETE and task.key in working.before
        }
        scopes = sorted(frozenset().union(*(await _scopes(working, deleted)).values()))
        edits = [store.Stale(*each) for each in stale]
        rows = await store.pasts(tx.conn, tx.tenant_id, author, edits, scopes=scopes, given=working.given)
        working.pasts = dict(zip(stale, rows, strict=True))
    if wanted:
        for key, name, version in await store.versions(tx.conn, tx.tenant_id, author, list(wanted)):
            working.versions.setdefault(key, {}).setdefault(name, []).append(version)


def _stale(working: WorkingSet, task: Task) -> tuple[Key, int, bool]:
    """What is asked of history; the last says whether the edit was made after its author was given what he holds."""
    return task.key, task.edit.base_rev, task.edit.received_ms - task.edit.age_ms >= working.given.at_ms


async def _load_judges(working: WorkingSet, tasks: Sequence[Task]) -> None:
    for kept in {task.kept.schema.name: task.kept for task in tasks if task.kept.judge}.values():
        own = [task for task in tasks if task.kept is kept]
        rows = [record.row for task in own if (record := working.records.get(task.key))]
        assert kept.judge is not None  # as chosen above
        told = [*rows, *(task.edit.patch for task in own)]
        working.judges[kept.schema.name] = await kept.judge(working.tx.conn, working.tx.tenant_id, told)


async def _load_holders(working: WorkingSet, tasks: Sequence[Task]) -> None:
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for task in tasks:
        for kept, key, patched in _may_take(task):
            record = working.before.get(key)
            for declared in kept.schema.fields:
                if declared.policy is Policy.UNIQUE:
                    held = record.row[declared.name] if record and not record.alive else None
                    texts = (patched.get(declared.name), held)
                    wanted[key.collection, declared.name].update(text for text in texts if isinstance(text, str))
    tx = working.tx
    for (collection, name), values in wanted.items():
        if values:
            holders = await store.unique_holders(tx.conn, tx.tenant_id, working.kept[collection], name, sorted(values))
            working.holders |= {(collection, name, value): id_ for value, id_ in holders.items()}


def _may_take(task: Task) -> Iterator[tuple[Kept, Key, Mapping[str, Any]]]:
    """The records that may take unique values by an edit: its own by its patch, and a parent that it brings back."""
    yield task.kept, task.key, task.edit.patch
    if task.kept.parent and task.parent:
        yield task.kept.parent, task.parent, {}


async def _save_conflicts(tx: Tx, conflicts: Sequence[Conflict]) -> list[Conflict]:
    """Writes conflicts with the names of both writers, read from the history that has just been written."""
    if not conflicts:
        return []
    writes = {write: None for each in conflicts for write in _new_sides(each).values()}
    writers = await store.writers(tx.conn, tx.tenant_id, list(writes)) if writes else {}
    named = [_named(each, writers) for each in conflicts]
    await store.save_conflicts(tx.conn, tx.tenant_id, named, tx.at)
    return named


def _new_sides(conflict: Conflict) -> dict[str, store.WriteRef]:
    """The writes of those values of a conflict that are new in it; the others were named before."""
    sides = {
        "winner": store.WriteRef(conflict.about, conflict.winner_rev, conflict.winner_replica, conflict.winner_hlc),
        "loser": store.WriteRef(conflict.about, conflict.loser_rev, conflict.loser_replica, conflict.loser_hlc),
    }
    return {side: write for side, write in sides.items() if write.hlc}


def _named(conflict: Conflict, writers: Mapping[store.WriteRef, dict[str, Any]]) -> Conflict:
    new = {side: {**conflict.fields[side], "actor": writers.get(at)} for side, at in _new_sides(conflict).items()}
    return replace(conflict, fields={**conflict.fields, **new})


async def _announce(working: WorkingSet, changed: Mapping[Key, Record], conflicts: Sequence[Conflict]) -> None:
    about = {each.about for each in conflicts}
    now = await _scopes(working, {key: working.records[key] for key in {*changed, *about}})
    moved = {key: working.before[key] for key in changed if _may_have_moved(working, key)}
    then = await _scopes(working, moved)
    for key, record in changed.items():
        _announce_record(working, key, record, then.get(key, now[key]), now[key])
    for each in conflicts:
        earlier = working.opened_before.get(each.id)
        doc = codec.entry_tail(each.rev, {"id": str(each.id), "rev": each.rev, **each.fields}, {0: each.rev})
        for scope_id in sorted(now[each.about]):
            was = earlier.rev if earlier and scope_id in then.get(each.about, now[each.about]) else None
            working.tx.announce(Entry(scope_id, "conflict", each.id, "PUT", each.rev, doc, was))


def _announce_record(working: WorkingSet, key: Key, record: Record, then: frozenset[str], now: frozenset[str]) -> None:
    before = working.before.get(key)
    was_rev = before.rev if before is not None and before.alive else None
    kind = "PUT" if record.alive else "DELETE"
    doc = codec.render(record, working.kept[key.collection].schema, str(key.id)) if record.alive else None
    for scope_id in sorted(now):
        was = was_rev if scope_id in then else None
        working.tx.announce(Entry(scope_id, key.collection, key.id, kind, record.rev, doc, was))
    if before is not None:
        for scope_id in sorted(then - now):
            working.tx.announce(Entry(scope_id, key.collection, key.id, "EVICT", record.rev, None, was_rev))


def _may_have_moved(working: WorkingSet, key: Key) -> bool:
    before, after = working.before.get(key), working.records[key]
    fields = working.kept[key.collection].scope_fields
    return before is not None and any(before.row[name] != after.row[name] for name in fields)


async def _scopes(working: WorkingSet, records: Mapping[Key, Record]) -> dict[Key, frozenset[str]]:
    rows: dict[str, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for key, record in records.items():
        rows[key.collection][key.id] = dict(record.row)
    found: dict[Key, frozenset[str]] = {}
    for collection, own in rows.items():
        scopes = await working.kept[collection].scopes(working.tx.conn, working.tx.tenant_id, own)
        found |= {Key(collection, id_): scopes[id_] for id_ in own}
    return found


async def _follow_up(working: WorkingSet, changed: Mapping[Key, Record]) -> None:
    """What must follow from what was written, a collection at a time."""
    for collection in sorted({key.collection for key in changed}):
        follow_up = working.kept[collection].follow_up
        if follow_up is not None:
            actor = Actor(working.tx.tenant_id, UUID(working.author.user_id), working.author.role)
            own = {key: record for key, record in changed.items() if key.collection == collection}
            writes: dict[Key, list[Wrote]] = defaultdict(list)
            for wrote in working.wrote:
                writes[wrote.key].append(wrote)
            saved = [_saved(working.before.get(key), key, own[key], writes[key]) for key in own]
            await follow_up(working.tx, actor, saved)


def _saved(before: Record | None, key: Key, after: Record, writes: Sequence[Wrote]) -> Saved:
    was, now = (dict(each.row) if each is not None and each.alive else None for each in (before, after))
    return Saved(key.id, was, now, after.rev, tuple(writes))


def _side(version: Version) -> dict[str, Any]:
    """A side of a conflict as it travels; its actor is added when the history is written."""
    at = instant_of(version.stamp.hlc)
    return {"value": version.value, "at": text_of(at), "replica": version.stamp.replica, "actor": None}
