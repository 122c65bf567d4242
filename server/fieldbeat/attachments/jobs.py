"""What the worker does with files: thumbnails, and removing what nobody needs. All of it may run twice."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog

from fieldbeat.attachments import rules, store
from fieldbeat.attachments.model import Blob, Thumbnail
from fieldbeat.attachments.thumbnails import NoThumbnail, thumbnail_of
from fieldbeat.kit.blobs import Blobs
from fieldbeat.kit.db import Conn, Db
from fieldbeat.outbox.actions import announce
from fieldbeat.outbox.model import Effect, Performers

DISCARD_UPLOAD, DISCARD_BLOB = "attachments.discard_upload", "attachments.discard_blob"
MAKE_THUMBNAIL = "attachments.make_thumbnail"
GRACE = timedelta(days=7)  # of a blob that no attachment has
AT_ONCE_MAX = 2  # thumbnails: each may need some 150 MB
A_TENANT_MAX = 1_000  # of each kind in one run
TENANTS_MAX = 1_000

log = structlog.stdlib.get_logger(__name__)


async def discard_later(conn: Conn, tenant_id: UUID, upload_id: UUID, sha256: str) -> None:
    """The parts of an upload that has ended go, and its blob unless it was kept."""
    await announce(conn, tenant_id, cause=upload_id, effect=DISCARD_UPLOAD, payload={"sha256": sha256})


async def thumbnail_later(conn: Conn, blob: Blob) -> None:
    """A thumbnail is made of a new blob."""
    await announce(conn, blob.tenant_id, cause=blob.place, effect=MAKE_THUMBNAIL, payload={"sha256": blob.sha256})


def performers(blobs: Blobs) -> Performers:
    """How the effects of this capability are performed."""
    turns = asyncio.Semaphore(AT_ONCE_MAX)

    async def discard(conn: Conn, effect: Effect) -> None:
        await discard_upload(conn, blobs, effect)

    async def make(conn: Conn, effect: Effect) -> None:
        async with turns:
            await make_thumbnail(conn, blobs, effect)

    return {DISCARD_UPLOAD: discard, DISCARD_BLOB: discard, MAKE_THUMBNAIL: make}


async def discard_upload(conn: Conn, blobs: Blobs, effect: Effect) -> None:
    """Removes an upload's parts, and the blob that it made unless that is kept."""
    tenant_id, sha256 = effect.tenant_id, effect.payload["sha256"]
    await blobs.delete_below(rules.uploads_place(tenant_id, effect.cause))
    if await store.blob_at(conn, tenant_id, sha256, effect.cause) is None:
        await blobs.delete([f(tenant_id, sha256, effect.cause) for f in (rules.blob_key, rules.thumbnail_key)])


async def make_thumbnail(conn: Conn, blobs: Blobs, effect: Effect) -> None:
    """A small picture of a blob; of one that cannot be read there is none, which is no failure."""
    blob = await store.blob_at(conn, effect.tenant_id, effect.payload["sha256"], effect.cause)
    if blob is None:
        return
    original = b"".join([chunk async for chunk in blobs.read(rules.key_of(blob, thumbnail=False))])
    try:
        small = await asyncio.to_thread(thumbnail_of, original)
    except NoThumbnail as reason:
        log.info("no thumbnail", sha256=blob.sha256, reason=str(reason))
        return await store.set_thumbnail(conn, blob, Thumbnail.NONE)
    await blobs.put(rules.key_of(blob, thumbnail=True), small)
    await store.set_thumbnail(conn, blob, Thumbnail.READY)


async def collect_files(db: Db, *, grace: timedelta = GRACE) -> int:
    """Uploads that expired, and blobs that no attachment has; returns how many went. Bytes follow by the outbox."""
    async with db.unscoped() as conn:
        tenants = await store.tenants_with_stale_files(conn, grace=grace, tenants_max=TENANTS_MAX)
    return sum([await _collect(db, tenant_id, grace) for tenant_id in tenants])


async def _collect(db: Db, tenant_id: UUID, grace: timedelta) -> int:
    async with db.writing(tenant_id) as conn:
        expired = await store.drop_expired(conn, tenant_id, uploads_max=A_TENANT_MAX)
        for upload_id, sha256 in expired:
            await discard_later(conn, tenant_id, upload_id, sha256)
        idle = await store.drop_idle_blobs(conn, tenant_id, grace=grace, blobs_max=A_TENANT_MAX)
        for place, sha256 in idle:
            await announce(conn, tenant_id, cause=place, effect=DISCARD_BLOB, payload={"sha256": sha256})
    return len(expired) + len(idle)
