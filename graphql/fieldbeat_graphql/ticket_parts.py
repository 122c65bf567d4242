"""The parts that tickets used, over GraphQL: what they look like, and the verbs."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.exchange.model import Status
from fieldbeat.kit.actor import Actor
from fieldbeat.parts.reads import parts_by_ids
from fieldbeat.tickets import model, parts, reads
from fieldbeat_graphql import tickets as ticket_types  # each shows the other: neither is there before both are
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import Connection, connect, page_of
from fieldbeat_graphql.parts import Part
from fieldbeat_graphql.patches import MINTED, READ_REV, patch_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id
from fieldbeat_graphql.verdicts import STATUSES, VERDICT, verdict_of

if TYPE_CHECKING:
    from fieldbeat_graphql.tickets import Ticket

LazyTicket: TypeAlias = Annotated["Ticket", strawberry.lazy("fieldbeat_graphql.tickets")]
WRITABLE = ("covered_by_warranty", "note")


@strawberry.type(description="So many units of a part that went into a ticket.")
class TicketPart(Node):
    row: strawberry.Private[model.TicketPart]
    rev: int
    quantity: int = strawberry.field(description="What everybody added and took back, in all.")
    covered_by_warranty: bool = strawberry.field(
        description="Whether the customer does not pay for it: as was said of it, else as the ticket is."
    )
    note: str | None
    at: datetime = strawberry.field(description="When it was used, also on a phone that was offline.")

    @strawberry.field
    async def part(self, info: Info) -> Part | None:
        row = await info.context.load(parts_by_ids, self.row.part_id)
        return Part.of(row) if row else None

    @strawberry.field(description="Who noted it.")
    async def author(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.author_id)

    @strawberry.field(description="The ticket that used it, which may have been merged into another since.")
    async def ticket(self, info: Info) -> LazyTicket | None:
        return await ticket_types.ticket_of(info.context, self.row.ticket_id)

    @classmethod
    def of(cls, row: model.TicketPart) -> "TicketPart":
        """The use as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, quantity=row.quantity,
            covered_by_warranty=row.covered_by_warranty, note=row.note, at=row.at,
        )  # fmt: skip


@strawberry.input
class AddTicketPartInput:
    ticket_id: strawberry.ID
    part_id: strawberry.ID
    quantity: int = strawberry.field(description="At least 1.")
    covered_by_warranty: strawberry.Maybe[bool | None] = strawberry.field(
        default=None, description="Null or absent: where the ticket is under warranty."
    )
    note: strawberry.Maybe[str | None]
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)


@strawberry.input
class UpdateTicketPartInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=READ_REV)
    add_quantity: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Adds up with what others add; below 0 it takes back, at most what was used.",
    )
    covered_by_warranty: strawberry.Maybe[bool | None]
    note: strawberry.Maybe[str | None]


@strawberry.input
class DeleteTicketPartInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET


@strawberry.type
class AddTicketPartPayload:
    ticket_part: TicketPart


@strawberry.type(description=VERDICT)
class UpdateTicketPartPayload:
    ticket_part: TicketPart
    status: Status
    conflict_ids: list[strawberry.ID]


@strawberry.type(description="CONFLICT: it lives on, because somebody had edited it meanwhile; the delete is kept.")
class DeleteTicketPartPayload:
    id: strawberry.ID
    status: Status


AddTicketPartResult = Annotated[
    AddTicketPartPayload | NotFound | Invalid | ChangeRefused, strawberry.union("AddTicketPartResult")
]
UpdateTicketPartResult = Annotated[
    UpdateTicketPartPayload | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateTicketPartResult")
]
DeleteTicketPartResult = Annotated[
    DeleteTicketPartPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("DeleteTicketPartResult")
]

NODES = (NodeKind(reads.parts_by_ids, TicketPart.of),)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Notes that a ticket used a part.")
    async def add_ticket_part(self, info: Info, input: AddTicketPartInput) -> AddTicketPartResult:
        ctx, id = info.context, optional_id(input.id)
        ticket_id, part_id = parse_id(input.ticket_id, field="ticketId"), parse_id(input.part_id, field="partId")
        patch = {"quantity": input.quantity, **patch_of(input, WRITABLE)}
        async with ctx.changing() as tx:
            made = await parts.add_part(tx, ctx.actor, ticket_id=ticket_id, part_id=part_id, patch=patch, id=id)
            return AddTicketPartPayload(ticket_part=await _used(tx, ctx.actor, made.record_id))

    @strawberry.mutation(description="Changes the use of a part; quantities add up, whoever adds them.")
    async def update_ticket_part(self, info: Info, input: UpdateTicketPartInput) -> UpdateTicketPartResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        patch, more = patch_of(input, WRITABLE), given(input.add_quantity)
        patch |= {"quantity": {"$inc": more}} if more is not None else {}
        async with ctx.changing() as tx:
            made = await parts.update_part(tx, ctx.actor, used_id=id, patch=patch, base_rev=base_rev)
            return UpdateTicketPartPayload(ticket_part=await _used(tx, ctx.actor, id), **verdict_of(made))

    @strawberry.mutation(description="Takes out a use that never was; for who noted it, and from above.")
    async def delete_ticket_part(self, info: Info, input: DeleteTicketPartInput) -> DeleteTicketPartResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await parts.delete_part(tx, ctx.actor, used_id=id, base_rev=base_rev)
        return DeleteTicketPartPayload(id=input.id, status=STATUSES[type(made.outcome)])


async def parts_of(info: Info, ticket_id: UUID, first: int | None, after: str | None) -> Connection[TicketPart]:
    """A page of what a ticket used, the oldest first; batched with those of other tickets."""
    page = page_of(info.context, f"parts {ticket_id}", first, after)
    behind: Any = (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
    rows = await info.context.load(reads.parts_of_tickets, model.PageOfTicket(ticket_id, page.limit, behind))
    return connect(page, rows or [], key=lambda row: (row.at.isoformat(), str(row.id)), node=TicketPart.of)


async def _used(tx: records.Tx, actor: Actor, id: UUID) -> TicketPart:
    return TicketPart.of((await reads.parts_by_ids(tx.conn, actor, [id]))[id])
