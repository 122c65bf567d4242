"""Nina is at a visit and has taken photos. One company serves all tests of a module; each finds no file in it."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from fieldbeat.kit.db import Conn, Db
from fieldbeat_testing.database import Servers, TestDatabase, opened
from fieldbeat_testing.files import WINDOW, Back, Sender, sender
from fieldbeat_testing.settled import Founded, founded
from fieldbeat_testing.world import World, client, serving, settle

__all__ = ["founded"]  # a fixture


@pytest.fixture(scope="module")
def database(servers: Servers, founded: Founded) -> Iterator[TestDatabase]:
    """A database of this module alone, with the company in it."""
    made = servers.new_database(copy_of=founded.database)
    yield made
    servers.drop(made)


@pytest.fixture(scope="module")
def harbour(founded: Founded) -> World:
    """The company."""
    return founded.world


@pytest.fixture(scope="module")
async def db(database: TestDatabase) -> AsyncIterator[Db]:
    """The database as the application sees it."""
    async with opened(database) as pool:
        yield pool


@pytest.fixture(scope="module")
async def owner(database: TestDatabase) -> AsyncIterator[Conn]:
    """The database as the owner of the schema sees it."""
    conn = await asyncpg.connect(database.owner_url)
    yield conn
    await conn.close()


@pytest.fixture(scope="module")
async def app(database: TestDatabase, servers: Servers) -> AsyncIterator[FastAPI]:
    """The real application on this module's database."""
    async with serving(database, servers.redis_url) as served:
        yield served


@pytest.fixture(scope="module")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An app's way to it, before anybody has signed in."""
    async with client(app) as opened_client:
        yield opened_client


@pytest.fixture(scope="module")
async def nina(db: Db, http: httpx.AsyncClient, harbour: World) -> Sender:
    """Nina has signed in."""
    return await sender(db, http, harbour.nina)


@pytest.fixture(scope="module")
async def rival(db: Db) -> World:
    """Another company."""
    return await settle(db, "rival")


@pytest.fixture(scope="module")
async def visit(nina: Sender, harbour: World) -> UUID:
    """A visit of Nina's at LUNCH."""
    made = nina.phone.create("visit", {"accountId": harbour.lunch, "window": WINDOW})
    assert await nina.phone.said(made) == ["APPLIED"]
    return made.record_id


@pytest.fixture(autouse=True)
async def back(app: FastAPI, db: Db, owner: Conn) -> AsyncIterator[Back]:
    """The worker. After each test no file is left, and nothing to do."""
    made = Back(db, owner, app.state.blobs)
    yield made
    await owner.execute("delete from upload; delete from blob; delete from attachment; delete from outbox")
    await made.blobs.delete(made.files())
