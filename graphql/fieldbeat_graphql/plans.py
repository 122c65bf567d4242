"""Visit plans over GraphQL: what they look like, and which there are."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.days import model, plans, reads, team
from fieldbeat.days.model import PlanStatus
from fieldbeat_graphql.accounts import Account
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id

strawberry.enum(PlanStatus, name="VisitPlanStatus")


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
        description="NO_CAPACITY, WINDOW, GAP, HOLIDAY, TOO_FAR, SKILL, NO_PLACE (docs/plans.md)."
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
        return await user_of(info.context, UUID(self.rep_id))

    @strawberry.field(description="Days that hold visits, in order.")
    def days(self) -> list[PlanDay]:
        return [_day(each) for each in outcome_of(self.row, "days")]

    @strawberry.field
    def unserved(self) -> list[UnservedVisit]:
        return unserved_of(outcome_of(self.row, "unserved"))

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
        page, only = page_of(info.context, "visitPlans", first, after), given(status)
        behind = (date.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.plans_page(
                conn, info.context.actor, rep_id=optional_id(rep_id, field="repId"),
                status=only.value if only else None, after=behind, rows_max=page.limit,
            )  # fmt: skip
        return connect(page, rows, key=lambda row: (row.from_on.isoformat(), str(row.id)), node=VisitPlan.of)

    @strawberry.field(description="How far the planning of a team is; for who asked for it and who leads him.")
    async def plan_run(self, info: Info, id: strawberry.ID) -> PlanRun | None:
        run_id = parse_id(id)
        async with info.context.reading() as conn:
            found = await team.run_of(conn, info.context.actor, run_id)
        return PlanRun.of(found) if found else None


def outcome_of(row: model.Kept | plans.Worked, part: str) -> list[dict[str, Any]]:
    """A part of what a plan came to: `days` or `unserved`."""
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


def unserved_of(rows: list[dict[str, Any]]) -> list[UnservedVisit]:
    """The visits that are not in a plan, as GraphQL shows them."""
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
