"""The HTTP composition root: the only place where the edges, the database and the queue meet.

What the routes need stands in `app.state`: `settings`, `db`, `queue`.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from fieldbeat.kit.db import open_db
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.queue import open_queue
from fieldbeat.kit.settings import Settings, read_settings
from fieldbeat.web.body_limit import BodyLimit
from fieldbeat.web.health import health_routes
from fieldbeat.web.problems import answer_problems


def create_app(settings: Settings) -> FastAPI:
    """The API. Refuses to start on a database role that owns tables or bypasses row-level security."""
    app = FastAPI(title="Fieldbeat", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.add_middleware(BodyLimit, bytes_max=settings.body_bytes_max)
    answer_problems(app)
    app.include_router(health_routes)
    return app


def from_environment() -> FastAPI:
    """The API by the environment's settings: what a server process loads."""
    settings = read_settings()
    configure_log(settings)
    return create_app(settings)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        app.state.db = await open_db(
            settings.needs_database_url(),
            size=settings.pool_size,
            statement_cache_size=settings.statement_cache_size,
        )
        stack.push_async_callback(app.state.db.close)
        app.state.queue = await open_queue(settings.needs_redis_url())
        stack.push_async_callback(app.state.queue.aclose)
        yield
