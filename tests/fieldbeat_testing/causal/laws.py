"""What must hold of every history in every causal order of arrival; numbered as the protocol's invariants are."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from fieldbeat_sync import clock, codec
from fieldbeat_sync.merge import Merge
from fieldbeat_sync.policies import delete
from fieldbeat_sync.record import standing, value_of
from fieldbeat_sync.schema import Field, Op, Policy
from fieldbeat_testing.causal.expectation import Expectation
from fieldbeat_testing.causal.history import CREATE, History, arrivals
from fieldbeat_testing.causal.reference import Delivered, Options, deliver

Law: TypeAlias = Callable[[History, Options], None]

ARRIVALS_MAX = 8
HUNDRED_DAYS_MS = 100 * 86_400_000
STAMP_BYTES_MAX = 60
_ADDS_UP = (Policy.SET, Policy.COUNTER)


def every_arrival(history: History, options: Options) -> Iterator[Delivered]:
    """The history delivered in its causal orders."""
    orders = arrivals(history, random.Random(options.seed), limit=ARRIVALS_MAX)
    return (deliver(history, order, replace(options, seed=options.seed + place)) for place, order in enumerate(orders))


def outcome(delivered: Delivered) -> Mapping[str, Any]:
    """What must not depend on arrival: row, aliveness, whose values stand, and which edits are refused and why."""
    record, collection = delivered.record, delivered.history.collection
    names = {write.field for _, write in delivered.writes()} - {delete.FIELD}
    by_key = {name: field for name in names if (field := declared(delivered.history, name)).policy not in _ADDS_UP}
    stand = {name: standing(record, name, field).stamp for name, field in by_key.items()}
    return {
        "row": {name: record.row[name] for name in collection.by_name},
        "alive": record.alive,
        "stand": {name: delivered.by_dot(*stamp[:2]).made.id for name, stamp in stand.items()},
        "refused": {
            number: verdict.code for number, verdict in delivered.verdicts.items() if not isinstance(verdict, Merge)
        },
    }


def declared(history: History, name: str) -> Field:
    """The field of a name such as `note` or `custom.key`."""
    return history.collection.by_name[name.partition(".")[0]]


def arrival_does_not_matter(history: History, options: Options) -> None:
    """9 Merge laws, 1 convergence: one outcome over all causal orders."""
    first, *others = [outcome(delivered) for delivered in every_arrival(history, options)]
    for other in others:
        assert other == first


def outcome_is_what_the_contexts_say(history: History, options: Options) -> None:
    """9, 21, 24: the outcome is the one that follows from what each edit had seen, said without revs or arrival."""
    due = Expectation(history.collection)
    for made in history.made:
        due.add(made)
    for delivered in every_arrival(history, options):
        came = outcome(delivered)
        assert came["row"] == due.row()
        assert came["alive"] == due.alive(range(len(history.made)))
        assert came["refused"] == due.refused
        assert came["stand"] == {name: due.standing(name) for name in came["stand"]}


def replay_changes_nothing(history: History, options: Options) -> None:
    """4 Idempotence, 5 exactly once: every push sent twice, and all once more, gives the same record and verdicts."""
    for order in arrivals(history, random.Random(options.seed), limit=ARRIVALS_MAX):
        once, again = (deliver(history, order, replace(options, twice=twice)) for twice in (False, True))
        assert again.record == once.record
        assert again.verdicts == once.verdicts


def no_value_is_lost(history: History, options: Options) -> None:
    """2: every value that took effect stands, was superseded by an edit that had seen it, or is in a conflict."""
    for delivered in every_arrival(history, options):
        kept = {(clash.field, clash.loser.stamp[:2]) for each in delivered.landed for clash in each.merge.clashes}
        for landed, write in delivered.writes():
            if write.field == delete.FIELD:
                in_force = any(gone[:2] == write.stamp[:2] for gone in delivered.record.deletes)
                assert in_force or (write.field, write.stamp[:2]) in kept, f"the delete {landed.made.id} is lost"
            elif declared(history, write.field).policy not in (*_ADDS_UP, Policy.SERVER):
                assert (
                    _stands(delivered, write.field, write.value)
                    or (write.field, write.stamp[:2]) in kept
                    or _superseded(delivered, landed.made.id, write.field)
                    or _equal_is_kept(delivered, landed.made.id, write.field, write.value)
                ), f"{write.field} of {landed.made.id} is lost"


def _stands(delivered: Delivered, name: str, value: Any) -> bool:
    return _json(value_of(delivered.record.row, name)) == _json(value)


def _superseded(delivered: Delivered, number: int, name: str) -> bool:
    return any(number in landed.made.saw and write.field == name for landed, write in delivered.writes())


def _equal_is_kept(delivered: Delivered, number: int, name: str, value: Any) -> bool:
    """Equal values are no conflict: one kept is enough, be it the default that came with the CREATE."""
    field = declared(delivered.history, name)
    default = None if field.keyed else delivered.history.collection.blank[name]
    if _json(default) == _json(value) and _superseded(delivered, CREATE, name):
        return True
    equal = [
        (landed, write)
        for landed, write in delivered.writes()
        if landed.made.id != number and write.field == name and _json(write.value) == _json(value)
    ]
    losers = [clash.loser.stamp[:2] for each in delivered.landed for clash in each.merge.clashes if clash.field == name]
    return any(write.stamp[:2] in losers or _superseded(delivered, landed.made.id, name) for landed, write in equal)


def _json(value: Any) -> str:
    return repr(value)  # True and 1 are two values


def what_was_seen_never_wins(history: History, options: Options) -> None:
    """7 Causality: at no time does a value stand that an edit of the same field had seen."""
    for delivered in every_arrival(history, options):
        for place, landed in enumerate(delivered.landed):
            for name, stamp in landed.merge.record.stamps.items():
                if declared(history, name).policy in _ADDS_UP:
                    continue
                stands = delivered.by_dot(*stamp[:2]).made.id
                for other, write in delivered.writes():
                    if write.field == name and other in delivered.landed[: place + 1]:
                        assert stands not in other.made.saw, f"{name}: {other.made.id} had seen {stands}"


def conflicts_are_between_edits_that_did_not_know_each_other(history: History, options: Options) -> None:
    """8: nobody is in conflict with what he had seen, his own edits included."""
    for delivered in every_arrival(history, options):
        for landed in delivered.landed:
            for clash in landed.merge.clashes:
                one, other = (delivered.by_dot(*version.stamp[:2]).made for version in (clash.winner, clash.loser))
                assert one.id not in other.saw, f"{other.id} had seen {one.id}"
                assert other.id not in one.saw, f"{one.id} had seen {other.id}"


def clocks_cancel_out(history: History, options: Options) -> None:
    """10 Clock independence: a constant added to one device's clock changes no outcome.

    What is left is the time that a push is on its way, by which its edits look older; the bound on it is 60 s.
    """
    order = history.first_arrival
    plain = deliver(history, order, options)
    for device in {made.device for made in history.made} - {0}:
        for shift_ms in (HUNDRED_DAYS_MS, -HUNDRED_DAYS_MS):
            shifted = deliver(history, order, replace(options, wall_shift_ms={device: shift_ms}))
            assert outcome(shifted) == outcome(plain)


def no_stamp_is_from_the_future(history: History, options: Options) -> None:
    """11 Future bound: no stored time is after the receive time, but for 1 ms when the counter overflows."""
    for delivered in every_arrival(history, options):
        for landed, write in delivered.writes():
            assert clock.ms_of(write.stamp.hlc) <= landed.applied_ms + 1
            if write.stamp.hlc & clock.COUNTER_MAX:
                assert clock.ms_of(write.stamp.hlc) <= landed.applied_ms


def counters_are_exact(history: History, options: Options) -> None:
    """24: a counter is the sum of the increments of the edits that took effect, each once."""
    for delivered in every_arrival(history, options):
        landed = {each.made.id for each in delivered.landed}
        for name, field in history.collection.by_name.items():
            if field.policy is Policy.COUNTER:
                patches = [made.patch.get(name, 0) for made in history.made if made.id in landed]
                assert delivered.record.row[name] == sum(p["$inc"] if isinstance(p, dict) else p for p in patches)


def groups_are_never_mixed(history: History, options: Options) -> None:
    """19: a group is always one that somebody wrote as a whole."""
    for delivered in every_arrival(history, options):
        for landed in delivered.landed:
            for name, field in history.collection.by_name.items():
                written = [write.value for _, write in delivered.writes() if write.field == name]
                if field.policy is Policy.GROUP:
                    assert landed.merge.record.row[name] in (field.default, *written)


def stamps_are_bounded(history: History, options: Options) -> None:
    """23: at most 60 bytes an edited field or live add, and one live add an element and replica."""
    for delivered in every_arrival(history, options):
        for landed in delivered.landed:
            record = landed.merge.record
            own = [dots for held in record.dots.values() for dots in held.values()]
            for dots in own:
                assert len({dot.replica for dot in dots}) == len(dots)
            parts = 1 + len(record.stamps) + len(record.dots) + sum(map(len, own)) + len(record.deletes)
            assert len(codec.encode_stamps(record)) <= STAMP_BYTES_MAX * parts


def stored_and_loaded_is_the_same(history: History, options: Options) -> None:
    """What is stored of a record decides as the record itself."""
    for delivered in every_arrival(history, options):
        record = delivered.record
        stamps = codec.encode_stamps(record)
        loaded = codec.decode_record(rev=record.rev, row=record.row, stamps=stamps, changed_ms=record.changed_ms)
        assert codec.encode_stamps(loaded) == stamps
        assert replace(loaded, dots={}, created=record.created) == replace(record, dots={})
        assert loaded.created == record.created
        assert loaded.dots == {name: held for name, held in record.dots.items() if held}


def deletes_lose_to_unseen_edits(history: History, options: Options) -> None:
    """21: a record is gone only when its deletes had seen all its edits, and no edit of a living one is refused."""
    for delivered in every_arrival(history, options):
        assert "DELETED" not in outcome(delivered)["refused"].values()
        edits = {each.made.id for each in delivered.landed if each.keeps_alive}
        gone = [each.made for each in delivered.landed if each.made.op is Op.DELETE]
        assert delivered.record.alive != any(edits <= made.saw for made in gone)
