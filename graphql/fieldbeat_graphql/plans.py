"""Visit plans over GraphQL: worked out, shown, submitted, approved, published, and made anew."""

from collections.abc import AsyncGenerator, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.days import model, plans, reads, team
from fieldbeat.days.model import PlanStatus
from fieldbeat.days.planning.model import Effort, HolidayPolicy
from fieldbeat.days.planning.travel import Place, Travel, travel_by
from fieldbeat.days.problem import Asked
from fieldbeat.people.reads import people_by_ids
from fieldbeat.worktime.model import Weekday
from fieldbeat_graphql.accounts import Account
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User
from fieldbeat_graphql.scalars import given, parse_id
from fieldbeat_graphql.worktime import WeeklyInterval, WeeklyIntervalInput

strawberry.enum(PlanStatus, name="VisitPlanStatus")
strawberry.enum(Effort, name="PlanEffort", description="QUICK: a draft in a second. FULL: by the solver.")
strawberry.enum(HolidayPolicy)


@strawberry.type(description="One visit of a plan, in the order of the day.")
class PlannedVisit:
    account_id: strawberry.ID
    planned_start: datetime
    planned_end: datetime
    pinned: bool = strawberry.field(description="It stood before, and was not moved.")

    @strawberry.field
    async def account(self, info: Info) -> Account | None:
        found = await info.context.load(accounts_by_ids, UUID(self.account_id))
        return Account.of(found) if found else None


@strawberry.type(description="A day of a plan, from its start place back to its end place.")
class PlanDay:
    date: date
    travel_km: float
    travel_minutes: int
    visits: list[PlannedVisit]


@strawberry.type(description="A wanted visit that is not in the plan, and why.")
class UnservedVisit:
    account_id: strawberry.ID
    code: str = strawberry.field(
        description="NO_CAPACITY, WINDOW, GAP, HOLIDAY, TOO_FAR, SKILL, NO_PLACE (docs/refusals.md)."
    )
    on: date | None = strawberry.field(description="Its must-visit date, if it had one.")


@strawberry.type(description="From when until when a visit is planned.")
class PlannedWindow:
    planned_start: datetime
    planned_end: datetime


@strawberry.type(description="One visit that a plan would move, add or drop, and why.")
class PlanChange:
    kind: str = strawberry.field(description="MOVED, ADDED, DROPPED.")
    account_id: strawberry.ID
    before: PlannedWindow | None
    after: PlannedWindow | None
    reason: str


@strawberry.type(description="What a plan would change against the one that stands.")
class PlanDiff:
    changes: list[PlanChange]
    retimed: int = strawberry.field(description="Visits that only get other hours of the same day.")
    travel_minutes_delta: int
    travel_km_delta: float


@strawberry.type(description="The visits of one rep over a cycle. `until` is exclusive.")
class VisitPlan:
    row: strawberry.Private[model.Kept | plans.Worked]
    id: strawberry.ID | None = strawberry.field(description="Null when nothing was kept (dryRun).")
    rev: int
    rep_id: strawberry.ID
    from_: date = strawberry.field(name="from")
    until: date
    status: PlanStatus
    plan_hash: str | None = strawberry.field(
        description="Over the accounts' codes and times: equal plans have equal hashes. Null before one is generated."
    )
    amends: strawberry.ID | None = strawberry.field(description="The published plan that it would replace.")

    @strawberry.field
    async def rep(self, info: Info) -> User | None:
        person = await info.context.load(people_by_ids, UUID(self.rep_id))
        return User.of(person) if person else None

    @strawberry.field(description="Days that hold visits, in order.")
    def days(self) -> list[PlanDay]:
        return [_day(each) for each in _outcome(self.row, "days")]

    @strawberry.field
    def unserved(self) -> list[UnservedVisit]:
        return _unserved(_outcome(self.row, "unserved"))

    @strawberry.field(description="What it would change; null when it replaces no plan.")
    def diff(self) -> PlanDiff | None:
        changes = self.row.changes if isinstance(self.row, model.Kept) else None
        return _diff(changes) if changes else None

    @classmethod
    def of(cls, row: model.Kept) -> "VisitPlan":
        """A plan that is kept."""
        return cls(
            row=row, id=strawberry.ID(str(row.id)), rev=row.rev, rep_id=strawberry.ID(str(row.rep_id)),
            from_=row.from_on, until=row.until_on, status=row.status, plan_hash=row.plan_hash,
            amends=strawberry.ID(str(row.amends)) if row.amends else None,
        )  # fmt: skip

    @classmethod
    def worked(cls, row: plans.Worked) -> "VisitPlan":
        """A plan that was worked out alone."""
        return cls(
            row=row, id=None, rev=0, rep_id=strawberry.ID(str(row.asked.rep_id)), from_=row.asked.from_on,
            until=row.asked.until_on, status=PlanStatus.DRAFT, plan_hash=row.proposal.plan_hash, amends=None,
        )  # fmt: skip


@strawberry.type(description="Where a person's days begin and end, and what fits into one.")
class DayProfile:
    user_id: strawberry.ID
    start_latitude: float
    start_longitude: float
    end_latitude: float
    end_longitude: float
    visits_max: int | None
    travel_minutes_max: int | None

    @classmethod
    def of(cls, row: model.DayProfile) -> "DayProfile":
        """The profile as GraphQL shows it."""
        end = row.end or row.start
        return cls(
            user_id=strawberry.ID(str(row.user_id)), start_latitude=row.start.latitude,
            start_longitude=row.start.longitude, end_latitude=end.latitude, end_longitude=end.longitude,
            visits_max=row.visits_max, travel_minutes_max=row.travel_minutes_max,
        )  # fmt: skip


@strawberry.type(description="What an account asks of its visits; what is null is as its tier gives.")
class VisitRule:
    account_id: strawberry.ID
    per_cycle: int | None = strawberry.field(description="Visits in four weeks.")
    duration_minutes: int | None
    gap_min_days: int | None
    gap_max_days: int | None
    hours: list[WeeklyInterval] | None = strawberry.field(description="When it can be visited; null: always.")
    weekdays: list[Weekday] = strawberry.field(description="The only ones; empty: any.")
    preferred_weekdays: list[Weekday]
    must_visit: list[date]
    holidays: HolidayPolicy

    @classmethod
    def of(cls, row: model.VisitRule) -> "VisitRule":
        """The rule as GraphQL shows it."""
        hours = [
            WeeklyInterval(weekday=Weekday(each["weekday"]), from_=each["from"], until=each["until"])
            for each in row.hours or ()
        ]
        return cls(
            account_id=strawberry.ID(str(row.account_id)), per_cycle=row.per_cycle,
            duration_minutes=row.duration_minutes, gap_min_days=row.gap_min_days, gap_max_days=row.gap_max_days,
            hours=hours or None, weekdays=[Weekday(day) for day in row.weekdays],
            preferred_weekdays=[Weekday(day) for day in row.preferred_weekdays], must_visit=list(row.must_visit),
            holidays=row.holidays,
        )  # fmt: skip


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
class SetDayProfileInput:
    user_id: strawberry.ID
    start_latitude: float
    start_longitude: float
    end_latitude: float | None = strawberry.field(default=strawberry.UNSET, description="Absent: at the start.")
    end_longitude: float | None = strawberry.UNSET
    visits_max: int | None = strawberry.UNSET
    travel_minutes_max: int | None = strawberry.UNSET


@strawberry.input(description="Replaces the whole rule of an account; what is absent is as its tier gives.")
class SetVisitRuleInput:
    account_id: strawberry.ID
    per_cycle: int | None = strawberry.UNSET
    duration_minutes: int | None = strawberry.UNSET
    gap_min_days: int | None = strawberry.UNSET
    gap_max_days: int | None = strawberry.UNSET
    hours: list[WeeklyIntervalInput] | None = strawberry.UNSET
    weekdays: list[Weekday] = strawberry.field(default_factory=list)
    preferred_weekdays: list[Weekday] = strawberry.field(default_factory=list)
    must_visit: list[date] = strawberry.field(default_factory=list)
    holidays: HolidayPolicy = HolidayPolicy.MOVE_AFTER


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
class SetDayProfilePayload:
    profile: DayProfile


@strawberry.type
class SetVisitRulePayload:
    rule: VisitRule


@strawberry.type
class RefusedRep:
    rep_id: strawberry.ID
    reason: str


@strawberry.type(description="A team that is being planned.")
class PlanRun:
    id: strawberry.ID
    total: int = strawberry.field(description="Reps in all.")
    done: int
    refused: list[RefusedRep] = strawberry.field(description="Of those done, who got no plan, and why.")

    @classmethod
    def of(cls, run: team.Run) -> "PlanRun":
        """The run as GraphQL shows it."""
        refused = [RefusedRep(rep_id=strawberry.ID(str(each.rep_id)), reason=each.refused) for each in run.refusals]
        progress = run.progress
        return cls(id=strawberry.ID(str(progress.run_id)), total=progress.total, done=progress.done, refused=refused)


@strawberry.input
class PlanTeamInput:
    rep_ids: list[strawberry.ID]
    from_: date = strawberry.field(name="from")
    until: date = strawberry.field(description="Exclusive; at most 92 days on.")
    effort: Effort = Effort.FULL
    publish: bool = strawberry.field(default=False, description="Each plan stands as soon as it is made.")


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
SetDayProfileResult = Annotated[
    SetDayProfilePayload | Forbidden | NotFound | Invalid, strawberry.union("SetDayProfileResult")
]
SetVisitRuleResult = Annotated[SetVisitRulePayload | NotFound | Invalid, strawberry.union("SetVisitRuleResult")]
REFUSALS: Refusals = {model.PlanNotMade: PlanNotReady, model.NothingPublished: PlanNotReady}


@strawberry.type
class Query:
    @strawberry.field
    async def visit_plan(self, info: Info, id: strawberry.ID) -> VisitPlan | None:
        found = await info.context.load(reads.plans_by_ids, parse_id(id))
        return VisitPlan.of(found) if found else None

    @strawberry.field(description="Plans, newest first: yours, and of those below you.")
    async def visit_plans(
        self,
        info: Info,
        rep_id: strawberry.ID | None = strawberry.UNSET,
        status: PlanStatus | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[VisitPlan]:
        page, rep, only = page_of(info.context, "visitPlans", first, after), given(rep_id), given(status)
        behind = (date.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.plans_page(
                conn, info.context.actor, rep_id=parse_id(rep, field="repId") if rep else None,
                status=only.value if only else None, after=behind, rows_max=page.limit,
            )  # fmt: skip
        return connect(page, rows, key=lambda row: (row.from_on.isoformat(), str(row.id)), node=VisitPlan.of)

    @strawberry.field(description="How far the planning of a team is; for who asked for it and who leads him.")
    async def plan_run(self, info: Info, id: strawberry.ID) -> PlanRun | None:
        run_id = parse_id(id)
        async with info.context.reading() as conn:
            found = await team.run_of(conn, info.context.actor, run_id)
        return PlanRun.of(found) if found else None

    @strawberry.field(description="Where a person's days begin; for himself and for who leads him.")
    async def day_profile(self, info: Info, user_id: strawberry.ID) -> DayProfile | None:
        id = parse_id(user_id, field="userId")
        async with info.context.reading() as conn:
            found = await reads.day_profile(conn, info.context.actor, id)
        return DayProfile.of(found) if found else None

    @strawberry.field(description="What an account asks of its visits; null: as its tier gives.")
    async def visit_rule(self, info: Info, account_id: strawberry.ID) -> VisitRule | None:
        id = parse_id(account_id, field="accountId")
        found = await info.context.load(reads.visit_rules, id)
        return VisitRule.of(found) if found else None


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
        return GenerateVisitPlanPayload(plan=plan, unserved=_unserved(_outcome(plan.row, "unserved")))

    @strawberry.mutation(description="Lets the worker plan many reps; `planProgress` tells how far it is.")
    async def plan_team(self, info: Info, input: PlanTeamInput) -> PlanTeamResult:
        ctx, reps = info.context, [parse_id(id, field="repIds") for id in input.rep_ids]
        async with records.writing(ctx.db, ctx.actor.tenant_id) as tx:
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
        async with records.writing(ctx.db, ctx.actor.tenant_id) as tx:
            kept = await plans.publish_plan(tx, ctx.actor, plan_id=id, now=ctx.received_at, base_rev=base_rev)
        return PublishVisitPlanPayload(plan=VisitPlan.of(kept))

    @strawberry.mutation(description="Where a person's days begin and end: his own, or of somebody below you.")
    async def set_day_profile(self, info: Info, input: SetDayProfileInput) -> SetDayProfileResult:
        ctx, profile = info.context, _profile(input)
        async with records.writing(ctx.db, ctx.actor.tenant_id) as tx:
            kept = await plans.set_day_profile(tx, ctx.actor, profile)
        return SetDayProfilePayload(profile=DayProfile.of(kept))

    @strawberry.mutation(description="What an account asks of its visits; plans made from now on keep it.")
    async def set_visit_rule(self, info: Info, input: SetVisitRuleInput) -> SetVisitRuleResult:
        ctx, rule = info.context, _rule(input)
        async with records.writing(ctx.db, ctx.actor.tenant_id) as tx:
            kept = await plans.set_visit_rule(tx, ctx.actor, rule)
        return SetVisitRulePayload(rule=VisitRule.of(kept))


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
    async with records.writing(ctx.db, ctx.actor.tenant_id) as tx:
        kept = await plans.move_plan(tx, ctx.actor, plan_id=id, status=status, base_rev=base_rev)
    return VisitPlan.of(kept)


def _outcome(row: model.Kept | plans.Worked, part: str) -> list[dict[str, Any]]:
    return getattr(row if isinstance(row, model.Kept) else row.proposal, part) or []


def _day(day: Mapping[str, Any]) -> PlanDay:
    visits = [
        PlannedVisit(
            account_id=strawberry.ID(each["accountId"]), planned_start=datetime.fromisoformat(each["plannedStart"]),
            planned_end=datetime.fromisoformat(each["plannedEnd"]), pinned=each["pinned"],
        )
        for each in day["visits"]
    ]  # fmt: skip
    return PlanDay(
        date=date.fromisoformat(day["date"]), travel_km=day["travelKm"], travel_minutes=day["travelMinutes"],
        visits=visits,
    )  # fmt: skip


def _unserved(rows: list[dict[str, Any]]) -> list[UnservedVisit]:
    return [
        UnservedVisit(
            account_id=strawberry.ID(each["accountId"]), code=each["code"],
            on=date.fromisoformat(each["on"]) if each["on"] else None,
        )
        for each in rows
    ]  # fmt: skip


def _diff(changes: Mapping[str, Any]) -> PlanDiff:
    visits = [
        PlanChange(
            kind=each["kind"], account_id=strawberry.ID(each["accountId"]), before=_window(each["from"]),
            after=_window(each["to"]), reason=each["reason"],
        )
        for each in changes["visits"]
    ]  # fmt: skip
    return PlanDiff(
        changes=visits, retimed=changes["retimed"], travel_minutes_delta=changes["travelMinutesDelta"],
        travel_km_delta=changes["travelKmDelta"],
    )  # fmt: skip


def _window(window: Mapping[str, str] | None) -> PlannedWindow | None:
    if window is None:
        return None
    start, end = (datetime.fromisoformat(window[name]) for name in ("plannedStart", "plannedEnd"))
    return PlannedWindow(planned_start=start, planned_end=end)


def _profile(input: SetDayProfileInput) -> model.DayProfile:
    latitude, longitude = given(input.end_latitude), given(input.end_longitude)
    end = Place(latitude, longitude) if latitude is not None and longitude is not None else None
    return model.DayProfile(
        parse_id(input.user_id, field="userId"), Place(input.start_latitude, input.start_longitude), end,
        given(input.visits_max), given(input.travel_minutes_max),
    )  # fmt: skip


def _rule(input: SetVisitRuleInput) -> model.VisitRule:
    hours = [
        {"weekday": each.weekday.value, "from": each.from_, "until": each.until} for each in given(input.hours) or ()
    ]
    return model.VisitRule(
        account_id=parse_id(input.account_id, field="accountId"),
        per_cycle=given(input.per_cycle),
        duration_minutes=given(input.duration_minutes),
        gap_min_days=given(input.gap_min_days),
        gap_max_days=given(input.gap_max_days),
        hours=hours or None,
        weekdays=tuple(day.value for day in input.weekdays),
        preferred_weekdays=tuple(day.value for day in input.preferred_weekdays),
        must_visit=tuple(input.must_visit),
        holidays=input.holidays,
    )
