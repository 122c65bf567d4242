"""The open time of one calendar in one year as sorted instants with running sums: what the arithmetic searches.

A local time becomes an instant by itself: in the gap when clocks go forward it takes the offset from before the gap, in
the hour that comes twice it means the first. So an interval may shrink to nothing, or reach into its neighbour, on
such a day; open time is the union. Years are those of UTC, so that they join without seam or overlap.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from fieldbeat.worktime.model import DAY_MINUTES, YEARS, BusinessHours, InstantOutOfRange

MICROSECOND = timedelta(microseconds=1)
MINUTE_US = 60_000_000
DAY_US = DAY_MINUTES * MINUTE_US
SLACK_DAYS = 2  # a local day lies within two days of the same date in UTC, also where a zone skipped one
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Year:
    """Open spans in microseconds since 1970; `before[i]` is the open time of the year in front of span i."""

    starts: "array[int]"
    ends: "array[int]"
    before: "array[int]"
    total: int

    def open_until(self, at_us: int) -> int:
        """The open time of the year before an instant."""
        n = bisect_right(self.starts, at_us) - 1
        return self.before[n] + min(at_us, self.ends[n]) - self.starts[n] if n >= 0 else 0

    def reached(self, open_us: int) -> int:
        """The first instant before which that much open time lies: 0 < `open_us` <= total."""
        n = bisect_left(self.before, open_us) - 1
        return self.starts[n] + open_us - self.before[n]


@lru_cache(maxsize=256)
def year_of(hours: BusinessHours, year: int) -> Year:
    """The open time of a year. Refuses (`InstantOutOfRange`) a year that is not reckoned with."""
    if year not in YEARS:
        raise InstantOutOfRange
    first, next_first = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    low, high = (first - _EPOCH_DAY) * DAY_US, (next_first - _EPOCH_DAY) * DAY_US
    starts, ends, before, total = array("q"), array("q"), array("q"), 0
    for start, end in _united(sorted(_spans(hours, first - SLACK_DAYS, next_first + SLACK_DAYS))):
        start, end = max(start, low), min(end, high)
        if start < end:
            starts.append(start)
            ends.append(end)
            before.append(total)
            total += end - start
    return Year(starts, ends, before, total)


def _spans(hours: BusinessHours, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The intervals of the days with these ordinals; some may be empty or overlap."""
    zone = ZoneInfo(hours.time_zone)
    offset = _offset_us(zone, first, 0)
    for ordinal in range(first, last):
        midnight, next_offset = (ordinal - _EPOCH_DAY) * DAY_US, _offset_us(zone, ordinal + 1, 0)
        steady = offset == next_offset
        for from_minute, until_minute in hours.on(date.fromordinal(ordinal)):
            yield (
                midnight + from_minute * MINUTE_US - (offset if steady else _offset_us(zone, ordinal, from_minute)),
                midnight + until_minute * MINUTE_US - (offset if steady else _offset_us(zone, ordinal, until_minute)),
            )
        offset = next_offset


def _offset_us(zone: ZoneInfo, ordinal: int, minute: int) -> int:
    # `fold=0`, the default, is the offset before the gap and the first of two equal local times.
    local = datetime.combine(date.fromordinal(ordinal), time.min) + timedelta(minutes=minute)
    offset = zone.utcoffset(local)
    return offset // MICROSECOND if offset else 0


def _united(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sorted spans without the empty ones, those that touch or overlap as one."""
    begin = reach = None
    for start, end in spans:
        if start >= end:
            continue
        if begin is None or reach is None or start > reach:
            if begin is not None and reach is not None:
                yield begin, reach
            begin, reach = start, end
        else:
            reach = max(reach, end)
    if begin is not None and reach is not None:
        yield begin, reach
