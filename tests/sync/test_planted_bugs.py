"""The laws can fail: each known way of losing data is planted into the real merge, and a law finds it."""

import random

import pytest

from fieldbeat_testing.causal.history import History
from fieldbeat_testing.causal.planted import BUGS, Bug
from fieldbeat_testing.causal.probe import PROBE
from fieldbeat_testing.causal.reference import Options
from fieldbeat_testing.causal.script import play, random_script

HISTORIES_MAX = 500


def find(bug: Bug) -> tuple[int, History] | None:
    """The first seeded history that breaks the law."""
    for seed in range(HISTORIES_MAX):
        history = play(PROBE, bug.fields, random_script(random.Random(seed)), wild=bug.wild, deletes=bug.deletes)
        try:
            bug.law(history, bug.options)
        except AssertionError:
            return seed, history
    return None


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = BUGS[name]
    bug.plant(monkeypatch)
    found = find(bug)
    assert found is not None, f"{HISTORIES_MAX} histories do not show that {name}"
    monkeypatch.undo()
    bug.law(found[1], Options())  # without the bug the same history obeys
