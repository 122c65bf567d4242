"""A problem as arrays, and what may go where: the day's clock, start windows, allowed days, due days.

**Nodes**: 0 is the start place, 1 the end, then the outlets by code, then the pinned visits. **The day's clock** counts
minutes of work only: pieces of working time stand end to end on it, so travel pauses in breaks, and a visit must begin
and end in one piece. A service of `duration` begins in a *start window* of its outlet on that day.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from fieldbeat.days.planning.model import (
    CYCLE_DAYS_MAX,
    DEBT_MAX,
    CycleOutOfRange,
    HolidayPolicy,
    Hours,
    Minutes,
    Outlet,
    OutletCodeTwice,
    OutletOutOfRange,
    Pin,
    PinUnknown,
    Problem,
    StartPlaceMissing,
)
from fieldbeat.days.planning.travel import Ints, Legs, Places

START, END, OUTLETS = 0, 1, 2
NEVER = 1 << 40  # a window that never opens begins here
Bools = npt.NDArray[np.bool_]
Pieces = tuple[Minutes, ...]  # epoch minutes, disjoint, in order


class Instance:
    """One problem as arrays. Days are counted from 0, the first of the cycle; outlets are rows by their code."""

    def __init__(self, problem: Problem) -> None:
        _check(problem)
        self.problem = problem
        self.outlets = sorted(problem.outlets, key=lambda outlet: outlet.code)
        self.row_of = {outlet.code: row for row, outlet in enumerate(self.outlets)}
        self.pins = sorted(problem.pins, key=lambda pin: (pin.start, pin.outlet_code))
        self.days = (problem.until_on - problem.from_on).days
        self.dates = [problem.from_on + timedelta(days=day) for day in range(self.days)]
        self.holidays = [on in problem.holidays for on in self.dates]
        self.pin_day = [self._day_of(pin) for pin in self.pins]
        self.row_node = OUTLETS + np.arange(len(self.outlets))
        self.regular = self._regular_pieces()
        self.pieces = self._with_pins()
        self.lengths = np.array([sum(e - s for s, e in pieces) for pieces in self.pieces], np.int64)
        self._read_outlets()
        self._read_windows()

    def _read_outlets(self) -> None:
        rows = [
            (o.visits + min(o.debt, DEBT_MAX), o.duration_minutes, o.priority, max(o.gap_min_days, 1),
             o.gap_max_days or 0, -1 if o.days_since_last is None else o.days_since_last, min(o.debt, DEBT_MAX))
            for o in self.outlets
        ]  # fmt: skip
        table = np.array(rows, np.int64).reshape(-1, 7)
        self.wanted, self.duration, self.priority, self.gap_min, self.gap_max, self.since, self.debt = table.T
        preferred = [[(not o.preferred_weekdays) or w in o.preferred_weekdays for w in range(7)] for o in self.outlets]
        self.unloved = ~np.array(preferred, bool).reshape(-1, 7)[:, self.weekdays]

    def _read_windows(self) -> None:
        """Start windows by key: outlets of the same hours and duration share one."""
        keys: dict[tuple[Hours | None, int], int] = {}
        self.key = np.array([keys.setdefault((o.hours, o.duration_minutes), len(keys)) for o in self.outlets], np.int64)
        listed = [[self._start_windows(hours, minutes, day) for day in range(self.days)] for hours, minutes in keys]
        for pin, day in zip(self.pins, self.pin_day, strict=True):
            at = self.clock(day, _minute(pin.start))
            listed.append([((at, at),) if day == other else () for other in range(self.days)])
        self.window_lists = listed
        self.windows = _padded(listed, self.days)
        self.node_key = [-1, -1, *self.key.tolist(), *range(len(keys), len(listed))]
        self.node_duration = [0, 0, *self.duration.tolist(), *(_minute(p.end) - _minute(p.start) for p in self.pins)]
        self.node_row = [-1, -1, *range(len(self.outlets)), *(self.row_of[p.outlet_code] for p in self.pins)]

    @cached_property
    def weekdays(self) -> Ints:
        """The weekday of each day."""
        first = self.problem.from_on.weekday()
        return (first + np.arange(self.days)) % 7

    @cached_property
    def places(self) -> Places:
        """Where each node is."""
        rep = self.problem.rep
        assert rep.start is not None  # _check refuses it
        return Places.of(
            [rep.start, rep.end or rep.start, *(o.place for o in self.outlets)]
            + [self.outlets[self.row_of[pin.outlet_code]].place for pin in self.pins]
        )

    @cached_property
    def legs(self) -> Legs:
        """The ways between all nodes."""
        return self.problem.travel.legs(self.places.take((slice(None), None)), self.places.take((None, slice(None))))

    @cached_property
    def out_and_home(self) -> tuple[Legs, Legs]:
        """The ways from the start to each outlet, and from each outlet to the end."""
        outlets = self.places.take(slice(OUTLETS, OUTLETS + len(self.outlets)))
        travel = self.problem.travel
        return travel.legs(self.places.take(slice(0, 1)), outlets), travel.legs(outlets, self.places.take(slice(1, 2)))

    @cached_property
    def open_days(self) -> Bools:
        """Outlet by day: it is open long enough in working time, on a date that takes new visits."""
        has_window = np.any(self.windows[..., 1] >= 0, axis=2)
        opened: Bools = has_window[self.key] & self._weekday_fits
        return opened

    @cached_property
    def reachable(self) -> Bools:
        """Outlet by day: it is open, and there and back alone fits the day."""
        out, home = self.out_and_home
        windows = self.windows[self.key]
        start = np.maximum(windows[..., 0], out.minutes[:, None, None])
        back = start + (self.duration + home.minutes)[:, None, None]
        fits = ((start <= windows[..., 1]) & (back <= self.lengths[None, :, None])).any(axis=2)
        near = out.seconds + home.seconds <= self.travel_seconds_max
        found: Bools = fits & self.open_days & near[:, None]
        return found

    @cached_property
    def allowed(self) -> Bools:
        """Outlet by day: a visit there, alone on the day, would break no rule."""
        skilled = np.array([o.skills <= self.problem.rep.skills for o in self.outlets], bool)
        rested = np.arange(self.days)[None, :] >= np.where(self.since < 0, -NEVER, self.gap_min - self.since)[:, None]
        found: Bools = self.reachable & rested & skilled[:, None]
        return found

    @cached_property
    def _weekday_fits(self) -> Bools:
        if not any(o.weekdays for o in self.outlets):
            return np.ones((len(self.outlets), self.days), bool)
        return np.array([[day in self.days_of_weekdays(o) for day in range(self.days)] for o in self.outlets], bool)

    def days_of_weekdays(self, outlet: Outlet) -> set[int]:
        """The days of the outlet's weekdays; a holiday among them is replaced as the outlet's policy says."""
        if not outlet.weekdays:
            return set(range(self.days))
        wished = [day for day in range(self.days) if int(self.weekdays[day]) in outlet.weekdays]
        moved = {self.replacement(outlet.holiday_policy, day) for day in wished if self.holidays[day]}
        return {day for day in [*wished, *moved] if day is not None}

    def replacement(self, policy: HolidayPolicy, holiday: int) -> int | None:
        """The working day that stands for a holiday, or None."""
        step = {HolidayPolicy.MOVE_BEFORE: -1, HolidayPolicy.MOVE_AFTER: 1, HolidayPolicy.SKIP: 0}[policy]
        day = holiday + step
        while step and 0 <= day < self.days:
            if self.regular[day]:
                return day
            day += step
        return None

    def must_day(self, row: int, on: date) -> int | None:
        """The day on which a must-visit of `on` takes place: a holiday is replaced, a date outside has none."""
        day = (on - self.problem.from_on).days
        if not 0 <= day < self.days:
            return None
        return self.replacement(self.outlets[row].holiday_policy, day) if self.holidays[day] else day

    def opens_on(self, row: int, day: int) -> bool:
        """Whether the outlet opens long enough on a date, if its weekdays allow it."""
        outlet = self.outlets[row]
        if outlet.weekdays and int(self.weekdays[day]) not in outlet.weekdays:
            return False
        spans = (
            ((0, NEVER),) if outlet.hours is None else opening(outlet.hours, self.dates[day], self.problem.time_zone)
        )
        return any(end - start >= outlet.duration_minutes for start, end in spans)

    @cached_property
    def travel_seconds_max(self) -> int:
        """The day's limit of travel."""
        limit = self.problem.rep.travel_minutes_max
        return NEVER if limit is None else limit * 60

    @cached_property
    def visits_max(self) -> int:
        """The day's limit of visits."""
        limit = self.problem.rep.visits_max
        return NEVER if limit is None else limit

    def clock(self, day: int, minute: int) -> int:
        """An epoch minute of working time on the day's clock."""
        passed = 0
        for start, end in self.pieces[day]:
            if start <= minute < end:
                return passed + minute - start
            passed += end - start
        raise ValueError(f"minute {minute} is not working time")

    def minutes_of(self, day: int, clocks: list[int]) -> list[int]:
        """The epoch minutes at which services begin that start at ascending `clocks`: at a seam in the later piece."""
        pieces, minutes = iter(self.pieces[day]), []
        start, end = next(pieces)
        passed = 0
        for clock in clocks:
            while clock - passed >= end - start:
                passed += end - start
                start, end = next(pieces)
            minutes.append(start + clock - passed)
        return minutes

    def _day_of(self, pin: Pin) -> int:
        day = (pin.start.astimezone(ZoneInfo(self.problem.time_zone)).date() - self.problem.from_on).days
        if not 0 <= day < self.days:
            raise PinUnknown(f"The pinned visit of {pin.outlet_code} lies outside the plan.", fields=("pins",))
        return day

    def _regular_pieces(self) -> list[Pieces]:
        """Working time that takes new visits: no holiday, not frozen."""
        frozen = self.problem.frozen_through
        worked = {day.on: day.intervals for day in self.problem.rep.days}
        open_ = [not h and not (frozen and on <= frozen) for on, h in zip(self.dates, self.holidays, strict=True)]
        return [_pieces(worked.get(on, ())) if free else () for on, free in zip(self.dates, open_, strict=True)]

    def _with_pins(self) -> list[Pieces]:
        """A pinned visit is working time, whatever else was planned."""
        days = list(self.regular)
        for pin, day in zip(self.pins, self.pin_day, strict=True):
            days[day] = _merged([*days[day], (_minute(pin.start), _minute(pin.end))])
        return days

    def _start_windows(self, hours: Hours | None, duration: int, day: int) -> Pieces:
        if not self.regular[day]:
            return ()
        return start_windows(self.pieces[day], hours, duration, self.dates[day], self.problem.time_zone)


@lru_cache(maxsize=1 << 16)
def start_windows(pieces: Pieces, hours: Hours | None, duration: int, on: date, time_zone: str) -> Pieces:
    """When a service of `duration` may begin on the clock of a day, as inclusive ranges in order."""
    begins = accumulate((end - start for start, end in pieces), initial=0)
    opened = ((-NEVER, NEVER),) if hours is None else opening(hours, on, time_zone)
    found = []
    for (start, end), begin in zip(pieces, begins, strict=False):
        for opens, closes in opened:
            first, last = max(start, opens), min(end, closes) - duration
            if first <= last:
                found.append((begin + first - start, begin + last - start))
    return tuple(sorted(found))


@lru_cache(maxsize=1 << 14)
def opening(hours: Hours, on: date, time_zone: str) -> Pieces:
    """The opening times of a local date in epoch minutes."""
    local = dict(hours.dated).get(on, hours.weekly[on.weekday()])
    return _merged([(_instant(on, a, time_zone), _instant(on, b, time_zone)) for a, b in local])


def _instant(on: date, minute: int, time_zone: str) -> int:
    """The epoch minute of a local time; 24:00 is the next day's midnight."""
    later, minute = divmod(minute, 1440)
    local = datetime.combine(on + timedelta(days=later), time(minute // 60, minute % 60), ZoneInfo(time_zone))
    return _minute(local)


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


@lru_cache(maxsize=1 << 12)
def _pieces(intervals: tuple[tuple[datetime, datetime], ...]) -> Pieces:
    """Intervals as whole epoch minutes: begun minutes do not count."""
    return _merged([(-int(-start.timestamp() // 60), _minute(end)) for start, end in intervals])


def _merged(spans: Sequence[Minutes]) -> Pieces:
    merged: list[Minutes] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _padded(listed: list[list[Pieces]], days: int) -> Ints:
    """Key by day by window by (first, last): absent windows begin NEVER and end before 0."""
    most = max((len(windows) for key in listed for windows in key), default=0) or 1
    never = (NEVER, -1)
    rows = [[[*windows, *[never] * (most - len(windows))] for windows in key] for key in listed]
    return np.array(rows, np.int64).reshape(len(listed), days, most, 2)


def _check(problem: Problem) -> None:
    if not 1 <= (problem.until_on - problem.from_on).days <= CYCLE_DAYS_MAX:
        raise CycleOutOfRange(fields=("from", "until"))
    if problem.rep.start is None:
        raise StartPlaceMissing(fields=("repId",))
    codes = {outlet.code for outlet in problem.outlets}
    if len(codes) < len(problem.outlets):
        raise OutletCodeTwice(fields=("outlets",))
    for pin in problem.pins:
        if pin.outlet_code not in codes or pin.end <= pin.start:
            raise PinUnknown(fields=("pins",))
    for outlet in problem.outlets:
        _check_outlet(outlet)


def _check_outlet(outlet: Outlet) -> None:
    """Refuses a demand that cannot be meant."""
    if not 0 <= outlet.visits <= CYCLE_DAYS_MAX:
        raise OutletOutOfRange(f"{outlet.code}: visits must be 0 to {CYCLE_DAYS_MAX}.", fields=("visits",))
    if not 1 <= outlet.duration_minutes <= 24 * 60:
        raise OutletOutOfRange(f"{outlet.code}: a visit takes 1 minute to a day.", fields=("durationMinutes",))
    if outlet.priority < 0 or outlet.debt < 0 or (outlet.days_since_last or 0) < 0:
        raise OutletOutOfRange(f"{outlet.code}: priority, debt and days since the last visit are not below 0.")
    if outlet.hours is not None and len(outlet.hours.weekly) != 7:
        raise OutletOutOfRange(f"{outlet.code}: weekly hours name seven days.", fields=("hours",))
