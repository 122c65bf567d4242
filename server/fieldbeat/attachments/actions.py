"""The verbs of uploads: begin, receive, drop.

Bytes come slowly and go to another store, so a request is several short transactions and none is open meanwhile. The
row of an upload is the truth: a part counts once the row names it, and of two requests at one offset only one goes on.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from uuid import UUID, uuid4

from fieldbeat.attachments import rules, store
from fieldbeat.attachments.jobs import discard_later
from fieldbeat.attachments.model import (
    AttachmentUnknown,
    Checksum,
    ChecksumDiffers,
    OffsetDiffers,
    TooLarge,
    TooManyUploads,
    Upload,
    UploadExpired,
    UploadUnknown,
)
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.blobs import Blobs
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7

UPLOAD_LASTS = timedelta(days=7)  # from the last byte that came
UNDER_WAY_MAX = 200  # of one person
PART_BYTES = 1024 * 1024  # what is held in memory of a body, and what a crash can cost
PARTS_MAX = 1_000
CHECKED_PARTS_MAX = 8  # of a body that counts as a whole or not at all


class BodyCut(Exception):
    """The sender went away in the middle of a body, or fell silent; what came until then is kept."""


async def begin_upload(
    conn: Conn, actor: Actor, attachment_id: UUID, *, length: int, metadata: str, limits: Mapping[str, int]
) -> Upload:
    """A new upload; unfinished ones of the actor to the same attachment end with it.

    Whoever declared the attachment may send its bytes even when he does not see it any more. Refuses NOT_FOUND,
    TYPE_REFUSED, LIMIT_EXCEEDED, INVALID (`length` is not what was declared), TOO_MANY_UPLOADS. Locks: the actor's row.
    """
    declared = await store.attachment_to_fill(conn, actor, attachment_id)
    if declared is None:
        raise AttachmentUnknown(fields=("Upload-Metadata",))
    rules.check_declared(declared, limits, length=length)
    await store.lock_user(conn, actor.tenant_id, actor.user_id)
    for upload_id, sha256 in await store.replaced_uploads(conn, actor.tenant_id, actor.user_id, attachment_id):
        await discard_later(conn, actor.tenant_id, upload_id, sha256)
    if await store.uploads_under_way(conn, actor.tenant_id, actor.user_id) >= UNDER_WAY_MAX:
        raise TooManyUploads
    return await store.add_upload(conn, actor, uuid7(), declared, metadata=metadata, lasts=UPLOAD_LASTS)


async def find_upload(db: Db, tenant_id: UUID, user_id: UUID, upload_id: UUID) -> Upload:
    """The person's upload. Refuses NOT_FOUND (also: somebody else's), UPLOAD_EXPIRED."""
    async with db.reading(tenant_id) as conn:
        found = await store.upload(conn, tenant_id, upload_id, user_id)
    if found is None:
        raise UploadUnknown
    if found.expired:
        raise UploadExpired
    return found


async def receive(
    db: Db, blobs: Blobs, actor: Actor, upload_id: UUID, *, offset: int, length: int | None,
    body: AsyncIterator[bytes], checksum: Checksum | None = None,
) -> Upload:  # fmt: skip
    """Takes a body from `offset` on, part by part: after a cut (`BodyCut`) the parts that came stand.

    `length` is of the body, where it is known beforehand. With a checksum the body counts as a whole or not at all.
    Refuses NOT_FOUND, UPLOAD_EXPIRED, OFFSET_DIFFERS, LIMIT_EXCEEDED (more than was declared), CHECKSUM_DIFFERS.
    """
    upload = await find_upload(db, actor.tenant_id, actor.user_id, upload_id)
    if offset != upload.received:
        raise OffsetDiffers(upload.received)
    if length is not None and offset + length > upload.bytes:
        raise TooLarge("The body goes beyond the length that was declared.", fields=("Upload-Length",))
    if len(upload.parts) >= PARTS_MAX:
        raise TooLarge(f"An upload may come in {PARTS_MAX} parts: begin anew with larger ones.")
    pieces = _pieces(body, bytes_max=upload.bytes - upload.received)
    if checksum is not None:
        return await _take_checked(db, blobs, upload, pieces, checksum)
    async for piece in pieces:
        upload = await _take(db, blobs, upload, {uuid4(): piece})
    return upload


async def drop_upload(conn: Conn, actor: Actor, upload_id: UUID) -> None:
    """Ends an upload of the actor. Refuses NOT_FOUND."""
    sha256 = await store.drop_upload(conn, actor.tenant_id, upload_id, actor.user_id)
    if sha256 is None:
        raise UploadUnknown
    await discard_later(conn, actor.tenant_id, upload_id, sha256)


async def _take(db: Db, blobs: Blobs, upload: Upload, pieces: Mapping[UUID, bytes]) -> Upload:
    """Keeps pieces, then says so in the row; whoever was overtaken meanwhile takes his back."""
    keys = [rules.part_key(upload, part) for part in pieces]
    for key, piece in zip(keys, pieces.values(), strict=True):
        await blobs.put(key, piece)
    async with db.writing(upload.tenant_id) as conn:
        size = sum(map(len, pieces.values()))
        taken = await store.add_parts(conn, upload, list(pieces), size, lasts=UPLOAD_LASTS)
    if taken is None:
        await blobs.delete(keys)
        stands = await find_upload(db, upload.tenant_id, upload.user_id, upload.id)
        raise OffsetDiffers(stands.received)
    return taken


async def _take_checked(
    db: Db, blobs: Blobs, upload: Upload, pieces: AsyncIterator[bytes], checksum: Checksum
) -> Upload:
    """All of the body or nothing: it is held until its checksum is known, so it may have a few parts' bytes."""
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
    held: dict[UUID, bytes] = {}
    async for piece in pieces:
        if len(held) >= CHECKED_PARTS_MAX:
            raise TooLarge(f"A body with a checksum may have {CHECKED_PARTS_MAX * PART_BYTES} bytes.")
        digest.update(piece)
        held[uuid4()] = piece
    if digest.digest() != checksum.digest:
        raise ChecksumDiffers(fields=("Upload-Checksum",))
    return await _take(db, blobs, upload, held)


async def _pieces(body: AsyncIterator[bytes], *, bytes_max: int) -> AsyncIterator[bytes]:
    """The body in pieces of PART_BYTES; before a cut is passed on, what came of the last piece is given."""
    held, came = bytearray(), 0
    try:
        async for chunk in body:
            came += len(chunk)
            if came > bytes_max:
                raise TooLarge("The body goes beyond the length that was declared.", fields=("Upload-Length",))
            held += chunk
            while len(held) >= PART_BYTES:
                yield bytes(held[:PART_BYTES])
                del held[:PART_BYTES]
    except BodyCut:
        if held:
            yield bytes(held)
        raise
    if held:
        yield bytes(held)
