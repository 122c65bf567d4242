"""Every story has the company, the real application on its own database, and phones that can be handed out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
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


@pytest.fixture
async def url(app: FastAPI) -> AsyncIterator[str]:
    """The address of the application, listening on a port of its own."""
    config = uvicorn.Config(app, port=0, lifespan="off", ws="websockets-sansio", log_level="warning")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn gives no event)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving
