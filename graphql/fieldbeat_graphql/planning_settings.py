"""What plans are made by, over GraphQL: where a person's days begin, and what an account asks of its visits."""

from datetime import date
from typing import Annotated

import strawberry

from fieldbeat.days import model, plans, reads
from fieldbeat.days.planning.model import HolidayPolicy
from fieldbeat.days.planning.travel import Place, PlaceOutOfRange
from fieldbeat.worktime.model import Weekday
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import Forbidden, Invalid, NotFound
from fieldbeat_graphql.scalars import given, parse_id
from fieldbeat_graphql.worktime import WeeklyInterval, WeeklyIntervalInput

strawberry.enum(HolidayPolicy)


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
    skills: list[str] = strawberry.field(description="What whoever visits must be able to do.")

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
            holidays=row.holidays, skills=list(row.skills),
        )  # fmt: skip


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
    skills: list[str] = strawberry.field(default_factory=list)


@strawberry.type
class SetDayProfilePayload:
    profile: DayProfile


@strawberry.type
class SetVisitRulePayload:
    rule: VisitRule


SetDayProfileResult = Annotated[
    SetDayProfilePayload | Forbidden | NotFound | Invalid, strawberry.union("SetDayProfileResult")
]
SetVisitRuleResult = Annotated[SetVisitRulePayload | NotFound | Invalid, strawberry.union("SetVisitRuleResult")]


@strawberry.type
class Query:
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
    @strawberry.mutation(description="Where a person's days begin and end: his own, or of somebody below you.")
    async def set_day_profile(self, info: Info, input: SetDayProfileInput) -> SetDayProfileResult:
        ctx, profile = info.context, _profile(input)
        async with ctx.changing() as tx:
            kept = await plans.set_day_profile(tx, ctx.actor, profile)
        return SetDayProfilePayload(profile=DayProfile.of(kept))

    @strawberry.mutation(description="What an account asks of its visits; plans made from now on keep it.")
    async def set_visit_rule(self, info: Info, input: SetVisitRuleInput) -> SetVisitRuleResult:
        ctx, rule = info.context, _rule(input)
        async with ctx.changing() as tx:
            kept = await plans.set_visit_rule(tx, ctx.actor, rule)
        return SetVisitRulePayload(rule=VisitRule.of(kept))


def _profile(input: SetDayProfileInput) -> model.DayProfile:
    start = _place("start", input.start_latitude, input.start_longitude)
    latitude, longitude = given(input.end_latitude), given(input.end_longitude)
    if (latitude is None) != (longitude is None):
        raise model.ProfileInvalid(fields=("endLatitude", "endLongitude"))
    end = _place("end", latitude, longitude) if latitude is not None and longitude is not None else None
    return model.DayProfile(
        parse_id(input.user_id, field="userId"), start, end, given(input.visits_max), given(input.travel_minutes_max)
    )


def _place(which: str, latitude: float, longitude: float) -> Place:
    try:
        return Place(latitude, longitude)
    except PlaceOutOfRange:
        raise PlaceOutOfRange(fields=(f"{which}Latitude", f"{which}Longitude")) from None


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
        skills=tuple(input.skills),
    )
