"""The catalogue of parts over GraphQL, and, for supervisors and administrators, what parts cost."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.exchange.model import Status
from fieldbeat.kit.actor import Actor
from fieldbeat.parts import actions, model, reads
from fieldbeat_graphql.accounts import named_key
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.patches import MINTED, READ_REV, patch_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id
from fieldbeat_graphql.verdicts import VERDICT, verdict_of

WRITABLE = ("sku", "name", "unit", "status")

strawberry.enum(model.PartStatus, description="RETIRED: it is used up, and not bought any more.")


@strawberry.type(description="One line of the catalogue of what goes into assets.")
class Part(Node):
    rev: int
    sku: str
    name: str
    unit: str = strawberry.field(description="What is counted, such as piece or ml.")
    status: model.PartStatus
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: model.Part) -> "Part":
        """The part as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), rev=row.rev, sku=row.sku, name=row.name, unit=row.unit, status=row.status,
            created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.type(description="What a unit costs from a day on, until the next one's day.")
class PartCost:
    row: strawberry.Private[model.PartCost]
    from_: date = strawberry.field(name="from", description="By the company's default business hours.")
    amount: float = strawberry.field(description="In the currency in which labour is reckoned.")
    set_at: datetime

    @strawberry.field(description="Who said so.")
    async def set_by(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.set_by)

    @classmethod
    def of(cls, row: model.PartCost) -> "PartCost":
        """The cost as GraphQL shows it."""
        return cls(row=row, from_=row.from_on, amount=row.amount, set_at=row.set_at)


@strawberry.input(description="Conditions that all must hold; an empty list is none.")
class PartFilter:
    search: str | None = strawberry.field(default=strawberry.UNSET, description="Words of name or sku, accents aside.")
    status: list[model.PartStatus] | None = strawberry.UNSET


@strawberry.input
class CreatePartInput:
    sku: str
    name: str
    unit: strawberry.Maybe[str | None]
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)


@strawberry.input
class UpdatePartInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=READ_REV)
    sku: strawberry.Maybe[str | None]
    name: strawberry.Maybe[str | None]
    unit: strawberry.Maybe[str | None]
    status: strawberry.Maybe[model.PartStatus | None]


@strawberry.input
class SetPartCostInput:
    part_id: strawberry.ID
    from_: date = strawberry.field(name="from", description="A second word about the same day replaces the first.")
    amount: float = strawberry.field(description="0 to 1,000,000,000; four decimals are kept.")


@strawberry.type
class CreatePartPayload:
    part: Part


@strawberry.type(description=VERDICT)
class UpdatePartPayload:
    part: Part
    status: Status
    conflict_ids: list[strawberry.ID]


@strawberry.type
class SetPartCostPayload:
    part_cost: PartCost


CreatePartResult = Annotated[
    CreatePartPayload | Forbidden | Invalid | ChangeRefused, strawberry.union("CreatePartResult")
]
UpdatePartResult = Annotated[
    UpdatePartPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("UpdatePartResult")
]
SetPartCostResult = Annotated[
    SetPartCostPayload | Forbidden | NotFound | Invalid, strawberry.union("SetPartCostResult")
]

NODES = (NodeKind(reads.parts_by_ids, Part.of),)


@strawberry.type
class Query:
    @strawberry.field(description="The catalogue of parts, by name.")
    async def parts(
        self,
        info: Info,
        filter: PartFilter | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Part]:
        ctx, asked = info.context, given(filter) or PartFilter()
        wanted = model.PartFilter(given(asked.search) or "", tuple(given(asked.status) or ()))
        page = page_of(ctx, "parts", first, after)
        async with ctx.reading() as conn:
            rows = await reads.search_parts(conn, ctx.actor, wanted=wanted, after=named_key(page), rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.name, str(row.id)), node=Part.of)

    @strawberry.field(
        description="What a part costs, the newest day first; for supervisors and administrators, nothing for others."
    )
    async def part_costs(
        self,
        info: Info,
        part_id: strawberry.ID,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[PartCost]:
        ctx, id = info.context, parse_id(part_id, field="partId")
        page = page_of(ctx, f"partCosts {id}", first, after)
        before = date.fromisoformat(page.after[0]) if page.after else None
        async with ctx.reading() as conn:
            rows = await reads.costs_of_part(conn, ctx.actor, id, before=before, rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.from_on.isoformat(),), node=PartCost.of)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="A new line of the catalogue; for administrators.")
    async def create_part(self, info: Info, input: CreatePartInput) -> CreatePartResult:
        ctx, id = info.context, optional_id(input.id)
        async with ctx.changing() as tx:
            made = await actions.create_part(tx, ctx.actor, patch=patch_of(input, WRITABLE), id=id)
            return CreatePartPayload(part=await _part(tx, ctx.actor, made.record_id))

    @strawberry.mutation(description="Changes a part, or retires it; for administrators.")
    async def update_part(self, info: Info, input: UpdatePartInput) -> UpdatePartResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        patch = patch_of(input, WRITABLE)
        async with ctx.changing() as tx:
            made = await actions.update_part(tx, ctx.actor, part_id=id, patch=patch, base_rev=base_rev)
            return UpdatePartPayload(part=await _part(tx, ctx.actor, id), **verdict_of(made))

    @strawberry.mutation(description="Says what a unit of a part costs from a day on; for administrators.")
    async def set_part_cost(self, info: Info, input: SetPartCostInput) -> SetPartCostResult:
        ctx, id = info.context, parse_id(input.part_id, field="partId")
        async with ctx.changing() as tx:
            cost = await actions.set_part_cost(tx, ctx.actor, part_id=id, from_on=input.from_, amount=input.amount)
        return SetPartCostPayload(part_cost=PartCost.of(cost))


async def _part(tx: records.Tx, actor: Actor, id: UUID) -> Part:
    return Part.of((await reads.parts_by_ids(tx.conn, actor, [id]))[id])
