"""Bugs to plant into the real merge, each a known way of losing data; a law must find every one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from fieldbeat_sync import clock, record
from fieldbeat_sync import merge as merging
from fieldbeat_sync.mutation import Author, Edit, Stamp, Version
from fieldbeat_sync.policies import delete, register, state
from fieldbeat_sync.policies import set as add_wins
from fieldbeat_sync.policies.register import Settled
from fieldbeat_sync.record import Record, standing
from fieldbeat_sync.schema import Field, Machine
from fieldbeat_testing.causal import laws
from fieldbeat_testing.causal.laws import Law
from fieldbeat_testing.causal.reference import Options

Plant = Callable[[pytest.MonkeyPatch], None]

UNJUDGED = Options(judged=False)


@dataclass(frozen=True)
class Bug:
    """`plant` puts it in; `law` finds it in histories over `fields` of the probe collection."""

    law: Law
    fields: Sequence[str]
    plant: Plant = lambda patch: None
    options: Options = UNJUDGED
    wild: bool = False
    deletes: bool = False


def _last_arrival_wins(patch: pytest.MonkeyPatch) -> None:
    def settle(standing: Version, incoming: Version, *, seen: bool) -> Settled:
        return Settled(incoming, True, None if seen else standing, "LAST")

    patch.setattr(register, "settle", settle)


def _device_clock_is_trusted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "effective_ms", lambda *, received_ms, age_ms, floor_ms: received_ms - age_ms)


def _key_is_not_inherited(patch: pytest.MonkeyPatch) -> None:
    def settle(standing: Version, incoming: Version, *, seen: bool) -> Settled:
        won = seen or incoming.stamp.key > standing.stamp.key
        winner, loser = (incoming, standing) if won else (standing, incoming)
        return Settled(winner, won, None if seen else loser, "CLOCK")

    patch.setattr(clock, "stamp", lambda effective, *, after: clock.pack(effective))
    patch.setattr(register, "settle", settle)


def _value_seen_is_the_one_that_stands(patch: pytest.MonkeyPatch) -> None:
    def seen_version(row: Record, name: str, declared: Field, edit: Edit, past: object) -> Version | None:
        current = standing(row, name, declared)
        return current if edit.saw(current.stamp) else None

    patch.setattr(merging, "seen_version", seen_version)


def _epoch_is_not_inherited(patch: pytest.MonkeyPatch) -> None:
    def keyed(stamp: Stamp, machine: Machine, seen: Version | None, target: str) -> Stamp:
        reopened = machine.is_reopen(seen.value if seen else machine.initial, target)
        return stamp._replace(rank=machine.ranks[target], epoch=int(reopened))

    patch.setattr(state, "keyed", keyed)


def _higher_rank_always_wins(patch: pytest.MonkeyPatch) -> None:
    def keyed(stamp: Stamp, machine: Machine, seen: Version | None, target: str) -> Stamp:
        return stamp._replace(rank=machine.ranks[target])

    patch.setattr(state, "keyed", keyed)


def _remove_wins(patch: pytest.MonkeyPatch) -> None:
    def settle(
        elements: add_wins.Elements, delta: add_wins.Delta, *, dot: add_wins.AddDot, saw: object
    ) -> dict[str, tuple[add_wins.AddDot, ...]]:
        left = {element: dots for element, dots in elements.items() if element not in delta.remove}
        return left | dict.fromkeys(delta.add, (dot,))

    patch.setattr(add_wins, "settle", settle)


def _group_is_merged_by_member(patch: pytest.MonkeyPatch) -> None:
    def with_value(row: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
        if isinstance(value, Mapping) and isinstance(row.get(name), Mapping):
            value = {**row[name], **{member: each for member, each in value.items() if each is not None}}
        return record.with_value(row, name, value)

    patch.setattr(merging, "with_value", with_value)


def _loser_is_dropped(patch: pytest.MonkeyPatch) -> None:
    real = register.settle

    def settle(standing: Version, incoming: Version, *, seen: bool) -> Settled:
        return real(standing, incoming, seen=seen)._replace(loser=None)

    patch.setattr(register, "settle", settle)


def _delete_wins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(delete, "seen", lambda deletes, edit: bool(deletes))


def _own_dots_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Author, "owns", lambda author, replica, seq: False)


def _earlier_incarnations_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Author, "owns", lambda author, replica, seq: replica != 0 and replica == author.replica)


BUGS: Mapping[str, Bug] = {
    "the last arrival wins": Bug(laws.arrival_does_not_matter, ["note"], _last_arrival_wins),
    "a device's clock is trusted, and decides": Bug(
        laws.clocks_cancel_out, ["note"], _device_clock_is_trusted, replace(UNJUDGED, raw_clock=True)
    ),
    "a device's clock is trusted, and reaches into the future": Bug(
        laws.no_stamp_is_from_the_future, ["note"], _device_clock_is_trusted, replace(UNJUDGED, raw_clock=True)
    ),
    "the key is not inherited from the value seen": Bug(
        laws.arrival_does_not_matter, ["note"], _key_is_not_inherited, wild=True
    ),
    "the value seen is looked up in the row, not in history": Bug(
        laws.arrival_does_not_matter, ["note", "stage"], _value_seen_is_the_one_that_stands, wild=True
    ),
    "the epoch is not inherited": Bug(laws.what_was_seen_never_wins, ["stage"], _epoch_is_not_inherited),
    "a reopen starts no epoch": Bug(laws.what_was_seen_never_wins, ["stage"], _higher_rank_always_wins),
    "a push sent again runs again": Bug(
        laws.replay_changes_nothing, ["note"], options=replace(UNJUDGED, remembers=False)
    ),
    "an increment sent again counts again": Bug(
        laws.counters_are_exact, ["visits"], options=replace(UNJUDGED, remembers=False, twice=True)
    ),
    "a remove beats an add that it had not seen": Bug(laws.outcome_is_what_the_contexts_say, ["tags"], _remove_wins),
    "a set depends on arrival": Bug(laws.arrival_does_not_matter, ["tags"], _remove_wins),
    "a group is merged member by member": Bug(laws.groups_are_never_mixed, ["place"], _group_is_merged_by_member),
    "the losing value is dropped": Bug(laws.no_value_is_lost, ["note"], _loser_is_dropped),
    "a delete beats an edit that had not seen it": Bug(
        laws.deletes_lose_to_unseen_edits, ["note"], _delete_wins, deletes=True
    ),
    "own edits are not known as own": Bug(
        laws.conflicts_are_between_edits_that_did_not_know_each_other, ["note"], _own_dots_are_forgotten
    ),
    "own edits are not known as own, and a set shows it": Bug(
        laws.outcome_is_what_the_contexts_say, ["tags"], _own_dots_are_forgotten
    ),
    "edits from before a new installation are not known as own": Bug(
        laws.conflicts_are_between_edits_that_did_not_know_each_other, ["note"], _earlier_incarnations_are_forgotten
    ),
}
