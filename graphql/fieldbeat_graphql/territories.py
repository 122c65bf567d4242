"""Territories over GraphQL: what the customers are divided into, and who covers what from when until when."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat.territories import actions, model, reads
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.patches import MINTED
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id


@strawberry.type(description="Who covers a territory, by local dates.")
class TerritoryAssignment:
    row: strawberry.Private[model.Assignment]
    id: strawberry.ID
    from_: date = strawberry.field(name="from", description="The first day.")
    until: date | None = strawberry.field(description="The day on which it is over; null: open.")

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.user_id)

    @classmethod
    def of(cls, row: model.Assignment) -> "TerritoryAssignment":
        """The assignment as GraphQL shows it."""
        return cls(row=row, id=strawberry.ID(str(row.id)), from_=row.from_on, until=row.until_on)


@strawberry.type(description="A part of the company's customers.")
class Territory(Node):
    row: strawberry.Private[model.Territory]
    rev: int
    name: str
    labels: list[str]
    created_at: datetime
    changed_at: datetime

    @strawberry.field(description="Past, present and future ones, oldest first.")
    async def assignments(self, info: Info) -> list[TerritoryAssignment]:
        found = await info.context.load(reads.assignments_of_territories, self.row.id)
        return [TerritoryAssignment.of(one) for one in found or ()]

    @classmethod
    def of(cls, row: model.Territory) -> "Territory":
        """The territory as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, name=row.name, labels=list(row.labels),
            created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.type(description="Another territory has this name.")
class TerritoryNameTaken(Refused):
    pass


@strawberry.input
class CreateTerritoryInput:
    name: str
    labels: list[str] = strawberry.field(default_factory=list)
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)


@strawberry.input(
    description="What was said of this person and territory for `from` and later is replaced; to end an assignment, "
    "say it again from its first day."
)
class AssignTerritoryInput:
    territory_id: strawberry.ID
    user_id: strawberry.ID
    from_: date = strawberry.field(name="from", description="The first day, inclusive.")
    until: date | None = strawberry.field(default=strawberry.UNSET, description="Exclusive; absent or null: open.")


@strawberry.type
class CreateTerritoryPayload:
    territory: Territory


@strawberry.type
class AssignTerritoryPayload:
    assignment: TerritoryAssignment
    territory: Territory


CreateTerritoryResult = Annotated[
    CreateTerritoryPayload | TerritoryNameTaken | Forbidden | Invalid | ChangeRefused,
    strawberry.union("CreateTerritoryResult"),
]
AssignTerritoryResult = Annotated[
    AssignTerritoryPayload | Forbidden | NotFound | Invalid, strawberry.union("AssignTerritoryResult")
]

NODES = (NodeKind(reads.territories_by_ids, Territory.of),)
REFUSALS: Refusals = {model.TerritoryNameTaken: TerritoryNameTaken}


@strawberry.type
class Query:
    @strawberry.field(description="The company's territories, by name.")
    async def territories(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[Territory]:
        page = page_of(info.context, "territories", first, after)
        behind = (page.after[0], UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.territories_page(conn, info.context.actor, after=behind, rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.name, str(row.id)), node=Territory.of)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Makes a territory that nobody covers yet; for administrators.")
    async def create_territory(self, info: Info, input: CreateTerritoryInput) -> CreateTerritoryResult:
        ctx, id = info.context, optional_id(input.id)
        async with ctx.changing() as tx:
            made = await actions.create_territory(tx, ctx.actor, name=input.name, labels=input.labels, id=id)
        return CreateTerritoryPayload(territory=Territory.of(made))

    @strawberry.mutation(description="Says who covers a territory from when until when.")
    async def assign_territory(self, info: Info, input: AssignTerritoryInput) -> AssignTerritoryResult:
        ctx = info.context
        territory_id, user_id = (
            parse_id(input.territory_id, field="territoryId"),
            parse_id(input.user_id, field="userId"),
        )
        async with ctx.changing() as tx:
            made = await actions.assign_territory(
                tx,
                ctx.actor,
                territory_id=territory_id,
                user_id=user_id,
                from_on=input.from_,
                until_on=given(input.until),
            )
            territories = await reads.territories_by_ids(tx.conn, ctx.actor, [territory_id])
        return AssignTerritoryPayload(
            assignment=TerritoryAssignment.of(made), territory=Territory.of(territories[territory_id])
        )
