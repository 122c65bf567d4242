"""No body is parsed before its size is known to be bearable: it is read whole, up to the limit, before the app runs."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldbeat.web.problems import Problem


class BodyLimit:
    """ASGI middleware: a request with more than `bytes_max` bytes gets 413, by its declared length when it has one."""

    def __init__(self, app: ASGIApp, *, bytes_max: int) -> None:
        self.app = app
        self.bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body replayed, or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        if _declared_length(scope) > self.bytes_max:
            return await self._refuse(scope, receive, send)
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self.bytes_max:
                return await self._refuse(scope, receive, send)
            if not message.get("more_body", False):
                break
        await self.app(scope, _replay(bytes(body), receive), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"The body is larger than {self.bytes_max} bytes."
        response = Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=detail, code="LIMIT_EXCEEDED", headers={"Connection": "close"}
        )
        await response(scope, receive, send)


def _declared_length(scope: Scope) -> int:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(declared) if declared.isdigit() else 0


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then whatever comes (a disconnect)."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
