"""Measures of tickets over GraphQL: counts, times, and the shares that come of them (docs/measures.md)."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat.accounts.model import AccountTier
from fieldbeat.tickets import measures as model
from fieldbeat.tickets.measures import ratio
from fieldbeat.tickets.model import TicketKind, TicketPriority
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of

By = model.MeasuredBy
strawberry.enum(By, name="TicketMeasuresBy", description="Which tickets are measured together.")


@strawberry.type(description="Over the tickets of a group whose clock has ended; in business time.")
class BusinessMinutes:
    count: int
    mean: float | None
    median: float | None
    p90: float | None


@strawberry.type(description="The tickets of a group, opened in a period. A share of nothing is null.")
class TicketMeasures:
    row: strawberry.Private[model.Measures]
    by: strawberry.Private[model.MeasuredBy]
    opened: int
    done: int = strawberry.field(description="Those of them that are resolved or closed now.")
    first_response: BusinessMinutes
    resolution: BusinessMinutes
    first_time_fix: float | None = strawberry.field(
        description="Of the done ones, those with at most one visit that were never reopened."
    )
    reopen_rate: float | None = strawberry.field(description="Of those that were ever done, those that were reopened.")
    sla_kept: float | None = strawberry.field(description="Of the promises that were kept or broken, those kept.")
    bounces: int = strawberry.field(description="Changes from one assignee to another.")
    team_bounces: int = strawberry.field(description="Those of them from one team to another.")
    labour_minutes: int
    parts_cost: float | None = strawberry.field(
        description="Of the parts used, each at the cost of its day; null for representatives."
    )
    parts_without_cost: int | None = strawberry.field(
        description="Uses of parts of which no cost is known for their day, and none is in `partsCost`."
    )
    cost_per_ticket: float | None = strawberry.field(
        description="Of labour and parts; null where no rate of labour is set, and for representatives."
    )

    @strawberry.field(description="By REP: the assignee; by TEAM: its manager. Null: nobody.")
    async def user(self, info: Info) -> User | None:
        if self.by not in (By.REP, By.TEAM) or not self.row.key:
            return None
        return await user_of(info.context, UUID(self.row.key))

    @strawberry.field
    def account_tier(self) -> AccountTier | None:
        return AccountTier(self.row.key) if self.by is By.ACCOUNT_TIER and self.row.key else None

    @strawberry.field
    def kind(self) -> TicketKind | None:
        return TicketKind(self.row.key) if self.by is By.KIND else None

    @strawberry.field
    def priority(self) -> TicketPriority | None:
        return TicketPriority(self.row.key) if self.by is By.PRIORITY else None

    @strawberry.field(description="On which they were opened, in your time zone.")
    def day(self) -> date | None:
        return date.fromisoformat(self.row.key) if self.by is By.DAY else None

    @classmethod
    def of(cls, row: model.Measures, by: model.MeasuredBy, rate_per_hour: float | None) -> "TicketMeasures":
        """The counts as GraphQL shows them."""
        return cls(
            row=row, by=by, opened=row.opened, done=row.done,
            first_response=BusinessMinutes(
                count=row.answered, mean=row.first_mean, median=row.first_median, p90=row.first_p90
            ),
            resolution=BusinessMinutes(
                count=row.timed, mean=row.resolution_mean, median=row.resolution_median, p90=row.resolution_p90
            ),
            first_time_fix=ratio(row.first_time, row.done), reopen_rate=ratio(row.reopened, row.resolved),
            sla_kept=ratio(row.kept, row.judged), bounces=row.bounces, team_bounces=row.team_bounces,
            labour_minutes=row.labour_min, parts_cost=row.parts_cost, parts_without_cost=row.parts_unpriced,
            cost_per_ticket=model.cost_per_ticket(row, rate_per_hour),
        )  # fmt: skip


@strawberry.type
class Query:
    @strawberry.field(
        description="Measures of the tickets that you may see, opened on your days from `from` until `until`."
    )
    async def ticket_measures(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        until: date,
        by: model.MeasuredBy,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[TicketMeasures]:
        ctx, page = info.context, page_of(info.context, f"ticketMeasures {by}", first, after)
        async with ctx.reading() as conn:
            rows = await model.measures(
                conn, ctx.actor, by=by, from_on=from_, until_on=until, now=ctx.received_at,
                after=page.after[0] if page.after else None, groups_max=page.limit,
            )  # fmt: skip
        rate = ctx.settings.labour_cost_per_hour
        return connect(page, rows, key=lambda row: (row.key,), node=lambda row: TicketMeasures.of(row, by, rate))
