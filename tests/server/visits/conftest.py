"""The company, and the phones of its people."""

import pytest

from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import World

__all__ = ["database", "founded", "harbour"]  # fixtures


@pytest.fixture
def world(harbour: World) -> World:
    """The company of the story."""
    return harbour


@pytest.fixture
async def nina(db: Db, world: World) -> Pusher:
    """Nina's phone."""
    return await registered(db, world.nina)


@pytest.fixture
async def vera(db: Db, world: World) -> Pusher:
    """The phone of Vera, who leads her."""
    return await registered(db, world.vera)
