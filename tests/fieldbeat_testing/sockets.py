"""A WebSocket client of GraphQL that speaks ASGI to the application in this process."""

import asyncio
from typing import Any

import orjson
from fastapi import FastAPI


class Socket:
    """One connection; use it as a context."""

    def __init__(self, app: FastAPI, subprotocols: list[str], headers: dict[str, str] | None = None) -> None:
        named = {"host": "127.0.0.1", **(headers or {})}
        self._scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "client": ("127.0.0.1", 1),
            "app": app,
            "server": ("127.0.0.1", 80),
            "subprotocols": subprotocols,
            "extensions": {},
            "state": {},
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }
        self._app = app
        self._to: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._back: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def __aenter__(self) -> "Socket":
        self._task = asyncio.create_task(self._app(self._scope, self._to.get, self._back.put))  # type: ignore[arg-type]
        await self._to.put({"type": "websocket.connect"})
        self.opening = await self.event()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._to.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, 5)

    async def event(self, *, within_s: float = 5) -> dict[str, Any]:
        """The next thing that the application does."""
        return await asyncio.wait_for(self._back.get(), within_s)

    async def send(self, **message: Any) -> None:
        """A message of the protocol."""
        await self._to.put({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    async def message(self, *, within_s: float = 5) -> Any:
        """The next message, or the code with which the socket was closed."""
        event = await self.event(within_s=within_s)
        return orjson.loads(event["text"]) if event["type"] == "websocket.send" else event["code"]

    async def init(self, token: str | None) -> Any:
        """`connection_init` and its answer."""
        await self.send(type="connection_init", payload={"authorization": f"Bearer {token}"} if token else {})
        return await self.message()

    async def ask(self, query: str, id: Any = "1", **variables: Any) -> Any:
        """An operation and its first message."""
        await self.subscribe(query, id, **variables)
        return await self.message()

    async def subscribe(self, query: str, id: Any = "1", **variables: Any) -> None:
        """An operation whose messages come when they come."""
        await self.send(type="subscribe", id=id, payload={"query": query, "variables": variables})
