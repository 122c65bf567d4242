"""The HTTP composition root: the only place where the edges, the database and the queue meet.

What the routes need stands in `app.state`: `settings`, `db`, `blobs`, `key_ring`, `queue`, `pokes`.
"""

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import uvicorn
from fastapi import FastAPI

from fieldbeat.exchange.poke import announcing, hearing
from fieldbeat.kit.blobs import open_blobs
from fieldbeat.kit.db import open_db
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.memory import keep_memory
from fieldbeat.kit.queue import open_queue
from fieldbeat.kit.settings import Settings, read_settings
from fieldbeat.people.keys import KeyRing
from fieldbeat.web.body_limit import BodyLimit
from fieldbeat.web.files import FILES, file_routes
from fieldbeat.web.health import health_routes
from fieldbeat.web.metrics import CountRequests, metrics_routes
from fieldbeat.web.problems import answer_problems
from fieldbeat.web.snapshot import snapshot_routes
from fieldbeat_graphql.endpoint import graphql_routes

WS_BYTES_MAX = 1024 * 1024
STOP_WITHIN_S = 5


def create_app(settings: Settings) -> FastAPI:
    """The API. Refuses to start on a database role that owns tables or bypasses row-level security."""
    app = FastAPI(title="Fieldbeat", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.add_middleware(
        BodyLimit, bytes_max=settings.body_bytes_max, within_s=settings.request_timeout_s, streamed=(FILES,)
    )
    app.add_middleware(CountRequests)
    answer_problems(app)
    app.include_router(health_routes)
    app.include_router(metrics_routes)
    app.router.routes.extend(graphql_routes())
    app.router.routes.extend(snapshot_routes())
    app.router.routes.extend(file_routes())
    return app


def serve(settings: Settings, listener: socket.socket | None = None) -> bool:
    """Serve until SIGINT or SIGTERM, on a socket that listens already if one is given; False when it did not start."""
    app = create_app(settings)
    keep_memory()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=WS_BYTES_MAX,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever sits behind a proxy is not told apart by a header that anybody may send
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listener] if listener else None)
    return server.started


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        db = await open_db(
            settings.needs_database_url(),
            size=settings.pool_size,
            statement_cache_size=settings.statement_cache_size,
        )
        stack.push_async_callback(db.close)
        app.state.blobs = open_blobs(settings)
        app.state.key_ring = KeyRing(db)
        await app.state.key_ring.current()
        app.state.queue = await open_queue(settings.needs_redis_url())
        stack.push_async_callback(app.state.queue.aclose)
        app.state.pokes = await stack.enter_async_context(hearing(app.state.queue))
        app.state.db = replace(db, poke=await stack.enter_async_context(announcing(app.state.queue)))
        yield


def main(arguments: list[str]) -> None:
    """Serve by the environment's settings; the one optional argument is the number of a socket that listens already."""
    settings = read_settings()
    configure_log(settings)
    listener = socket.socket(fileno=int(arguments[0])) if arguments else None
    sys.exit(0 if serve(settings, listener) else 3)


if __name__ == "__main__":
    main(sys.argv[1:])
