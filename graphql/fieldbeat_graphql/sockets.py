"""`/graphql` upgraded to a WebSocket: graphql-transport-ws and nothing older.

Protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. The token comes with `connection_init`; every
operation on the socket is admitted anew, so that an expired token or an ended session is seen at once.
"""

import json
from datetime import timedelta

import orjson
from starlette.requests import Request
from starlette.responses import Response
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

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """The surroundings of all operations on this socket."""
        return context_of(request)

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


async def _check_token(context: Context, token: str) -> None:
    try:
        await authenticate(context.db, context.ring, token)
    except Unauthenticated:
        raise ConnectionRejectionError from None
