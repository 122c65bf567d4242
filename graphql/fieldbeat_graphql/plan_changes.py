"""The verbs of visit plans over GraphQL: worked out, submitted, approved, published, made anew; and teams."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Annotated

import strawberry

from fieldbeat.days import model, plans, team
from fieldbeat.days.model import PlanStatus
from fieldbeat.days.planning.model import Effort
from fieldbeat.days.planning.travel import Travel, travel_by
from fieldbeat.days.problem import Asked
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.plans import PlanRun, UnservedVisit, VisitPlan, outcome_of, unserved_of
from fieldbeat_graphql.scalars import given, parse_id

strawberry.enum(Effort, name="PlanEffort", description="QUICK: a draft in a second. FULL: by the solver.")


@strawberry.input
class GenerateVisitPlanInput:
    rep_id: strawberry.ID
    from_: date = strawberry.field(name="from")
    until: date = strawberry.field(description="Exclusive; at most 92 days on.")
    dry_run: bool | None = strawberry.field(default=False, description="Works it out and keeps nothing.")
    effort: Effort = Effort.FULL


@strawberry.input
class MoveInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET


@strawberry.input
class SubmitVisitPlanInput(MoveInput):
    pass


@strawberry.input
class ApproveVisitPlanInput(MoveInput):
    pass


@strawberry.input
class ReturnVisitPlanInput(MoveInput):
    pass


@strawberry.input
class PublishVisitPlanInput(MoveInput):
    pass


@strawberry.input
class ReplanVisitsInput:
    plan_id: strawberry.ID
    effort: Effort = Effort.FULL


@strawberry.input
class PlanTeamInput:
    rep_ids: list[strawberry.ID]
    from_: date = strawberry.field(name="from")
    until: date = strawberry.field(description="Exclusive; at most 92 days on.")
    effort: Effort = Effort.FULL
    publish: bool = strawberry.field(default=False, description="Each plan stands as soon as it is made.")


@strawberry.type(description="The plan is not so far: nothing was generated, or it is not published.")
class PlanNotReady(Refused):
    pass


@strawberry.type
class GenerateVisitPlanPayload:
    plan: VisitPlan
    unserved: list[UnservedVisit]


@strawberry.type
class SubmitVisitPlanPayload:
    plan: VisitPlan


@strawberry.type
class ApproveVisitPlanPayload:
    plan: VisitPlan


@strawberry.type
class ReturnVisitPlanPayload:
    plan: VisitPlan


@strawberry.type
class PublishVisitPlanPayload:
    plan: VisitPlan


@strawberry.type(description="`plan` is null when nothing would change.")
class ReplanVisitsPayload:
    plan: VisitPlan | None


@strawberry.type
class PlanTeamPayload:
    run: PlanRun


PlanTeamResult = Annotated[PlanTeamPayload | Forbidden | NotFound | Invalid, strawberry.union("PlanTeamResult")]
GenerateVisitPlanResult = Annotated[
    GenerateVisitPlanPayload | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("GenerateVisitPlanResult"),
]
ReplanVisitsResult = Annotated[
    ReplanVisitsPayload | Forbidden | NotFound | Invalid | ChangeRefused | PlanNotReady,
    strawberry.union("ReplanVisitsResult"),
]
SubmitVisitPlanResult = Annotated[
    SubmitVisitPlanPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("SubmitVisitPlanResult")
]
ApproveVisitPlanResult = Annotated[
    ApproveVisitPlanPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("ApproveVisitPlanResult")
]
ReturnVisitPlanResult = Annotated[
    ReturnVisitPlanPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("ReturnVisitPlanResult")
]
PublishVisitPlanResult = Annotated[
    PublishVisitPlanPayload | Forbidden | NotFound | Invalid | ChangeRefused | PlanNotReady,
    strawberry.union("PublishVisitPlanResult"),
]
REFUSALS: Refusals = {model.PlanNotMade: PlanNotReady, model.NothingPublished: PlanNotReady}


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Works out a rep's visits over a cycle; the same input gives the same plan.")
    async def generate_visit_plan(self, info: Info, input: GenerateVisitPlanInput) -> GenerateVisitPlanResult:
        ctx, rep_id = info.context, parse_id(input.rep_id, field="repId")
        asked = Asked(rep_id, input.from_, input.until, input.effort, travel_of(ctx), ctx.received_at)
        if input.dry_run:
            plan = VisitPlan.worked(await plans.work_out(ctx.db, ctx.actor, asked))
        else:
            plan = VisitPlan.of(await plans.generate_visit_plan(ctx.db, ctx.actor, asked))
        return GenerateVisitPlanPayload(plan=plan, unserved=unserved_of(outcome_of(plan.row, "unserved")))

    @strawberry.mutation(description="Lets the worker plan many reps; `planProgress` tells how far it is.")
    async def plan_team(self, info: Info, input: PlanTeamInput) -> PlanTeamResult:
        ctx, reps = info.context, [parse_id(id, field="repIds") for id in input.rep_ids]
        async with ctx.changing() as tx:
            run_id = await team.plan_team(
                tx, ctx.actor, rep_ids=reps, from_on=input.from_, until_on=input.until, effort=input.effort,
                publish=input.publish,
            )  # fmt: skip
            run = await team.run_of(tx.conn, ctx.actor, run_id)
        assert run is not None  # as just noted
        return PlanTeamPayload(run=PlanRun.of(run))

    @strawberry.mutation(description="Works a published plan out anew; what would change stands in `diff`.")
    async def replan_visits(self, info: Info, input: ReplanVisitsInput) -> ReplanVisitsResult:
        ctx, id = info.context, parse_id(input.plan_id, field="planId")
        kept = await plans.replan(
            ctx.db, ctx.actor, plan_id=id, effort=input.effort, travel=travel_of(ctx), now=ctx.received_at
        )
        return ReplanVisitsPayload(plan=VisitPlan.of(kept) if kept else None)

    @strawberry.mutation(description="Hands a draft to who leads the rep.")
    async def submit_visit_plan(self, info: Info, input: SubmitVisitPlanInput) -> SubmitVisitPlanResult:
        return SubmitVisitPlanPayload(plan=await _move(info, input, PlanStatus.SUBMITTED))

    @strawberry.mutation(description="Approves a plan; for who leads the rep.")
    async def approve_visit_plan(self, info: Info, input: ApproveVisitPlanInput) -> ApproveVisitPlanResult:
        return ApproveVisitPlanPayload(plan=await _move(info, input, PlanStatus.APPROVED))

    @strawberry.mutation(description="Takes a submitted or approved plan back to a draft.")
    async def return_visit_plan(self, info: Info, input: ReturnVisitPlanInput) -> ReturnVisitPlanResult:
        return ReturnVisitPlanPayload(plan=await _move(info, input, PlanStatus.DRAFT))

    @strawberry.mutation(description="Makes a plan the one that stands: its visits reach the rep. Accepts a diff, too.")
    async def publish_visit_plan(self, info: Info, input: PublishVisitPlanInput) -> PublishVisitPlanResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            kept = await plans.publish_plan(tx, ctx.actor, plan_id=id, now=ctx.received_at, base_rev=base_rev)
        return PublishVisitPlanPayload(plan=VisitPlan.of(kept))


@strawberry.type
class Subscription:
    @strawberry.subscription(description="The run whenever it has moved, until all of its reps are done.")
    async def plan_progress(self, info: Info, run_id: strawberry.ID) -> AsyncGenerator[PlanRun, None]:
        ctx = info.context
        async for run in team.watch(ctx.db, ctx.actor, parse_id(run_id, field="runId")):
            yield PlanRun.of(run)


def travel_of(context: Context) -> Travel:
    """How long ways take, by the operator's settings."""
    settings = context.settings
    return travel_by(settings.travel_speed_kmh, settings.travel_road_factor, settings.travel_table)


async def _move(info: Info, input: MoveInput, status: PlanStatus) -> VisitPlan:
    ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
    async with ctx.changing() as tx:
        kept = await plans.move_plan(tx, ctx.actor, plan_id=id, status=status, base_rev=base_rev)
    return VisitPlan.of(kept)
