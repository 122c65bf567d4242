"""Problems to plan: a rep's month as people work it, and the reps of a generated city."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fieldbeat.days.planning.city import Beat, city
from fieldbeat.days.planning.model import Interval, Outlet, Problem, Rep, WorkingDay
from fieldbeat.days.planning.travel import GreatCircle, Place

MONDAY = date(2026, 3, 2)  # summer time begins in the fourth week
HOME = Place(52.52, 13.405, "HOME")
ZONE = "Europe/Berlin"
SHIFTS = ((time(8), time(12)), (time(13), time(18)))


def at(on: date, clock: time, zone: str = ZONE) -> datetime:
    """The instant of a local time."""
    return datetime.combine(on, clock, ZoneInfo(zone))


def workday(on: date, zone: str = ZONE) -> WorkingDay:
    """Eight to twelve and one to six, Monday to Friday."""
    shifts: tuple[Interval, ...] = tuple((at(on, a, zone), at(on, b, zone)) for a, b in SHIFTS)
    return WorkingDay(on, shifts if on.weekday() < 5 else ())


def month(
    outlets: tuple[Outlet, ...], *, start: Place = HOME, days: int = 28, zone: str = ZONE, **more: Any
) -> Problem:
    """Four weeks of one rep. `more`: what else the rep or the problem has."""
    of_rep: dict[str, Any] = {
        name: more.pop(name) for name in ("visits_max", "travel_minutes_max", "skills", "end") if name in more
    }
    off = more.pop("off", ())
    dates = [MONDAY + timedelta(days=day) for day in range(days)]
    work = tuple(workday(on, zone) for on in dates if on not in off)
    rep_has: dict[str, Any] = {"start": start, "end": start, "days": work, "visits_max": 30, **of_rep}
    given: dict[str, Any] = {"travel": GreatCircle(), "time_zone": zone, **more}
    return Problem(rep=Rep(**rep_has), outlets=outlets, from_on=MONDAY, until_on=MONDAY + timedelta(days=days), **given)


def city_problems(seed: int = 1, *, outlets: int = 2_000, reps: int = 10, **more: Any) -> list[Problem]:
    """The month of every rep of a generated city."""
    return [beat_problem(beat, **more) for beat in city(seed, outlets=outlets, reps=reps)]


def beat_problem(beat: Beat, **more: Any) -> Problem:
    """The month of one rep of a city."""
    return month(beat.outlets, start=beat.start, **more)
