"""Business hours and leave, and what may be refused about them and about reckoning with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound
from fieldbeat.worktime.public_holidays import Region, public_days

DAY_MINUTES = 24 * 60
YEARS = range(1990, 2101)  # of the instants that are reckoned with; it bounds every search


class Weekday(StrEnum):
    """The days of a week in order."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class Interval(NamedTuple):
    """Minutes of a local day, `until_minute` exclusive: 0 <= from_minute < until_minute <= 1440."""

    from_minute: int
    until_minute: int


class Span(NamedTuple):
    """An interval between two instants, `until_at` exclusive."""

    from_at: datetime
    until_at: datetime


Day: TypeAlias = tuple[Interval, ...]  # in order, disjoint; empty: closed
CLOSED: Day = ()
WHOLE_DAY: Day = (Interval(0, DAY_MINUTES),)


@dataclass(frozen=True)
class BusinessHours:
    """When somebody is at work, by the wall clock of an IANA time zone.

    `weekly` has seven days, Monday first. A date in `exceptions` has the hours that stand there, whatever else it is:
    none when it is closed, its own on an extra working day. Then the public holidays of `region` are closed.
    """

    time_zone: str
    weekly: tuple[Day, ...]
    exceptions: Mapping[date, Day] = field(default_factory=dict, hash=False)
    region: Region | None = None

    def on(self, day: date) -> Day:
        """The hours of a local date."""
        exception = self.exceptions.get(day)
        if exception is not None:
            return exception
        if self.region is None:
            return self.weekly[day.weekday()]
        public = public_days(self.region, day.year)
        if day in public.working:
            return self._of_working_weekend(day.weekday())
        return CLOSED if day in public.closed else self.weekly[day.weekday()]

    @cached_property
    def always_open(self) -> bool:
        """Whether business time is all time."""
        return not self.exceptions and not self.region and all(day == WHOLE_DAY for day in self.weekly)

    def _of_working_weekend(self, weekday: int) -> Day:
        """The hours of the weekday itself, or else of the nearest one before it that is worked."""
        before = (self.weekly[(weekday - back) % 7] for back in range(7))
        return next((hours for hours in before if hours), CLOSED)


@dataclass(frozen=True)
class KeptHours:
    """Business hours as a company keeps them; `fields` are those of the collection, by their wire names."""

    id: UUID
    rev: int
    fields: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime


class LeavePart(StrEnum):
    """How much of each of its days a leave takes; the halves meet at noon."""

    DAY = "DAY"
    MORNING = "MORNING"
    AFTERNOON = "AFTERNOON"


class LeaveKind(StrEnum):
    """Why somebody is away."""

    VACATION = "VACATION"
    SICK = "SICK"
    TRAINING = "TRAINING"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Leave:
    """A person is away from a local date, inclusive, until one, exclusive."""

    id: UUID
    user_id: UUID
    from_on: date
    until_on: date
    part: LeavePart
    kind: LeaveKind


class InstantOutOfRange(Invalid):
    """Business time is reckoned from 1990 until 2100 (UTC, inclusive)."""


class NeverReached(Invalid):
    """In these business hours that much time does not pass before the year 2101."""


class BadTime(Invalid):
    """A time of day is HH:MM, such as 09:00; an interval may end at 24:00."""


class EndsTooEarly(Invalid):
    """What begins must end later."""


class IntervalsOverlap(Invalid):
    """The intervals of one day may touch, but not overlap."""


class NeverOpen(Invalid):
    """Business hours need at least one interval."""


class RegionUnknown(Invalid):
    """The public holidays of this country or subdivision are not known."""


class DefaultNeeded(Invalid):
    """A company keeps one default: make other business hours the default instead."""


class HoursNotYours(Forbidden):
    """Only an administrator sets business hours."""


class LeaveNotYours(Forbidden):
    """Leave is entered by oneself, a supervisor above, or an administrator."""


class PersonUnknown(NotFound):
    """There is no such person."""


class LeaveUnknown(NotFound):
    """There is no such leave among those that you may see."""
