"""What may be uploaded, where it lies, and what its first bytes say that it is. Pure."""

from collections.abc import Mapping
from uuid import UUID

import filetype

from fieldbeat.attachments.model import Attachment, Blob, LengthDiffers, Thumbnail, TooLarge, TypeRefused, Upload

SNIFFED_BYTES = 512  # what telling the type needs of the beginning
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})  # of which thumbnails are made
SUFFIXES = {
    "application/pdf": "pdf",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}


def check_declared(declared: Attachment, limits: Mapping[str, int], *, length: int) -> None:
    """Refuses TYPE_REFUSED and LIMIT_EXCEEDED by `limits` (bytes by type), INVALID when the lengths differ."""
    taken, limit = ", ".join(sorted(limits)), limits.get(declared.content_type)
    if limit is None:
        raise TypeRefused(f"{declared.content_type} is not taken; {taken} are.", fields=("contentType",))
    if max(declared.bytes, length) > limit:
        raise TooLarge(f"A file of {declared.content_type} may have {limit} bytes.", fields=("bytes",))
    if declared.bytes != length:
        raise LengthDiffers(f"The attachment was declared with {declared.bytes} bytes.", fields=("Upload-Length",))


def check_sniffed(upload: Upload, head: bytes) -> None:
    """Refuses TYPE_REFUSED: the first bytes are of another type than was declared."""
    sniffed = filetype.guess_mime(head)
    if sniffed != upload.content_type:
        raise TypeRefused(
            f"The bytes are {sniffed or 'of no known type'}, not {upload.content_type}.", fields=("contentType",)
        )


def first_thumbnail(content_type: str) -> Thumbnail:
    """What stands in a new blob until the worker has looked at it."""
    return Thumbnail.PENDING if content_type in PICTURES else Thumbnail.NONE


def uploads_place(tenant_id: UUID, upload_id: UUID) -> str:
    """The folder of an upload's parts."""
    return f"uploads/{tenant_id}/{upload_id}"


def part_key(upload: Upload, part: UUID) -> str:
    """Where a part lies until the upload is whole."""
    return f"{uploads_place(upload.tenant_id, upload.id)}/{part}"


def blob_key(tenant_id: UUID, sha256: str, place: UUID) -> str:
    """Where the bytes lie: by their hash; `place` keeps a blob that is collected apart from one that just came."""
    return f"blobs/{tenant_id}/{sha256[:2]}/{sha256}/{place}"


def thumbnail_key(tenant_id: UUID, sha256: str, place: UUID) -> str:
    """Where its thumbnail lies."""
    return f"{blob_key(tenant_id, sha256, place)}.jpg"


def key_of(blob: Blob, *, thumbnail: bool) -> str:
    """The key of a blob or of its thumbnail."""
    return (thumbnail_key if thumbnail else blob_key)(blob.tenant_id, blob.sha256, blob.place)


def file_name(id: UUID, content_type: str) -> str:
    """The name under which a file is saved: by its id, never by what a user called it."""
    return f"{id}.{SUFFIXES.get(content_type, 'bin')}"
