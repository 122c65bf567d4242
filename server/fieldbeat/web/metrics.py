"""`/metrics` for Prometheus, and the count of requests. Open to this machine, or to the settings' token."""

import asyncio
import hmac

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldbeat.kit import metrics
from fieldbeat.kit.db import Db
from fieldbeat.kit.refusal import Forbidden
from fieldbeat.kit.settings import is_loopback
from fieldbeat.outbox.reads import Lag, work_lag
from fieldbeat.people.rules import is_forwarded

ROUTES = ("/graphql", "/sync/snapshot", "/files", "/healthz", "/readyz", "/metrics")
READ_WITHIN_S = 2.0

log = structlog.stdlib.get_logger(__name__)
metrics_routes = APIRouter(include_in_schema=False)


class CountRequests:
    """ASGI middleware: one more answer of a route, a method and a status."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and look at its status."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                metrics.REQUESTS.labels(_route(scope["path"]), _method(scope["method"]), message["status"]).inc()
            await send(message)

        await self.app(scope, receive, counted)


@metrics_routes.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """Everything that this process counted, and what waits in the database now. Refuses FORBIDDEN."""
    _check_may_read(request)
    now, db = CollectorRegistry(auto_describe=True), request.app.state.db
    connections = Gauge("fieldbeat_pool_connections", "Connections to the database.", ("state",), registry=now)
    connections.labels("idle").set(db.pool.get_idle_size())
    connections.labels("busy").set(db.pool.get_size() - db.pool.get_idle_size())
    waiting = Gauge("fieldbeat_sockets_waiting", "Subscriptions that wait for changes.", registry=now)
    waiting.set(len(request.app.state.pokes))
    lag = await _lag(db)
    Gauge("fieldbeat_database_up", "Whether the database answered.", registry=now).set(lag is not None)
    if lag is not None:
        late = Gauge("fieldbeat_lag_seconds", "For how long the oldest due work has waited.", ("work",), registry=now)
        late.labels("outbox").set(lag.outbox_s)
        late.labels("due_steps").set(lag.steps_s)
    return Response(generate_latest(metrics.REGISTRY) + generate_latest(now), media_type=CONTENT_TYPE_LATEST)


def _check_may_read(request: Request) -> None:
    """With a token in the settings its bearer alone; without, this machine alone, and no proxy of it."""
    token = request.app.state.settings.metrics_token
    if token is not None:
        given = request.headers.get("authorization", "")
        allowed = hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    else:
        peer = request.client.host if request.client else ""
        allowed = is_loopback(peer) and not is_forwarded(request.headers.keys())
    if not allowed:
        raise Forbidden("Metrics are read from this machine, or with the token of FIELDBEAT_METRICS_TOKEN.")


async def _lag(db: Db) -> Lag | None:
    try:
        return await asyncio.wait_for(work_lag(db), READ_WITHIN_S)
    except Exception as error:  # whatever its driver raises: the database is away
        log.warning("no lag for metrics", error=repr(error))
        return None


def _route(path: str) -> str:
    return next((each for each in ROUTES if path == each or path.startswith(f"{each}/")), "other")


def _method(method: str) -> str:
    return method if method in metrics.METHODS else "other"
