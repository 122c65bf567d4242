"""Notifications over GraphQL: one's own."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat.exchange.changes import changed
from fieldbeat.notifications import actions, model, reads
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import Invalid, NotFound
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.scalars import given, parse_id

strawberry.enum(model.NotificationStatus)


@strawberry.type(description="One thing that you are told. It reaches your phone by sync as well.")
class Notification(Node):
    rev: int
    type: str
    title: str
    body: str | None
    link: str | None = strawberry.field(description="What it is about: `<collection>:<id>`.")
    at: datetime
    status: model.NotificationStatus
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: model.Notification) -> "Notification":
        """The notification as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), rev=row.rev, type=row.type, title=row.title, body=row.body, link=row.link,
            at=row.at, status=row.status, created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.input
class ReadNotificationsInput:
    ids: list[strawberry.ID]


@strawberry.type
class ReadNotificationsPayload:
    notifications: list[Notification]


ReadNotificationsResult = Annotated[
    ReadNotificationsPayload | NotFound | Invalid, strawberry.union("ReadNotificationsResult")
]
NODES = (NodeKind(reads.notifications_by_ids, Notification.of),)


@strawberry.type
class Query:
    @strawberry.field(description="What you were told, newest first.")
    async def notifications(
        self,
        info: Info,
        status: model.NotificationStatus | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Notification]:
        page, only = page_of(info.context, "notifications", first, after), given(status)
        behind = (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.notifications_page(
                conn, info.context.actor, status=only.value if only else None, after=behind, rows_max=page.limit
            )
        return connect(page, rows, key=lambda row: (row.created_at.isoformat(), str(row.id)), node=Notification.of)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Marks notifications of yours as read.")
    async def read_notifications(self, info: Info, input: ReadNotificationsInput) -> ReadNotificationsResult:
        ctx, ids = info.context, [parse_id(id, field="ids") for id in input.ids]
        async with ctx.changing() as tx:
            found = await actions.mark_read(tx, ctx.actor, ids=ids)
        return ReadNotificationsPayload(notifications=[Notification.of(each) for each in found])


@strawberry.type
class Subscription:
    @strawberry.subscription(description="What you are told from now on. Subscribe first, then read what there is.")
    async def notification_received(self, info: Info) -> AsyncGenerator[Notification, None]:
        ctx = info.context
        async for rows in changed(ctx.db, ctx.pokes, ctx.renew, "notification", reads.notifications_by_ids):
            for row in rows:
                if row.rev == 1:  # a later one was received before: it was read, here or on a phone
                    yield Notification.of(row)
