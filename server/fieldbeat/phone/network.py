"""A network as phones know it: gone for hours, and losing a request or an answer when it is there.

It stands between a phone and the real transport; tests, `fieldbeat simulate` and the load tests decide what fails.
"""

from collections.abc import Callable
from enum import Enum

import httpx


class Fault(Enum):
    """What becomes of one request."""

    NONE = "arrives, and is answered"
    LOSE_REQUEST = "never arrives"
    LOSE_ANSWER = "arrives, its answer does not"
    SEND_TWICE = "arrives twice; the second answer counts"


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
        if fault is Fault.LOSE_ANSWER or self.offline:
            await answer.aread()
            raise httpx.ReadError("the connection was cut", request=request)
        return answer

    async def aclose(self) -> None:
        """Close what lies under it."""
        await self._under.aclose()
