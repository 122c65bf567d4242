"""What a company promises, over GraphQL: policies, and how the clocks of a ticket stand."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import strawberry

from fieldbeat.accounts.model import AccountTier
from fieldbeat.tickets import promise, reads
from fieldbeat.tickets.clocks import breached_at, elapsed_of, state_of
from fieldbeat.tickets.model import TicketKind, TicketPriority, TicketStatus
from fieldbeat.tickets.promise import PolicyStatus, SlaMetric, SlaState
from fieldbeat.tickets.terms import step_of
from fieldbeat.worktime.model import BusinessHours as Hours
from fieldbeat.worktime.reads import business_hours_by_ids
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.worktime import BusinessHours

MINUTE = timedelta(minutes=1)
strawberry.enum(TicketKind, description="What sort of trouble it is.")
strawberry.enum(TicketPriority, description="How much it hurts, the least first.")
strawberry.enum(TicketStatus, description="How far it is.")
strawberry.enum(SlaMetric, description="What a clock measures, in business time.")
strawberry.enum(SlaState, description="RETRACTED: it was breached, until evidence came that the deadline was kept.")
strawberry.enum(PolicyStatus, name="SlaPolicyStatus")


@strawberry.type(description="How one promise about a ticket stands now.")
class SlaClock:
    metric: SlaMetric
    instance: int = strawberry.field(description="1, 2, 3 … of the clocks of this metric.")
    state: SlaState
    started_at: datetime
    deadline: datetime | None = strawberry.field(description="Null while it is paused, or without a target.")
    target_minutes: int | None
    elapsed_minutes: int = strawberry.field(description="Business minutes, pauses left out.")
    remaining_minutes: int | None = strawberry.field(description="Negative when overdue.")
    ended_at: datetime | None
    breached_at: datetime | None
    breached_by_change: bool = strawberry.field(description="A change left less time than had passed already.")
    retracted_at: datetime | None = strawberry.field(description="When the evidence came that the deadline was kept.")
    retracted_reason: str | None
    unverified_at: datetime | None = strawberry.field(
        description="When a device says that it ended, by its calendar alone, which proves nothing."
    )
    policy_id: strawberry.ID | None
    policy_version: int | None

    @classmethod
    def of(cls, clock: promise.Clock, hours: Hours | None, now: datetime) -> "SlaClock":
        """The clock as it stands at an instant."""
        elapsed = elapsed_of(clock, hours, now)
        broken, heard = breached_at(clock, now), clock.retracted_at
        reason = f"Heard of at {heard.isoformat()}: it ended in time." if heard else None
        return cls(
            metric=clock.metric, instance=clock.instance, state=state_of(clock, now), started_at=clock.started_at,
            deadline=clock.deadline, target_minutes=clock.target // MINUTE if clock.target is not None else None,
            elapsed_minutes=elapsed // MINUTE,
            remaining_minutes=(clock.target - elapsed) // MINUTE if clock.target is not None else None,
            ended_at=clock.ended_at, breached_at=broken, breached_by_change=clock.breached_by_change,
            retracted_at=heard, retracted_reason=reason, unverified_at=clock.unverified_at,
            policy_id=strawberry.ID(str(clock.terms.policy_id)) if clock.terms else None,
            policy_version=clock.terms.version if clock.terms else None,
        )  # fmt: skip


@strawberry.type
class SlaTarget:
    metric: SlaMetric
    priority: TicketPriority
    minutes: int = strawberry.field(description="Of business time.")


@strawberry.type
class SlaPause:
    metric: SlaMetric
    statuses: list[TicketStatus]


@strawberry.type(
    description="At `percent` of the target, `plusMinutes` later; `levels` up the reporting line, 0 the assignee."
)
class SlaStep:
    percent: int = strawberry.field(description="0: as soon as the clock starts.")
    plus_minutes: int
    levels: list[int]
    on_call: bool = strawberry.field(description="Whoever is on call for the account's territory is told as well.")
    only_business_hours: bool


@strawberry.type(description="All that are given must hold; of the account's tags, and of the ticket's skills, one.")
class SlaConditions:
    tiers: list[AccountTier]
    kinds: list[TicketKind]
    priorities: list[TicketPriority]
    account_tags: list[str]
    skills: list[str]
    under_warranty: bool | None


@strawberry.type(description="What a company promises. A ticket comes under the first one, by position, that fits.")
class SlaPolicy(Node):
    row: strawberry.Private[promise.SlaPolicy]
    rev: int
    version: int
    name: str
    position: int
    status: PolicyStatus
    conditions: SlaConditions
    targets: list[SlaTarget]
    pauses: list[SlaPause] = strawberry.field(description="In which states a clock stands still.")
    steps: list[SlaStep]

    @strawberry.field(description="Null: around the clock.")
    async def business_hours(self, info: Info) -> BusinessHours | None:
        id = self.row.fields["businessHoursId"]
        kept = await info.context.load(business_hours_by_ids, UUID(id)) if id else None
        return BusinessHours.of(kept) if kept else None

    @classmethod
    def of(cls, kept: promise.SlaPolicy) -> "SlaPolicy":
        """The policy as GraphQL shows it."""
        fields = kept.fields
        return cls(
            id=strawberry.ID(str(kept.id)), row=kept, rev=kept.rev, version=fields["version"], name=fields["name"],
            position=fields["position"], status=PolicyStatus(fields["status"]),
            conditions=_conditions(fields["conditions"] or {}),
            targets=[_target(each) for each in fields["targets"]],
            pauses=_pauses(fields["pauses"]), steps=_steps(fields["steps"]),
        )  # fmt: skip


@strawberry.type(description="How far open tickets have been reckoned anew since policies or business hours changed.")
class SlaRecalculation:
    total: int
    done: int
    started_at: datetime
    finished_at: datetime | None


NODES = (NodeKind(reads.policies_by_ids, SlaPolicy.of),)


@strawberry.type
class Query:
    @strawberry.field(description="The company's policies, in the order in which they are tried.")
    async def sla_policies(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[SlaPolicy]:
        page = page_of(info.context, "slaPolicies", first, after)
        behind = (page.after[0], UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.policies_page(conn, info.context.actor, after=behind, rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.fields["position"], str(row.id)), node=SlaPolicy.of)

    @strawberry.field(description="The last one; null when there was none.")
    async def sla_recalculation(self, info: Info) -> SlaRecalculation | None:
        async with info.context.reading() as conn:
            last = await reads.recalculation(conn, info.context.actor)
        if last is None:
            return None
        return SlaRecalculation(
            total=last.total, done=last.done, started_at=last.started_at, finished_at=last.finished_at
        )


def _conditions(fields: Mapping[str, Any]) -> SlaConditions:
    return SlaConditions(
        tiers=[AccountTier(each) for each in fields.get("tiers", ())],
        kinds=[TicketKind(each) for each in fields.get("kinds", ())],
        priorities=[TicketPriority(each) for each in fields.get("priorities", ())],
        account_tags=list(fields.get("accountTags", ())),
        skills=list(fields.get("skills", ())),
        under_warranty=fields.get("underWarranty"),
    )


def _target(each: Mapping[str, Any]) -> SlaTarget:
    metric, priority = SlaMetric(each["metric"]), TicketPriority(each["priority"])
    return SlaTarget(metric=metric, priority=priority, minutes=each["minutes"])


def _pauses(fields: Any) -> list[SlaPause]:
    given = promise.PAUSES.items() if fields is None else [(each["metric"], each["statuses"]) for each in fields]
    return [
        SlaPause(metric=SlaMetric(metric), statuses=sorted(map(TicketStatus, statuses))) for metric, statuses in given
    ]


def _steps(fields: Any) -> list[SlaStep]:
    given = promise.STEPS if fields is None else [step_of(each) for each in fields]
    return [
        SlaStep(
            percent=each.percent, plus_minutes=each.plus // MINUTE,
            levels=[level for level in each.levels if level != promise.ON_CALL],
            on_call=promise.ON_CALL in each.levels, only_business_hours=each.only_business_hours,
        )
        for each in given
    ]  # fmt: skip
