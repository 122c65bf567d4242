"""`/graphql` upgraded to a WebSocket: graphql-transport-ws and nothing older.

Protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. The token comes with `connection_init`; every
operation on the socket is admitted anew, so that an expired token or an ended session is seen at once; a subscription
that goes on is ended with its socket soon after its session has.
"""

import asyncio
import json
import random
from datetime import timedelta

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from fieldbeat.people.model import Unauthenticated
from fieldbeat.people.sessions import authenticate
from fieldbeat_graphql.context import Context, bearer_token, context_of
from fieldbeat_graphql.schema import GuardedSchema

INIT_WITHIN = timedelta(seconds=10)
OPERATIONS_MAX = 50
LOOK_AGAIN_S = (15.0, 25.0)  # an ended session has no socket any more after 30 s
FORBIDDEN = 4403
_CONTEXT = "fieldbeat.context"

log = structlog.stdlib.get_logger(__name__)


class Sockets(GraphQL[Context, None]):
    """Serves WebSockets with one schema."""

    def __init__(self, served: GuardedSchema) -> None:
        super().__init__(
            served,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=INIT_WITHIN,
            max_subscriptions_per_connection=OPERATIONS_MAX,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, to its end or to that of its session."""
        serving = asyncio.create_task(super().__call__(scope, receive, send))
        ended = asyncio.create_task(_session_ended(scope))
        try:
            await asyncio.wait((serving, ended), return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                serving.cancel()
                await asyncio.wait((serving,))
                await send({"type": "websocket.close", "code": FORBIDDEN, "reason": "Forbidden"})
                return
            await serving
        finally:
            for task in (serving, ended):
                task.cancel()

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """The surroundings of all operations on this socket."""
        context = context_of(request)
        request.scope[_CONTEXT] = context
        return context

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Takes the token of connection_init; a bad one closes the socket (4403), none leaves the public operations."""
        given = (context.connection_params or {}).get("authorization")
        context.token = bearer_token(given) or context.token
        if given is not None and context.token is None:
            raise ConnectionRejectionError
        if context.token is not None:
            await _check_token(context, context.token)
        return UnsetType()

    def decode_json(self, data: str | bytes) -> object:
        """A message; its id, when there is one, is a string (the protocol says so, clients rely on it)."""
        message = orjson.loads(data)
        orjson.dumps(message)
        if not isinstance(message, dict) or not isinstance(message.get("id", ""), str):
            raise json.JSONDecodeError("not a message", "", 0)
        return message

    def encode_json(self, data: object) -> str:
        """A message as text."""
        return orjson.dumps(data).decode()


async def _session_ended(scope: Scope) -> None:
    """Returns when the session of the socket's token has ended; looks again and again."""
    while True:
        await asyncio.sleep(random.uniform(*LOOK_AGAIN_S))  # noqa: S311
        context: Context | None = scope.get(_CONTEXT)
        if context is None or context.token is None:
            continue
        try:
            if (await authenticate(context.db, context.ring, context.token)).push_only:
                return
        except Unauthenticated:
            return
        except Exception as unknown:  # the database is away: whether it has ended is seen the next time
            log.warning("session not looked up", error=repr(unknown))


async def _check_token(context: Context, token: str) -> None:
    try:
        await authenticate(context.db, context.ring, token)
    except Unauthenticated:
        raise ConnectionRejectionError from None
