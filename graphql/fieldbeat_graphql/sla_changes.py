"""The verbs of policies over GraphQL: absent leaves, null means the usual, `baseRev` is what the form had seen."""

from typing import Annotated, Any

import strawberry

from fieldbeat.accounts.model import AccountTier
from fieldbeat.tickets import policies
from fieldbeat.tickets.model import TicketKind, TicketPriority, TicketStatus
from fieldbeat.tickets.promise import SlaMetric
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.scalars import given, optional_id, parse_id
from fieldbeat_graphql.sla import SlaPolicy


@strawberry.input
class SlaTargetInput:
    metric: SlaMetric
    priority: TicketPriority
    minutes: int


@strawberry.input
class SlaPauseInput:
    metric: SlaMetric
    statuses: list[TicketStatus]


@strawberry.input
class SlaStepInput:
    percent: int = strawberry.field(description="0: as soon as the clock starts.")
    plus_minutes: int = 0
    levels: list[int] = strawberry.field(
        default_factory=lambda: [0],
        description="With `onCall` it may be empty: then the assignee if nobody is on call.",
    )
    on_call: bool = False
    only_business_hours: bool = True


@strawberry.input(description="An empty list is no condition.")
class SlaConditionsInput:
    tiers: list[AccountTier] = strawberry.field(default_factory=list)
    kinds: list[TicketKind] = strawberry.field(default_factory=list)
    priorities: list[TicketPriority] = strawberry.field(default_factory=list)
    account_tags: list[str] = strawberry.field(default_factory=list)
    skills: list[str] = strawberry.field(default_factory=list, description="That the ticket asks for.")
    under_warranty: bool | None = strawberry.field(
        default=None,
        description="Whether the asset's warranty held when the ticket was opened: neither fits one without an asset.",
    )


@strawberry.input
class CreateSlaPolicyInput:
    name: str
    targets: list[SlaTargetInput]
    conditions: SlaConditionsInput | None = strawberry.UNSET
    position: int | None = strawberry.field(default=strawberry.UNSET, description="The least is tried first; 0.")
    pauses: list[SlaPauseInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Absent: RESOLUTION and PERIODIC_UPDATE pause in PENDING_CUSTOMER, PENDING_THIRD and ON_HOLD.",
    )
    steps: list[SlaStepInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Absent: at 50, 75 and 100 percent, 1 and 4 hours later."
    )
    business_hours_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Absent: the company's default; around the clock while it has none."
    )
    around_the_clock: bool = False
    id: strawberry.ID | None = strawberry.UNSET


@strawberry.input(description="A new version; what is absent stays, null means the usual.")
class UpdateSlaPolicyInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    targets: list[SlaTargetInput] | None = strawberry.UNSET
    conditions: SlaConditionsInput | None = strawberry.UNSET
    position: int | None = strawberry.UNSET
    pauses: list[SlaPauseInput] | None = strawberry.UNSET
    steps: list[SlaStepInput] | None = strawberry.UNSET
    business_hours_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Null: around the clock."
    )
    base_rev: int | None = strawberry.UNSET


@strawberry.input
class RetireSlaPolicyInput:
    id: strawberry.ID


@strawberry.type
class CreateSlaPolicyPayload:
    sla_policy: SlaPolicy


@strawberry.type
class UpdateSlaPolicyPayload:
    sla_policy: SlaPolicy


@strawberry.type
class RetireSlaPolicyPayload:
    sla_policy: SlaPolicy


CreateSlaPolicyResult = Annotated[
    CreateSlaPolicyPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("CreateSlaPolicyResult")
]
UpdateSlaPolicyResult = Annotated[
    UpdateSlaPolicyPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateSlaPolicyResult")
]
RetireSlaPolicyResult = Annotated[
    RetireSlaPolicyPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("RetireSlaPolicyResult")
]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="A new promise; for administrators.")
    async def create_sla_policy(self, info: Info, input: CreateSlaPolicyInput) -> CreateSlaPolicyResult:
        ctx, id, patch = info.context, optional_id(input.id), _patch(input)
        async with ctx.changing() as tx:
            kept = await policies.create_policy(
                tx, ctx.actor, patch={name: value for name, value in patch.items() if value is not None},
                around_the_clock=input.around_the_clock, id=id,
            )  # fmt: skip
        return CreateSlaPolicyPayload(sla_policy=SlaPolicy.of(kept))

    @strawberry.mutation(description="A new version: open tickets go on with the time behind them; old verdicts stay.")
    async def update_sla_policy(self, info: Info, input: UpdateSlaPolicyInput) -> UpdateSlaPolicyResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            kept = await policies.update_policy(tx, ctx.actor, policy_id=id, patch=_patch(input), base_rev=base_rev)
        return UpdateSlaPolicyPayload(sla_policy=SlaPolicy.of(kept))

    @strawberry.mutation(description="No ticket comes under it any more.")
    async def retire_sla_policy(self, info: Info, input: RetireSlaPolicyInput) -> RetireSlaPolicyResult:
        ctx = info.context
        async with ctx.changing() as tx:
            kept = await policies.retire_policy(tx, ctx.actor, policy_id=parse_id(input.id))
        return RetireSlaPolicyPayload(sla_policy=SlaPolicy.of(kept))


def _patch(input: CreateSlaPolicyInput | UpdateSlaPolicyInput) -> dict[str, Any]:
    """The fields of the collection that the input names; null clears."""
    said: dict[str, Any] = {
        "name": input.name, "position": 0 if input.position is None else input.position,
        "conditions": input.conditions, "targets": input.targets,
        "pauses": input.pauses, "steps": input.steps, "businessHoursId": input.business_hours_id,
    }  # fmt: skip
    return {name: _wire(name, value) for name, value in said.items() if value is not strawberry.UNSET}


def _wire(name: str, value: Any) -> Any:
    match name, value:
        case _, None:
            return None
        case "conditions", _:
            return {
                "tiers": value.tiers, "kinds": value.kinds, "priorities": value.priorities,
                "accountTags": value.account_tags, "skills": value.skills, "underWarranty": value.under_warranty,
            }  # fmt: skip
        case "targets", _:
            return [{"metric": each.metric, "priority": each.priority, "minutes": each.minutes} for each in value]
        case "pauses", _:
            return [{"metric": each.metric, "statuses": each.statuses} for each in value]
        case "steps", _:
            return [
                {"percent": each.percent, "plusMinutes": each.plus_minutes, "levels": each.levels,
                 "onCall": each.on_call, "onlyBusinessHours": each.only_business_hours}
                for each in value
            ]  # fmt: skip
        case "businessHoursId", _:
            return str(parse_id(value, field="businessHoursId"))
        case _:
            return value
