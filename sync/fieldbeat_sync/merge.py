"""One edit meets one record: the only place where a value is decided, pure, and the same for phones and headquarters.

The verdict depends on what the edit had seen, never on when it arrived: the key of every value it writes is greater
than the keys of the values seen, and the greatest key stands (docs/protocol.md, "Merge").
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from msgspec import Struct

from fieldbeat_sync import clock
from fieldbeat_sync.mutation import (
    Applied,
    Clash,
    Conflicted,
    Edit,
    Merged,
    Outcome,
    Rejected,
    Stamp,
    Version,
    Write,
    new_tuple,
)
from fieldbeat_sync.patch import Part, parse
from fieldbeat_sync.policies import counter, delete, register, state
from fieldbeat_sync.policies import set as add_wins
from fieldbeat_sync.policies.set import AddDot, Elements
from fieldbeat_sync.record import Record, elements, inherited, own_dots, standing, with_value
from fieldbeat_sync.schema import Check, Collection, Field, Filled, Machine, Op, Policy

# Looked up once: every way to a member through its enum is ten times as long.
_CREATE, _DELETE, _SET, _SERVER = Op.CREATE, Op.DELETE, Policy.SET, Policy.SERVER
_ADDS_UP = frozenset({Policy.SET, Policy.COUNTER})
_APPLIED, _MERGED = Applied(), Merged()
_NOTHING = Version(None, Stamp(0, 0, 0, 0))


class Past(Struct, frozen=True):
    """What history adds to the record, for an edit that had not seen all of it.

    `foreign_rev`: the newest rev that others than the author made. `floor_ms`: when the newest write that it had seen
    was applied. `versions`: earlier versions of fields, at least the author's own newest and the newest winner with
    rev ≤ base_rev. `uncovered`: the newest write, or creation of a child, that a DELETE by this author does not cover.
    """

    foreign_rev: int = 0
    floor_ms: int = 0
    versions: Mapping[str, Sequence[Version]] = {}
    uncovered: Stamp | None = None


class Merge(Struct, frozen=True):
    """The record after the edit, the verdict, and what history and conflicts must keep."""

    record: Record
    outcome: Outcome
    writes: tuple[Write, ...]
    clashes: tuple[Clash, ...] = ()


class Meeting(Struct):
    """One field of a patch meets its record: the value that stands, and the one its author had seen, mostly the same.

    What adds up meets nothing.
    """

    part: Part
    standing: Version
    seen: Version | None


class Draft(Struct):
    """What an UPDATE makes of `record`, field by field."""

    record: Record
    row: Mapping[str, Any]
    stamps: dict[str, Stamp]
    dots: Mapping[str, Elements]
    writes: list[Write]
    clashes: list[Clash]


def merge(collection: Collection, record: Record | None, edit: Edit, past: Past) -> Merge | Rejected:
    """Merges one CREATE, UPDATE or DELETE. Rights on the record itself and unique keys are the caller's to check.

    Refuses INVALID, FIELD_READ_ONLY, ILLEGAL_TRANSITION, FORBIDDEN (not your reopen), DELETED, CREATE of what exists.
    """
    if edit.op is _DELETE:
        return _delete(record, edit, past) if record else Rejected("NOT_FOUND", "There is no such record.")
    if collection.append_only and edit.op is not _CREATE and not edit.server:
        return Rejected("IMMUTABLE", f"A {collection.name} is not changed once it is made.", tuple(edit.patch))
    parts = parse(collection, edit.op, edit.patch, server=edit.server)
    if isinstance(parts, Rejected):
        return parts
    if edit.op is _CREATE:
        return _create(collection, parts, edit, past) if record is None else _exists()
    if record is None:
        return Rejected("NOT_FOUND", "There is no such record.")
    if record.deletes and delete.seen(record.deletes, edit):
        return Rejected("DELETED", "The record was deleted, and this edit had seen that.")
    if collection.is_judged_whole:
        refused = _judge_whole(collection, record, parts, edit, past)
        if refused:
            return refused
    return _update(record, parts, edit, past)


def history_needed(collection: Collection, record: Record, edit: Edit) -> list[str]:
    """The fields of which an UPDATE needs earlier versions: those that it writes, and those that it is judged by."""
    parts = parse(collection, edit.op, edit.patch, server=edit.server) if edit.op is Op.UPDATE else ()
    if isinstance(parts, Rejected):
        return []
    judged = _judged_by(collection, parts) if collection.is_judged_whole else ()
    fields = {part.name: part.field for part in parts} | {name: collection.by_name[name] for name in judged}
    return [name for name, declared in fields.items() if needs_history(record, name, declared, edit)]


def seen_version(record: Record, name: str, declared: Field, edit: Edit, past: Past) -> Version | None:
    """The value of a field that the edit had seen, when it is not the standing one: of all seen the greatest key's."""
    seen = None
    if edit.saw(record.created):
        blank = None if declared.keyed else declared.machine.initial if declared.machine else declared.default
        seen = Version(blank, inherited(record.created, declared, blank))
    for version in past.versions.get(name, ()):
        if edit.saw(version.stamp) and (seen is None or version.stamp.key > seen.stamp.key):
            seen = version
    return seen


def needs_history(record: Record, name: str, declared: Field, edit: Edit) -> bool:
    """Whether `seen_version` needs earlier versions of the field."""
    by_key = declared.policy not in (Policy.SET, Policy.COUNTER, Policy.SERVER)
    return by_key and not edit.saw(standing(record, name, declared).stamp)


def _judged_by(collection: Collection, parts: Sequence[Part]) -> set[str]:
    """The fields that an edit is judged by beside those that it writes."""
    written = {part.name for part in parts}
    names: set[str] = set()
    for _, declared, value in parts:
        if declared.closed_in:
            names.add(declared.closed_in[0])
        if declared.machine:
            names.update(declared.machine.needs.get(value, ()))
    for check in collection.checks:
        if written & set(check.fields):
            names.update(check.fields)
    return names - written


def _judge_whole(
    collection: Collection, record: Record | None, parts: Sequence[Part], edit: Edit, past: Past
) -> Rejected | None:
    """Judges the edit by what its author sees once it is made: what it writes over what he had seen."""
    values = {part.name: part.value for part in parts}
    for name in _judged_by(collection, parts):
        values[name] = _as_seen(collection, record, name, edit, past)
    return (
        _lacking(parts, values)
        or (_closed(collection, record, parts, edit, past) if record else None)
        or (None if edit.corrects else _broken(collection.checks, values, {part.name for part in parts}))
    )


def _as_seen(collection: Collection, record: Record | None, name: str, edit: Edit, past: Past) -> Any:
    """The value of a field that the author had seen; of a record that he had not, what a blank one has."""
    seen, declared = None, collection.by_name[name]
    if record is not None:
        current = standing(record, name, declared)
        seen = current if edit.saw(current.stamp) else seen_version(record, name, declared, edit, past)
    return seen.value if seen else collection.blank[name]


def _lacking(parts: Sequence[Part], values: Mapping[str, Any]) -> Rejected | None:
    for name, declared, target in parts:
        needed = declared.machine.needs.get(target, ()) if declared.machine else ()
        lacking = tuple(each for each in needed if not str(values[each] or "").strip())
        if lacking:
            return Rejected("ILLEGAL_TRANSITION", f"{name} {target} needs {' and '.join(lacking)}", (name, *lacking))
    return None


def _closed(collection: Collection, record: Record, parts: Sequence[Part], edit: Edit, past: Past) -> Rejected | None:
    """A field that its record's state has closed, unless this very edit takes the state back."""
    targets = {part.name: part.value for part in parts}
    for name, declared, _ in parts:
        if declared.closed_in:
            state_name, states = declared.closed_in
            seen = _as_seen(collection, record, state_name, edit, past)
            if seen in states and targets.get(state_name, seen) in states:
                return Rejected("IMMUTABLE", f"{name} is not written any more once the {state_name} is {seen}", (name,))
    return None


def _broken(checks: Iterable[Check], values: Mapping[str, Any], written: set[str]) -> Rejected | None:
    for check in checks:
        touched = tuple(name for name in check.fields if name in written)
        wrong = check.broken({name: values[name] for name in check.fields}) if touched else None
        if wrong:
            return Rejected("INVALID", wrong, touched)
    return None


def _exists() -> Rejected:
    return Rejected("UNIQUE", "A record with this id exists.", ("id",))


def _stamp(edit: Edit, rev: int, floor_ms: int, after_hlc: int) -> Stamp:
    effective = clock.effective_ms(received_ms=edit.received_ms, age_ms=edit.age_ms, floor_ms=floor_ms)
    hlc = clock.stamp(effective, after=after_hlc)
    return new_tuple(Stamp, (edit.author.replica, edit.seq, rev, hlc, 0, 0))


def _create(collection: Collection, parts: Sequence[Part], edit: Edit, past: Past) -> Merge | Rejected:
    if collection.is_judged_whole:
        refused = _judge_whole(collection, None, parts, edit, past)
        if refused:
            return refused
    stamp = _stamp(edit, 1, past.floor_ms, edit.after_hlc)
    row: Mapping[str, Any] = collection.blank
    writes = []
    for name, declared, value in parts:
        own = stamp
        if declared.machine:
            initial = declared.machine.initial
            refused = state.judge(declared.machine, initial, value, author=edit.author, row=row, name=name)
            if refused:
                return refused
            own = inherited(stamp, declared, value)
        if declared.policy is Policy.SET:
            value = list(value.add)
        row = with_value(row, name, value)
        writes.append(Write(name, value, own, "WON", "CREATED"))
    filled = {each.name: _filled(each, edit, stamp) for each in collection.filled if row[each.name] is None}
    for name, value in {**filled, **edit.server_values}.items():
        row = with_value(row, name, value)
        writes.append(Write(name, value, stamp, "WON", "SERVER"))
    record = Record(1, row, stamp, edit.received_ms)
    return Merge(record, _APPLIED, tuple(writes))


def _filled(declared: Field, edit: Edit, stamp: Stamp) -> str | None:
    if declared.filled is Filled.TIME:
        return clock.text_of(clock.instant_of(stamp.hlc))
    return edit.author.user_id or None


def _update(record: Record, parts: Sequence[Part], edit: Edit, past: Past) -> Merge | Rejected:
    meetings = []
    after_hlc = edit.after_hlc
    for part in parts:
        meeting = _meet(record, part, edit, past)
        seen = meeting.seen
        refused = None
        if part.field.machine:
            refused = _judge(record, meeting, edit)
        elif part.field.once and not edit.corrects and seen is not None and seen.value is not None:
            refused = Rejected("IMMUTABLE", f"{part.name} is set once", (part.name,))
        if refused:
            return refused
        if seen is not None and seen.stamp.hlc > after_hlc:
            after_hlc = seen.stamp.hlc
        meetings.append(meeting)
    stamp = _stamp(edit, record.rev + 1, past.floor_ms, after_hlc)
    draft = Draft(record, record.row, {**record.stamps}, record.dots, [], [])
    deletes = _revive(draft, parts, stamp) if record.deletes else ()
    for meeting in meetings:
        _TAKES[meeting.part.field.policy](draft, meeting, stamp, edit)
    after = Record(stamp.rev, draft.row, record.created, edit.received_ms, draft.stamps, draft.dots, deletes)
    return Merge(after, _outcome(edit, past, draft.clashes), tuple(draft.writes), tuple(draft.clashes))


def _meet(record: Record, part: Part, edit: Edit, past: Past) -> Meeting:
    name, declared, _ = part
    if declared.policy in _ADDS_UP:
        return Meeting(part, _NOTHING, None)
    current = standing(record, name, declared)
    # The server decides its fields from what stands.
    if declared.policy is _SERVER or edit.saw(current.stamp):
        return Meeting(part, current, current)
    return Meeting(part, current, seen_version(record, name, declared, edit, past))


def _judge(record: Record, meeting: Meeting, edit: Edit) -> Rejected | None:
    name, declared, target = meeting.part
    machine = _machine(declared)
    from_state = meeting.seen.value if meeting.seen else machine.initial
    return state.judge(machine, from_state, target, author=edit.author, row=record.row, name=name)


def _revive(draft: Draft, parts: Sequence[Part], stamp: Stamp) -> tuple[Stamp, ...]:
    """The deletes left in force: none, and a clash with each, unless only server fields are written."""
    if all(part.field.policy is _SERVER for part in parts):
        return draft.record.deletes
    draft.clashes += [_revival(gone, stamp) for gone in draft.record.deletes]
    return ()


def _take_value(draft: Draft, meeting: Meeting, stamp: Stamp, edit: Edit) -> None:
    """The greatest key stands. What its author had seen an edit supersedes: its key is greater, see `_stamp`."""
    if meeting.seen is meeting.standing:
        _stand(draft, meeting.part, stamp, "SUPERSEDES")
    else:
        incoming = Version(meeting.part.value, stamp)
        _decide(draft, meeting, incoming, register.settle(meeting.standing, incoming, seen=False))


def _take_state(draft: Draft, meeting: Meeting, stamp: Stamp, edit: Edit) -> None:
    _, declared, value = meeting.part
    incoming = Version(value, state.keyed(stamp, _machine(declared), meeting.seen, value))
    seen = meeting.seen is meeting.standing
    _decide(draft, meeting, incoming, state.settle(meeting.standing, incoming, seen=seen))


def _decide(draft: Draft, meeting: Meeting, incoming: Version, settled: register.Settled) -> None:
    part = meeting.part
    if settled.loser:
        draft.clashes.append(Clash(part.name, part.field.policy, settled.standing, settled.loser))
    if settled.won:
        _stand(draft, part, incoming.stamp, settled.rule)
    else:
        draft.writes.append(Write(part.name, part.value, incoming.stamp, "LOST", settled.rule))


def _take_servers(draft: Draft, meeting: Meeting, stamp: Stamp, edit: Edit) -> None:
    _stand(draft, meeting.part, stamp, "SERVER")


def _stand(draft: Draft, part: Part, stamp: Stamp, rule: str) -> None:
    name, _, value = part
    draft.row = with_value(draft.row, name, value)
    draft.stamps[name] = stamp
    draft.writes.append(Write(name, value, stamp, "WON", rule))


def _take_increment(draft: Draft, meeting: Meeting, stamp: Stamp, edit: Edit) -> None:
    name, _, increment = meeting.part
    draft.row = with_value(draft.row, name, counter.settle(draft.row[name], increment))
    draft.stamps[name] = stamp
    draft.writes.append(Write(name, {"$inc": increment}, stamp, "ADDED", "SUM"))


def _take_delta(draft: Draft, meeting: Meeting, stamp: Stamp, edit: Edit) -> None:
    name, _, delta = meeting.part
    dot = new_tuple(AddDot, stamp[:3])
    held = add_wins.settle(elements(draft.record, name), delta, dot=dot, saw=lambda each: edit.saw_dot(*each))
    draft.row = with_value(draft.row, name, sorted(held))
    draft.dots = {**draft.dots, name: own_dots(draft.record, held)}
    draft.writes.append(
        Write(name, {"$add": list(delta.add), "$remove": list(delta.remove)}, stamp, "ADDED", "ADD_WINS")
    )


_Take: TypeAlias = Callable[[Draft, Meeting, Stamp, Edit], None]
_TAKES: Mapping[Policy, _Take] = {
    **dict.fromkeys((Policy.REGISTER, Policy.GROUP, Policy.UNIQUE, Policy.REFERENCE), _take_value),
    Policy.STATE: _take_state,
    Policy.COUNTER: _take_increment,
    Policy.SET: _take_delta,
    Policy.SERVER: _take_servers,
}


def _machine(declared: Field) -> Machine:
    assert declared.machine is not None  # as `Field` insists for states
    return declared.machine


def _revival(gone: Stamp, stamp: Stamp) -> Clash:
    return Clash(delete.FIELD, "delete", Version(None, stamp), Version(delete.DELETED, gone))


def _outcome(edit: Edit, past: Past, clashes: Sequence[Clash]) -> Outcome:
    if clashes:
        return Conflicted(tuple(clashes))
    return _MERGED if past.foreign_rev > edit.base_rev else _APPLIED


def _delete(record: Record, edit: Edit, past: Past) -> Merge | Rejected:
    if record.deletes and delete.seen(record.deletes, edit):
        return Rejected("DELETED", "The record was deleted already, and this edit had seen that.")
    stamp = _stamp(edit, record.rev + 1, past.floor_ms, edit.after_hlc)
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
    stamp = _stamp(edit, record.rev + 1, 0, edit.after_hlc)._replace(seq=seq)
    after = replace(record, rev=stamp.rev, changed_ms=edit.received_ms, deletes=())
    clashes = tuple(_revival(gone, stamp) for gone in record.deletes)
    writes = (Write(delete.FIELD, {"deleted": False}, stamp, "WON", "EDIT_BEATS_DELETE"),)
    return Merge(after, Conflicted(clashes), writes, clashes)
