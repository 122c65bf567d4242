"""Measures of visits over GraphQL: counts, and the shares that come of them (docs/measures.md)."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat.territories.reads import territories_by_ids
from fieldbeat.visits import model, reads
from fieldbeat.visits.rules import ratio
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.territories import Territory

strawberry.enum(model.MeasuredBy, name="VisitMeasuresBy", description="Whose visits are measured together.")


@strawberry.type(description="The visits of a rep, team, territory or day. A share of nothing is null.")
class VisitMeasures:
    row: strawberry.Private[model.Measures]
    by: strawberry.Private[model.MeasuredBy]
    planned: int
    done: int
    skipped: int
    no_shows: int
    adherence: float | None = strawberry.field(description="Done of planned.")
    coverage: float | None = strawberry.field(description="Accounts visited of those that are the group's to visit.")
    frequency_compliance: float | None = strawberry.field(
        description="Of the accounts with planned visits, those of which every one was made."
    )
    strike_rate: float | None = strawberry.field(description="Done visits with an order, of all done ones.")
    minutes_in_store: float = strawberry.field(description="Between check-in and check-out.")
    minutes_in_store_average: float | None
    travel_share: float | None = strawberry.field(description="Time between customers, of that and time in store.")

    @strawberry.field(description="By REP: he; by TEAM: its manager.")
    async def user(self, info: Info) -> User | None:
        if self.by not in (model.MeasuredBy.REP, model.MeasuredBy.TEAM):
            return None
        return await user_of(info.context, UUID(self.row.key))

    @strawberry.field
    async def territory(self, info: Info) -> Territory | None:
        if self.by is not model.MeasuredBy.TERRITORY:
            return None
        row = await info.context.load(territories_by_ids, UUID(self.row.key))
        return Territory.of(row) if row else None

    @strawberry.field(description="By the reps' local time.")
    def day(self) -> date | None:
        return date.fromisoformat(self.row.key) if self.by is model.MeasuredBy.DAY else None

    @classmethod
    def of(cls, row: model.Measures, by: model.MeasuredBy) -> "VisitMeasures":
        """The counts as GraphQL shows them."""
        return cls(
            row=row, by=by, planned=row.planned, done=row.done, skipped=row.skipped, no_shows=row.no_shows,
            adherence=ratio(row.done, row.planned), coverage=ratio(row.visited, row.universe),
            frequency_compliance=ratio(row.kept, row.accounts), strike_rate=ratio(row.struck, row.done),
            minutes_in_store=row.in_store_s / 60, minutes_in_store_average=ratio(row.in_store_s / 60, row.timed),
            travel_share=ratio(row.way_s, row.way_s + row.in_store_s),
        )  # fmt: skip


@strawberry.type
class Query:
    @strawberry.field(description="Measures of the visits that you may see, on local days from `from` until `until`.")
    async def visit_measures(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        until: date,
        by: model.MeasuredBy,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[VisitMeasures]:
        ctx, page = info.context, page_of(info.context, f"visitMeasures {by}", first, after)
        async with ctx.reading() as conn:
            rows = await reads.measures(
                conn, ctx.actor, by=by, from_on=from_, until_on=until, after=page.after[0] if page.after else None,
                groups_max=page.limit,
            )  # fmt: skip
        return connect(page, rows, key=lambda row: (row.key,), node=lambda row: VisitMeasures.of(row, by))
