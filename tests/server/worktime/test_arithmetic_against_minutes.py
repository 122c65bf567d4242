"""Business time against a model that looks at every minute, over random calendars, pauses and zones.

The model turns a local time into an instant by trying offsets, not by what the library makes of it.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldbeat.worktime.arithmetic import business_time_between, deadline, elapsed, open_intervals
from fieldbeat.worktime.model import DAY_MINUTES, BusinessHours, Day, Interval, NeverReached, Span

MINUTE = timedelta(minutes=1)
DAYS = 6
# Days on which clocks change, or a year or a whole day goes by: forward and back, by an hour and by half of one, at
# night and at midnight.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25)), ("Europe/Berlin", date(2026, 12, 31)),
    ("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)), ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Sao_Paulo", date(2018, 11, 4)), ("America/Sao_Paulo", date(2019, 2, 17)),
    ("Pacific/Apia", date(2011, 12, 30)), ("Asia/Kathmandu", date(2026, 1, 1)), ("Asia/Shanghai", date(2026, 10, 1)),
    ("Pacific/Kiritimati", date(1995, 1, 1)), ("UTC", date(2024, 2, 29)),
]  # fmt: skip


@st.composite
def days(draw: st.DrawFn) -> Day:
    """Intervals in order, some of which touch; often none, sometimes the whole day."""
    bounds = draw(st.lists(st.one_of(st.integers(0, 300), st.integers(0, DAY_MINUTES)), max_size=6))
    edges = sorted(draw(st.sampled_from([bounds, [0, DAY_MINUTES], bounds + bounds[:1]])))
    return tuple(Interval(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if a < b)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[BusinessHours, datetime]:
    """Business hours, and the first minute of a week around a change of clocks."""
    zone, change = draw(st.sampled_from(CHANGES))
    weekly = tuple(draw(days()) for _ in range(7))
    near = st.integers(-DAYS, DAYS).map(lambda days_off: change + timedelta(days_off))
    hours = BusinessHours(zone, weekly, draw(st.dictionaries(near, days(), max_size=3)))
    return hours, datetime(change.year, change.month, change.day, tzinfo=UTC) - timedelta(days=DAYS / 2)


def instant(zone: ZoneInfo, local: datetime) -> datetime:
    """A local time as the rule has it: the first of two, or by the offset before the gap."""
    around = [(local.replace(tzinfo=UTC) + timedelta(hours=by)).astimezone(zone).utcoffset() for by in (-36, 36)]
    meant = sorted(local.replace(tzinfo=UTC) - offset for offset in around if offset is not None)
    shown = [at for at in meant if at.astimezone(zone).replace(tzinfo=None) == local]
    before_the_gap = local.replace(tzinfo=UTC) - (around[0] or timedelta(0))
    return shown[0] if shown else before_the_gap


def minutes_open(hours: BusinessHours, begin: datetime) -> bytearray:
    """For each minute of the week whether it is open."""
    zone, minutes = ZoneInfo(hours.time_zone), bytearray(DAYS * DAY_MINUTES)
    for off in range(-3, DAYS + 3):
        on = begin.date() + timedelta(off)
        midnight = datetime(on.year, on.month, on.day)  # noqa: DTZ001 - a local time
        for interval in hours.exceptions.get(on, hours.weekly[on.weekday()]):
            at, end = (instant(zone, midnight + minute * MINUTE) for minute in interval)
            while at < end:
                n = (at - begin) // MINUTE
                if 0 <= n < len(minutes):
                    minutes[n] = 1
                at += MINUTE
    return minutes


PAUSES = st.lists(st.tuples(st.integers(-60, DAYS * DAY_MINUTES), st.integers(0, 2 * DAY_MINUTES)), max_size=4)


@given(calendars(), PAUSES, st.data())
@settings(max_examples=120, deadline=None)
def test_reckoning_equals_counting_minutes(
    calendar: tuple[BusinessHours, datetime], paused: list[tuple[int, int]], data: st.DataObject
) -> None:
    hours, begin = calendar
    minutes = minutes_open(hours, begin)
    pauses = [Span(begin + a * MINUTE, begin + (a + length) * MINUTE) for a, length in paused]
    created, now = sorted(data.draw(st.tuples(*[st.integers(0, len(minutes))] * 2), label="created, now"))

    def at(n: int) -> datetime:
        return begin + n * MINUTE

    assert business_time_between(hours, at(created), at(now)) == sum(minutes[created:now]) * MINUTE
    spans = open_intervals(hours, at(created), at(now))
    assert [n for a, b in spans for n in range((a - begin) // MINUTE, (b - begin) // MINUTE)] == [
        n for n in range(created, now) if minutes[n]
    ]
    assert all(a.until_at < b.from_at for a, b in pairwise(spans))

    for a, length in paused:
        minutes[max(a, 0) : a + length] = bytes(len(minutes[max(a, 0) : a + length]))
    assert elapsed(hours, at(created), at(now), pauses) == sum(minutes[created:now]) * MINUTE

    counted = [n for n in range(created, len(minutes)) if minutes[n]]
    if counted:
        target = data.draw(st.integers(1, len(counted)), label="target")
        assert deadline(hours, at(created), target * MINUTE, pauses) == at(counted[target - 1] + 1)


def test_the_model_knows_the_gap_and_the_overlap() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert instant(zone, datetime(2026, 3, 29, 2, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # noqa: DTZ001
    assert instant(zone, datetime(2026, 10, 25, 2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # noqa: DTZ001


def test_a_target_that_no_open_minute_reaches_is_refused() -> None:
    with pytest.raises(NeverReached):
        deadline(BusinessHours("UTC", ((),) * 7), datetime(2026, 1, 1, tzinfo=UTC), MINUTE)
