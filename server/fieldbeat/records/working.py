"""The records of one transaction in memory: merged one edit after another, nothing waits.

`loading.py` locks them and reads what the merge needs of history, `saving.py` writes them once. A group that fails is
taken back by restoring a mark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from fieldbeat.records.conflicts import closed, continues, opened, standing
from fieldbeat.records.model import Conflict, Given, Judgement, Kept, Key, Settled, Task, Wrote
from fieldbeat.records.store import PastRow
from fieldbeat.records.transaction import Tx
from fieldbeat_sync.clock import ms_of
from fieldbeat_sync.merge import Merge, Past, merge, revive
from fieldbeat_sync.mutation import Author, Clash, Rejected, Stamp, Version, Write
from fieldbeat_sync.policies import delete
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Policy


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
    pasts: dict[tuple[Key, int, bool], PastRow] = field(default_factory=dict)
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

    def stale(self, task: Task) -> tuple[Key, int, bool]:
        """What is asked of history; the last: whether the edit was made after its author was given what he holds."""
        return task.key, task.edit.base_rev, task.edit.received_ms - task.edit.age_ms >= self.given.at_ms

    def _judged(self, task: Task, record: Record | None) -> Rejected | None:
        judge = self.judges.get(task.key.collection)
        return judge(record.row if record else {}, task.edit.patch, self._look) if judge else None

    def _look(self, collection: str, id_: UUID) -> Mapping[str, Any] | None:
        record = self.records.get(Key(collection, id_))
        return record.row if record else None

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
        past = self.pasts.get(self.stale(task))
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
        fresh = tuple(self._open(task, task.key, merged.record, clash) for clash in merged.clashes)
        for write in merged.writes:
            self._follow_up(task, write, set(fresh))
        return fresh

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
        fresh: tuple[UUID, ...] = ()
        if revived:
            parent = self.records[key] = revived.record
            for write in revived.writes:
                self._write(task, key, write.field, write.value, write.stamp, write.outcome, write.rule)
            fresh = tuple(self._open(task, key, parent, clash) for clash in revived.clashes)
        hlc = self.records[task.key].created.hlc
        stamp = Stamp(task.edit.author.replica, task.edit.seq, parent.rev, hlc)
        self._write(task, key, f"+{task.record_id}", {"collection": task.key.collection}, stamp, "ADDED", "KEEPS_ALIVE")
        return fresh

    def _open(self, task: Task, key: Key, record: Record, clash: Clash) -> UUID:
        """Opens a conflict, or carries on the open one in which this author lost the same field before."""
        chain = next((each for each in self.conflicts.values() if continues(each, self.author, key, clash)), None)
        conflict = opened(key, record.rev, clash, at=self.tx.at, chain=chain)
        self.conflicts[conflict.id] = conflict
        return conflict.id

    def _follow_up(self, task: Task, write: Write, fresh: set[UUID]) -> None:
        """A write by an author who had seen the field's conflict closes it; else the conflict shows what stands now."""
        for conflict in list(self.conflicts.values()):
            same = conflict.about == task.key and conflict.fields["field"] == write.field
            if not same or conflict.fields["status"] != "OPEN" or conflict.id in fresh:
                continue
            if task.edit.base_rev >= conflict.record_rev:
                self.close(conflict, "SUPERSEDED")
            elif write.outcome == "WON" and write.field != delete.FIELD:
                self.conflicts[conflict.id] = standing(conflict, Version(write.value, write.stamp))

    def close(self, conflict: Conflict, status: str) -> None:
        """Closes a conflict with its final status."""
        self.conflicts[conflict.id] = closed(conflict, status, at=self.tx.at)
