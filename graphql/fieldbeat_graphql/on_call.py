"""On-call rotas over GraphQL: who is on call, whose turn comes, and stepping in."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat.kit.refusal import Invalid as KitInvalid
from fieldbeat.on_call import actions, model, reads, rules, turns
from fieldbeat.territories.reads import territories_by_ids
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.limits import PAGE_MAX
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.patches import check_not_cleared, patch_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id
from fieldbeat_graphql.territories import Territory

SHIFTS_DEFAULT = 8
strawberry.enum(
    model.WatchReason, name="OnCallReason",
    description="It is his turn, he stands in, or he is the next because those before him are away.",
)  # fmt: skip


@strawberry.type(description="Who steps in, from an instant until another (exclusive).")
class OnCallStandIn:
    user_id: strawberry.ID
    from_: datetime = strawberry.field(name="from")
    until: datetime

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await user_of(info.context, UUID(self.user_id))


@strawberry.type(description="A time in which one person is on call by the rota, whoever may be away then.")
class OnCallShift:
    user_id: strawberry.ID
    reason: model.WatchReason
    from_: datetime = strawberry.field(name="from")
    until: datetime

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await user_of(info.context, UUID(self.user_id))


@strawberry.type(description="Members take turns of whole local days; the hand-over is by the wall clock.")
class OnCallRota(Node):
    row: strawberry.Private[model.KeptRota]
    rev: int
    name: str
    time_zone: str
    hand_over_at: str = strawberry.field(description="HH:MM")
    days_per_turn: int
    anchor_on: date = strawberry.field(description="A turn of the first member begins on it.")
    user_ids: list[strawberry.ID] = strawberry.field(description="In the order of their turns.")
    stand_ins: list[OnCallStandIn] = strawberry.field(description="The last that covers an instant counts.")
    created_at: datetime
    changed_at: datetime

    @strawberry.field(description="Null: the company's own, for territories without one or whose people are all away.")
    async def territory(self, info: Info) -> Territory | None:
        id = self.row.fields["territoryId"]
        found = await info.context.load(territories_by_ids, UUID(id)) if id else None
        return Territory.of(found) if found else None

    @strawberry.field(description="The next ones from now on, without a gap; leave is not looked at.")
    async def shifts(self, info: Info, first: int = SHIFTS_DEFAULT) -> list[OnCallShift]:
        if not 1 <= first <= PAGE_MAX:
            raise KitInvalid(f"Between 1 and {PAGE_MAX} shifts are shown.", fields=("first",))
        rota = rules.rota_of(self.row.fields)
        return [
            OnCallShift(
                user_id=strawberry.ID(str(each.user_id)), reason=each.reason, from_=each.from_at, until=each.until_at
            )
            for each in turns.shifts(rota, info.context.received_at, shifts_max=first)
        ]

    @classmethod
    def of(cls, kept: model.KeptRota) -> "OnCallRota":
        """The rota as GraphQL shows it."""
        fields = kept.fields
        return cls(
            id=strawberry.ID(str(kept.id)), row=kept, rev=kept.rev, name=fields["name"], time_zone=fields["timeZone"],
            hand_over_at=fields["handOverAt"], days_per_turn=fields["daysPerTurn"],
            anchor_on=date.fromisoformat(fields["anchorOn"]), user_ids=[strawberry.ID(id) for id in fields["userIds"]],
            stand_ins=[
                OnCallStandIn(
                    user_id=strawberry.ID(str(each.user_id)), from_=each.from_at, until=each.until_at
                )
                for each in rules.stand_ins_of(fields["standIns"])
            ],
            created_at=kept.created_at, changed_at=kept.changed_at,
        )  # fmt: skip


@strawberry.type(description="Who is reached now, and why it is he.")
class OnCall:
    found: strawberry.Private[model.OnCall]
    user_id: strawberry.ID
    reason: model.WatchReason
    until: datetime = strawberry.field(description="When the rota knows of a change, at the latest.")

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await user_of(info.context, self.found.watch.user_id)

    @strawberry.field(description="Whose turn it would be: they are away.")
    async def passed_over(self, info: Info) -> list[User]:
        people = await asyncio.gather(*(user_of(info.context, id) for id in self.found.watch.passed_over))
        return [person for person in people if person]

    @strawberry.field(description="The territory's, or the company's own.")
    async def rota(self, info: Info) -> OnCallRota | None:
        kept = await info.context.load(reads.rotas_by_ids, self.found.rota_id)
        return OnCallRota.of(kept) if kept else None

    @classmethod
    def of(cls, found: model.OnCall) -> "OnCall":
        """The answer as GraphQL shows it."""
        watch = found.watch
        return cls(found=found, user_id=strawberry.ID(str(watch.user_id)), reason=watch.reason, until=watch.until_at)


@strawberry.type(description="A territory has one rota, and so has the company as a whole.")
class TerritoryHasRota(Refused):
    pass


@strawberry.input
class CreateOnCallRotaInput:
    name: str
    time_zone: str = strawberry.field(description="A name of the IANA database, such as Europe/Berlin.")
    anchor_on: date = strawberry.field(description="The turn of the first member begins on this local date.")
    user_ids: list[strawberry.ID] = strawberry.field(description="In the order of their turns; 1 to 100.")
    territory_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="Null or absent: the company's own; an administrator's to keep."
    )
    hand_over_at: str = strawberry.field(default="08:00", description="HH:MM by the wall clock.")
    days_per_turn: int = strawberry.field(default=7, description="1 to 28.")
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Minted by you; or a new one.")


@strawberry.input(description="What is absent stays.")
class UpdateOnCallRotaInput:
    id: strawberry.ID
    name: strawberry.Maybe[str | None]
    time_zone: strawberry.Maybe[str | None]
    anchor_on: strawberry.Maybe[date | None]
    user_ids: strawberry.Maybe[list[strawberry.ID] | None]
    territory_id: strawberry.Maybe[strawberry.ID | None]
    hand_over_at: strawberry.Maybe[str | None]
    days_per_turn: strawberry.Maybe[int | None]
    base_rev: int | None = strawberry.field(
        default=strawberry.UNSET, description="What you saw; absent = the rev at execution."
    )


@strawberry.input
class DeleteOnCallRotaInput:
    id: strawberry.ID


@strawberry.input(description="Said again for another person, the last one counts.")
class StandInInput:
    rota_id: strawberry.ID
    from_: datetime = strawberry.field(name="from")
    until: datetime = strawberry.field(description="Exclusive; at most 92 days later.")
    user_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Who steps in; you when absent. Others are named from above."
    )


@strawberry.type
class CreateOnCallRotaPayload:
    on_call_rota: OnCallRota


@strawberry.type
class UpdateOnCallRotaPayload:
    on_call_rota: OnCallRota


@strawberry.type
class DeleteOnCallRotaPayload:
    id: strawberry.ID


@strawberry.type
class StandInPayload:
    on_call_rota: OnCallRota


CreateOnCallRotaResult = Annotated[
    CreateOnCallRotaPayload | TerritoryHasRota | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("CreateOnCallRotaResult"),
]
UpdateOnCallRotaResult = Annotated[
    UpdateOnCallRotaPayload | TerritoryHasRota | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("UpdateOnCallRotaResult"),
]
DeleteOnCallRotaResult = Annotated[
    DeleteOnCallRotaPayload | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("DeleteOnCallRotaResult"),
]
StandInResult = Annotated[
    StandInPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("StandInResult")
]

NODES = (NodeKind(reads.rotas_by_ids, OnCallRota.of),)
REFUSALS: Refusals = {model.TerritoryHasRota: TerritoryHasRota}


@strawberry.type
class Query:
    @strawberry.field(description="The company's rotas, by name.")
    async def on_call_rotas(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[OnCallRota]:
        page = page_of(info.context, "onCallRotas", first, after)
        behind = (page.after[0], UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.rotas_page(conn, info.context.actor, after=behind, rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.fields["name"], str(row.id)), node=OnCallRota.of)

    @strawberry.field(description="Who is on call for a territory (null: for the company); null when nobody is.")
    async def on_call(
        self, info: Info, territory_id: strawberry.ID | None = strawberry.UNSET,
        at: Annotated[datetime | None, strawberry.argument(description="Now when absent.")] = strawberry.UNSET,
    ) -> OnCall | None:  # fmt: skip
        ctx, id = info.context, optional_id(territory_id, field="territoryId")
        async with ctx.reading() as conn:
            found = await reads.on_call_for(conn, ctx.actor, territory_id=id, at=given(at) or ctx.received_at)
        return OnCall.of(found) if found else None


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Who is on call for a territory, or for the company, in turns.")
    async def create_on_call_rota(self, info: Info, input: CreateOnCallRotaInput) -> CreateOnCallRotaResult:
        ctx, id, patch = info.context, optional_id(input.id), _patch(input)
        async with ctx.changing() as tx:
            kept = await actions.create_rota(tx, ctx.actor, patch=patch, id=id)
        return CreateOnCallRotaPayload(on_call_rota=OnCallRota.of(kept))

    @strawberry.mutation(description="Changes a rota; who stands in stays.")
    async def update_on_call_rota(self, info: Info, input: UpdateOnCallRotaInput) -> UpdateOnCallRotaResult:
        ctx, id, patch = info.context, parse_id(input.id), _patch(input)
        async with ctx.changing() as tx:
            kept = await actions.update_rota(tx, ctx.actor, rota_id=id, patch=patch, base_rev=given(input.base_rev))
        return UpdateOnCallRotaPayload(on_call_rota=OnCallRota.of(kept))

    @strawberry.mutation(description="Nobody is on call by it any more.")
    async def delete_on_call_rota(self, info: Info, input: DeleteOnCallRotaInput) -> DeleteOnCallRotaResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            await actions.delete_rota(tx, ctx.actor, rota_id=id)
        return DeleteOnCallRotaPayload(id=input.id)

    @strawberry.mutation(
        description="Steps in for whoever would be on call; one's own turn is taken back the same way."
    )
    async def stand_in(self, info: Info, input: StandInInput) -> StandInResult:
        ctx, rota_id = info.context, parse_id(input.rota_id, field="rotaId")
        user_id = optional_id(input.user_id, field="userId") or ctx.actor.user_id
        wanted = model.StandIn(user_id, input.from_, input.until)
        async with ctx.changing() as tx:
            kept = await actions.stand_in(tx, ctx.actor, rota_id=rota_id, stand_in=wanted)
        return StandInPayload(on_call_rota=OnCallRota.of(kept))


WRITABLE = ("name", "time_zone", "anchor_on", "user_ids", "territory_id", "hand_over_at", "days_per_turn")


def _patch(input: CreateOnCallRotaInput | UpdateOnCallRotaInput) -> dict[str, Any]:
    patch = patch_of(input, WRITABLE)
    check_not_cleared(patch, patch.keys() - {"territoryId"})
    if "userIds" in patch:
        patch["userIds"] = [str(parse_id(id, field="userIds")) for id in patch["userIds"]]
    return patch
