"""Pure decisions about plans: what an account asks for, who may do what, and what of an old plan a new one keeps."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fieldbeat.days.model import (
    DayProfile,
    Demand,
    PlanningNotYours,
    ProfileInvalid,
    ProfileNotYours,
    PublishingNotYours,
    RuleInvalid,
    Standing,
    VisitRule,
)
from fieldbeat.days.planning.model import HolidayPolicy, Hours, Minutes, Outlet, Pin
from fieldbeat.days.planning.travel import Place
from fieldbeat.kit.actor import Actor
from fieldbeat.people.skills import folded
from fieldbeat_sync.catalogue.visits import WEEKDAYS
from fieldbeat_sync.schema import LEADS

CYCLE_DAYS = 28
NO_PLACE = "NO_PLACE"  # the account has no coordinates


class Usual(NamedTuple):
    """What a tier gives: visits in four weeks, the least and greatest gap in days, minutes of a visit, priority."""

    per_cycle: int
    gap_min_days: int
    gap_max_days: int
    duration_minutes: int
    priority: int


USUAL: Mapping[str | None, Usual] = {
    "VIP": Usual(8, 2, 5, 30, 4),
    "MAIN": Usual(4, 4, 10, 25, 3),
    "ORDINARY": Usual(2, 7, 21, 20, 2),
    "SMALL": Usual(1, 14, 42, 15, 1),
    None: Usual(2, 7, 21, 20, 2),  # nobody has judged it yet: as an ordinary one
}


def clock_of(person_zone: str, hours_zone: str | None) -> str:
    """The time zone of a rep's days: his own. One that says UTC is one of whom nobody said where he lives."""
    return hours_zone if hours_zone and person_zone == "UTC" else person_zone


def outlet_of(demand: Demand, *, days: int, from_on: date) -> Outlet | None:
    """What an account asks for in a cycle of so many days; None when nobody knows where it is.

    Its line in the rep's plan goes before its rule, the rule before its tier.
    """
    if demand.latitude is None or demand.longitude is None:
        return None
    usual, rule, line = USUAL[demand.tier], demand.rule or {}, demand.line or {}
    per_cycle = _first(line.get("perCycle"), rule.get("per_cycle"), usual.per_cycle)
    gap_min = _first(line.get("minGapDays"), rule.get("gap_min_days"), usual.gap_min_days)
    return Outlet(
        id=str(demand.account_id),
        code=demand.code,
        place=Place(demand.latitude, demand.longitude, demand.code),
        visits=visits_of(per_cycle, days),
        duration_minutes=_first(rule.get("duration_minutes"), usual.duration_minutes),
        priority=usual.priority,
        gap_min_days=max(1, gap_min),
        gap_max_days=max(gap_min, _first(rule.get("gap_max_days"), usual.gap_max_days)),
        hours=_hours(rule["hours"]) if rule.get("hours") else None,
        weekdays=_numbers(line.get("weekdays") or rule.get("weekdays") or ()),
        preferred_weekdays=_numbers(rule.get("preferred_weekdays") or ()),
        must_visit=tuple(date.fromisoformat(on) for on in rule.get("must_visit") or ()),
        days_since_last=(from_on - demand.last_on).days if demand.last_on else None,
        debt=demand.owed,
        holiday_policy=HolidayPolicy(rule.get("holidays", "MOVE_AFTER")),
        skills=folded(rule.get("skills") or ()),
    )


def within(outlet: Outlet, from_on: date, until_on: date) -> Outlet:
    """The outlet with the must-visit dates of the cycle alone."""
    return replace(outlet, must_visit=tuple(on for on in outlet.must_visit if from_on <= on < until_on))


def visits_of(per_cycle: int, days: int) -> int:
    """How many visits a cycle of so many days holds of those asked for in four weeks; at least one, if any."""
    return max(1, round(per_cycle * days / CYCLE_DAYS)) if per_cycle else 0


def check_rule(rule: VisitRule) -> None:
    """Refuses numbers out of range, gaps that contradict each other, unknown weekdays and broken opening hours."""
    bad = _out_of_range(
        ("perCycle", rule.per_cycle, 0, 100),
        ("durationMinutes", rule.duration_minutes, 1, 1440),
        ("gapMinDays", rule.gap_min_days, 0, 366),
        ("gapMaxDays", rule.gap_max_days, 0, 366),
    )
    if rule.gap_min_days is not None and rule.gap_max_days is not None and rule.gap_min_days > rule.gap_max_days:
        bad.append("gapMaxDays")
    if bad:
        raise RuleInvalid(fields=tuple(bad))
    if rule.hours:
        _hours(rule.hours)


def check_profile(profile: DayProfile) -> None:
    """Refuses numbers out of range."""
    bad = _out_of_range(
        ("visitsMax", profile.visits_max, 1, 1440), ("travelMinutesMax", profile.travel_minutes_max, 0, 1440)
    )
    if bad:
        raise ProfileInvalid(fields=tuple(bad))


def _out_of_range(*said: tuple[str, int | None, int, int]) -> list[str]:
    return [name for name, value, least, most in said if value is not None and not least <= value <= most]


def check_may_plan(actor: Actor, *, rep_id: UUID, people: Collection[UUID]) -> None:
    """Refuses who neither is the rep nor leads him."""
    if rep_id not in people:
        raise PlanningNotYours(fields=("repId",))


def check_may_publish(actor: Actor, *, rep_id: UUID, people: Collection[UUID]) -> None:
    """Refuses who does not lead the rep."""
    if actor.role not in LEADS or rep_id not in people:
        raise PublishingNotYours


def check_may_set_profile(user_id: UUID, people: Collection[UUID]) -> None:
    """Refuses who neither is the person nor leads him."""
    if user_id not in people:
        raise ProfileNotYours(fields=("userId",))


def pins_of(standing: Iterable[Standing], frozen_until: datetime) -> tuple[Pin, ...]:
    """What a plan keeps as it is: visits made by hand, pinned, under way or done, and those of the nearest time."""
    return tuple(
        Pin(each.code, each.starts_at, each.ends_at) for each in standing if each.fixed or each.starts_at < frozen_until
    )


def frozen_until(now: datetime, zone: ZoneInfo) -> datetime:
    """The end of tomorrow, local time: what begins before it is not moved any more."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=2)
    return midnight(tomorrow, zone)


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local date begins."""
    return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)


class Step(NamedTuple):
    """What publishing does to one visit: makes it (`id` None), moves it, or takes it away (`window` None)."""

    id: UUID | None
    account_id: UUID
    window: dict[str, str] | None


def steps(standing: Sequence[Standing], days: Sequence[Mapping[str, Any]], *, frozen_until: datetime) -> Iterator[Step]:
    """How the visits that stand become those of a plan: an account's visits are matched in order, so that ids stay.

    What is fixed or near stays as it is, and takes the place of a planned visit of its account on the same day.
    """
    open_: dict[str, list[Standing]] = {}
    kept: set[tuple[str, date]] = set()
    for each in standing:
        if each.fixed or each.starts_at < frozen_until:
            kept.add((str(each.account_id), each.starts_at.date()))
        else:
            open_.setdefault(str(each.account_id), []).append(each)
    for account_id, wanted in sorted(_wanted(days, kept).items()):
        old = open_.pop(account_id, [])
        for before, window in zip(old, wanted, strict=False):
            if (instant(before.starts_at), instant(before.ends_at)) != tuple(window.values()):
                yield Step(before.id, before.account_id, window)
        for window in wanted[len(old) :]:
            yield Step(None, UUID(account_id), window)
        for before in old[len(wanted) :]:
            yield Step(before.id, before.account_id, None)
    for old in open_.values():
        yield from (Step(before.id, before.account_id, None) for before in old)


def _wanted(days: Sequence[Mapping[str, Any]], kept: Collection[tuple[str, date]]) -> dict[str, list[dict[str, str]]]:
    wanted: dict[str, list[dict[str, str]]] = {}
    for day in days:
        for visit in day["visits"]:
            on = datetime.fromisoformat(visit["plannedStart"]).date()
            if not visit["pinned"] and (visit["accountId"], on) not in kept:
                window = {"plannedStart": visit["plannedStart"], "plannedEnd": visit["plannedEnd"]}
                wanted.setdefault(visit["accountId"], []).append(window)
    return wanted


def instant(at: datetime) -> str:
    """An instant as plans write it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _numbers(weekdays: Iterable[str]) -> frozenset[int]:
    try:
        return frozenset(WEEKDAYS.index(each) for each in weekdays)
    except ValueError:
        raise RuleInvalid(fields=("weekdays",)) from None


def _hours(intervals: Sequence[Mapping[str, str]]) -> Hours:
    week: list[list[Minutes]] = [[] for _ in WEEKDAYS]
    for each in intervals:
        begin, end = _minute(each["from"]), _minute(each["until"])
        if begin >= end or each["weekday"] not in WEEKDAYS:
            raise RuleInvalid("Opening hours need a weekday and an end after their beginning.", fields=("hours",))
        week[WEEKDAYS.index(each["weekday"])].append((begin, end))
    for day in week:
        day.sort()
        if any(before[1] > after[0] for before, after in pairwise(day)):
            raise RuleInvalid("Opening hours of one day must not overlap.", fields=("hours",))
    return Hours(tuple(tuple(day) for day in week))


def _minute(said: str) -> int:
    hours, colon, minutes = said.partition(":")
    if not (colon and len(said) == 5 and said.isascii() and hours.isdigit() and minutes.isdigit()):
        raise RuleInvalid("A time of day is HH:MM.", fields=("hours",))
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > 1440:
        raise RuleInvalid("A time of day is HH:MM.", fields=("hours",))
    return minute
