"""`/files`: resumable uploads by tus 1.0 with creation, termination, checksum, expiration; streamed to the file store.

A body is read bit by bit, so a cut costs no more than what was on its way (docs/decisions/0011-uploads.md).
"""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import format_datetime
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fieldbeat.attachments import actions
from fieldbeat.attachments.finishing import finish
from fieldbeat.attachments.model import Checksum, OffsetDiffers, TypeRefused, Upload, UploadUnknown
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Invalid, Refusal
from fieldbeat.web.bearer import admitted
from fieldbeat.web.downloads import download
from fieldbeat.web.problems import Problem, problem_of

FILES = "/files/"
TUS = {"Tus-Resumable": "1.0.0"}
EXTENSIONS = "creation,termination,checksum,expiration"
ALGORITHMS = ("sha256", "sha1")
METADATA_CHARACTERS_MAX = 4_096
NUMBER_DIGITS_MAX = 15

Handler = Callable[[Request], Awaitable[Response]]


class TusVersionUnknown(Refusal):
    """The server speaks tus 1.0.0: say so in Tus-Resumable."""

    code = "TUS_VERSION_UNKNOWN"


def file_routes() -> list[BaseRoute]:
    """The routes. They read `db`, `blobs`, `key_ring` and `settings` from the application's state."""
    one = f"{FILES}{{id}}"
    return [
        Route("/files", _answering(_collection), methods=["OPTIONS", "POST"]),
        Route(FILES, _answering(_collection), methods=["OPTIONS", "POST"]),
        Route(one, _answering(_one), methods=["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"]),
        Route(one, download, methods=["GET"]),  # below, for it would take HEAD as well
    ]


def _answering(handler: Handler) -> Handler:
    """Every answer of tus says which version it speaks, refusals too."""

    async def answer(request: Request) -> Response:
        try:
            if request.method != "OPTIONS" and request.headers.get("tus-resumable") != TUS["Tus-Resumable"]:
                raise TusVersionUnknown(fields=("Tus-Resumable",))
            response = await handler(request)
        except Refusal as refusal:
            response = problem_of(refusal)
            if isinstance(refusal, OffsetDiffers):
                response.headers["Upload-Offset"] = str(refusal.offset)
            if isinstance(refusal, TusVersionUnknown):
                response.headers["Tus-Version"] = TUS["Tus-Resumable"]
        except actions.BodyCut:
            response = Problem(408, detail="The body did not arrive whole: ask for the offset, and go on from there.")
        response.headers.update(TUS)
        return response

    return answer


async def _collection(request: Request) -> Response:
    return _abilities(request) if request.method == "OPTIONS" else await _begin(request)


async def _one(request: Request) -> Response:
    method = request.method
    if method == "POST":  # for clients that can send nothing else
        method = request.headers.get("x-http-method-override", "").upper()
    handlers = {"HEAD": _tell, "PATCH": _receive, "DELETE": _drop}
    if method == "OPTIONS":
        return _abilities(request)
    if method not in handlers:
        raise HTTPException(405)
    return await handlers[method](request)


def _abilities(request: Request) -> Response:
    headers = {
        "Tus-Version": TUS["Tus-Resumable"],
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Tus-Max-Size": str(max(request.app.state.settings.file_bytes_max.values())),
    }
    return Response(status_code=204, headers=headers)


async def _begin(request: Request) -> Response:
    actor, state = (await admitted(request)).actor, request.app.state
    length, said = _length(request), request.headers.get("upload-metadata", "")
    attachment_id = _attachment_id(said)
    async with state.db.writing(actor.tenant_id) as conn:
        upload = await actions.begin_upload(
            conn, actor, attachment_id, length=length, metadata=said, limits=state.settings.file_bytes_max
        )
    return Response(status_code=201, headers={"Location": f"{FILES}{upload.id}", **_standing(upload)})


async def _tell(request: Request) -> Response:
    actor = (await admitted(request)).actor
    found = await actions.find_upload(request.app.state.db, actor.tenant_id, actor.user_id, _id(request))
    upload = await _settled(request, actor, found)
    told = {"Upload-Length": str(upload.bytes), "Upload-Metadata": upload.metadata, "Cache-Control": "no-store"}
    return Response(headers={**told, **_standing(upload)})


async def _receive(request: Request) -> Response:
    actor, state = (await admitted(request)).actor, request.app.state
    if request.headers.get("content-type") != "application/offset+octet-stream":
        raise TypeRefused("Content-Type must be application/offset+octet-stream.", fields=("Content-Type",))
    upload = await actions.receive(
        state.db, state.blobs, actor, _id(request),
        offset=_number(request, "Upload-Offset"), length=_content_length(request), checksum=_checksum(request),
        body=_body(request, within_s=state.settings.request_timeout_s),
    )  # fmt: skip
    return Response(status_code=204, headers=_standing(await _settled(request, actor, upload)))


async def _drop(request: Request) -> Response:
    actor = (await admitted(request)).actor
    async with request.app.state.db.writing(actor.tenant_id) as conn:
        await actions.drop_upload(conn, actor, _id(request))
    return Response(status_code=204)


async def _settled(request: Request, actor: Actor, upload: Upload) -> Upload:
    """A whole upload is finished before anybody is told that it is whole: a crash may have come in between."""
    if upload.whole:
        await finish(request.app.state.db, request.app.state.blobs, actor, upload)
    return upload


async def _body(request: Request, *, within_s: float) -> AsyncIterator[bytes]:
    """The body as it comes; raises `BodyCut` when the sender goes away or is silent for `within_s`."""
    stream = request.stream()
    try:
        with contextlib.suppress(StopAsyncIteration):
            while True:
                async with asyncio.timeout(within_s):
                    chunk = await anext(stream)
                yield chunk
    except (ClientDisconnect, TimeoutError) as cut:
        raise actions.BodyCut from cut


def _standing(upload: Upload) -> dict[str, str]:
    expires = format_datetime(upload.expires_at, usegmt=True)
    return {"Upload-Offset": str(upload.received), "Upload-Expires": expires}


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise UploadUnknown from None


def _length(request: Request) -> int:
    if "upload-defer-length" in request.headers:
        raise Invalid("The length must be known from the beginning.", fields=("Upload-Defer-Length",))
    return _number(request, "Upload-Length")


def _number(request: Request, name: str) -> int:
    said = request.headers.get(name, "")
    if not (said.isascii() and said.isdigit() and len(said) <= NUMBER_DIGITS_MAX):
        raise Invalid(f"{name} must be a whole number that is not negative.", fields=(name,))
    return int(said)


def _content_length(request: Request) -> int | None:
    return _number(request, "Content-Length") if "content-length" in request.headers else None


def _checksum(request: Request) -> Checksum | None:
    said = request.headers.get("upload-checksum")
    if said is None:
        return None
    algorithm, _, digest = said.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Invalid(f"The algorithm must be one of {', '.join(ALGORITHMS)}.", fields=("Upload-Checksum",))
    return Checksum(algorithm, _decoded(digest, "Upload-Checksum"))


def _attachment_id(metadata: str) -> UUID:
    if len(metadata) > METADATA_CHARACTERS_MAX:
        raise Invalid(f"Upload-Metadata may have {METADATA_CHARACTERS_MAX} characters.", fields=("Upload-Metadata",))
    pairs = dict(each.strip().partition(" ")[::2] for each in metadata.split(",") if each.strip())
    try:
        return UUID(_decoded(pairs.get("attachmentId", ""), "Upload-Metadata").decode("ascii"))
    except ValueError:
        raise Invalid("Upload-Metadata must name the attachment: attachmentId.", fields=("Upload-Metadata",)) from None


def _decoded(said: str, header: str) -> bytes:
    try:
        return base64.b64decode(said.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(f"{header} must be in base64.", fields=(header,)) from None
