"""Fixtures that every test may ask for; see fieldbeat_testing for what they give."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat_testing.database import Servers, TestDatabase, opened, running_servers
from fieldbeat_testing.hashing import cheap_passwords


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Companies are founded by the hundred: hashing their passwords must not take longer than their stories."""
    with cheap_passwords():
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey of this test run; started by the first test that needs them."""
    with running_servers() as running:
        yield running


@pytest.fixture
def database(servers: Servers) -> Iterator[TestDatabase]:
    """A migrated, empty database of this test alone."""
    made = servers.new_database()
    yield made
    servers.drop(made)


@pytest.fixture
async def db(database: TestDatabase) -> AsyncIterator[Db]:
    """The database as the application sees it."""
    async with opened(database) as pool:
        yield pool


@pytest.fixture
async def owner(database: TestDatabase) -> AsyncIterator[Conn]:
    """The database as the owner of the schema sees it: every tenant."""
    conn = await asyncpg.connect(database.owner_url)
    yield conn
    await conn.close()


@pytest.fixture
def redis_url(servers: Servers) -> str:
    """The Valkey of this test run."""
    return servers.redis_url
