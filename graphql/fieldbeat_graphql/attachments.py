"""Attachments over GraphQL: what is declared of a photo or file, and where its bytes are."""

from datetime import datetime
from uuid import UUID

import strawberry

from fieldbeat.attachments import model, reads
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of

strawberry.enum(
    model.AttachmentStatus,
    description="DECLARED: its bytes have not come. COMPLETE: they are there. FAILED: what came was refused.",
)


@strawberry.type(description="A photo, signature or file of a visit, ticket, asset or account.")
class Attachment(Node):
    row: strawberry.Private[model.Shown]
    rev: int
    record_id: strawberry.ID = strawberry.field(description="What it belongs to.")
    content_type: str
    bytes: float = strawberry.field(description="How many, as declared.")
    sha256: str = strawberry.field(description="Of the bytes, as declared: 64 small hex digits.")
    status: model.AttachmentStatus
    at: datetime | None = strawberry.field(description="When it was taken, as its phone said.")
    url: str | None = strawberry.field(description="Where its bytes are, for the same token; null until they came.")
    thumbnail_url: str | None = strawberry.field(description="Its small picture; null while there is none.")
    created_at: datetime
    changed_at: datetime

    @strawberry.field(description="Who declared it.")
    async def author(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.author_id)

    @classmethod
    def of(cls, row: model.Shown) -> "Attachment":
        """The attachment as GraphQL shows it."""
        url = f"/files/{row.id}" if row.status is model.AttachmentStatus.COMPLETE else None
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, record_id=strawberry.ID(str(row.record_id)),
            content_type=row.content_type, bytes=row.bytes, sha256=row.sha256, status=row.status, at=row.at, url=url,
            thumbnail_url=f"{url}?thumbnail" if url and row.thumbnail is model.Thumbnail.READY else None,
            created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


NODES = (NodeKind(reads.attachments_by_ids, Attachment.of),)


async def attachments_of(info: Info, record_id: UUID, first: int | None, after: str | None) -> Connection[Attachment]:
    """A page of a record's attachments, the oldest first; batched with those of other records."""
    page = page_of(info.context, f"attachments {record_id}", first, after)
    behind = (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
    rows = await info.context.load(reads.attachments_of_records, model.ShownPage(record_id, page.limit, behind))
    return connect(page, rows or [], key=lambda row: (row.created_at.isoformat(), str(row.id)), node=Attachment.of)
