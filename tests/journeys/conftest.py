"""Every story has the company, the real application on its own database, and phones that can be handed out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.journey import Phones
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import World, serving

__all__ = ["database", "founded", "harbour"]  # fixtures


@pytest.fixture
def world(harbour: World) -> World:
    """The company."""
    return harbour


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
