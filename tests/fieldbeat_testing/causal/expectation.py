"""What must come of a history, said from what each edit had seen alone: no revs, no order of arrival, no stamps.

An independent statement of the merge rules (docs/protocol.md, "Merge"), against which the kernel is held.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fieldbeat_sync.schema import Collection, Field, Op, Policy
from fieldbeat_sync.values import Members
from fieldbeat_testing.causal.history import CREATE, Made


class Written(NamedTuple):
    """A value with its key: (epoch, rank, hlc, replica, id)."""

    key: tuple[int, int, int, int, int]
    value: Any


class Expectation:
    """Takes the edits in the order in which they were made, which is a causal one."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.refused: dict[int, str] = {}
        self.hlc: dict[int, int] = {}
        self.absent = Written((0, 0, 0, 0, CREATE), None)
        self.written: dict[str, dict[int, Written]] = {}
        self.added: dict[str, list[tuple[Made, list[str], list[str]]]] = {}
        self.counted: dict[str, int] = {}
        self.deletes: list[Made] = []
        self.keeping_alive: set[int] = set()

    def add(self, made: Made) -> None:
        """The next edit."""
        if made.op is Op.DELETE:
            self.hlc[made.id] = self._instant(made, ())
            self.deletes.append(made)
            return
        wire = made.patch
        if made.op is Op.CREATE:
            wire = {each.name: _blank(each) for each in self.collection.fields if not each.keyed} | dict(wire)
        parts = list(self._parts(wire))
        seen = {name: self._seen(name, declared, made) for name, declared, _ in parts}
        for name, declared, value in parts:
            refusal = _refusal(declared, seen[name], value, made)
            if refusal:
                self.refused[made.id] = refusal
                return
        self.hlc[made.id] = self._instant(made, [each.key[2] for each in seen.values() if each])
        if made.op is Op.CREATE:
            self.absent = Written((0, 0, self.hlc[CREATE], made.replica, CREATE), None)
        if any(declared.policy is not Policy.SERVER for _, declared, _ in parts):
            self.keeping_alive.add(made.id)
        for name, declared, value in parts:
            self._take(made, name, declared, value, seen[name])

    def alive(self, saw: Iterable[int]) -> bool:
        """Whether the record is alive for one who has seen these: an edit that none of the deletes had seen."""
        among = set(saw)
        gone = [each.saw for each in self.deletes if each.id in among]
        return not gone or not among & self.keeping_alive <= frozenset().union(*gone)

    def standing(self, name: str) -> int:
        """The id of the edit whose value stands in a register, group or state."""
        written = self.written[name]
        if self.collection.by_name[name.partition(".")[0]].policy is Policy.SERVER:
            return max(written)
        return max(written, key=lambda each: written[each].key)

    def row(self) -> dict[str, Any]:
        """The row in the end."""
        row: dict[str, Any] = {each.name: {} for each in self.collection.fields if each.keyed}
        for name, written in self.written.items():
            value = written[self.standing(name)].value
            head, dot, key = name.partition(".")
            if not dot:
                row[head] = value
            elif value is not None:
                row[head][key] = value
        return row | self.counted | {name: self._elements(name) for name in self.added}

    def _parts(self, wire: Mapping[str, Any]) -> Iterable[tuple[str, Field, Any]]:
        for head, value in wire.items():
            declared = self.collection.by_name[head]
            if declared.keyed:
                yield from ((f"{head}.{key}", declared, each) for key, each in value.items())
            elif isinstance(declared.value, Members) and value is not None:
                yield head, declared, {member: value.get(member) for member in declared.value.members}
            else:
                yield head, declared, value

    def _seen(self, name: str, declared: Field, made: Made) -> Written | None:
        if made.op is Op.CREATE or declared.policy in (Policy.SET, Policy.COUNTER):
            return None
        written = self.written.get(name) or {CREATE: self.absent}
        if declared.policy is Policy.SERVER:
            return written[max(written)]
        return max((each for number, each in written.items() if number in made.saw), default=None, key=_key)

    def _instant(self, made: Made, seen: Iterable[int]) -> int:
        before = [self.hlc[known] for known in made.known if known in self.hlc]
        return max(made.effective_ms << 16, max([0, *before, *seen]) + 1)

    def _take(self, made: Made, name: str, declared: Field, value: Any, seen: Written | None) -> None:
        if declared.policy is Policy.COUNTER:
            self.counted[name] = self.counted.get(name, 0) + (value["$inc"] if isinstance(value, dict) else value)
        elif declared.policy is Policy.SET:
            delta = {"$add": value} if isinstance(value, list) else value
            self.added.setdefault(name, []).append((made, delta.get("$add", []), delta.get("$remove", [])))
        else:
            epoch, rank = _epoch(declared, seen, value), declared.machine.ranks[value] if declared.machine else 0
            if name not in self.written and made.id != CREATE:  # a key of a keyed field that the CREATE left null
                self.written[name] = {CREATE: self.absent}
            key = (epoch, rank, self.hlc[made.id], made.replica, made.id)
            self.written.setdefault(name, {})[made.id] = Written(key, value)

    def _elements(self, name: str) -> list[str]:
        """Those with an add that no other add or remove of the element had seen."""
        writes = self.added[name]
        return sorted(
            {
                element
                for made, add, _ in writes
                for element in add
                if not any(made.id in other.saw and element in (*adds, *removes) for other, adds, removes in writes)
            }
        )


def _key(written: Written) -> tuple[int, ...]:
    return written.key


def _blank(declared: Field) -> Any:
    if declared.machine:
        return declared.machine.initial
    return {Policy.SET: [], Policy.COUNTER: 0}.get(declared.policy, declared.default)


def _epoch(declared: Field, seen: Written | None, target: Any) -> int:
    if not declared.machine:
        return 0
    rank, epoch = (seen.key[1], seen.key[0]) if seen else (declared.machine.ranks[declared.machine.initial], 0)
    return epoch + (declared.machine.ranks[target] < rank)


def _refusal(declared: Field, seen: Written | None, target: Any, made: Made) -> str | None:
    if not declared.machine:
        return None
    state = seen.value if seen else declared.machine.initial
    sources = declared.machine.only_from.get(target)
    if target != state and sources is not None and state not in sources:
        return "ILLEGAL_TRANSITION"
    if declared.machine.ranks[target] < declared.machine.ranks[state] and made.role not in declared.machine.reopened_by:
        return "FORBIDDEN"
    return None
