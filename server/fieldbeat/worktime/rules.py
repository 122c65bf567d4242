"""What business hours and leave must look like, and who may enter them; decided without a database."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Invalid
from fieldbeat.kit.zones import check_time_zone
from fieldbeat.worktime.model import (
    CLOSED,
    DAY_MINUTES,
    YEARS,
    BadTime,
    BusinessHours,
    Day,
    DefaultNeeded,
    EndsTooEarly,
    HoursNotYours,
    InstantOutOfRange,
    Interval,
    IntervalsOverlap,
    KeptHours,
    Leave,
    LeaveNotYours,
    LeavePart,
    NeverOpen,
    RegionUnknown,
    Span,
    Weekday,
)
from fieldbeat.worktime.public_holidays import Region, is_known
from fieldbeat_sync.schema import Role

INTERVALS_MAX = 12  # of a day
EXCEPTIONS_MAX = 1_000
PAUSES_MAX = 1_000
_BEGIN, _END = (datetime(year, 1, 1, tzinfo=UTC) for year in (YEARS.start, YEARS.stop))
LEAVE_DAYS_MAX = 1_100
PEOPLE_MAX = 10_000
NOON = DAY_MINUTES // 2

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def hours_of(fields: Mapping[str, Any]) -> BusinessHours:
    """The business hours in a row of the collection. Refuses what is none, naming the field.

    A date that is both in `closed` and in `open` has the hours of `open`.
    """
    check_time_zone(fields["timeZone"])
    week: dict[str, list[Any]] = {name: [] for name in Weekday}
    for each in fields["weekly"]:
        week[each["weekday"]].append(each)
    weekly = tuple(_day("weekly", name, intervals) for name, intervals in week.items())
    exceptions = _exceptions(fields.get("closed") or (), fields.get("open") or ())
    if not any(weekly) and not any(exceptions.values()):
        raise NeverOpen(fields=("weekly",))
    return BusinessHours(
        fields["timeZone"], weekly, exceptions, _region(fields.get("country"), fields.get("subdivision"))
    )


def pauses_of(given: Sequence[Span]) -> Sequence[Span]:
    """The pauses of a clock. Refuses one that ends before it begins, and too many."""
    if len(given) > PAUSES_MAX:
        raise Invalid(f"At most {PAUSES_MAX} pauses are reckoned with.", fields=("pauses",))
    for pause in given:
        if pause.until_at < pause.from_at:
            raise EndsTooEarly("A pause ends before it begins.", fields=("pauses",))
        check_reckoned(pause.from_at, field="pauses")
        check_reckoned(pause.until_at, field="pauses")
    return given


def check_reckoned(at: datetime, *, field: str) -> None:
    """Refuses (`InstantOutOfRange`) an instant with which business time is not reckoned."""
    if not _BEGIN <= at < _END:
        raise InstantOutOfRange(fields=(field,))


def target_of(minutes: int) -> timedelta:
    """A clock's target. Refuses less than a minute."""
    if minutes < 1:
        raise Invalid("A target is at least one minute.", fields=("targetMinutes",))
    return timedelta(minutes=minutes)


def without_leave(hours: BusinessHours, leaves: Iterable[Leave]) -> BusinessHours:
    """The hours of somebody who is away in `leaves`."""
    exceptions = dict(hours.exceptions)
    for leave in leaves:
        for day in _days(leave.from_on, leave.until_on):
            left = exceptions[day] if day in exceptions else hours.on(day)
            exceptions[day] = _left_of(left, leave.part)
    return replace(hours, exceptions=exceptions)


def hours_by_user(kept: Sequence[KeptHours], user_ids: Iterable[UUID]) -> dict[UUID, BusinessHours]:
    """For each person the hours that name him, else the default; nobody when there is none."""
    default = next((each for each in kept if each.fields["isDefault"]), None)
    named = {UUID(id): each for each in kept for id in each.fields["userIds"]}
    found = {id: each for id in user_ids if (each := named.get(id, default)) is not None}
    parsed = {each.id: hours_of(each.fields) for each in {each.id: each for each in found.values()}.values()}
    return {id: parsed[each.id] for id, each in found.items()}


def wanted_fields(before: Mapping[str, Any] | None, patch: Mapping[str, Any], *, is_first: bool) -> dict[str, Any]:
    """What is to be written: the first hours of a company are its default, and a default stays one until another is."""
    written = dict(patch)
    if before is None:
        written["isDefault"] = is_first or bool(patch.get("isDefault"))
        written["name"] = patch.get("name") or patch["timeZone"]
    elif before["isDefault"] and patch.get("isDefault") is False:
        raise DefaultNeeded(fields=("isDefault",))
    if len(written.get("userIds", ())) > PEOPLE_MAX:
        raise Invalid(f"At most {PEOPLE_MAX} people are named.", fields=("userIds",))
    return written


def giving_way(others: Iterable[KeptHours], written: Mapping[str, Any]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """How the company's other hours change: one alone is the default, and a person has one at most."""
    taken = set(written.get("userIds", ()))
    for each in others:
        patch: dict[str, Any] = {}
        if written.get("isDefault") and each.fields["isDefault"]:
            patch["isDefault"] = False
        if taken & set(each.fields["userIds"]):
            patch["userIds"] = [id for id in each.fields["userIds"] if id not in taken]
        if patch:
            yield each.id, patch


def check_may_set_hours(actor: Actor) -> None:
    """Refuses whoever is not an administrator."""
    if actor.role is not Role.ADMIN:
        raise HoursNotYours


def check_may_enter_leave(user_id: UUID, below: Set[UUID]) -> None:
    """Refuses leave of somebody who is neither the actor nor below him."""
    if user_id not in below:
        raise LeaveNotYours


def check_leave(from_on: date, until_on: date) -> None:
    """Refuses leave that ends before it begins, or takes years."""
    if until_on <= from_on:
        raise EndsTooEarly("A leave ends after the day on which it begins.", fields=("from", "until"))
    if (until_on - from_on).days > LEAVE_DAYS_MAX:
        raise Invalid(f"A leave takes at most {LEAVE_DAYS_MAX} days.", fields=("from", "until"))
    _check_year(from_on, "from")
    _check_year(until_on, "until")


def _exceptions(closed: Sequence[str], opened: Sequence[Mapping[str, str]]) -> dict[date, Day]:
    for name, given in (("closed", closed), ("open", opened)):
        if len(given) > EXCEPTIONS_MAX:
            raise Invalid(f"At most {EXCEPTIONS_MAX} of these are kept.", fields=(name,))
    by_date: dict[str, list[Mapping[str, str]]] = {}
    for each in opened:
        by_date.setdefault(each["on"], []).append(each)
    days = {_date(on, "closed"): CLOSED for on in closed}
    return days | {_date(on, "open"): _day("open", on, intervals) for on, intervals in by_date.items()}


def _day(field: str, name: str, given: Sequence[Mapping[str, str]]) -> Day:
    """The intervals of one day in order; `name` tells a person which day is wrong."""
    if len(given) > INTERVALS_MAX:
        raise Invalid(f"{name}: a day has at most {INTERVALS_MAX} intervals.", fields=(field,))
    day = tuple(sorted(_interval(field, name, each["from"], each["until"]) for each in given))
    for one, following in pairwise(day):
        if following.from_minute < one.until_minute:
            raise IntervalsOverlap(f"{name}: the intervals of one day may touch, but not overlap.", fields=(field,))
    return day


def _interval(field: str, name: str, from_: str, until: str) -> Interval:
    interval = Interval(_minute(field, from_), DAY_MINUTES if until == "24:00" else _minute(field, until))
    if interval.until_minute <= interval.from_minute:
        raise EndsTooEarly(f"{name}: {from_} to {until} must end later than it begins.", fields=(field,))
    return interval


def _minute(field: str, text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise BadTime(fields=(field,))
    return int(found[1]) * 60 + int(found[2])


def _date(text: str, field: str) -> date:
    day = date.fromisoformat(text)
    _check_year(day, field)
    return day


def _check_year(day: date, field: str) -> None:
    if day.year not in YEARS:
        raise Invalid(f"Dates lie from {YEARS.start} to {YEARS.stop - 1}.", fields=(field,))


def _region(country: str | None, subdivision: str | None) -> Region | None:
    if country is None and subdivision is None:
        return None
    if country is None or not is_known(Region(country)):
        raise RegionUnknown(fields=("country",))
    if subdivision is not None and not is_known(Region(country, subdivision)):
        raise RegionUnknown(fields=("subdivision",))
    return Region(country, subdivision)


def _days(from_on: date, until_on: date) -> Iterator[date]:
    return (date.fromordinal(n) for n in range(from_on.toordinal(), until_on.toordinal()))


def _left_of(day: Day, part: LeavePart) -> Day:
    match part:
        case LeavePart.DAY:
            return CLOSED
        case LeavePart.MORNING:
            return tuple(Interval(max(a, NOON), b) for a, b in day if b > NOON)
        case LeavePart.AFTERNOON:
            return tuple(Interval(a, min(b, NOON)) for a, b in day if a < NOON)
