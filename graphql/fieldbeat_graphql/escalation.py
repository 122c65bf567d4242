"""Escalation over GraphQL: who was told about a ticket, and stopping it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat.escalation import actions, model, reads
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import Forbidden, Invalid, NotFound
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import parse_id
from fieldbeat_graphql.tickets import Ticket


@strawberry.type(description="Somebody was told about a clock of a ticket, or that it goes to and fro between teams.")
class Escalation:
    row: strawberry.Private[model.Escalation]
    metric: str = strawberry.field(
        description="Of the clock; TEAM_BOUNCES: it was handed over between teams too often."
    )
    step: int = strawberry.field(
        description="The step of the clock's policy, from 0; -1: a change of it or of the ticket made it overdue. "
        "Of TEAM_BOUNCES: how often it was handed over between teams, each third time."
    )
    level: int = strawberry.field(
        description="In the reporting line, 0 the assignee; -1: an administrator, for the line was away; -2: on call."
    )
    at: datetime

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.user_id)

    @classmethod
    def of(cls, row: model.Escalation) -> "Escalation":
        """The escalation as GraphQL shows it."""
        return cls(row=row, metric=row.metric, step=row.step, level=row.level, at=row.at)


@strawberry.input
class AcknowledgeEscalationInput:
    ticket_id: strawberry.ID


@strawberry.type
class AcknowledgeEscalationPayload:
    ticket: Ticket


AcknowledgeEscalationResult = Annotated[
    AcknowledgeEscalationPayload | Forbidden | NotFound | Invalid, strawberry.union("AcknowledgeEscalationResult")
]


@strawberry.type
class Query:
    @strawberry.field(description="Who was told about a ticket's clocks, newest first.")
    async def escalations(
        self,
        info: Info,
        ticket_id: strawberry.ID,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Escalation]:
        id, page = parse_id(ticket_id, field="ticketId"), page_of(info.context, "escalations", first, after)
        behind = (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.escalations_page(
                conn, info.context.actor, ticket_id=id, after=behind, rows_max=page.limit
            )
        return connect(page, rows, key=lambda row: (row.at.isoformat(), str(row.user_id)), node=Escalation.of)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Somebody takes care: nobody else is told about the clocks that run now.")
    async def acknowledge_escalation(
        self, info: Info, input: AcknowledgeEscalationInput
    ) -> AcknowledgeEscalationResult:
        ctx, id = info.context, parse_id(input.ticket_id, field="ticketId")
        async with ctx.changing() as tx:
            ticket = await actions.acknowledge(tx, ctx.actor, ticket_id=id)
        return AcknowledgeEscalationPayload(ticket=Ticket.of(ticket))
