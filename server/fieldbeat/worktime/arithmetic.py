"""Reckoning in business time. All instants are aware; durations of business time are `timedelta`s.

*Source*: domain rules of SLA clocks: only business time passes, and only business time inside a pause extends.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from fieldbeat.worktime.model import YEARS, BusinessHours, InstantOutOfRange, NeverReached, Span
from fieldbeat.worktime.timeline import MICROSECOND, year_of

NO_TIME = timedelta(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEGIN_US, _END_US = ((datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // MICROSECOND for year in (YEARS.start, YEARS.stop))


def open_intervals(hours: BusinessHours, from_at: datetime, until_at: datetime) -> list[Span]:
    """The open time between two instants, in order, as few spans as possible."""
    low, high = _us(from_at), _us(until_at)
    if low >= high:
        return []
    if hours.always_open:
        return [Span(_instant(low), _instant(high))]
    found: list[list[int]] = []
    for number in range(_instant(low).year, _instant(high).year + 1):
        year = year_of(hours, number)
        for start, end in zip(year.starts, year.ends, strict=True):
            start, end = max(start, low), min(end, high)
            if start < end and found and found[-1][1] == start:
                found[-1][1] = end  # open over New Year
            elif start < end:
                found.append([start, end])
    return [Span(_instant(start), _instant(end)) for start, end in found]


def business_time_between(hours: BusinessHours, start: datetime, end: datetime) -> timedelta:
    """How much business time lies between two instants; none when `end` is not after `start`."""
    low, high = _us(start), _us(end)
    if low >= high:
        return NO_TIME
    if hours.always_open:
        return (high - low) * MICROSECOND
    first, last = _instant(low).year, _instant(high).year
    whole = sum(year_of(hours, number).total for number in range(first, last))
    passed = whole + year_of(hours, last).open_until(high) - year_of(hours, first).open_until(low)
    return passed * MICROSECOND


def add_business_time(hours: BusinessHours, start: datetime, duration: timedelta) -> datetime:
    """The first instant at which `duration` of business time has passed since `start`; `start` itself for none.

    It is the end of an interval rather than the beginning of the next. Refuses (`NeverReached`) one that lies too far.
    """
    at, wanted = _us(start), duration // MICROSECOND
    if wanted <= 0:
        return _instant(at)
    if hours.always_open:
        if at + wanted >= _END_US:
            raise NeverReached
        return _instant(at + wanted)
    number = _instant(at).year
    wanted += year_of(hours, number).open_until(at)
    while wanted > (passed := year_of(hours, number).total):
        wanted -= passed
        number += 1
        if number not in YEARS:
            raise NeverReached
    return _instant(year_of(hours, number).reached(wanted))


def business_time_ago(hours: BusinessHours, at: datetime, duration: timedelta) -> datetime:
    """The first instant since which no more than `duration` of business time has passed at `at`; 0 < `duration`.

    It is the end of an interval rather than the beginning of the next. Refuses (`NeverReached`) one that lies too far.
    """
    now, wanted = _us(at), duration // MICROSECOND
    if hours.always_open:
        if now - wanted < _BEGIN_US:
            raise NeverReached
        return _instant(now - wanted)
    number = _instant(now).year
    left = year_of(hours, number).open_until(now) - wanted
    while left <= 0:
        number -= 1
        if number not in YEARS:
            raise NeverReached
        left += year_of(hours, number).total
    return _instant(year_of(hours, number).reached(left))


def next_opening(hours: BusinessHours, at: datetime) -> datetime:
    """`at` when it is business time, else the next instant at which it is. Refuses (`NeverReached`)."""
    return add_business_time(hours, at, MICROSECOND) - MICROSECOND


def deadline(hours: BusinessHours, created_at: datetime, target: timedelta, pauses: Iterable[Span] = ()) -> datetime:
    """The first instant at which `target` of business time outside of pauses has passed. Refuses (`NeverReached`)."""
    begun, left = created_at, target
    for pause in _united(pauses, created_at):
        passed = business_time_between(hours, begun, pause.from_at)
        if left <= passed:
            break
        left -= passed
        begun = pause.until_at
    return add_business_time(hours, begun, left)


def elapsed(hours: BusinessHours, created_at: datetime, at: datetime, pauses: Iterable[Span] = ()) -> timedelta:
    """The business time that has passed outside of pauses since `created_at`; none before."""
    passed = business_time_between(hours, created_at, at)
    for pause in _united(pauses, created_at):
        passed -= business_time_between(hours, pause.from_at, min(pause.until_at, at))
    return passed


def _united(pauses: Iterable[Span], created_at: datetime) -> Sequence[Span]:
    """Pauses in order, from the creation on, those that overlap as one: no minute is paused twice."""
    united: list[Span] = []
    for from_at, until_at in sorted(pauses):
        begin = max(from_at, created_at, united[-1].until_at if united else created_at)
        if begin < until_at:
            united.append(Span(begin, until_at))
    return united


def _us(at: datetime) -> int:
    us = (at - _EPOCH) // MICROSECOND
    if not _BEGIN_US <= us < _END_US:
        raise InstantOutOfRange
    return us


def _instant(us: int) -> datetime:
    return _EPOCH + us * MICROSECOND
