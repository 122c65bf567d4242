"""A plan's problem and the plan: what is given, what comes out, and what is refused."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from fieldbeat.days.planning.travel import Place, Travel
from fieldbeat.kit.refusal import Invalid

DEBT_MAX = 2  # owed visits that a cycle takes over, and the most that they add to an outlet's urgency
CYCLE_DAYS_MAX = 92

Minutes = tuple[int, int]
Interval = tuple[datetime, datetime]


class Effort(StrEnum):
    """How much work a plan is worth."""

    QUICK = "QUICK"  # days by a sweep of the map, routes by the nearest neighbour
    FULL = "FULL"  # days by regret insertion and local search, routes exact or by a solver


class HolidayPolicy(StrEnum):
    """Where a visit goes whose weekday or must-visit date is a holiday."""

    MOVE_BEFORE = "MOVE_BEFORE"
    MOVE_AFTER = "MOVE_AFTER"
    SKIP = "SKIP"


class Code(StrEnum):
    """Why a wanted visit is not in the plan."""

    NO_CAPACITY = "NO_CAPACITY"  # no day has room for it
    WINDOW = "WINDOW"  # the outlet is never open long enough while the rep works
    GAP = "GAP"  # the least gap between visits leaves no day for it
    HOLIDAY = "HOLIDAY"  # only holidays would have taken it
    TOO_FAR = "TOO_FAR"  # there and back does not fit a day, or its travel limit
    SKILL = "SKILL"  # the rep lacks a skill that the outlet asks for


@dataclass(frozen=True)
class Hours:
    """Local opening times in minutes after midnight, until exclusive; `weekly` from Monday, `dated` overrides a day."""

    weekly: tuple[tuple[Minutes, ...], ...]
    dated: tuple[tuple[date, tuple[Minutes, ...]], ...] = ()


@dataclass(frozen=True)
class Outlet:
    """One account's demand in the cycle.

    Units: weekdays from Monday = 0; gaps in days between the dates of two visits. `gap_max_days` is a wish, the least
    gap a rule. `hours` None: always open. `weekdays` (empty: any) is a rule, `preferred_weekdays` a wish.
    """

    id: str
    code: str
    place: Place
    visits: int
    duration_minutes: int = 15
    priority: int = 1
    gap_min_days: int = 1
    gap_max_days: int | None = None
    hours: Hours | None = None
    weekdays: frozenset[int] = frozenset()
    preferred_weekdays: frozenset[int] = frozenset()
    must_visit: tuple[date, ...] = ()
    days_since_last: int | None = None
    debt: int = 0
    holiday_policy: HolidayPolicy = HolidayPolicy.MOVE_AFTER
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WorkingDay:
    """A local date and when the rep works on it: leave, busy events and breaks are already out of the intervals."""

    on: date
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class Rep:
    """Who travels: where the days begin and end, when he works, and a day's limits (None: no limit)."""

    start: Place | None
    end: Place | None
    days: tuple[WorkingDay, ...]
    visits_max: int | None = None
    travel_minutes_max: int | None = None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pin:
    """A visit that the plan keeps as it is: confirmed by the customer, set by hand, checked in, in the near days."""

    outlet_code: str
    start: datetime
    end: datetime


class PlannedVisit(NamedTuple):
    """One visit of a plan."""

    outlet_id: str
    outlet_code: str
    start: datetime
    end: datetime
    pinned: bool


@dataclass(frozen=True)
class PlanDay:
    """A day's visits in their order, and its travel from the first place to the last."""

    on: date
    visits: tuple[PlannedVisit, ...]
    travel_minutes: int
    travel_km: float


@dataclass(frozen=True)
class Unserved:
    """A wanted visit that is not in the plan, and why. `on`: its must-visit date, if it had one."""

    outlet_id: str
    outlet_code: str
    code: Code
    on: date | None = None


@dataclass(frozen=True)
class Plan:
    """The days that hold visits, in order; what could not be served; and a hash over account codes and times."""

    days: tuple[PlanDay, ...]
    unserved: tuple[Unserved, ...]
    plan_hash: str


@dataclass(frozen=True)
class Problem:
    """Everything that a plan of one rep depends on. `until_on` is exclusive.

    Nothing is planned on a date through `frozen_through`, but for pins. `previous` is a plan from which to move little.
    """

    rep: Rep
    outlets: tuple[Outlet, ...]
    from_on: date
    until_on: date
    time_zone: str
    travel: Travel
    holidays: Set[date] = frozenset()
    pins: tuple[Pin, ...] = ()
    frozen_through: date | None = None
    previous: Plan | None = field(default=None, repr=False)


class StartPlaceMissing(Invalid):
    """The rep has no place from which his days start."""


class CycleOutOfRange(Invalid):
    """A plan covers 1 to 92 days."""


class OutletCodeTwice(Invalid):
    """Two outlets of the plan have the same code."""


class OutletOutOfRange(Invalid):
    """An outlet's demand is out of range."""


class PinUnknown(Invalid):
    """A pinned visit names an outlet that is not in the plan, or ends before it starts."""
