"""What business hours may look like, public holidays, and leave."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from fieldbeat.kit.refusal import Invalid
from fieldbeat.worktime.arithmetic import deadline
from fieldbeat.worktime.model import (
    CLOSED,
    BadTime,
    EndsTooEarly,
    Interval,
    IntervalsOverlap,
    Leave,
    LeaveKind,
    LeavePart,
    NeverOpen,
    RegionUnknown,
)
from fieldbeat.worktime.public_holidays import Region, public_days
from fieldbeat.worktime.rules import hours_of, without_leave

NINE_TO_FIVE = {"weekday": "MONDAY", "from": "09:00", "until": "17:00"}
OFFICE = [
    {"weekday": day, "from": from_, "until": until}
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    for from_, until in (("13:30", "18:00"), ("09:00", "12:00"))
]
WORKED = (Interval(540, 720), Interval(810, 1080))
NINA = UUID("00000000-0000-7000-8000-000000000001")


def fields(**given: Any) -> dict[str, Any]:
    return {"timeZone": "Asia/Shanghai", "weekly": OFFICE, **given}


def away(from_on: str, until_on: str, part: LeavePart = LeavePart.DAY) -> Leave:
    days = date.fromisoformat(from_on), date.fromisoformat(until_on)
    return Leave(uuid4(), NINA, *days, part, LeaveKind.VACATION)


def test_intervals_come_in_any_order_and_may_touch_and_end_at_midnight() -> None:
    touching = [{"weekday": "SUNDAY", "from": "12:00", "until": "24:00"}, {"weekday": "SUNDAY", "from": "00:00", "until": "12:00"}]  # fmt: skip  # noqa: E501
    hours = hours_of(fields(weekly=[*OFFICE, *touching]))
    assert hours.weekly[0] == WORKED
    assert hours.weekly[6] == (Interval(0, 720), Interval(720, 1440))


def test_a_date_that_is_closed_and_open_has_its_own_hours() -> None:
    own = {"on": "2026-10-10", "from": "10:00", "until": "11:00"}
    hours = hours_of(fields(closed=["2026-10-09", "2026-10-10"], open=[own]))
    assert hours.on(date(2026, 10, 9)) == CLOSED
    assert hours.on(date(2026, 10, 10)) == (Interval(600, 660),)


@pytest.mark.parametrize(
    ("given", "refusal", "field"),
    [
        ({"timeZone": "Asia/Peking"}, Invalid, "timeZone"),
        ({"timeZone": "../UTC"}, Invalid, "timeZone"),
        ({"weekly": []}, NeverOpen, "weekly"),
        ({"weekly": [NINE_TO_FIVE, {**NINE_TO_FIVE, "from": "16:59", "until": "18:00"}]}, IntervalsOverlap, "weekly"),
        ({"weekly": [NINE_TO_FIVE, NINE_TO_FIVE]}, IntervalsOverlap, "weekly"),
        ({"weekly": [{**NINE_TO_FIVE, "until": "08:00"}]}, EndsTooEarly, "weekly"),
        ({"weekly": [{**NINE_TO_FIVE, "until": "09:00"}]}, EndsTooEarly, "weekly"),
        ({"weekly": [{**NINE_TO_FIVE, "from": "24:00", "until": "24:00"}]}, BadTime, "weekly"),
        ({"open": [{"on": "2026-10-10", "from": "12:00", "until": "11:00"}]}, EndsTooEarly, "open"),
        ({"open": [{"on": "2026-10-10", "from": "9", "until": "11:00"}]}, BadTime, "open"),
        ({"closed": ["1789-07-14"]}, Invalid, "closed"),
        ({"country": "XX"}, RegionUnknown, "country"),
        ({"country": "germany"}, RegionUnknown, "country"),
        ({"country": "de"}, RegionUnknown, "country"),
        ({"country": ""}, RegionUnknown, "country"),
        ({"subdivision": "BY"}, RegionUnknown, "country"),
        ({"country": "DE", "subdivision": "ZZ"}, RegionUnknown, "subdivision"),
    ],
)
def test_what_is_no_business_hours_is_refused(given: dict[str, Any], refusal: type[Invalid], field: str) -> None:
    with pytest.raises(refusal) as refused:
        hours_of(fields(**given))
    assert refused.value.fields == (field,)


@pytest.mark.parametrize("time", ["9:00", "09:60", "24:01", "09:00:00", "", "\u0660\u0669:00", "09:00\n", "-1:00"])
def test_what_is_no_time_of_day_is_refused(time: str) -> None:
    with pytest.raises(BadTime):
        hours_of(fields(weekly=[{**NINE_TO_FIVE, "until": time}]))


def test_chinas_shifted_days_give_the_promised_deadlines() -> None:
    hours, zone = hours_of(fields(country="CN")), ZoneInfo("Asia/Shanghai")
    created = datetime(2026, 9, 30, 17, tzinfo=zone), datetime(2026, 10, 9, 17, tzinfo=zone)
    assert deadline(hours, created[0], timedelta(hours=4)) == datetime(2026, 10, 8, 12, tzinfo=zone)
    assert deadline(hours, created[1], timedelta(hours=2)) == datetime(2026, 10, 10, 10, tzinfo=zone)
    assert hours.on(date(2026, 10, 10)) == WORKED  # a Saturday has Friday's hours


def test_a_year_that_china_has_not_decreed_yet_has_the_holidays_of_the_law() -> None:
    days = public_days(Region("CN"), 2040)
    assert date(2040, 10, 1) in days.closed
    assert not days.working


def test_a_subdivision_has_its_own_holidays_and_the_companys_dates_stand_above_them() -> None:
    epiphany = date(2026, 1, 6)
    bavaria = hours_of(fields(country="DE", subdivision="BY"))
    assert bavaria.on(epiphany) == CLOSED
    assert hours_of(fields(country="DE", subdivision="BE")).on(epiphany) == WORKED
    own = {"on": "2026-01-06", "from": "10:00", "until": "11:00"}
    assert hours_of(fields(country="DE", subdivision="BY", open=[own])).on(epiphany) == (Interval(600, 660),)


def test_leave_takes_whole_days_and_halves_and_extra_working_days_too() -> None:
    hours = hours_of(fields(open=[{"on": "2026-10-10", "from": "09:00", "until": "13:00"}]))
    left = without_leave(
        hours,
        [
            away("2026-10-05", "2026-10-07"),
            away("2026-10-07", "2026-10-08", LeavePart.MORNING),
            away("2026-10-08", "2026-10-09", LeavePart.AFTERNOON),
            away("2026-10-09", "2026-10-10", LeavePart.MORNING),
            away("2026-10-09", "2026-10-11", LeavePart.AFTERNOON),
        ],
    )
    assert [left.on(date(2026, 10, day)) for day in range(5, 12)] == [
        CLOSED, CLOSED, WORKED[1:], WORKED[:1], CLOSED, (Interval(540, 720),), CLOSED,
    ]  # fmt: skip
    assert hours.on(date(2026, 10, 5)) == WORKED
