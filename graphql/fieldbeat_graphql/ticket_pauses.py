"""Pauses that ought to be looked at, over GraphQL (docs/measures.md)."""

from datetime import datetime, timedelta
from uuid import UUID

import strawberry

from fieldbeat.tickets import pauses as model
from fieldbeat.tickets.reads import tickets_by_ids
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.tickets import Ticket

OVER_MINUTES = 960  # two working days
MINUTE = timedelta(minutes=1)
strawberry.enum(
    model.PauseDoubt,
    description="LONG: it has lasted longer than asked for, in business time. "
    "LATE: not the ticket's first, and it began with at most a tenth of the target left.",
)


@strawberry.type(description="A ticket waits, its RESOLUTION clock stands, and the customer has said nothing since.")
class TicketPause:
    row: strawberry.Private[model.Pause]
    since: datetime
    times: int = strawberry.field(description="How often the ticket has been paused.")
    remaining_minutes: int = strawberry.field(description="Of the target, in business time; negative when overdue.")
    doubts: list[model.PauseDoubt]

    @strawberry.field
    async def ticket(self, info: Info) -> Ticket | None:
        found = await info.context.load(tickets_by_ids, self.row.ticket_id)
        return Ticket.of(found) if found else None

    @strawberry.field(description="Who began it.")
    async def paused_by(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.by_id)

    @classmethod
    def of(cls, row: model.Pause) -> "TicketPause":
        """The pause as GraphQL shows it."""
        return cls(row=row, since=row.since, times=row.times, remaining_minutes=row.left // MINUTE, doubts=row.doubts)


@strawberry.type
class Query:
    @strawberry.field(
        description="Pauses of the tickets that you may see that ought to be looked at, the oldest first; for "
        "supervisors and administrators. `overMinutes` of business time make one long."
    )
    async def doubtful_pauses(
        self,
        info: Info,
        over_minutes: int = OVER_MINUTES,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[TicketPause]:
        ctx, page = info.context, page_of(info.context, f"doubtfulPauses {over_minutes}", first, after)
        behind = (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        async with ctx.reading() as conn:
            rows = await model.doubtful_pauses(
                conn, ctx.actor, over_minutes=over_minutes, now=ctx.received_at, after=behind, rows_max=page.limit
            )
        return connect(page, rows, key=lambda row: (row.stands_at.isoformat(), str(row.ticket_id)), node=TicketPause.of)
