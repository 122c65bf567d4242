"""Hearing when to pull: one subscription over graphql-transport-ws. What is missed here costs latency and nothing else.

Protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from fieldbeat.phone.documents import document

PROTOCOL = Subprotocol("graphql-transport-ws")
OPEN_WITHIN_S = 10.0
QUIET_S = 20.0  # between two probes of a silent connection
MESSAGE_BYTES_MAX = 1 << 16


class Silent(Exception):
    """The connection is over, or never came to be."""


async def heard(url: str, token: str, device_id: str) -> AsyncGenerator[None, None]:
    """Yields once when it listens, and then at each poke. Raises `Silent`."""
    address = url.replace("http", "ws", 1).rstrip("/") + "/graphql"
    try:
        async with connect(
            address,
            subprotocols=[PROTOCOL],
            open_timeout=OPEN_WITHIN_S,
            ping_interval=QUIET_S,
            max_size=MESSAGE_BYTES_MAX,
        ) as socket:
            await _subscribe(socket, token, device_id)
            yield
            async with aclosing(_messages(socket)) as messages:
                async for _ in messages:
                    yield
    except (WebSocketException, OSError, TimeoutError, ValueError) as failure:
        raise Silent(f"{type(failure).__name__} {failure}") from failure


async def _subscribe(socket: ClientConnection, token: str, device_id: str) -> None:
    await _send(socket, type="connection_init", payload={"authorization": f"Bearer {token}"})
    answer = json.loads(await socket.recv())
    if answer["type"] != "connection_ack":
        raise Silent(f"connection_init was answered with {answer['type']}")
    query = {"query": document("sync_poke"), "variables": {"deviceId": device_id}}
    await _send(socket, type="subscribe", id="1", payload=query)


async def _messages(socket: ClientConnection) -> AsyncGenerator[None, None]:
    """One for each poke. An `error` and a `complete` end the subscription."""
    async for text in socket:
        message = json.loads(text)
        match message["type"]:
            case "next":
                yield
            case "ping":
                await _send(socket, type="pong")
            case "error" | "complete":
                raise Silent(f"the subscription is over: {message.get('payload')}")


async def _send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))
