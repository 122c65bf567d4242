"""Dispatch over GraphQL: who should go, and sending him."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat.days import dispatch
from fieldbeat.kit.refusal import Invalid as KitInvalid
from fieldbeat.tickets.reads import tickets_by_ids
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.plan_changes import travel_of
from fieldbeat_graphql.scalars import parse_id
from fieldbeat_graphql.tickets import Ticket

CANDIDATES_MAX = 50
strawberry.enum(dispatch.Reason, name="DispatchReason", description="What speaks for or against a rep.")


@strawberry.type(description="A rep who could go. The least rank is the most suitable.")
class DispatchCandidate:
    user_id: strawberry.ID
    rank_minutes: int = strawberry.field(description="The way, the wait, and what he has to do already, as minutes.")
    travel_minutes: int | None
    travel_km: float | None
    free_at: datetime | None = strawberry.field(description="When he could set out; null: not within two weeks.")
    visits_left: int
    tickets_open: int
    reasons: list[dispatch.Reason]

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await user_of(info.context, UUID(self.user_id))

    @classmethod
    def of(cls, each: dispatch.Candidate) -> "DispatchCandidate":
        """The candidate as GraphQL shows him."""
        return cls(**{**each._asdict(), "user_id": strawberry.ID(str(each.user_id)), "reasons": list(each.reasons)})


@strawberry.input
class DispatchTicketInput:
    ticket_id: strawberry.ID


@strawberry.type
class DispatchTicketPayload:
    ticket: Ticket
    candidate: DispatchCandidate = strawberry.field(description="Who got it, and why.")


@strawberry.input
class TakeOnCallInput:
    ticket_id: strawberry.ID


@strawberry.type
class TakeOnCallPayload:
    ticket: Ticket


DispatchTicketResult = Annotated[
    DispatchTicketPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("DispatchTicketResult")
]
TakeOnCallResult = Annotated[
    TakeOnCallPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("TakeOnCallResult")
]


@strawberry.type
class Query:
    @strawberry.field(
        description="The reps whom you lead, the most suitable for a ticket first, who lacks a skill last."
    )
    async def dispatch_candidates(
        self, info: Info, ticket_id: strawberry.ID, first: int = 5
    ) -> list[DispatchCandidate]:
        ctx, id = info.context, parse_id(ticket_id, field="ticketId")
        if not 1 <= first <= CANDIDATES_MAX:
            raise KitInvalid(f"Between 1 and {CANDIDATES_MAX} candidates are shown.", fields=("first",))
        async with ctx.reading() as conn:
            ranked = await dispatch.candidates(
                conn, ctx.actor, ticket_id=id, travel=travel_of(ctx), now=ctx.received_at
            )
        return [DispatchCandidate.of(each) for each in ranked[:first]]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Gives a ticket to the most suitable rep whom you lead.")
    async def dispatch_ticket(self, info: Info, input: DispatchTicketInput) -> DispatchTicketResult:
        ctx, id = info.context, parse_id(input.ticket_id, field="ticketId")
        async with ctx.changing() as tx:
            sent = await dispatch.dispatch_ticket(
                tx, ctx.actor, ticket_id=id, travel=travel_of(ctx), now=ctx.received_at
            )
            ticket = (await tickets_by_ids(tx.conn, ctx.actor, [id]))[id]
        return DispatchTicketPayload(ticket=Ticket.of(ticket), candidate=DispatchCandidate.of(sent))

    @strawberry.mutation(description="Whoever is on call for a ticket's territory takes it, whoever answers for it.")
    async def take_on_call(self, info: Info, input: TakeOnCallInput) -> TakeOnCallResult:
        ctx, id = info.context, parse_id(input.ticket_id, field="ticketId")
        async with ctx.changing() as tx:
            await dispatch.take_on_call(tx, ctx.actor, ticket_id=id, now=ctx.received_at)
            ticket = (await tickets_by_ids(tx.conn, ctx.actor, [id]))[id]
        return TakeOnCallPayload(ticket=Ticket.of(ticket))
