"""Business time by example: the vectors that are promised, and the days on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldbeat.worktime.arithmetic import (
    add_business_time,
    business_time_between,
    deadline,
    elapsed,
    next_opening,
    open_intervals,
)
from fieldbeat.worktime.model import (
    CLOSED,
    WHOLE_DAY,
    BusinessHours,
    InstantOutOfRange,
    Interval,
    NeverReached,
    Span,
)

OFFICE = (Interval(9 * 60, 12 * 60), Interval(13 * 60 + 30, 18 * 60))
SHANGHAI = BusinessHours(
    "Asia/Shanghai",
    (OFFICE,) * 5 + (CLOSED,) * 2,
    {date(2026, 10, day): CLOSED for day in range(1, 8)} | {date(2026, 10, 10): OFFICE},
)
ALWAYS = BusinessHours("Europe/Berlin", (WHOLE_DAY,) * 7)
HOUR = timedelta(hours=1)


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def berlin(*night: tuple[int, int]) -> BusinessHours:
    return BusinessHours("Europe/Berlin", (tuple(Interval(*each) for each in night),) * 7)


def test_four_hours_before_the_golden_week_end_on_the_first_day_after_it() -> None:
    assert deadline(SHANGHAI, china("2026-09-30 17:00"), 4 * HOUR) == china("2026-10-08 12:00")


def test_two_hours_on_a_friday_evening_end_on_the_extra_working_saturday() -> None:
    assert deadline(SHANGHAI, china("2026-10-09 17:00"), 2 * HOUR) == china("2026-10-10 10:00")


@pytest.mark.parametrize(
    "pause",
    [
        Span(china("2026-10-08 12:00"), china("2026-10-08 13:30")),
        Span(china("2026-10-01 00:00"), china("2026-10-08 09:00")),
        Span(china("2026-10-08 18:00"), china("2026-10-09 09:00")),
    ],
)
def test_a_pause_outside_of_business_time_adds_nothing(pause: Span) -> None:
    created = china("2026-09-30 17:00")
    assert deadline(SHANGHAI, created, 6 * HOUR, [pause]) == deadline(SHANGHAI, created, 6 * HOUR)


def test_only_the_business_time_inside_of_a_pause_extends() -> None:
    pauses = [Span(china("2026-10-08 11:00"), china("2026-10-08 14:00"))]  # an hour and a half of it is open
    assert deadline(SHANGHAI, china("2026-10-08 09:00"), 3 * HOUR, pauses) == china("2026-10-08 15:00")


def test_overlapping_pauses_count_once_and_one_from_before_the_creation_counts_from_there() -> None:
    created = china("2026-10-08 10:00")
    pauses = [
        Span(china("2026-10-08 10:30"), china("2026-10-08 11:30")),
        Span(china("2026-10-08 09:00"), china("2026-10-08 11:00")),
    ]
    assert deadline(SHANGHAI, created, HOUR, pauses) == china("2026-10-08 14:00")
    assert elapsed(SHANGHAI, created, china("2026-10-08 14:00"), pauses) == HOUR


def test_time_stands_still_before_the_creation_and_during_a_pause() -> None:
    created = china("2026-10-08 10:00")
    pause = [Span(china("2026-10-08 11:00"), china("2026-10-08 18:00"))]
    assert elapsed(SHANGHAI, created, china("2026-10-08 09:30"), pause) == timedelta(0)
    assert elapsed(SHANGHAI, created, china("2026-10-08 16:00"), pause) == HOUR


def test_an_interval_is_closed_at_its_end() -> None:
    assert next_opening(SHANGHAI, china("2026-10-08 11:59:59")) == china("2026-10-08 11:59:59")
    assert next_opening(SHANGHAI, china("2026-10-08 12:00")) == china("2026-10-08 13:30")
    assert next_opening(SHANGHAI, china("2026-10-08 09:00")) == china("2026-10-08 09:00")


def test_the_hour_that_clocks_skip_takes_the_offset_from_before_it() -> None:
    (span,) = open_intervals(berlin((150, 300)), utc("2026-03-29 00:00"), utc("2026-03-29 12:00"))  # 02:30 to 05:00
    assert span == (utc("2026-03-29 01:30"), utc("2026-03-29 03:00"))


def test_the_hour_that_comes_twice_is_the_first() -> None:
    (span,) = open_intervals(berlin((150, 300)), utc("2026-10-25 00:00"), utc("2026-10-25 12:00"))
    assert span == (utc("2026-10-25 00:30"), utc("2026-10-25 04:00"))


def test_nine_stays_nine_when_clocks_change() -> None:
    spans = open_intervals(berlin((540, 600)), utc("2026-03-28 00:00"), utc("2026-03-30 00:00"))
    assert spans == [
        (utc("2026-03-28 08:00"), utc("2026-03-28 09:00")),
        (utc("2026-03-29 07:00"), utc("2026-03-29 08:00")),
    ]


def test_an_interval_inside_of_the_skipped_hour_does_not_count_twice() -> None:
    hours = berlin((60, 150), (180, 240))  # 02:30 is shown as 03:30, within the second interval
    on_the_day = (utc("2026-03-29 00:00"), utc("2026-03-29 12:00"))
    assert open_intervals(hours, *on_the_day) == [(utc("2026-03-29 00:00"), utc("2026-03-29 02:00"))]
    assert business_time_between(hours, *on_the_day) == 2 * HOUR


def test_around_the_clock_all_time_counts_on_the_day_of_the_change_too() -> None:
    start, end = utc("2026-03-28 12:00"), utc("2026-03-29 12:00")
    slow = BusinessHours("Europe/Berlin", (WHOLE_DAY,) * 7, {date(2030, 1, 1): CLOSED})
    for hours in (ALWAYS, slow):
        assert business_time_between(hours, start, end) == 24 * HOUR
        assert add_business_time(hours, start, 24 * HOUR) == end
        assert open_intervals(hours, utc("2026-12-31 00:00"), utc("2027-01-02 00:00")) == [
            (utc("2026-12-31 00:00"), utc("2027-01-02 00:00"))
        ]


def test_a_target_of_years_is_found_across_them() -> None:
    week = BusinessHours("UTC", (OFFICE,) * 5 + (CLOSED,) * 2)
    start, end = utc("2020-01-01 09:00"), utc("2030-06-05 12:00")
    assert add_business_time(week, start, business_time_between(week, start, end)) == end


@pytest.mark.parametrize(
    "hours",
    [ALWAYS, BusinessHours("UTC", (CLOSED,) * 7), BusinessHours("UTC", (CLOSED,) * 7, {date(2026, 1, 1): OFFICE})],
)
def test_what_never_comes_is_refused(hours: BusinessHours) -> None:
    with pytest.raises(NeverReached):
        add_business_time(hours, utc("2026-01-01 00:00"), timedelta(minutes=2**31))


@pytest.mark.parametrize("hours", [ALWAYS, SHANGHAI])
@pytest.mark.parametrize("at", ["0001-01-01 00:00", "1989-12-31 23:59", "2101-01-01 00:00", "9999-12-31 23:59"])
def test_an_instant_out_of_range_is_refused(hours: BusinessHours, at: str) -> None:
    with pytest.raises(InstantOutOfRange):
        deadline(hours, utc(at), HOUR)
    with pytest.raises(InstantOutOfRange):
        business_time_between(hours, *sorted((utc(at), utc("2026-01-01 00:00"))))
