"""A few simulated worlds in every run; `make simulate` plays more, `make soak` as many as fit into its time."""

import pytest

from fieldbeat_testing.database import Servers, TestDatabase
from fieldbeat_testing.simulation import stage as stages
from fieldbeat_testing.simulation.play import play

SEEDS = range(6)


@pytest.fixture(scope="module")
async def template(servers: Servers) -> TestDatabase:
    """A database to copy stages from."""
    return await stages.template(servers)


async def test_nothing_is_lost_in_any_world(servers: Servers, template: TestDatabase) -> None:
    async with stages.set_up(servers, template) as stage:
        for seed in SEEDS:
            assert (await play(stage, seed)).findings == [], f'play it again: make simulate ARGS="--seed {seed}"'


async def test_one_seed_plays_one_world(servers: Servers, template: TestDatabase) -> None:
    async with stages.set_up(servers, template) as stage:
        first = await play(stage, 1)
    async with stages.set_up(servers, template) as stage:
        again = await play(stage, 1)
    assert first.digest == again.digest
