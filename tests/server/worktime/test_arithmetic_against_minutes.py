"""Business time against a model that looks at every minute, over random calendars, pauses and zones."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldbeat.worktime.arithmetic import business_time_ago, business_time_between, deadline, elapsed, open_intervals
from fieldbeat.worktime.model import DAY_MINUTES, BusinessHours, NeverReached, Span
from fieldbeat_testing.minutes import DAYS, MINUTE, calendars, instant, minutes_open

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
    if passed := sum(minutes[created:now]):
        ago = business_time_ago(hours, at(now), passed * MINUTE)
        assert ago <= at(created)
        assert business_time_between(hours, ago, at(now)) == passed * MINUTE
        assert business_time_between(hours, ago - MINUTE, at(now)) > passed * MINUTE

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
    for reckon in (deadline, business_time_ago):
        with pytest.raises(NeverReached):
            reckon(BusinessHours("UTC", ((),) * 7), datetime(2026, 1, 1, tzinfo=UTC), MINUTE)
