"""The company ready-made, and Nina's phone."""

import pytest

from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import World

__all__ = ["database", "founded", "harbour", "phone"]


@pytest.fixture
async def phone(db: Db, harbour: World) -> Pusher:
    """A device of Nina's that holds nothing yet."""
    return await registered(db, harbour.nina)
