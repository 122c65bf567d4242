"""The bytes of an attachment, for whoever sees the record that it belongs to."""

from uuid import UUID

from fieldbeat.attachments import store
from fieldbeat.attachments.model import AttachmentUnknown, Blob
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn


async def blob_of(conn: Conn, actor: Actor, attachment_id: UUID) -> Blob:
    """Refuses NOT_FOUND: there is no such attachment that the actor sees, or its bytes have not come."""
    found = await store.blob_of_attachment(conn, actor, attachment_id)
    if found is None:
        raise AttachmentUnknown
    return found
