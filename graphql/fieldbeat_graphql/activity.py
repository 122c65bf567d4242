"""What happens among the people whom one leads over GraphQL: as it happens, and a page of it."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.activity import model, reads
from fieldbeat.exchange.happenings import activities
from fieldbeat.kit.refusal import Invalid
from fieldbeat.visits.reads import visits_by_ids
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, Page, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.tickets import Ticket, ticket_of
from fieldbeat_graphql.visits import Visit

LIST = "teamActivities"
RESUMED_FOR = timedelta(days=1)

strawberry.enum(model.ActivityKind, name="TeamActivityKind", description="What happened.")


@strawberry.type(
    description="Something that one of the people whom you lead did, that was done for him, or that he was told."
)
class TeamActivity:
    row: strawberry.Private[model.TeamActivity]
    id: strawberry.ID = strawberry.field(description="Who is told of an activity twice knows it by this.")
    cursor: str = strawberry.field(description="From here `teamActivity` and `teamActivities` go on.")
    at: datetime = strawberry.field(description="When the service heard of it.")
    happened_at: datetime = strawberry.field(description="When it took place, also on a phone that was offline.")
    kind: model.ActivityKind
    collection: str
    record_id: strawberry.ID
    summary: str = strawberry.field(
        description="What the record was at that time: a customer's name, a ticket's number and subject, a title."
    )
    detail: str | None = strawberry.field(
        description="Why a visit was skipped, a ticket's new status or priority, the field of a conflict, the type of "
        "a notification."
    )

    @strawberry.field(description="Who did it; null when the service did by rule.")
    async def actor(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.actor_id)

    @strawberry.field(
        description="Whom it concerns most: the visit's rep, who answers for the ticket or is asked to, who lost a "
        "value, who was told."
    )
    async def concerns(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.concerns_id)

    @strawberry.field(description="The visit as it is now, with its alerts, if you may see it.")
    async def visit(self, info: Info) -> Visit | None:
        if self.collection != "visit":
            return None
        row = await info.context.load(visits_by_ids, self.row.record_id)
        return Visit.of(row) if row else None

    @strawberry.field(description="The ticket as it is now, if you may see it.")
    async def ticket(self, info: Info) -> Ticket | None:
        return await ticket_of(info.context, self.row.record_id if self.collection == "ticket" else None)


@strawberry.type
class Query:
    @strawberry.field(description="What happened among the people whom you lead, you among them, newest first.")
    async def team_activities(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[TeamActivity]:
        page = page_of(info.context, LIST, first, after)
        async with info.context.reading() as conn:
            rows = await reads.activities_page(conn, info.context.actor, after=_position(page), rows_max=page.limit)
        return connect(page, rows, key=_key, node=lambda row: _shown(page, row))


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description="What happens among the people whom you lead, you among them. `after`: the cursor of the last "
        "activity that was received; what came within half a minute before it may be told again. Refuses INVALID "
        "(`after`) one that is older than a day: then read the page."
    )
    async def team_activity(
        self, info: Info, after: str | None = strawberry.UNSET
    ) -> AsyncGenerator[TeamActivity, None]:
        ctx = info.context
        page = page_of(ctx, LIST, None, after)
        position = _position(page)
        async with ctx.reading() as conn:
            now = await records.now(conn)
        if position and position[0] < now - RESUMED_FOR:
            raise Invalid("This activity is older than a day.", fields=("after",))
        async for rows in activities(ctx.db, ctx.pokes, ctx.renew, after=position[0] if position else None):
            for row in rows:
                yield _shown(page, row)


def _position(page: Page) -> tuple[datetime, UUID] | None:
    return (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None


def _key(row: model.TeamActivity) -> tuple[str, str]:
    return row.at.isoformat(), str(row.id)


def _shown(page: Page, row: model.TeamActivity) -> TeamActivity:
    return TeamActivity(
        row=row, id=strawberry.ID(str(row.id)), cursor=page.cursor(_key(row)), at=row.at, happened_at=row.happened_at,
        kind=row.kind, collection=row.collection, record_id=strawberry.ID(str(row.record_id)),
        summary=row.about or "", detail=row.detail,
    )  # fmt: skip
