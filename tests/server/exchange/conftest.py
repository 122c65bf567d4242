"""One database for the whole folder, a company of its own for every test: no story meets another one's people."""

import itertools
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat_testing.database import Servers, TestDatabase, opened
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import World, settle

_NUMBERS = itertools.count()


@pytest.fixture(scope="package")
def shared_database(servers: Servers) -> Iterator[TestDatabase]:
    """The database of all stories that change nothing but their own company."""
    made = servers.new_database()
    yield made
    servers.drop(made)


@pytest.fixture(scope="package")
async def shared_db(shared_database: TestDatabase) -> AsyncIterator[Db]:
    """The shared database as the application sees it."""
    async with opened(shared_database) as pool:
        yield pool


@pytest.fixture(scope="package")
def spoiled_database(servers: Servers) -> Iterator[TestDatabase]:
    """The database of stories that change its schema or its epoch."""
    made = servers.new_database()
    yield made
    servers.drop(made)


@pytest.fixture(scope="package")
async def spoiled_db(spoiled_database: TestDatabase) -> AsyncIterator[Db]:
    """The spoiled database as the application sees it."""
    async with opened(spoiled_database) as pool:
        yield pool


@pytest.fixture
async def spoiler(spoiled_database: TestDatabase) -> AsyncIterator[Conn]:
    """The spoiled database as its superuser sees it."""
    conn = await asyncpg.connect(spoiled_database.superuser_url)
    yield conn
    await conn.close()


@pytest.fixture
async def spoiled_world(spoiled_db: Db) -> World:
    """A company in the spoiled database."""
    return await settle(spoiled_db, f"harbour{next(_NUMBERS)}")


@pytest.fixture
def database(shared_database: TestDatabase) -> TestDatabase:
    """Shared by all stories."""
    return shared_database


@pytest.fixture
def db(shared_db: Db) -> Db:
    """The shared database as the application sees it."""
    return shared_db


@pytest.fixture
async def world(db: Db) -> World:
    """The company of the story."""
    return await settle(db, f"harbour{next(_NUMBERS)}")


@pytest.fixture
async def rival(db: Db) -> World:
    """Another company in the same database."""
    return await settle(db, f"rival{next(_NUMBERS)}")


@pytest.fixture
async def nina(db: Db, world: World) -> Pusher:
    """Nina's phone: she covers the north with LUNCH and TEA."""
    return await registered(db, world.nina)


@pytest.fixture
async def otto(db: Db, world: World) -> Pusher:
    """Otto's phone: he covers the south with DINER."""
    return await registered(db, world.otto)


@pytest.fixture
async def vera(db: Db, world: World) -> Pusher:
    """The phone of Vera, who leads both."""
    return await registered(db, world.vera)
