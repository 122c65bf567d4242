"""Worlds can go wrong: each known way of losing data is planted into the real server, and a world shows it."""

import pytest

from fieldbeat_testing.simulation.planted import BUGS
from fieldbeat_testing.simulation.play import play
from fieldbeat_testing.simulation.stage import Stage

WORLDS_MAX = 40  # the first should do; more, should the worlds of today's seeds be others tomorrow


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.large if bug.rare else ()) for name, bug in BUGS.items()]
)
async def test_a_planted_bug_is_found(stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = BUGS[name]
    if bug.sql:
        await stage.watcher.execute(bug.sql)
    bug.plant(monkeypatch)
    for seed in range(bug.seed, bug.seed + WORLDS_MAX):
        played = await play(stage, seed, bug.trouble)
        if {each.partition(":")[0] for each in played.findings} & bug.kinds:
            return
    raise AssertionError(f"{WORLDS_MAX} worlds do not show that {name}")
