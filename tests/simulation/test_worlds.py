"""Simulated worlds end well: nothing is lost, all agree, nobody is stuck; and a seed says all about a world."""

from dataclasses import replace

import pytest

from fieldbeat_testing.simulation import records
from fieldbeat_testing.simulation.play import play, trouble_of
from fieldbeat_testing.simulation.records import Truth
from fieldbeat_testing.simulation.stage import Stage
from fieldbeat_testing.simulation.world import Trouble, run

TWICE = (3, 7)  # of bad networks; with a database restored


async def test_nothing_is_lost_in_any_world(stage: Stage) -> None:
    for seed in set(range(12)) - set(TWICE):
        played = await play(stage, seed)
        assert played.findings == [], f'make simulate ARGS="--seed {seed}"'


async def test_one_seed_is_one_world(stage: Stage, other_stage: Stage) -> None:
    first, again = [[await play(each, seed) for seed in TWICE] for each in (stage, other_stage)]
    assert [each.findings for each in first] == [[], []]
    assert [each.lines for each in again] == [each.lines for each in first]
    assert [each.digest for each in again] == [each.digest for each in first]
    assert first[0].digest != first[1].digest


@pytest.mark.parametrize("seed", [1, 4])
async def test_calendars_that_are_years_off_change_no_outcome(stage: Stage, other_stage: Stage, seed: int) -> None:
    """The law is of a constant: nobody sets his calendar, and no copy of a phone has another one."""
    trouble = replace(trouble_of(seed), copies=0.0, resets=0.0)
    wrong = await run(seed, stage, trouble)
    right = await run(seed, other_stage, replace(trouble, right_clocks=True))
    assert {handset.watch.skew_ms for handset in wrong.handsets} != {0}
    assert {handset.watch.skew_ms for handset in right.handsets} == {0}
    one, other = [await records.read(each.stage.owner, each.company.tenant_id) for each in (wrong, right)]
    assert one.writes
    assert _outcome(one) == _outcome(other)


async def test_a_world_without_trouble_has_no_faults(stage: Stage) -> None:
    played = await play(stage, 0, Trouble(network=0, cuts=0, copies=0))
    assert played.findings == []
    assert played.counts["answered"] == played.counts["requests"]


@pytest.mark.large
async def test_many_worlds_end_well(stage: Stage) -> None:
    for seed in range(2_000, 2_150):
        assert (await play(stage, seed)).findings == [], f'make simulate ARGS="--seed {seed}"'


def _outcome(truth: Truth) -> object:
    """Everything that was decided: rows, history with its times, verdicts, conflicts."""
    verdicts = [(each["replica"], each["seq"], each["uuid"], each["status"], each["code"]) for each in truth.verdicts]
    return truth.records, truth.writes, verdicts, [each["fields"] for each in truth.conflicts]
