"""An upload on its way, a blob that arrived, and what may be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Invalid, NotFound, Refusal


@dataclass(frozen=True)
class Upload:
    """Bytes on their way to an attachment: what was declared of them, and the parts that arrived, in their order.

    `metadata` is what the client said of them, in its own words; it is told again and means nothing here.
    `done`: the blob is kept, the upload stands only to tell its sender so. `expired`: nothing more is taken.
    """

    tenant_id: UUID
    id: UUID
    attachment_id: UUID
    user_id: UUID
    sha256: str
    bytes: int
    content_type: str
    received: int
    parts: tuple[UUID, ...]
    metadata: str
    expires_at: datetime
    expired: bool
    done: bool

    @property
    def whole(self) -> bool:
        """Whether every byte arrived and is still to be looked at."""
        return self.received == self.bytes and not self.done


@dataclass(frozen=True)
class Attachment:
    """What a row declares of its bytes. `sha256` in 64 small hex digits."""

    id: UUID
    sha256: str
    bytes: int
    content_type: str
    status: str


@dataclass(frozen=True)
class Checksum:
    """What a client says of the body of one request: a digest by `sha1` or `sha256`."""

    algorithm: str
    digest: bytes


class Thumbnail(StrEnum):
    """Whether a blob has a small picture of itself."""

    PENDING = "PENDING"
    READY = "READY"
    NONE = "NONE"  # no picture, or none that can be read


@dataclass(frozen=True)
class Blob:
    """Verified bytes, kept once in a tenant however many attachments have them. `place` is part of their key."""

    tenant_id: UUID
    sha256: str
    place: UUID
    bytes: int
    content_type: str
    thumbnail: Thumbnail


class AttachmentStatus(StrEnum):
    """How far its bytes are."""

    DECLARED = "DECLARED"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Shown:
    """An attachment as whoever sees its record is shown it; `thumbnail` None: its bytes have not come."""

    id: UUID
    rev: int
    record_id: UUID
    author_id: UUID | None
    sha256: str
    bytes: int
    content_type: str
    status: AttachmentStatus
    at: datetime | None
    thumbnail: Thumbnail | None
    created_at: datetime
    changed_at: datetime


class ShownPage(NamedTuple):
    """A part of one record's attachments: so many, from behind (created_at, id)."""

    record_id: UUID
    rows_max: int
    after: tuple[datetime, UUID] | None


class UploadUnknown(NotFound):
    """There is no such upload of yours."""


class AttachmentUnknown(NotFound):
    """There is no such attachment among those that you may see."""


class UploadExpired(Refusal):
    """This upload has expired: begin a new one."""

    code = "UPLOAD_EXPIRED"


class OffsetDiffers(Refusal):
    """The upload does not stand at this offset: ask for it and go on from there."""

    code = "OFFSET_DIFFERS"

    def __init__(self, offset: int) -> None:
        super().__init__(fields=("Upload-Offset",))
        self.offset = offset


class ChecksumDiffers(Refusal):
    """The body is not what its checksum says: send it again."""

    code = "CHECKSUM_DIFFERS"


class HashDiffers(Refusal):
    """The bytes are not those that were declared (SHA-256): nothing of them was kept."""

    code = "HASH_DIFFERS"


class TypeRefused(Refusal):
    """Files of this type are not taken."""

    code = "TYPE_REFUSED"


class TooLarge(Refusal):
    """This is larger than it may be."""

    code = "LIMIT_EXCEEDED"


class TooManyUploads(Refusal):
    """You have too many uploads under way: end some of them first."""

    code = "TOO_MANY_UPLOADS"


class LengthDiffers(Invalid):
    """The upload is not as long as the attachment was declared."""
