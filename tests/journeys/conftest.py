"""Every story has the company, the real application on its own database, and phones that can be handed out."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from fieldbeat_testing.database import Servers, TestDatabase, opened
from fieldbeat_testing.journey import Phones
from fieldbeat_testing.world import World, serving, settle


@pytest.fixture(scope="session")
async def founded(servers: Servers) -> AsyncIterator[tuple[TestDatabase, World]]:
    """The company, founded once; every story gets a copy of its database."""
    database = servers.new_database()
    async with opened(database) as db:
        world = await settle(db)
    yield database, world
    servers.drop(database)


@pytest.fixture
def database(servers: Servers, founded: tuple[TestDatabase, World]) -> Iterator[TestDatabase]:
    """This story's own database, with the company in it."""
    made = servers.new_database(copy_of=founded[0])
    yield made
    servers.drop(made)


@pytest.fixture
def world(founded: tuple[TestDatabase, World]) -> World:
    """The company."""
    return founded[1]


@pytest.fixture
async def app(database: TestDatabase, redis_url: str, world: World) -> AsyncIterator[FastAPI]:
    """The application, serving the company."""
    async with serving(database, redis_url) as served:
        yield served


@pytest.fixture
async def phones(app: FastAPI, tmp_path: Path) -> AsyncIterator[Phones]:
    """Hands out phones; they are switched off at the end."""
    shop = Phones(app, tmp_path)
    yield shop
    await shop.aclose()
