"""A network as phones know it: gone for hours, and losing a request or an answer when it is there.

It stands between a phone and the real transport; tests, `fieldbeat simulate` and the load tests decide what fails.
"""

from collections.abc import AsyncIterator, Callable
from enum import Enum

import httpx


class Fault(Enum):
    """What becomes of one request."""

    NONE = "arrives, and is answered"
    LOSE_REQUEST = "never arrives"
    LOSE_ANSWER = "arrives, its answer does not"
    SEND_TWICE = "arrives twice; the second answer counts"
    CUT_ANSWER = "arrives, its answer breaks off in the middle"


class Network(httpx.AsyncBaseTransport):
    """Fails as `fault` says for each request, and altogether while `offline`."""

    def __init__(self, under: httpx.AsyncBaseTransport, fault: Callable[[], Fault] = lambda: Fault.NONE) -> None:
        self._under = under
        self.fault = fault
        self.offline = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, or fail as a cut connection does."""
        fault = Fault.LOSE_REQUEST if self.offline else self.fault()
        if fault is Fault.LOSE_REQUEST:
            raise httpx.ConnectError("no network", request=request)
        if fault is Fault.SEND_TWICE:
            await (await self._under.handle_async_request(request)).aread()
        answer = await self._under.handle_async_request(request)
        if fault is Fault.CUT_ANSWER:
            return await _cut(answer)
        if fault is Fault.LOSE_ANSWER or self.offline:
            await answer.aread()
            raise httpx.ReadError("the connection was cut", request=request)
        return answer

    async def aclose(self) -> None:
        """Close what lies under it."""
        await self._under.aclose()


class _Half(httpx.AsyncByteStream):
    """The first half of a body, and then the connection is gone."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise httpx.ReadError("the connection was cut")


async def _cut(answer: httpx.Response) -> httpx.Response:
    stream = answer.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    body = b"".join([part async for part in stream])
    await stream.aclose()
    return httpx.Response(answer.status_code, headers=answer.headers, stream=_Half(body))
