"""The verbs of tickets over GraphQL: absent leaves, null clears, `baseRev` is what the form had seen."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.exchange.model import Status
from fieldbeat.kit.actor import Actor
from fieldbeat.tickets import actions, reads
from fieldbeat.tickets.model import TicketKind, TicketPriority, TicketStatus
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.patches import MINTED, READ_REV, SetChange, patch_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id
from fieldbeat_graphql.tickets import SavedTicketFilter, Ticket, TicketFilterInput, TicketMessage
from fieldbeat_graphql.verdicts import VERDICT, verdict_of


@strawberry.input
class CreateTicketInput:
    account_id: strawberry.ID
    kind: TicketKind
    subject: str
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)
    priority: strawberry.Maybe[TicketPriority | None]
    description: strawberry.Maybe[str | None]
    contact_id: strawberry.Maybe[strawberry.ID | None]
    asset_id: strawberry.Maybe[strawberry.ID | None]
    tags: strawberry.Maybe[list[str] | None]
    required_skills: strawberry.Maybe[list[str] | None]


@strawberry.input
class UpdateTicketInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=READ_REV)
    kind: strawberry.Maybe[TicketKind | None]
    subject: strawberry.Maybe[str | None]
    description: strawberry.Maybe[str | None]
    priority: strawberry.Maybe[TicketPriority | None]
    contact_id: strawberry.Maybe[strawberry.ID | None]
    asset_id: strawberry.Maybe[strawberry.ID | None]
    visit_ids: strawberry.Maybe[SetChange | None]
    tags: strawberry.Maybe[SetChange | None]
    required_skills: strawberry.Maybe[SetChange | None]
    cause: strawberry.Maybe[str | None]
    solution: strawberry.Maybe[str | None]
    add_labour_minutes: int | None = strawberry.field(
        default=strawberry.UNSET, description="Adds up with what others add."
    )


@strawberry.input(description="CLOSED needs cause and solution, given here or before.")
class ChangeTicketStatusInput:
    id: strawberry.ID
    status: TicketStatus
    cause: str | None = strawberry.UNSET
    solution: str | None = strawberry.UNSET
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=READ_REV)


@strawberry.input
class AddTicketMessageInput:
    ticket_id: strawberry.ID
    body: str
    public: bool
    on_behalf_of_contact_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The customer wrote: this reopens a resolved ticket."
    )
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)


@strawberry.input
class AssignTicketInput:
    id: strawberry.ID
    assignee_id: strawberry.ID


@strawberry.input
class AnswerTicketOfferInput:
    id: strawberry.ID
    accept: bool


@strawberry.input
class MergeTicketsInput:
    id: strawberry.ID = strawberry.field(description="The ticket that ends.")
    into_id: strawberry.ID = strawberry.field(description="The ticket in which it goes on, of the same account.")


@strawberry.input(description="Keeps a filter under a name, or replaces the one of that name.")
class SaveTicketFilterInput:
    name: str
    filter: TicketFilterInput


@strawberry.input
class DeleteTicketFilterInput:
    id: strawberry.ID


@strawberry.type
class CreateTicketPayload:
    ticket: Ticket


@strawberry.type(description=VERDICT)
class UpdateTicketPayload:
    ticket: Ticket
    status: Status
    conflict_ids: list[strawberry.ID]


@strawberry.type(description=VERDICT)
class ChangeTicketStatusPayload:
    ticket: Ticket
    status: Status
    conflict_ids: list[strawberry.ID]


@strawberry.type
class AddTicketMessagePayload:
    ticket_message: TicketMessage
    ticket: Ticket


@strawberry.type(description="The ticket as it is now: with its new assignee, or offered to him.")
class AssignTicketPayload:
    ticket: Ticket


@strawberry.type(description="`ticket` is null for who declined it and does not see it otherwise.")
class AnswerTicketOfferPayload:
    ticket: Ticket | None


@strawberry.type(description="`ticket` is the one in which both go on.")
class MergeTicketsPayload:
    ticket: Ticket


@strawberry.type
class SaveTicketFilterPayload:
    filter: SavedTicketFilter


@strawberry.type
class DeleteTicketFilterPayload:
    id: strawberry.ID


CreateTicketResult = Annotated[
    CreateTicketPayload | NotFound | Invalid | ChangeRefused, strawberry.union("CreateTicketResult")
]
UpdateTicketResult = Annotated[
    UpdateTicketPayload | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateTicketResult")
]
ChangeTicketStatusResult = Annotated[
    ChangeTicketStatusPayload | NotFound | Invalid | ChangeRefused, strawberry.union("ChangeTicketStatusResult")
]
AddTicketMessageResult = Annotated[
    AddTicketMessagePayload | NotFound | Invalid | ChangeRefused, strawberry.union("AddTicketMessageResult")
]
AssignTicketResult = Annotated[
    AssignTicketPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("AssignTicketResult")
]
AnswerTicketOfferResult = Annotated[
    AnswerTicketOfferPayload | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("AnswerTicketOfferResult"),
]
MergeTicketsResult = Annotated[
    MergeTicketsPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("MergeTicketsResult")
]
SaveTicketFilterResult = Annotated[SaveTicketFilterPayload | Invalid, strawberry.union("SaveTicketFilterResult")]
DeleteTicketFilterResult = Annotated[
    DeleteTicketFilterPayload | NotFound | Invalid, strawberry.union("DeleteTicketFilterResult")
]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="A customer's trouble; the owner of the account answers for it.")
    async def create_ticket(self, info: Info, input: CreateTicketInput) -> CreateTicketResult:
        ctx, id, account_id = info.context, optional_id(input.id), parse_id(input.account_id, field="accountId")
        async with ctx.changing() as tx:
            made = await actions.create_ticket(tx, ctx.actor, account_id=account_id, patch=_patch(input), id=id)
            return CreateTicketPayload(ticket=await _ticket(tx, ctx.actor, made.record_id))

    @strawberry.mutation(description="Changes a ticket; what others changed since `baseRev` is not lost.")
    async def update_ticket(self, info: Info, input: UpdateTicketInput) -> UpdateTicketResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.update_ticket(tx, ctx.actor, ticket_id=id, patch=_patch(input), base_rev=base_rev)
            return UpdateTicketPayload(ticket=await _ticket(tx, ctx.actor, id), **verdict_of(made))

    @strawberry.mutation(description="Moves a ticket on, or reopens it.")
    async def change_ticket_status(self, info: Info, input: ChangeTicketStatusInput) -> ChangeTicketStatusResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        said = {"status": input.status.value, "cause": input.cause, "solution": input.solution}
        patch = {name: value for name, value in said.items() if value is not strawberry.UNSET}
        async with ctx.changing() as tx:
            made = await actions.update_ticket(tx, ctx.actor, ticket_id=id, patch=patch, base_rev=base_rev)
            return ChangeTicketStatusPayload(ticket=await _ticket(tx, ctx.actor, id), **verdict_of(made))

    @strawberry.mutation(description="Says something about a ticket; on behalf of a contact, the customer said it.")
    async def add_ticket_message(self, info: Info, input: AddTicketMessageInput) -> AddTicketMessageResult:
        ctx, id, ticket_id = info.context, optional_id(input.id), parse_id(input.ticket_id, field="ticketId")
        contact_id = optional_id(input.on_behalf_of_contact_id, field="onBehalfOfContactId")
        async with ctx.changing() as tx:
            made = await actions.add_message(
                tx, ctx.actor, ticket_id=ticket_id, body=input.body, public=input.public, contact_id=contact_id, id=id
            )
            message = (await reads.messages_by_ids(tx.conn, ctx.actor, [made.record_id]))[made.record_id]
            ticket = await _ticket(tx, ctx.actor, ticket_id)
        return AddTicketMessagePayload(ticket_message=TicketMessage.of(message), ticket=ticket)

    @strawberry.mutation(description="From above a ticket is assigned at once; between colleagues it is offered first.")
    async def assign_ticket(self, info: Info, input: AssignTicketInput) -> AssignTicketResult:
        ctx, id, to = info.context, parse_id(input.id), parse_id(input.assignee_id, field="assigneeId")
        async with ctx.changing() as tx:
            await actions.assign_ticket(tx, ctx.actor, ticket_id=id, assignee_id=to)
            return AssignTicketPayload(ticket=await _ticket(tx, ctx.actor, id))

    @strawberry.mutation(description="Takes a ticket that a colleague would hand over, or declines it.")
    async def answer_ticket_offer(self, info: Info, input: AnswerTicketOfferInput) -> AnswerTicketOfferResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            await actions.answer_offer(tx, ctx.actor, ticket_id=id, accept=input.accept)
            found = (await reads.tickets_by_ids(tx.conn, ctx.actor, [id])).get(id)
        return AnswerTicketOfferPayload(ticket=Ticket.of(found) if found else None)

    @strawberry.mutation(description="Ends a ticket in favour of another one; both keep their numbers.")
    async def merge_tickets(self, info: Info, input: MergeTicketsInput) -> MergeTicketsResult:
        ctx, id, into = info.context, parse_id(input.id), parse_id(input.into_id, field="intoId")
        async with ctx.changing() as tx:
            await actions.merge_tickets(tx, ctx.actor, ticket_id=id, into_id=into)
            return MergeTicketsPayload(ticket=await _ticket(tx, ctx.actor, into))

    @strawberry.mutation(description="Keeps what you look for again and again.")
    async def save_ticket_filter(self, info: Info, input: SaveTicketFilterInput) -> SaveTicketFilterResult:
        ctx, wanted = info.context, _as_given(input.filter)
        async with ctx.changing() as tx:
            kept = await actions.save_filter(tx, ctx.actor, name=input.name, wanted=wanted)
        return SaveTicketFilterPayload(filter=SavedTicketFilter.of(kept))

    @strawberry.mutation(description="Forgets a filter.")
    async def delete_ticket_filter(self, info: Info, input: DeleteTicketFilterInput) -> DeleteTicketFilterResult:
        ctx = info.context
        async with ctx.changing() as tx:
            await actions.delete_filter(tx, ctx.actor, parse_id(input.id))
        return DeleteTicketFilterPayload(id=input.id)


async def _ticket(tx: records.Tx, actor: Actor, id: UUID) -> Ticket:
    return Ticket.of((await reads.tickets_by_ids(tx.conn, actor, [id]))[id])


WRITABLE = (
    "kind",
    "subject",
    "description",
    "priority",
    "contact_id",
    "asset_id",
    "visit_ids",
    "tags",
    "required_skills",
    "cause",
    "solution",
)


def _patch(input: CreateTicketInput | UpdateTicketInput) -> dict[str, Any]:
    patch = patch_of(input, WRITABLE)
    minutes = given(getattr(input, "add_labour_minutes", None))
    return {**patch, "labourMinutes": {"$inc": minutes}} if minutes is not None else patch


def _as_given(filter: TicketFilterInput) -> dict[str, Any]:
    """The conditions as the client gave them, once they are known to be readable."""
    filter.wanted()
    names = {"search": "search", "queue": "queue", "status": "status", "priority": "priority", "kind": "kind",
             "tags": "tags", "assignee_id": "assigneeId", "account_id": "accountId"}  # fmt: skip
    return {wire: value for name, wire in names.items() if (value := getattr(filter, name)) is not strawberry.UNSET}
