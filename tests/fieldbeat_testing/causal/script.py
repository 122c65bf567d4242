"""Plays a script of small numbers into a history, so that Hypothesis can shrink what it finds.

Devices edit offline, push, pull, are installed anew or restored from a backup; the server writes, too. Devices behave
as phones do: nobody edits what he sees as deleted, and a device that deleted a record waits until its delete has come
back with a pull.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from fieldbeat_sync.schema import Collection, Field, Op, Policy
from fieldbeat_sync.values import Choice, Json, Members, Number, Reference, ValueType
from fieldbeat_testing.causal.expectation import Expectation
from fieldbeat_testing.causal.history import CREATE, History, Made

YEAR_MS = 365 * 86_400_000
START_MS = 1_800_000_000_000
DEVICES = 4
_WILD_MS = (0, 0, 3 * YEAR_MS, -3 * YEAR_MS, 1, -1_000)
_GAPS_MS = (0, 1, 1, 5_000, 400_000)


class Step(NamedTuple):
    """One step of a script; any numbers are valid."""

    action: int
    who: int
    field: int
    value: int
    gap_ms: int
    wild: int


EDITS, SERVER_EDITS, PULLS, PUSHES, SYNCS, INSTALLS, RESTORES = range(7)
_ACTIONS = (EDITS,) * 9 + (SERVER_EDITS,) * 2 + (PULLS,) * 2 + (PUSHES,) * 2 + (SYNCS,) * 3 + (INSTALLS, RESTORES)


def scripts(*, steps_max: int = 16) -> st.SearchStrategy[list[Step]]:
    """Scripts for `play`."""
    small = st.integers(0, 11)
    action = st.integers(0, len(_ACTIONS) - 1)
    step = st.builds(Step, action, small, small, small, st.sampled_from(_GAPS_MS), small)
    return st.lists(step, min_size=1, max_size=steps_max)


def random_script(rng: random.Random, *, steps_max: int = 16) -> list[Step]:
    """A script as `scripts` draws them, from a seeded generator."""

    def step() -> Step:
        who, name, value, wild = (rng.randrange(12) for _ in range(4))
        return Step(rng.randrange(len(_ACTIONS)), who, name, value, rng.choice(_GAPS_MS), wild)

    return [step() for _ in range(rng.randint(4, steps_max))]


def play(
    collection: Collection, names: Sequence[str], script: Sequence[Step], *, deletes: bool = False, wild: bool = False
) -> History:
    """The history of a script whose edits touch the fields `names`; with `deletes`, some edits become a DELETE."""
    stage = _Stage(collection, [collection.by_name[name] for name in names], script[0], wild=wild)
    for step in script:
        stage.now_ms += step.gap_ms
        stage.take(step, deletes=deletes)
    for device in stage.devices:
        stage.push(device)
    return History(collection, tuple(stage.made), tuple(stage.log), wild)


@dataclass
class _Device:
    """`pulled`: how far of the server's log it has seen. `known`: its own edits that it remembers."""

    number: int
    replica: int
    pulled: int = 0
    seq: int = 0
    known: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    backups: list[tuple[int, list[int]]] = field(default_factory=list)


class _Stage:
    def __init__(self, collection: Collection, fields: Sequence[Field], first: Step, *, wild: bool) -> None:
        self.collection, self.fields, self.wild = collection, fields, wild
        self.now_ms = START_MS
        self.replicas = DEVICES
        self.log: list[int] = []
        self.made: list[Made] = []
        self.expectation = Expectation(collection)
        self.devices = [_Device(number, number, pulled=1) for number in range(1, DEVICES + 1)]
        self.devices[-1].pulled = 0  # one phone edits a record of which it has seen nothing
        creator = self.devices[0] if first.value % 2 else None
        self.note(creator, Op.CREATE, self.first_patch(first), frozenset(), first)
        if creator:
            creator.pulled = 0
            self.push(creator)

    def first_patch(self, first: Step) -> dict[str, Any]:
        patch = {each.name: _sample(each.value, 0, CREATE) for each in self.collection.fields if each.required}
        for each in self.fields if first.field % 2 else ():
            value = _change(each, first.value, CREATE, creating=True)
            if each.policy is not Policy.SERVER and not (
                each.machine and not each.machine.allows(each.machine.initial, value)
            ):
                patch[each.name] = value
        return patch

    def take(self, step: Step, *, deletes: bool) -> None:
        action = _ACTIONS[step.action]
        device = self.devices[step.who % DEVICES]
        if action == SERVER_EDITS:
            seen = len(self.log) if step.who % 3 else max(1, len(self.log) - 2)  # a form that stood open for a while
            self.edit(None, frozenset(self.log[:seen]), step, deletes=deletes)
        elif action == EDITS:
            pulled = self.log[: device.pulled]
            if not any(self.made[own].op is Op.DELETE and own not in pulled for own in device.known):
                self.edit(device, frozenset((*pulled, *device.known)), step, deletes=deletes)
        elif action in (INSTALLS, RESTORES):
            self.install(device, restored=action == RESTORES)
        else:
            if action != PULLS:
                self.push(device)
            if action != PUSHES:
                device.pulled = len(self.log)
            if not device.pending:
                device.backups.append((device.pulled, list(device.known)))

    def edit(self, device: _Device | None, saw: frozenset[int], step: Step, *, deletes: bool) -> None:
        if not self.expectation.alive(saw):
            return
        if deletes and step.value <= 2:
            self.note(device, Op.DELETE, {}, saw, step)
        else:
            self.note(device, Op.UPDATE, self.patch(step, server=device is None), saw, step)

    def note(self, device: _Device | None, op: Op, patch: dict[str, Any], saw: frozenset[int], step: Step) -> None:
        number = len(self.made)
        effective_ms = self.now_ms + (_WILD_MS[step.wild % len(_WILD_MS)] if self.wild else 0)
        known, own, replica, seq = frozenset[int](), {}, 0, 0
        if device:
            device.seq += 1
            replica, seq, known = device.replica, device.seq, frozenset(device.known)
            own = self.earlier(device)
            device.known.append(number)
            device.pending.append(number)
        else:
            self.log.append(number)
        at = device.number if device else 0
        made = Made(number, at, op, patch, saw, known, self.now_ms, effective_ms, replica, seq, own)
        self.made.append(made)
        self.expectation.add(made)

    def earlier(self, device: _Device) -> dict[int, int]:
        """The device's earlier incarnations with the last seq of each that it remembers."""
        own: dict[int, int] = {}
        for known in device.known:
            made = self.made[known]
            if made.replica != device.replica:
                own[made.replica] = max(own.get(made.replica, 0), made.seq)
        return own

    def patch(self, step: Step, *, server: bool) -> dict[str, Any]:
        chosen = [self.fields[step.field % len(self.fields)]]
        if step.wild % 3 == 0:
            chosen.append(self.fields[(step.field + step.value) % len(self.fields)])
        decided = [each for each in self.collection.fields if each.policy is Policy.SERVER]
        if server and decided and step.wild % 2:
            chosen = [*(chosen if step.wild % 4 == 1 else []), decided[0]]
        return {each.name: _change(each, step.value, len(self.made)) for each in chosen}

    def push(self, device: _Device) -> None:
        self.log += device.pending
        device.pending = []

    def install(self, device: _Device, *, restored: bool) -> None:
        if device.pending or (restored and not device.backups):
            return
        if restored:
            device.pulled, known = device.backups[len(device.backups) // 2]
            device.known = list(known)
        self.replicas += 1
        device.replica, device.seq = self.replicas, 0


def _change(declared: Field, pick: int, number: int, *, creating: bool = False) -> Any:
    """A valid change of the field: mostly a value that no other edit writes, sometimes an equal one."""
    if declared.policy is Policy.COUNTER:
        return pick if creating else {"$inc": pick - 4}
    if declared.policy is Policy.SET:
        one, other = (("alpha", "beta", "gamma")[(pick + shift) % 3] for shift in (0, 1))
        if creating:
            return [one, other]
        return ({"$add": [one]}, {"$remove": [one]}, {"$add": [one], "$remove": [other]})[pick // 3 % 3]
    if declared.keyed:
        return {f"key{pick % 2}": None if pick == 3 else _sample(declared.value, pick // 2, number)}
    if pick == 3 and not declared.required and declared.policy is not Policy.STATE:
        return None
    return _sample(declared.value, pick, number)


def _sample(kind: ValueType, pick: int, number: int) -> Any:
    if isinstance(kind, Choice):
        return kind.options[pick % len(kind.options)]
    if isinstance(kind, Number):
        return min(max(kind.least, number), kind.most)
    if isinstance(kind, Reference):
        return str(UUID(int=number + 1))
    if isinstance(kind, Members):
        left_out = set(list(kind.members)[pick % 3 : pick % 3 + 1]) - kind.required
        return {name: _sample(of, pick, number) for name, of in kind.members.items() if name not in left_out}
    if isinstance(kind, Json):
        return (True, 1, f"value {number}", [number], {"deep": number})[pick % 5]
    return "same" if pick == 4 else f"text {number}"
