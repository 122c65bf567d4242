"""The end of an upload: its bytes are looked at as a whole, then kept by their hash, or not at all."""

import hashlib
from collections.abc import AsyncIterator

from fieldbeat import records
from fieldbeat.attachments import rules, store
from fieldbeat.attachments.jobs import discard_later, thumbnail_later
from fieldbeat.attachments.model import HashDiffers, Thumbnail, Upload
from fieldbeat.attachments.replica import KEPT_ATTACHMENT
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.blobs import Blobs
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.refusal import Refusal
from fieldbeat_sync.schema import Op


async def finish(db: Db, blobs: Blobs, actor: Actor, upload: Upload) -> None:
    """Turns the parts of a whole upload into its blob; again after a crash, or beside another request, is harmless.

    The attachment is COMPLETE with it. Refuses HASH_DIFFERS and TYPE_REFUSED: then the upload is gone, its bytes
    follow, and the attachment is FAILED until another upload ends well.
    """
    try:
        await _verify(blobs, upload)
    except Refusal:
        async with records.writing(db, upload.tenant_id) as tx:
            if await store.drop_upload(tx.conn, upload.tenant_id, upload.id, upload.user_id):
                await discard_later(tx.conn, upload.tenant_id, upload.id, upload.sha256)
                await _note(tx, actor, upload, "FAILED")
        raise
    await blobs.put(rules.blob_key(upload.tenant_id, upload.sha256, upload.id), _content(blobs, upload))
    async with records.writing(db, upload.tenant_id) as tx:
        if await store.end_upload(tx.conn, upload.tenant_id, upload.id):
            await _keep(tx.conn, upload)
            await _note(tx, actor, upload, "COMPLETE")


async def _verify(blobs: Blobs, upload: Upload) -> None:
    digest, head = hashlib.sha256(), b""
    async for chunk in _content(blobs, upload):
        digest.update(chunk)
        head += chunk[: rules.SNIFFED_BYTES - len(head)]
    if digest.hexdigest() != upload.sha256:
        raise HashDiffers(fields=("sha256",))
    rules.check_sniffed(upload, head)


async def _content(blobs: Blobs, upload: Upload) -> AsyncIterator[bytes]:
    for part in upload.parts:
        async for chunk in blobs.read(rules.part_key(upload, part)):
            yield chunk


async def _keep(conn: Conn, upload: Upload) -> None:
    blob = await store.keep_blob(conn, upload, upload.id, rules.first_thumbnail(upload.content_type))
    if blob.place == upload.id and blob.thumbnail is Thumbnail.PENDING:
        await thumbnail_later(conn, blob)
    await discard_later(conn, upload.tenant_id, upload.id, upload.sha256)


async def _note(tx: records.Tx, actor: Actor, upload: Upload, status: str) -> None:
    """The row says what became of its bytes, and phones learn it by sync. What is complete stays so."""
    declared = await store.attachment_to_fill(tx.conn, actor, upload.attachment_id)
    if declared is not None and declared.status not in (status, "COMPLETE"):
        patch = {"status": status}
        await records.change(tx, actor, [records.Change(KEPT_ATTACHMENT, declared.id, Op.UPDATE, patch)])
