"""What a balancer and a supervisor ask: does the process live, and may it be given work."""

import asyncio
from collections.abc import Awaitable

import structlog
from arq.connections import ArqRedis
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from fieldbeat.kit.db import Db
from fieldbeat.kit.revisions import newest_revision, revision_of

CHECK_WITHIN_S = 2.0

log = structlog.stdlib.get_logger(__name__)
health_routes = APIRouter(include_in_schema=False)


@health_routes.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@health_routes.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Database, queue and migrations, each `ok` or what is wrong with it; 503 when one is wrong."""
    database, queue = await asyncio.gather(
        _asked("database", _revision(request.app.state.db)), _asked("queue", _ping(request.app.state.queue))
    )
    checks = {
        "database": "away" if isinstance(database, Away) else "ok",
        "queue": "away" if isinstance(queue, Away) else "ok",
        "migrations": "unknown" if isinstance(database, Away) else _judged(database),
    }
    ready = set(checks.values()) == {"ok"}
    return JSONResponse({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)


class Away:
    """A dependency that did not answer in time."""


async def _asked(name: str, question: Awaitable[str | None]) -> str | Away | None:
    try:
        return await asyncio.wait_for(question, CHECK_WITHIN_S)
    except Exception as error:  # whatever its driver raises: the dependency is away
        log.warning("dependency away", dependency=name, error=repr(error))
        return Away()


async def _revision(db: Db) -> str | None:
    async with db.unscoped() as conn:
        return await revision_of(conn)


async def _ping(queue: ArqRedis) -> str:
    return str(await queue.ping())


def _judged(revision: str | None) -> str:
    if revision == newest_revision():
        return "ok"
    return "behind" if revision is None or revision < newest_revision() else "ahead"
