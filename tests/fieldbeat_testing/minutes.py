"""Random calendars, and a model of business time that looks at every minute.

The model turns a local time into an instant by trying offsets, not by what the library makes of it.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from fieldbeat.worktime.model import DAY_MINUTES, BusinessHours, Day, Interval

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
