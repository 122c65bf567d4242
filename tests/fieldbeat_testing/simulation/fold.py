"""What must stand in a record, folded anew from every edit with the full set of edits that its author had seen.

It shares nothing with the merge but the order of keys: no revs of rows, no stamps, no incarnations, no arrival.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.policies.register import same
from fieldbeat_sync.record import value_of
from fieldbeat_sync.schema import Collection, Field, Policy
from fieldbeat_testing.simulation.ledger import Ledger, RecordId
from fieldbeat_testing.simulation.records import Stored, Write

ADDING = (Policy.SET, Policy.COUNTER)


@dataclass(frozen=True)
class Fold:
    """One record: all its writes in order of rev, and who had seen what."""

    ledger: Ledger
    about: RecordId
    writes: Sequence[Write]
    stored: Stored
    conflicts: Sequence[Mapping[str, Any]]

    @property
    def collection(self) -> Collection:
        """How the record is declared."""
        return SCHEMA.collections[self.about[0]]

    def saw(self, one: Write, other: Write) -> bool:
        """Whether the author of `one` had seen `other`: on his screen, or as his own earlier work."""
        if one.uuid is None:
            return other.rev <= self.ledger.office.get((self.about, one.rev), one.rev - 1)
        made = self.ledger.made[one.uuid]
        base_rev = self.ledger.sent[one.replica, one.seq, one.uuid] if self.ledger.restored else made.base_rev
        return other.uuid in made.before or (other.rev <= (base_rev or 0) and other.uuid != one.uuid)

    def findings(self) -> Iterator[str]:
        """Everything in the record that is not as it must be."""
        fields = dict.fromkeys(write.field for write in self.writes)
        for name in fields:
            if name == "*" or name.startswith("+"):
                continue
            declared, writes = self._declared(name), self._of(name)
            if declared.policy is Policy.SET:
                yield from self._set(name, writes)
            elif declared.policy is Policy.COUNTER:
                yield from self._counter(name, writes)
            elif declared.policy is not Policy.SERVER:
                yield from self._keyed(name, writes)
        yield from self._closed_conflicts()
        yield from self._life()

    def _declared(self, name: str) -> Field:
        return self.collection.by_name[name.partition(".")[0]]

    def _of(self, name: str) -> list[Write]:
        """The writes of a field; what the CREATE left at its default counts as written by it."""
        found = [write for write in self.writes if write.field == name]
        created = [write for write in self.writes if write.rev == 1 and not write.field.startswith("+")]
        declared = self._declared(name)
        if created and not any(write.rev == 1 for write in found) and declared.policy not in ADDING:
            first, machine = created[0], declared.machine
            blank = None if declared.keyed else machine.initial if machine else declared.default
            rank = machine.ranks[machine.initial] if machine else 0
            default = Write(
                self.about, name, 1, first.replica, first.seq, first.hlc, rank, 0, blank, first.applied_ms,
                "WON", "CREATED", first.uuid,
            )  # fmt: skip
            found.insert(0, default)
        return found

    def _keyed(self, name: str, writes: Sequence[Write]) -> Iterator[str]:
        for one in writes:
            for other in writes:
                if one is not other and self.saw(one, other) and one.key <= other.key:
                    yield f"causality: {self._name(name, one)} had seen {other.value!r} and is not above it"
        stands = max(writes, key=lambda write: write.key)
        if not same(value_of(self.stored.row, name), stands.value):
            shown = value_of(self.stored.row, name)
            yield f"convergence: {self.about} {name} is {shown!r}, but {stands.value!r} has the greatest key"
        for write in writes:
            if write is not stands and not self._accounted(name, write, writes, stands):
                yield f"lost: {self._name(name, write)} is nowhere, {stands.value!r} stands"

    def _accounted(self, name: str, write: Write, writes: Sequence[Write], stands: Write) -> bool:
        return (
            any(self.saw(later, write) for later in writes)
            or self._is_kept(name, write)
            or any(same(other.value, write.value) for other in writes if other is not write)
        )

    def _is_kept(self, name: str, write: Write) -> bool:
        return any(
            each["fields"]["field"] == name
            and (same(each["fields"]["loser"]["value"], write.value) or each["loser_rev"] == write.rev)
            for each in self.conflicts
        )

    def _set(self, name: str, writes: Sequence[Write]) -> Iterator[str]:
        adds = [(write, element) for write in writes for element in _adds(write)]
        live = sorted({element for write, element in adds if not self._is_killed(write, element, writes)})
        shown = self.stored.row[name]
        if shown != live:
            yield f"set: {self.about} {name} holds {shown}, the edits leave {live}"

    def _is_killed(self, add: Write, element: str, writes: Sequence[Write]) -> bool:
        """Whether somebody who had seen the add has written the element since."""
        return any(other is not add and element in _mentions(other) and self.saw(other, add) for other in writes)

    def _counter(self, name: str, writes: Sequence[Write]) -> Iterator[str]:
        total = sum(write.value["$inc"] if isinstance(write.value, dict) else write.value for write in writes)
        if self.stored.row[name] != total:
            yield f"counter: {self.about} {name} is {self.stored.row[name]}, its increments make {total}"

    def _closed_conflicts(self) -> Iterator[str]:
        for conflict in self.conflicts:
            name = conflict["fields"]["field"]
            if conflict["fields"]["status"] != "SUPERSEDED" or name == "*":
                continue
            sides = [w for w in self._of(name) if w.rev in (conflict["loser_rev"], conflict["winner_rev"])]
            later = [write for write in self._of(name) if write.rev > conflict["record_rev"]]
            if not any(all(self.saw(write, side) for side in sides) for write in later):
                yield f"closed: the conflict {conflict['id']} on {name} was superseded by nobody who had seen it"

    def _life(self) -> Iterator[str]:
        """Edit beats delete: a record is alive while an edit exists that no delete had seen."""
        deletes = [write for write in self.writes if write.field == "*" and write.value["deleted"]]
        edits = [w for w in self.writes if w.field != "*" and not w.field.startswith("+") and w.rule != "SERVER"]
        children = [write for write in self.writes if write.field.startswith("+")]
        covered = bool(deletes) and all(any(self.saw(gone, edit) for gone in deletes) for edit in edits)
        if not self.stored.alive and not covered:
            yield f"deleted: {self.about} is gone, though there is an edit that no delete had seen"
        # What was seen of children depends on pulls as well; see tests/server/exchange for these.
        if self.stored.alive and covered and not children:
            yield f"resurrected: {self.about} lives, though its deletes had seen all its edits"

    def _name(self, name: str, write: Write) -> str:
        return f"{self.about} {name} = {write.value!r} ({write.uuid or 'headquarters'}, rev {write.rev})"


def _adds(write: Write) -> list[str]:
    return write.value if isinstance(write.value, list) else write.value.get("$add", [])


def _mentions(write: Write) -> list[str]:
    return [*_adds(write), *([] if isinstance(write.value, list) else write.value.get("$remove", []))]
