"""The company ready-made: one database in which it was founded, and a copy of it for each test.

A copy is cheaper than founding it anew: a folder whose tests begin with it imports these fixtures in its conftest.
"""

from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest

from fieldbeat_testing.database import Servers, TestDatabase, opened
from fieldbeat_testing.world import World, settle


class Founded(NamedTuple):
    """The database to copy, and who is in it."""

    database: TestDatabase
    world: World


@pytest.fixture(scope="session")
async def founded(servers: Servers) -> AsyncIterator[Founded]:
    """Founded once for the whole run."""
    made = servers.new_database()
    async with opened(made) as db:
        world = await settle(db)
    yield Founded(made, world)
    servers.drop(made)


@pytest.fixture
def database(servers: Servers, founded: Founded) -> Iterator[TestDatabase]:
    """A database of this test alone, with the company in it."""
    made = servers.new_database(copy_of=founded.database)
    yield made
    servers.drop(made)


@pytest.fixture
def harbour(founded: Founded) -> World:
    """The company."""
    return founded.world
