"""The statements of attachments."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.attachments.model import Attachment, AttachmentStatus, Blob, Shown, ShownPage, Thumbnail, Upload
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__)


class Place(NamedTuple):
    """Where a record stands: its account's territory, and with whom: who serves it, and whom it is offered to."""

    id: UUID
    territory_id: UUID
    people: list[UUID]


async def lock_user(conn: Conn, tenant_id: UUID, user_id: UUID) -> None:
    """Until the transaction ends."""
    await conn.execute(SQL["lock_user"], tenant_id, user_id)


async def uploads_under_way(conn: Conn, tenant_id: UUID, user_id: UUID) -> int:
    """How many uploads of a person wait for bytes."""
    return int(await conn.fetchval(SQL["uploads_under_way"], tenant_id, user_id))


async def replaced_uploads(conn: Conn, tenant_id: UUID, user_id: UUID, attachment_id: UUID) -> list[tuple[UUID, str]]:
    """Ends unfinished uploads to the attachment; their ids and hashes."""
    rows = await conn.fetch(SQL["replaced_uploads"], tenant_id, user_id, attachment_id)
    return [(row["id"], row["sha256"]) for row in rows]


async def add_upload(
    conn: Conn, actor: Actor, upload_id: UUID, declared: Attachment, *, metadata: str, lasts: timedelta
) -> Upload:
    """A new upload without bytes."""
    row = await conn.fetchrow(
        SQL["add_upload"], actor.tenant_id, upload_id, declared.id, actor.user_id, declared.sha256, declared.bytes,
        declared.content_type, lasts, metadata,
    )  # fmt: skip
    assert row is not None
    return _upload(row)


async def upload(conn: Conn, tenant_id: UUID, upload_id: UUID, user_id: UUID) -> Upload | None:
    """The upload, if it is this person's."""
    row = await conn.fetchrow(SQL["upload"], tenant_id, upload_id, user_id)
    return _upload(row) if row else None


async def add_parts(conn: Conn, stood: Upload, parts: list[UUID], size: int, *, lasts: timedelta) -> Upload | None:
    """The upload behind these parts; None when it does not stand where it stood, or is gone."""
    row = await conn.fetchrow(
        SQL["add_parts"], stood.tenant_id, stood.id, stood.user_id, stood.received, parts, size, lasts
    )
    return _upload(row) if row else None


async def end_upload(conn: Conn, tenant_id: UUID, upload_id: UUID) -> bool:
    """False: somebody else ended or dropped it."""
    return await conn.execute(SQL["end_upload"], tenant_id, upload_id) == "UPDATE 1"


async def drop_upload(conn: Conn, tenant_id: UUID, upload_id: UUID, user_id: UUID) -> str | None:
    """Its declared hash; None when there is no such upload of this person."""
    sha256: str | None = await conn.fetchval(SQL["drop_upload"], tenant_id, upload_id, user_id)
    return sha256


async def keep_blob(conn: Conn, upload: Upload, place: UUID, thumbnail: Thumbnail) -> Blob:
    """The blob with these bytes: a new one in `place`, or the one that was there."""
    row = await conn.fetchrow(
        SQL["keep_blob"], upload.tenant_id, upload.sha256, place, upload.bytes, upload.content_type, thumbnail
    )
    assert row is not None
    return _blob(row)


async def blob_at(conn: Conn, tenant_id: UUID, sha256: str, place: UUID) -> Blob | None:
    """The blob in this place, if it is still kept."""
    row = await conn.fetchrow(SQL["blob_at"], tenant_id, sha256, place)
    return _blob(row) if row else None


async def set_thumbnail(conn: Conn, blob: Blob, thumbnail: Thumbnail) -> None:
    """Notes what came of the thumbnail."""
    await conn.execute(SQL["set_thumbnail"], blob.tenant_id, blob.sha256, blob.place, thumbnail)


async def tenants_with_stale_files(conn: Conn, *, grace: timedelta, tenants_max: int) -> list[UUID]:
    """Tenants with uploads that have expired, or with blobs that came before `grace` and that no attachment has."""
    rows = await conn.fetch(SQL["tenants_with_stale_files"], grace, tenants_max)
    return [row["tenant_id"] for row in rows]


async def drop_expired(conn: Conn, tenant_id: UUID, *, uploads_max: int) -> list[tuple[UUID, str]]:
    """The ids and hashes of uploads that had expired and are gone now."""
    rows = await conn.fetch(SQL["drop_expired"], tenant_id, uploads_max)
    return [(row["id"], row["sha256"]) for row in rows]


async def drop_idle_blobs(conn: Conn, tenant_id: UUID, *, grace: timedelta, blobs_max: int) -> list[tuple[UUID, str]]:
    """The places and hashes of blobs that no attachment had for so long and that are gone now."""
    rows = await conn.fetch(SQL["drop_idle_blobs"], tenant_id, grace, blobs_max)
    return [(row["place"], row["sha256"]) for row in rows]


async def attachment_to_fill(conn: Conn, actor: Actor, attachment_id: UUID) -> Attachment | None:
    """An attachment that the actor sees, or that he declared."""
    row = await conn.fetchrow(SQL["attachment_to_fill"], actor.tenant_id, attachment_id, actor.user_id, actor.role)
    return Attachment(**dict(row)) if row else None


async def blob_of_attachment(conn: Conn, actor: Actor, attachment_id: UUID) -> Blob | None:
    """The bytes of an attachment that the actor sees, once they are there."""
    row = await conn.fetchrow(SQL["blob_of_attachment"], actor.tenant_id, attachment_id, actor.user_id, actor.role)
    return _blob(row) if row else None


async def places_of_records(conn: Conn, tenant_id: UUID, record_ids: list[UUID]) -> list[Place]:
    """Where the records stand to which attachments belong, whoever asks."""
    return [Place(**dict(row)) for row in await conn.fetch(SQL["places_of_records"], tenant_id, record_ids)]


async def attachments_of_records(conn: Conn, tenant_id: UUID, record_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The attachments of each record, locked; none for a record without."""
    found: dict[UUID, list[UUID]] = {id: [] for id in record_ids}
    for row in await conn.fetch(SQL["attachments_of_records"], tenant_id, record_ids):
        found[row["record_id"]].append(row["id"])
    return found


async def attachments_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Shown]:
    """Those whose record the actor sees."""
    rows = await conn.fetch(SQL["attachments_by_ids"], actor.tenant_id, ids, actor.user_id, actor.role)
    return [_shown(row) for row in rows]


async def attachments_page(conn: Conn, actor: Actor, pages: Sequence[ShownPage]) -> list[tuple[ShownPage, Shown]]:
    """The attachments of each page."""
    after = [page.after or (None, None) for page in pages]
    rows = await conn.fetch(
        SQL["attachments_page"], actor.tenant_id, [page.record_id for page in pages], actor.user_id, actor.role,
        [page.rows_max for page in pages], [key[0] for key in after], [key[1] for key in after],
    )  # fmt: skip
    return [(pages[row["n"] - 1], _shown(row)) for row in rows]


def _shown(row: asyncpg.Record) -> Shown:
    fields = {name: row[name] for name in Shown.__dataclass_fields__}
    thumbnail = Thumbnail(row["thumbnail"]) if row["thumbnail"] else None
    return Shown(**{**fields, "status": AttachmentStatus(row["status"]), "thumbnail": thumbnail})


def _upload(row: asyncpg.Record) -> Upload:
    return Upload(**{**dict(row), "parts": tuple(row["parts"])})


def _blob(row: asyncpg.Record) -> Blob:
    return Blob(**{**dict(row), "thumbnail": Thumbnail(row["thumbnail"])})
