"""Business hours and leave over GraphQL, and what an SLA clock would show."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat.kit.ids import uuid7
from fieldbeat.worktime import actions, arithmetic, model, reads, rules
from fieldbeat.worktime.model import LeaveKind, LeavePart, Weekday
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id

MINUTE = timedelta(minutes=1)
strawberry.enum(Weekday)
strawberry.enum(LeavePart, description="How much of each day a leave takes; the halves meet at noon.")
strawberry.enum(LeaveKind, description="Why somebody is away.")


@strawberry.type(description="Open on a weekday from a time until another (exclusive), by the wall clock.")
class WeeklyInterval:
    weekday: Weekday
    from_: str = strawberry.field(name="from")
    until: str


@strawberry.type(description="Open on a date, whatever its weekday.")
class OpenInterval:
    on: date
    from_: str = strawberry.field(name="from")
    until: str


@strawberry.type(description="When the company, or some of its people, are at work.")
class BusinessHours(Node):
    rev: int
    name: str
    time_zone: str
    weekly: list[WeeklyInterval]
    closed: list[date]
    open: list[OpenInterval]
    country: str | None = strawberry.field(description="Whose public holidays are closed.")
    subdivision: str | None
    is_default: bool
    user_ids: list[strawberry.ID] = strawberry.field(description="The people who have these and not the default.")
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, kept: model.KeptHours) -> "BusinessHours":
        """The hours as GraphQL shows them."""
        fields = kept.fields
        return cls(
            id=strawberry.ID(str(kept.id)), rev=kept.rev, name=fields["name"], time_zone=fields["timeZone"],
            weekly=[WeeklyInterval(**_interval(each), weekday=Weekday(each["weekday"])) for each in fields["weekly"]],
            closed=[date.fromisoformat(on) for on in fields["closed"]],
            open=[OpenInterval(**_interval(each), on=date.fromisoformat(each["on"])) for each in fields["open"]],
            country=fields["country"], subdivision=fields["subdivision"], is_default=fields["isDefault"],
            user_ids=[strawberry.ID(id) for id in fields["userIds"]],
            created_at=kept.created_at, changed_at=kept.changed_at,
        )  # fmt: skip


@strawberry.type(description="A person is away, by local dates.")
class Leave:
    row: strawberry.Private[model.Leave]
    id: strawberry.ID
    from_: date = strawberry.field(name="from", description="The first day.")
    until: date = strawberry.field(description="The day on which it is over.")
    part: LeavePart
    kind: LeaveKind

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.user_id)

    @classmethod
    def of(cls, row: model.Leave) -> "Leave":
        """The leave as GraphQL shows it."""
        return cls(
            row=row, id=strawberry.ID(str(row.id)), from_=row.from_on, until=row.until_on, part=row.part, kind=row.kind
        )


@strawberry.type(description="A clock in business time.")
class SlaPreview:
    deadline: datetime = strawberry.field(description="When the target is reached, pauses left out.")
    elapsed_minutes: int = strawberry.field(
        description="Business minutes from the creation until now, pauses left out."
    )
    remaining_minutes: int = strawberry.field(description="The target less the elapsed minutes; negative when overdue.")


@strawberry.input(description="`from` and `until` are local times, HH:MM; `until` is exclusive and may be 24:00.")
class WeeklyIntervalInput:
    weekday: Weekday
    from_: str = strawberry.field(name="from")
    until: str


@strawberry.input(description="An extra working day's hours; they stand for all of that date.")
class OpenIntervalInput:
    on: date
    from_: str = strawberry.field(name="from")
    until: str


@strawberry.input
class BusinessHoursInput:
    time_zone: str = strawberry.field(description="A name of the IANA database, such as Europe/Berlin.")
    weekly: list[WeeklyIntervalInput] = strawberry.field(description="Many a day; they do not overlap.")
    closed: list[date] | None = strawberry.UNSET
    open: list[OpenIntervalInput] | None = strawberry.UNSET


@strawberry.input(description="Makes business hours, or changes those with this id; what is absent stays.")
class SetBusinessHoursInput(BusinessHoursInput):
    id: strawberry.ID | None = strawberry.UNSET
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Of new ones: the time zone when absent.")
    country: str | None = strawberry.field(default=strawberry.UNSET, description="ISO 3166-1 alpha-2: its holidays.")
    subdivision: str | None = strawberry.UNSET
    is_default: bool | None = strawberry.field(default=strawberry.UNSET, description="The company's first always are.")
    user_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Who has these hours and not the default."
    )
    base_rev: int | None = strawberry.UNSET


@strawberry.input
class PauseInput:
    from_: datetime = strawberry.field(name="from")
    until: datetime


@strawberry.input
class SlaPreviewInput:
    business_hours: BusinessHoursInput
    target_minutes: int
    created_at: datetime
    pauses: list[PauseInput]
    now: datetime | None = strawberry.field(default=strawberry.UNSET, description="The server's time when absent.")


@strawberry.input(description="Enters a leave, or replaces the person's leave with this id.")
class SetLeaveInput:
    user_id: strawberry.ID
    from_: date = strawberry.field(name="from", description="The first day, inclusive.")
    until: date = strawberry.field(description="Exclusive.")
    part: LeavePart = LeavePart.DAY
    kind: LeaveKind = LeaveKind.VACATION
    id: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class CancelLeaveInput:
    id: strawberry.ID


@strawberry.type
class SetBusinessHoursPayload:
    business_hours: BusinessHours


@strawberry.type
class SetLeavePayload:
    leave: Leave


@strawberry.type
class CancelLeavePayload:
    leave: Leave


SetBusinessHoursResult = Annotated[
    SetBusinessHoursPayload | Forbidden | Invalid | NotFound | ChangeRefused,
    strawberry.union("SetBusinessHoursResult"),
]
SetLeaveResult = Annotated[SetLeavePayload | Forbidden | Invalid | NotFound, strawberry.union("SetLeaveResult")]
CancelLeaveResult = Annotated[CancelLeavePayload | NotFound, strawberry.union("CancelLeaveResult")]

NODES = (NodeKind(reads.business_hours_by_ids, BusinessHours.of),)
REFUSALS: Refusals = {}


@strawberry.type
class Query:
    @strawberry.field(description="The company's business hours, by name.")
    async def business_hours(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[BusinessHours]:
        page = page_of(info.context, "businessHours", first, after)
        behind = (page.after[0], UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.business_hours_page(conn, info.context.actor, after=behind, rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.fields["name"], str(row.id)), node=BusinessHours.of)

    @strawberry.field(description="Leave on the days from `from` until `until`: yours, and of those below you.")
    async def leaves(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        until: date,
        user_id: strawberry.ID | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Leave]:
        page, wanted = page_of(info.context, "leaves", first, after), optional_id(user_id, field="userId")
        behind = (date.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        async with info.context.reading() as conn:
            rows = await reads.leaves_page(
                conn, info.context.actor, user_id=wanted,
                from_on=from_, until_on=until, after=behind, rows_max=page.limit,
            )  # fmt: skip
        return connect(page, rows, key=lambda row: (row.from_on.isoformat(), str(row.id)), node=Leave.of)

    @strawberry.field(description="What an SLA clock with these business hours, target and pauses shows.")
    async def sla_preview(self, info: Info, input: SlaPreviewInput) -> SlaPreview:
        hours = rules.hours_of(_fields(input.business_hours))
        target = rules.target_of(input.target_minutes)
        pauses = rules.pauses_of([model.Span(each.from_, each.until) for each in input.pauses])
        now = given(input.now) or info.context.received_at
        rules.check_reckoned(input.created_at, field="createdAt")
        rules.check_reckoned(now, field="now")
        elapsed = arithmetic.elapsed(hours, input.created_at, now, pauses) // MINUTE
        try:
            deadline = arithmetic.deadline(hours, input.created_at, target, pauses)
        except model.NeverReached as never:
            raise model.NeverReached(fields=("targetMinutes",)) from never
        return SlaPreview(deadline=deadline, elapsed_minutes=elapsed, remaining_minutes=input.target_minutes - elapsed)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Makes or changes business hours; for administrators.")
    async def set_business_hours(self, info: Info, input: SetBusinessHoursInput) -> SetBusinessHoursResult:
        ctx, hours_id = info.context, optional_id(input.id)
        async with ctx.changing() as tx:
            kept = await actions.set_business_hours(
                tx, ctx.actor, patch=_patch(input), hours_id=hours_id, base_rev=given(input.base_rev)
            )
        return SetBusinessHoursPayload(business_hours=BusinessHours.of(kept))

    @strawberry.mutation(description="Enters or replaces a leave: one's own, or of somebody below.")
    async def set_leave(self, info: Info, input: SetLeaveInput) -> SetLeaveResult:
        ctx, id = info.context, optional_id(input.id)
        user_id = parse_id(input.user_id, field="userId")
        leave = model.Leave(id or uuid7(), user_id, input.from_, input.until, input.part, input.kind)
        async with ctx.changing() as tx:
            entered = await actions.set_leave(tx, ctx.actor, leave)
        return SetLeavePayload(leave=Leave.of(entered))

    @strawberry.mutation(description="Takes a leave back.")
    async def cancel_leave(self, info: Info, input: CancelLeaveInput) -> CancelLeaveResult:
        ctx = info.context
        async with ctx.changing() as tx:
            cancelled = await actions.cancel_leave(tx, ctx.actor, parse_id(input.id))
        return CancelLeavePayload(leave=Leave.of(cancelled))


def _interval(kept: Mapping[str, str]) -> dict[str, str]:
    return {"from_": kept["from"], "until": kept["until"]}


def _fields(input: BusinessHoursInput) -> dict[str, Any]:
    """The input in the collection's words; what is absent or null is empty."""
    return {
        "timeZone": input.time_zone,
        "weekly": [{"weekday": each.weekday.value, "from": each.from_, "until": each.until} for each in input.weekly],
        "closed": [on.isoformat() for on in given(input.closed) or ()],
        "open": [
            {"on": each.on.isoformat(), "from": each.from_, "until": each.until} for each in given(input.open) or ()
        ],
    }


def _patch(input: SetBusinessHoursInput) -> Mapping[str, Any]:
    """The fields of the collection that the input names; null clears."""
    said = {
        "closed": input.closed, "open": input.open, "name": input.name, "country": input.country,
        "subdivision": input.subdivision, "isDefault": input.is_default, "userIds": input.user_ids,
    }  # fmt: skip
    named = {field: value for field, value in said.items() if value is not strawberry.UNSET}
    patch = {**named, **{name: value for name, value in _fields(input).items() if name not in said or name in named}}
    if "userIds" in named:
        patch["userIds"] = [str(parse_id(id, field="userIds")) for id in input.user_ids or ()]
    return patch
