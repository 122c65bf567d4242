"""One edit meets one record: the only place where a value is decided, pure, and the same for phones and headquarters.

The verdict depends on what the edit had seen, never on when it arrived: the key of every value it writes is greater
than the keys of the values seen, and the greatest key stands (docs/protocol.md, "Merge").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fieldbeat_sync import clock
from fieldbeat_sync.mutation import Applied, Clash, Conflicted, Edit, Merged, Outcome, Rejected, Stamp, Version, Write
from fieldbeat_sync.patch import Part, parse
from fieldbeat_sync.policies import counter, delete, register, state
from fieldbeat_sync.policies import set as add_wins
from fieldbeat_sync.record import Record, elements, inherited, standing, with_value
from fieldbeat_sync.schema import Collection, Field, Op, Policy


@dataclass(frozen=True)
class Past:
    """What history adds to the record, for an edit that had not seen all of it.

    `foreign_rev`: the newest rev that others than the author made. `floor_ms`: when the newest write that it had seen
    was applied. `versions`: earlier versions of fields, at least the author's own newest and the newest winner with
    rev ≤ base_rev. `uncovered`: the newest write, or creation of a child, that a DELETE by this author does not cover.
    """

    foreign_rev: int = 0
    floor_ms: int = 0
    versions: Mapping[str, Sequence[Version]] = field(default_factory=dict)
    uncovered: Stamp | None = None


@dataclass(frozen=True)
class Merge:
    """The record after the edit, the verdict, and what history and conflicts must keep."""

    record: Record
    outcome: Outcome
    writes: tuple[Write, ...]
    clashes: tuple[Clash, ...] = ()


def merge(collection: Collection, record: Record | None, edit: Edit, past: Past) -> Merge | Rejected:
    """Merges one CREATE, UPDATE or DELETE. Rights on the record itself and unique keys are the caller's to check.

    Refuses INVALID, FIELD_READ_ONLY, ILLEGAL_TRANSITION, FORBIDDEN (not your reopen), DELETED, CREATE of what exists.
    """
    if edit.op is Op.DELETE:
        return _delete(record, edit, past) if record else Rejected("NOT_FOUND", "There is no such record.")
    parts = parse(collection, edit.op, edit.patch, server=edit.server)
    if isinstance(parts, Rejected):
        return parts
    if edit.op is Op.CREATE:
        return _create(collection, parts, edit, past) if record is None else _exists()
    if record is None:
        return Rejected("NOT_FOUND", "There is no such record.")
    if record.deletes and delete.seen(record.deletes, edit):
        return Rejected("DELETED", "The record was deleted, and this edit had seen that.")
    return _update(record, parts, edit, past)


def seen_version(record: Record, name: str, declared: Field, edit: Edit, past: Past) -> Version | None:
    """The value of a field that the edit had seen: of all versions seen the one with the greatest key."""
    current = standing(record, name, declared)
    if edit.saw(current.stamp):
        return current
    known = [version for version in past.versions.get(name, ()) if edit.saw(version.stamp)]
    if edit.saw(record.created):
        blank = None if declared.keyed else declared.machine.initial if declared.machine else declared.default
        known.append(Version(blank, inherited(record.created, declared, blank)))
    return max(known, key=lambda version: version.stamp.key, default=None)


def needs_history(record: Record, name: str, declared: Field, edit: Edit) -> bool:
    """Whether `seen_version` needs earlier versions of the field."""
    by_key = declared.policy not in (Policy.SET, Policy.COUNTER, Policy.SERVER)
    return by_key and not edit.saw(standing(record, name, declared).stamp)


def _exists() -> Rejected:
    return Rejected("UNIQUE", "A record with this id exists.", ("id",))


def _hlc(edit: Edit, floor_ms: int, seen: Sequence[Stamp]) -> int:
    effective = clock.effective_ms(received_ms=edit.received_ms, age_ms=edit.age_ms, floor_ms=floor_ms)
    return clock.stamp(effective, after=max([edit.after_hlc, *(stamp.hlc for stamp in seen)]))


def _create(collection: Collection, parts: Sequence[Part], edit: Edit, past: Past) -> Merge | Rejected:
    stamp = Stamp(edit.author.replica, edit.seq, 1, _hlc(edit, past.floor_ms, ()))
    row: Mapping[str, Any] = collection.blank
    writes = []
    for name, declared, value in parts:
        own = stamp
        if declared.machine:
            refused = state.judge(declared.machine, declared.machine.initial, value, role=edit.author.role, name=name)
            if refused:
                return refused
            own = inherited(stamp, declared, value)
        if declared.policy is Policy.SET:
            value = list(value.add)
        row = with_value(row, name, value)
        writes.append(Write(name, value, own, "WON", "CREATED"))
    for name, value in edit.server_values.items():
        row = with_value(row, name, value)
        writes.append(Write(name, value, stamp, "WON", "SERVER"))
    record = Record(1, row, stamp, edit.received_ms)
    return Merge(record, Applied(), tuple(writes))


def _update(record: Record, parts: Sequence[Part], edit: Edit, past: Past) -> Merge | Rejected:
    seen = {part.name: _seen(record, part, edit, past) for part in parts}
    for name, declared, value in parts:
        if declared.machine:
            known = seen[name]
            from_state = known.value if known else declared.machine.initial
            refused = state.judge(declared.machine, from_state, value, role=edit.author.role, name=name)
            if refused:
                return refused
    hlc = _hlc(edit, past.floor_ms, [version.stamp for version in seen.values() if version])
    stamp = Stamp(edit.author.replica, edit.seq, record.rev + 1, hlc)
    # Writes of server fields alone keep nothing alive.
    revived = record.deletes if any(part.field.policy is not Policy.SERVER for part in parts) else ()
    after = replace(record, rev=stamp.rev, changed_ms=edit.received_ms, deletes=() if revived else record.deletes)
    clashes = [_revival(gone, stamp) for gone in revived]
    writes = []
    for part in parts:
        after, write, clash = _apply(after, part, stamp, edit, seen[part.name])
        writes.append(write)
        clashes += clash
    return Merge(after, _outcome(edit, past, clashes), tuple(writes), tuple(clashes))


def _seen(record: Record, part: Part, edit: Edit, past: Past) -> Version | None:
    if part.field.policy in (Policy.SET, Policy.COUNTER):
        return None
    if part.field.policy is Policy.SERVER:
        return standing(record, part.name, part.field)
    return seen_version(record, part.name, part.field, edit, past)


def _apply(
    record: Record, part: Part, stamp: Stamp, edit: Edit, seen: Version | None
) -> tuple[Record, Write, list[Clash]]:
    name, declared, value = part
    if declared.policy is Policy.COUNTER:
        total = counter.settle(record.row[name], value)
        return _with(record, name, total, stamp), Write(name, {"$inc": value}, stamp, "ADDED", "SUM"), []
    if declared.policy is Policy.SET:
        return _apply_set(record, part, stamp, edit)
    current = standing(record, name, declared)
    if declared.policy is Policy.SERVER:
        return _with(record, name, value, stamp), Write(name, value, stamp, "WON", "SERVER"), []
    if declared.machine:
        stamp = state.keyed(stamp, declared.machine, seen, value)
    decide = state.settle if declared.machine else register.settle
    settled = decide(current, Version(value, stamp), seen=edit.saw(current.stamp))
    write = Write(name, value, stamp, "WON" if settled.won else "LOST", settled.rule)
    clash = [Clash(name, declared.policy, settled.standing, settled.loser)] if settled.loser else []
    return (_with(record, name, value, stamp) if settled.won else record), write, clash


def _apply_set(record: Record, part: Part, stamp: Stamp, edit: Edit) -> tuple[Record, Write, list[Clash]]:
    name, _, delta = part
    dot = add_wins.AddDot(stamp.replica, stamp.seq, stamp.rev)
    held = add_wins.settle(
        elements(record, name), delta, dot=dot, saw=lambda each: edit.saw_dot(each.replica, each.seq, each.rev)
    )
    inherited_dot = (add_wins.AddDot(record.created.replica, record.created.seq, record.created.rev),)
    dots = {**record.dots, name: {element: own for element, own in held.items() if own != inherited_dot}}
    value = {"$add": list(delta.add), "$remove": list(delta.remove)}
    after = replace(record, row=with_value(record.row, name, sorted(held)), dots=dots)
    return after, Write(name, value, stamp, "ADDED", "ADD_WINS"), []


def _with(record: Record, name: str, value: Any, stamp: Stamp) -> Record:
    return replace(record, row=with_value(record.row, name, value), stamps={**record.stamps, name: stamp})


def _revival(gone: Stamp, stamp: Stamp) -> Clash:
    return Clash(delete.FIELD, "delete", Version(None, stamp), Version(delete.DELETED, gone))


def _outcome(edit: Edit, past: Past, clashes: Sequence[Clash]) -> Outcome:
    if clashes:
        return Conflicted(tuple(clashes))
    return Merged() if past.foreign_rev > edit.base_rev else Applied()


def _delete(record: Record, edit: Edit, past: Past) -> Merge | Rejected:
    if record.deletes and delete.seen(record.deletes, edit):
        return Rejected("DELETED", "The record was deleted already, and this edit had seen that.")
    stamp = Stamp(edit.author.replica, edit.seq, record.rev + 1, _hlc(edit, past.floor_ms, ()))
    after = replace(record, rev=stamp.rev, changed_ms=edit.received_ms)
    if record.alive and past.uncovered:
        clash = Clash(delete.FIELD, "delete", Version(None, past.uncovered), Version(delete.DELETED, stamp))
        write = Write(delete.FIELD, delete.history(edit), stamp, "LOST", "EDIT_BEATS_DELETE")
        return Merge(after, Conflicted((clash,)), (write,), (clash,))
    write = Write(delete.FIELD, delete.history(edit), stamp, "WON", "DELETES")
    return Merge(replace(after, deletes=(*record.deletes, stamp)), _outcome(edit, past, ()), (write,))


def revive(record: Record, edit: Edit) -> Merge | None:
    """Brings a deleted record back because a child was created by an author who had not seen the delete.

    None when the record is alive. The caller has refused the CREATE of an author who had seen it.
    """
    if record.alive:
        return None
    seq = edit.seq if edit.author.replica else record.rev + 1
    stamp = Stamp(edit.author.replica, seq, record.rev + 1, _hlc(edit, 0, ()))
    after = replace(record, rev=stamp.rev, changed_ms=edit.received_ms, deletes=())
    clashes = tuple(_revival(gone, stamp) for gone in record.deletes)
    writes = (Write(delete.FIELD, {"deleted": False}, stamp, "WON", "EDIT_BEATS_DELETE"),)
    return Merge(after, Conflicted(clashes), writes, clashes)
