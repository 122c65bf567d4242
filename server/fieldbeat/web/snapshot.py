"""`GET /sync/snapshot`: the lines of a snapshot as NDJSON, compressed as the client accepts.

What the worker compressed goes out as it is to a client that takes zstd (RFC 9659); gzip is for the others.
"""

import asyncio
import random
import zlib
from collections.abc import AsyncIterator, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Send

from fieldbeat.exchange.chunks import compressed, expanded, framed
from fieldbeat.exchange.snapshot import open_snapshot, telling_outages
from fieldbeat.exchange.stream import Line, batches
from fieldbeat.kit.refusal import Invalid, Outage
from fieldbeat.web.bearer import admitted

NDJSON = "application/x-ndjson"
STREAMS_MAX = 32  # of one process; with what each holds in memory this stays far below 1 GB
RETRY_MS = (1_000, 5_000)  # asked of those who come when all are taken, each another time
SEND_WITHIN_S = 60.0  # a client that takes nothing for so long is let go
OFF_THE_LOOP_BYTES = 100_000


class SnapshotStream(StreamingResponse):
    """A stream that does not wait for ever on a client that has stopped reading."""

    async def stream_response(self, send: Send) -> None:
        """Send each part within its time."""

        async def timed(message: "dict[str, object]") -> None:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send(message)

        await super().stream_response(timed)  # type: ignore[arg-type]


class Endpoint:
    """Counts the streams of this process and answers as long as there are not too many."""

    def __init__(self) -> None:
        self._open = 0

    async def __call__(self, request: Request) -> Response:
        """One snapshot, or the rest of one. Every refusal comes before the first line."""
        if self._open >= STREAMS_MAX:
            raise Outage("Too many snapshots at once; try again.", retry_after_ms=random.randint(*RETRY_MS))  # noqa: S311
        state, coding = request.app.state, best_coding(request.headers.get("accept-encoding", ""))
        with telling_outages():
            signed_in = await admitted(request)
            key = (await state.key_ring.current()).seal_key
            snapshot = await open_snapshot(
                state.db,
                signed_in.actor,
                _device_id(request),
                resume=request.query_params.get("resume"),
                version=_version(request),
                key=key,
            )
        lines = batches(state.db, snapshot, key=key)
        headers = {"cache-control": "no-store", "vary": "accept-encoding"}
        if coding != "identity":
            headers["content-encoding"] = coding
        return SnapshotStream(self._counted(ENCODERS[coding](lines)), media_type=NDJSON, headers=headers)

    async def _counted(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._open += 1
        try:
            async for part in parts:
                yield part
        finally:
            self._open -= 1


def snapshot_routes() -> list[BaseRoute]:
    """The route. It reads `db` and `key_ring` from the application's state."""
    return [Route("/sync/snapshot", Endpoint().__call__, methods=["GET"])]


def best_coding(accepted: str) -> str:
    """The cheapest of the codings that a client accepts (RFC 9110 section 12.5.3): zstd, gzip, else none."""
    weights = dict(_weights(accepted))
    return next((coding for coding in ("zstd", "gzip") if weights.get(coding, 0.0) > 0), "identity")


async def in_zstd(lines: AsyncIterator[list[Line]]) -> AsyncIterator[bytes]:
    """One frame behind the other. The last byte of each part waits for the next one: to some clients (httpx) a frame
    that ends where a part ends is the end of the stream."""
    held = b""
    async for batch in lines:
        parts = [held]
        for line in batch:
            if line.first or line.frame:
                parts.append(line.frame or await _aside(compressed, line.first))
            parts.append(framed(line.last))
        whole = b"".join(parts)
        held = whole[-1:]
        yield whole[:-1]
    yield held


async def in_gzip(lines: AsyncIterator[list[Line]]) -> AsyncIterator[bytes]:
    """Quickly rather than small, and flushed at each line: what has arrived can be read."""
    squeeze = zlib.compressobj(1, wbits=31)
    async for plain in in_full(lines):
        yield await _aside(squeeze.compress, plain) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    yield squeeze.flush()


async def in_full(lines: AsyncIterator[list[Line]]) -> AsyncIterator[bytes]:
    """As it is, a line at a time."""
    async for batch in lines:
        for line in batch:
            first = await _aside(expanded, line.frame) if line.frame else line.first
            yield first + line.last


ENCODERS: dict[str, Callable[[AsyncIterator[list[Line]]], AsyncIterator[bytes]]] = {
    "zstd": in_zstd,
    "gzip": in_gzip,
    "identity": in_full,
}


def _device_id(request: Request) -> UUID:
    try:
        return UUID(request.query_params.get("deviceId", ""))
    except ValueError:
        raise Invalid("deviceId must be the id of a device.", fields=("deviceId",)) from None


def _version(request: Request) -> int | None:
    given = request.query_params.get("schemaVersion")
    if given is not None and not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise Invalid("schemaVersion must be a number.", fields=("schemaVersion",))
    return None if given is None else int(given)


async def _aside(work: Callable[[bytes], bytes], content: bytes) -> bytes:
    """Off the loop where it takes long enough to be felt by others."""
    return await asyncio.to_thread(work, content) if len(content) > OFF_THE_LOOP_BYTES else work(content)


def _weights(accepted: str) -> "list[tuple[str, float]]":
    found = []
    for part in accepted.lower().split(","):
        coding, _, parameter = part.partition(";")
        try:
            found.append((coding.strip(), float(parameter.partition("=")[2] or 1)))
        except ValueError:
            found.append((coding.strip(), 0.0))
    return found
