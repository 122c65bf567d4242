"""Attachments and their bytes, for whoever sees the record that they belong to."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.attachments import store
from fieldbeat.attachments.model import AttachmentUnknown, Blob, Shown, ShownPage
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.pages import by_page


async def blob_of(conn: Conn, actor: Actor, attachment_id: UUID) -> Blob:
    """Refuses NOT_FOUND: there is no such attachment that the actor sees, or its bytes have not come."""
    found = await store.blob_of_attachment(conn, actor, attachment_id)
    if found is None:
        raise AttachmentUnknown
    return found


async def attachments_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Shown]:
    """The attachments among `ids` whose record the actor sees; the others are absent."""
    return {each.id: each for each in await store.attachments_by_ids(conn, actor, ids)}


async def attachments_of_records(conn: Conn, actor: Actor, pages: Sequence[ShownPage]) -> dict[ShownPage, list[Shown]]:
    """Pages of records' attachments, the oldest first; empty for a record that the actor does not see."""
    return by_page(pages, await store.attachments_page(conn, actor, pages))
