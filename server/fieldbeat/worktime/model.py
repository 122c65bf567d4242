"""Business hours, and what may be refused about them and about reckoning with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple, TypeAlias

from fieldbeat.kit.refusal import Invalid

DAY_MINUTES = 24 * 60
YEARS = range(1970, 2200)  # of the instants that are reckoned with; it bounds every search


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

    `weekly` has seven days, Monday first. A date in `exceptions` has the hours that stand there, whatever its weekday:
    none when it is closed, its own on an extra working day.
    """

    time_zone: str
    weekly: tuple[Day, ...]
    exceptions: Mapping[date, Day] = field(default_factory=dict, hash=False)

    def on(self, day: date) -> Day:
        """The hours of a local date."""
        exception = self.exceptions.get(day)
        return self.weekly[day.weekday()] if exception is None else exception

    @cached_property
    def always_open(self) -> bool:
        """Whether business time is all time."""
        return not self.exceptions and all(day == WHOLE_DAY for day in self.weekly)


class InstantOutOfRange(Invalid):
    """Business time is reckoned from 1970 until 2200 (UTC)."""


class NeverReached(Invalid):
    """In these business hours that much time does not pass before the year 2200."""
