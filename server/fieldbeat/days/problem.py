"""A rep's planning problem, gathered from what the company keeps: accounts, hours, leave, visits that stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fieldbeat.days import rules, store
from fieldbeat.days.model import Demand, RepUnknown, Standing
from fieldbeat.days.planning.model import (
    CYCLE_DAYS_MAX,
    CycleOutOfRange,
    Effort,
    Outlet,
    Plan,
    PlanDay,
    PlannedVisit,
    Problem,
    Rep,
    StartPlaceMissing,
    WorkingDay,
)
from fieldbeat.days.planning.travel import Place, Places, Travel
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.people.reads import people_below, person_by_id
from fieldbeat.people.skills import folded
from fieldbeat.worktime.arithmetic import open_intervals
from fieldbeat.worktime.model import BusinessHours, Interval
from fieldbeat.worktime.public_holidays import public_days
from fieldbeat.worktime.reads import hours_of_users

LINE_FIELDS = ("perCycle", "weekdays", "minGapDays", "pinned")
WORKDAY = (Interval(9 * 60, 12 * 60), Interval(13 * 60, 17 * 60))  # where the company has no business hours


@dataclass(frozen=True)
class Asked:
    """The plan that is wanted: whose, from a local date until another (exclusive), and with how much work."""

    rep_id: UUID
    from_on: date
    until_on: date
    effort: Effort
    travel: Travel
    now: datetime


class Gathered(NamedTuple):
    """The problem, the accounts that nobody can find on a map, and the visits that stand in its days.

    `said`: what lines say of accounts, by the account's id.
    """

    problem: Problem
    said: Mapping[str, Mapping[str, Any]]
    placeless: tuple[str, ...]
    standing: list[Standing]
    zone: ZoneInfo


async def gather(conn: Conn, actor: Actor, asked: Asked) -> Gathered:
    """Everything that a plan of one rep depends on, in a handful of statements.

    Refuses NOT_FOUND and FORBIDDEN (`repId`), a cycle of no or more than 92 days, a rep without a start place.
    """
    rep_id, from_on, until_on = asked.rep_id, asked.from_on, asked.until_on
    person = await person_by_id(conn, actor, rep_id)
    if person is None:
        raise RepUnknown(fields=("repId",))
    rules.check_may_plan(actor, rep_id=rep_id, people=await people_below(conn, actor))
    if not 1 <= (until_on - from_on).days <= CYCLE_DAYS_MAX:
        raise CycleOutOfRange(fields=("from", "until"))
    profile = await store.day_profile(conn, actor.tenant_id, rep_id)
    if profile is None:
        raise StartPlaceMissing(fields=("repId",))
    hours = (await hours_of_users(conn, actor.tenant_id, [rep_id], from_on=from_on, until_on=until_on)).get(rep_id)
    hours = hours or BusinessHours(person.time_zone, (WORKDAY,) * 5 + ((), ()))
    hours = replace(hours, time_zone=rules.clock_of(person.time_zone, hours.time_zone))
    zone = ZoneInfo(hours.time_zone)
    begin, end = rules.midnight(from_on, zone), rules.midnight(until_on, zone)
    demands = await store.demands(conn, actor.tenant_id, rep_id, from_on=from_on, time_zone=hours.time_zone)
    standing = await store.standing_visits(conn, actor.tenant_id, rep_id, begin, end)
    stands = await store.overlapping_plans(conn, actor.tenant_id, rep_id, from_on, until_on)
    frozen = rules.frozen_until(asked.now, zone) if stands else begin
    days = (until_on - from_on).days
    outlets = [outlet for each in demands if (outlet := rules.outlet_of(each, days=days, from_on=from_on))]
    known = {outlet.code for outlet in outlets}
    pins = rules.pins_of(standing, frozen)
    problem = Problem(
        rep=Rep(
            profile.start, profile.end or profile.start, _working_days(hours, zone, from_on, until_on),
            profile.visits_max, profile.travel_minutes_max, folded(person.skills),
        ),
        outlets=(
            *(rules.within(each, from_on, until_on) for each in outlets),
            *_strangers(standing, known, profile.start),
        ),
        from_on=from_on,
        until_on=until_on,
        time_zone=hours.time_zone,
        travel=asked.travel,
        holidays=_holidays(hours, from_on, until_on),
        pins=pins,
        frozen_through=frozen.astimezone(zone).date() - timedelta(days=1) if frozen > begin else None,
    )  # fmt: skip
    return Gathered(problem, _said(demands), _placeless(demands), standing, zone)


def plan_that_stands(gathered: Gathered) -> Plan:
    """The visits that stand as a plan, with the travel between them, to compare a new one with."""
    by_day: dict[date, list[Standing]] = {}
    for each in gathered.standing:
        by_day.setdefault(each.starts_at.astimezone(gathered.zone).date(), []).append(each)
    return Plan(tuple(_day(on, visits, gathered.problem) for on, visits in sorted(by_day.items())), (), "")


def _day(on: date, visits: Sequence[Standing], problem: Problem) -> PlanDay:
    places = {outlet.code: outlet.place for outlet in problem.outlets}
    start = problem.rep.start or places[visits[0].code]
    way = Places.of([start, *(places[each.code] for each in visits), problem.rep.end or start])
    legs = problem.travel.legs(way.take(slice(None, -1)), way.take(slice(1, None)))
    planned = tuple(
        PlannedVisit(str(each.account_id), each.code, each.starts_at, each.ends_at, each.fixed) for each in visits
    )
    return PlanDay(on, planned, int(legs.minutes.sum()), round(int(legs.metres.sum()) / 1000, 1))


def _working_days(hours: BusinessHours, zone: ZoneInfo, from_on: date, until_on: date) -> tuple[WorkingDay, ...]:
    days = []
    for number in range((until_on - from_on).days):
        on = from_on + timedelta(days=number)
        begin, end = rules.midnight(on, zone), rules.midnight(on + timedelta(days=1), zone)
        days.append(WorkingDay(on, tuple((span.from_at, span.until_at) for span in open_intervals(hours, begin, end))))
    return tuple(days)


def _holidays(hours: BusinessHours, from_on: date, until_on: date) -> frozenset[date]:
    if hours.region is None:
        return frozenset()
    years = range(from_on.year, until_on.year + 1)
    return frozenset(on for year in years for on in public_days(hours.region, year).closed if from_on <= on < until_on)


def _strangers(standing: Sequence[Standing], known: set[str], start: Place) -> list[Outlet]:
    """Accounts of visits that stand, but that the rep does not serve any more: nothing is wanted there."""
    found: dict[str, Outlet] = {}
    for each in standing:
        if each.code not in known:
            there = each.latitude is not None and each.longitude is not None
            place = Place(each.latitude or 0.0, each.longitude or 0.0, each.code) if there else start
            found[each.code] = Outlet(str(each.account_id), each.code, place, visits=0)
    return list(found.values())


def _said(demands: Sequence[Demand]) -> dict[str, dict[str, Any]]:
    return {
        str(each.account_id): {name: each.line[name] for name in LINE_FIELDS if each.line.get(name)}
        for each in demands
        if each.line
    }


def _placeless(demands: Sequence[Demand]) -> tuple[str, ...]:
    return tuple(str(each.account_id) for each in demands if each.latitude is None)
