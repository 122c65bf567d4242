"""Every law of the merge, for every policy of every collection, over generated histories in causal arrival orders."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.schema import Collection, Policy
from fieldbeat_testing.causal import laws
from fieldbeat_testing.causal.laws import Law
from fieldbeat_testing.causal.probe import PROBE
from fieldbeat_testing.causal.reference import Options, deliver
from fieldbeat_testing.causal.script import Step, play, scripts

SEEDS = st.integers(0, 1 << 16)
quick = settings(max_examples=12)
thorough = settings(max_examples=25)

EVERY_LAW = (
    laws.arrival_does_not_matter,
    laws.outcome_is_what_the_contexts_say,
    laws.replay_changes_nothing,
    laws.no_value_is_lost,
    laws.what_was_seen_never_wins,
    laws.conflicts_are_between_edits_that_did_not_know_each_other,
    laws.no_stamp_is_from_the_future,
    laws.counters_are_exact,
    laws.groups_are_never_mixed,
    laws.stamps_are_bounded,
    laws.stored_and_loaded_is_the_same,
    laws.deletes_lose_to_unseen_edits,
)


def writable(collection: Collection) -> list[str]:
    """The fields that a device may write after the CREATE."""
    return [each.name for each in collection.fields if each.policy is not Policy.SERVER and not each.create_only]


COLLECTIONS = [SCHEMA.collections["account"], SCHEMA.collections["contact"], PROBE]
FIELDS = [(collection, name) for collection in COLLECTIONS for name in writable(collection)]


def by_name(law: Law) -> str:
    return law.__name__


@pytest.mark.parametrize("wild", [False, True], ids=["clocks off by years", "clocks that run backwards"])
@pytest.mark.parametrize(("collection", "name"), FIELDS, ids=lambda each: getattr(each, "name", each))
@quick
@given(script=scripts(), seed=SEEDS)
def test_no_policy_depends_on_the_order_of_arrival(
    collection: Collection, name: str, wild: bool, script: Sequence[Step], seed: int
) -> None:
    laws.outcome_is_what_the_contexts_say(play(collection, [name], script, wild=wild), Options(seed=seed))


@pytest.mark.parametrize("law", EVERY_LAW, ids=by_name)
@thorough
@given(script=scripts(), seed=SEEDS, wild=st.booleans())
def test_whole_records_obey(law: Law, script: Sequence[Step], seed: int, wild: bool) -> None:
    law(play(PROBE, writable(PROBE), script, wild=wild), Options(seed=seed))


@pytest.mark.parametrize("law", EVERY_LAW, ids=by_name)
@thorough
@given(script=scripts(), seed=SEEDS, wild=st.booleans())
def test_records_that_some_delete_obey(law: Law, script: Sequence[Step], seed: int, wild: bool) -> None:
    law(play(PROBE, ["note", "stage", "tags"], script, wild=wild, deletes=True), Options(seed=seed))


@thorough
@given(script=scripts(), seed=SEEDS)
def test_a_clock_that_is_months_off_changes_no_outcome(script: Sequence[Step], seed: int) -> None:
    laws.clocks_cancel_out(play(PROBE, writable(PROBE), script, deletes=True), Options(seed=seed))


@thorough
@given(script=scripts(), seed=SEEDS)
def test_a_clock_that_is_months_off_changes_no_stamp(script: Sequence[Step], seed: int) -> None:
    history = play(PROBE, writable(PROBE), script)
    shift_ms = {device: device * laws.HUNDRED_DAYS_MS for device in range(1, 5)}
    plain = deliver(history, history.first_arrival, Options(seed=seed))
    shifted = deliver(history, history.first_arrival, Options(seed=seed, wall_shift_ms=shift_ms))
    assert shifted.record == plain.record
