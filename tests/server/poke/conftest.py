"""The company ready-made, the application, and Nina's phone."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from fieldbeat.kit.db import Db
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import World, serving

__all__ = ["app", "database", "founded", "harbour", "phone"]


@pytest.fixture
async def app(database: TestDatabase, redis_url: str) -> AsyncIterator[FastAPI]:
    """The real application on this test's database."""
    async with serving(database, redis_url) as served:
        yield served


@pytest.fixture
async def phone(db: Db, harbour: World) -> Pusher:
    """A device of Nina's."""
    return await registered(db, harbour.nina)
