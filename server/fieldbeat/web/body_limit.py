"""No body is parsed before its size is known to be bearable: it is read whole, up to the limit, before the app runs."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldbeat.web.problems import Problem

CLOSE = {"Connection": "close"}  # the rest of the body is not read


class BodyLimit:
    """ASGI middleware: more than `bytes_max` bytes get 413 (by the declared length when there is one), a body that does
    not arrive within `within_s` gets 408. What lies below `streamed` is left to its route, which reads bit by bit."""

    def __init__(self, app: ASGIApp, *, bytes_max: int, within_s: float, streamed: tuple[str, ...] = ()) -> None:
        self.app = app
        self.bytes_max = bytes_max
        self.within_s = within_s
        self.streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body replayed, or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS") or self._is_streamed(scope):
            return await self.app(scope, receive, send)
        try:
            if _declared_length(scope) > self.bytes_max:
                raise _TooLarge
            async with asyncio.timeout(self.within_s):
                body = await self._read(receive)
        except _TooLarge:
            detail = f"The body is larger than {self.bytes_max} bytes."
            refusal = Problem(413, detail=detail, code="LIMIT_EXCEEDED", headers=CLOSE)
            return await refusal(scope, receive, send)
        except TimeoutError:
            detail = f"The body did not arrive within {self.within_s:g} seconds."
            refusal = Problem(408, detail=detail, code="TIMEOUT", headers=CLOSE)
            return await refusal(scope, receive, send)
        if body is not None:
            await self.app(scope, _replay(body, receive), send)

    def _is_streamed(self, scope: Scope) -> bool:
        return bool(self.streamed) and scope["path"].startswith(self.streamed)

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body; None when the client went away."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self.bytes_max:
                raise _TooLarge
            if not message.get("more_body", False):
                return bytes(body)


class _TooLarge(Exception):
    """The body is larger than it may be."""


def _declared_length(scope: Scope) -> int:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(declared) if declared.isdigit() else 0


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then whatever comes (a disconnect)."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
