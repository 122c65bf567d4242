"""`GET /files/{attachment}`: the bytes, or part of them, or the thumbnail; never a page of ours."""

import asyncio
import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from fieldbeat.attachments import reads, rules
from fieldbeat.attachments.model import AttachmentUnknown, Blob, Thumbnail
from fieldbeat.kit.blobs import Blobs
from fieldbeat.web.bearer import admitted
from fieldbeat.web.problems import Problem

SEND_WITHIN_S = 60.0  # a client that takes nothing for so long is let go
ONE_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # kept by whoever may see it, and asked for again: rights change
    "Accept-Ranges": "bytes",
}


class FileStream(StreamingResponse):
    """A stream that does not wait for ever on a client that has stopped reading."""

    async def stream_response(self, send: Send) -> None:
        """Send each part within its time."""

        async def timed(message: "dict[str, object]") -> None:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send(message)

        await super().stream_response(timed)  # type: ignore[arg-type]


async def download(request: Request) -> Response:
    """The file of an attachment that the caller sees. `thumbnail` in the query: its small picture, 404 without one."""
    actor, state = (await admitted(request)).actor, request.app.state
    small = "thumbnail" in request.query_params
    async with state.db.reading(actor.tenant_id) as conn:
        blob = await reads.blob_of(conn, actor, _id(request))
    if small and blob.thumbnail is not Thumbnail.READY:
        raise AttachmentUnknown(f"There is no thumbnail of this attachment ({blob.thumbnail}).")
    headers = _headers(blob, _id(request), small=small)
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    key = rules.key_of(blob, thumbnail=small)
    if small:
        return FileStream(state.blobs.read(key), headers=headers, media_type="image/jpeg")
    return _answer(request, blob, state.blobs, key, headers)


def _answer(request: Request, blob: Blob, blobs: Blobs, key: str, headers: dict[str, str]) -> Response:
    """All of it, or the one range that was asked for (RFC 9110 section 14); of several ranges, all of it."""
    wanted = ONE_RANGE.fullmatch(request.headers.get("range", ""))
    if wanted is None or request.headers.get("if-range", headers["ETag"]) != headers["ETag"] or wanted[0] == "bytes=-":
        whole = {**headers, "Content-Length": str(blob.bytes)}
        return FileStream(blobs.read(key), headers=whole, media_type=blob.content_type)
    start, end = _bounds(wanted[1], wanted[2], blob.bytes)
    if start >= end:
        return Problem(416, detail="There are no such bytes.", headers={"Content-Range": f"bytes */{blob.bytes}"})
    part = {"Content-Range": f"bytes {start}-{end - 1}/{blob.bytes}", "Content-Length": str(end - start)}
    return FileStream(blobs.read(key, start=start, end=end), 206, {**headers, **part}, blob.content_type)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """From, and until (exclusive): `first-last`, `first-`, or `-last` for so many at the end."""
    if not first:
        return max(0, size - int(last)), size if int(last) else 0
    return int(first), min(size, int(last) + 1) if last else size


def _headers(blob: Blob, attachment_id: UUID, *, small: bool) -> dict[str, str]:
    name = rules.file_name(attachment_id, "image/jpeg" if small else blob.content_type)
    etag = f'"{blob.sha256}{"-small" if small else ""}"'
    return {**SAFE, "ETag": etag, "Content-Disposition": f'attachment; filename="{name}"'}


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise AttachmentUnknown from None
