"""Stages for simulated worlds: copies of one template in which it is what time a world says."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from fieldbeat_testing.database import Servers, TestDatabase
from fieldbeat_testing.simulation import stage as stages
from fieldbeat_testing.simulation.stage import Stage


@pytest.fixture(scope="session")
async def template(servers: Servers) -> AsyncIterator[TestDatabase]:
    """What every stage is a copy of."""
    made = await stages.template(servers)
    yield made
    servers.drop(made)


@pytest.fixture
async def stage(servers: Servers, template: TestDatabase, quiet: None) -> AsyncIterator[Stage]:
    """A stage for some worlds."""
    async with stages.set_up(servers, template) as made:
        yield made


@pytest.fixture
async def other_stage(servers: Servers, template: TestDatabase, quiet: None) -> AsyncIterator[Stage]:
    """A second stage, on which the same world can be played again."""
    async with stages.set_up(servers, template) as made:
        yield made


@pytest.fixture
def quiet() -> Iterator[None]:
    """The driver tells of every connection that was cut on purpose; it need not."""
    log = logging.getLogger("asyncio")
    before = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(before)
