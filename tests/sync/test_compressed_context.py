"""`base_rev` and one's own dots decide exactly as the full version vector would, every time it is asked."""

import random
from collections import Counter

import pytest

from fieldbeat_sync.vector import Dot, VersionVector
from fieldbeat_testing.causal import laws
from fieldbeat_testing.causal.history import History, arrivals
from fieldbeat_testing.causal.planted import BUGS
from fieldbeat_testing.causal.probe import PROBE
from fieldbeat_testing.causal.reference import Delivered, Options, deliver
from fieldbeat_testing.causal.script import play, random_script

HISTORIES = 150
NAMES = ["note", "stage", "tags", "answers", "place"]


def history(seed: int) -> History:
    return play(PROBE, NAMES, random_script(random.Random(seed)), wild=seed % 2 == 1, deletes=seed % 3 == 0)


def deliver_all() -> Counter[bool]:
    """Delivers every history in its orders; `Judged` compares context and vector whenever the merge asks."""
    answers = Counter[bool]()
    for seed in range(HISTORIES):
        for delivered in laws.every_arrival(history(seed), Options(seed=seed)):
            answers.update(delivered.answers)
    return answers


def context(delivered: Delivered, saw: frozenset[int]) -> VersionVector:
    return VersionVector.of(Dot(*each.stamp[:2]) for each in delivered.landed if each.made.id in saw)


def test_every_decision_of_the_merge_is_the_vectors() -> None:
    """Invariant 8, where the merge asks."""
    answers = deliver_all()
    assert answers[True] > 10_000
    assert answers[False] > 10_000


def test_every_pair_of_edits_is_judged_as_by_the_vectors() -> None:
    """Invariant 8, everywhere: each edit against each edit that had arrived before it, asked or not."""
    answers = Counter[bool]()
    for seed in range(HISTORIES):
        played = history(seed)
        for order in arrivals(played, random.Random(seed), limit=laws.ARRIVALS_MAX):
            delivered = deliver(played, order, Options(seed=seed))
            for place, landed in enumerate(delivered.landed):
                vector = context(delivered, landed.made.saw)
                for other in delivered.landed[:place]:
                    answer = landed.edit.saw(other.stamp)
                    assert answer == vector.holds(Dot(*other.stamp[:2])) == (other.made.id in landed.made.saw)
                    answers[answer] += 1
    assert answers[True] > 5_000
    assert answers[False] > 5_000


@pytest.mark.parametrize(
    "name", ["own edits are not known as own", "edits from before a new installation are not known as own"]
)
def test_a_context_that_forgets_is_told_from_the_vector(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[name].plant(monkeypatch)
    with pytest.raises(AssertionError, match="context and vector differ"):
        deliver_all()
