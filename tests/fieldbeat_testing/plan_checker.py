"""Whether a plan keeps every hard rule: written from the rules alone, it shares only the model with the planner."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fieldbeat.days.planning.model import Interval, Outlet, Plan, PlanDay, Problem
from fieldbeat.days.planning.travel import Place, Places


def violations(problem: Problem, plan: Plan) -> list[str]:
    """One line for each broken rule."""
    outlets = {outlet.code: outlet for outlet in problem.outlets}
    found = [line for day in plan.days for line in _of_day(problem, outlets, day)]
    return [*found, *_of_demand(problem, plan), *_of_gaps(problem, outlets, plan), *_of_pins(problem, plan)]


def way(problem: Problem, a: Place, b: Place) -> tuple[int, int]:
    """Seconds and whole minutes from a to b, asked for one pair alone."""
    seconds = int(problem.travel.legs(Places.of([a]), Places.of([b])).seconds[0])
    return seconds, -(-seconds // 60)


def _of_day(problem: Problem, outlets: dict[str, Outlet], day: PlanDay) -> Iterator[str]:
    rep, pinned = problem.rep, any(visit.pinned for visit in day.visits)
    free = [visit for visit in day.visits if not visit.pinned]
    work = next((d.intervals for d in rep.days if d.on == day.on), ())
    if not problem.from_on <= day.on < problem.until_on:
        yield f"{day.on}: outside the cycle"
    if free and day.on in problem.holidays:
        yield f"{day.on}: a visit on a holiday"
    if free and problem.frozen_through and day.on <= problem.frozen_through:
        yield f"{day.on}: a new visit on a frozen day"
    if rep.visits_max is not None and len(day.visits) > rep.visits_max and free:
        yield f"{day.on}: {len(day.visits)} visits"
    if rep.travel_minutes_max is not None and day.travel_minutes > rep.travel_minutes_max and free:
        yield f"{day.on}: {day.travel_minutes} minutes of travel"
    for visit in free:
        outlet, at = outlets[visit.outlet_code], f"{day.on} {visit.outlet_code}"
        if not any(start <= visit.start and visit.end <= end for start, end in work):
            yield f"{at}: outside working time"
        if not any(start <= visit.start and visit.end <= end for start, end in _opening(problem, outlet, day.on)):
            yield f"{at}: closed"
        if visit.end - visit.start != timedelta(minutes=outlet.duration_minutes):
            yield f"{at}: wrong duration"
        if not outlet.skills <= rep.skills:
            yield f"{at}: skill"
        if outlet.weekdays and not _weekday_holds(problem, outlet, day.on):
            yield f"{at}: weekday"
    yield from _of_travel(problem, outlets, day, work, pinned=pinned)


def _of_travel(
    problem: Problem, outlets: dict[str, Outlet], day: PlanDay, work: tuple[Interval, ...], *, pinned: bool
) -> Iterator[str]:
    """Between visits lies as much working time as the way takes; pinned visits are working time and answer for none."""
    rep = problem.rep
    assert rep.start is not None
    spans = [*work, *((v.start, v.end) for v in day.visits if v.pinned)]
    begin, end = min(start for start, _ in spans), max(end for _, end in spans)
    stops: list[tuple[str | None, datetime, datetime, Place, bool]] = [(None, begin, begin, rep.start, False)]
    stops += [(v.outlet_code, v.start, v.end, outlets[v.outlet_code].place, v.pinned) for v in day.visits]
    stops += [(None, end, end, rep.end or rep.start, False)]
    total = 0
    for (_, _, leaves, here, fixed), (code, arrives, _, there, fixed_too) in itertools.pairwise(stops):
        seconds, minutes = way(problem, here, there)
        total += seconds
        both_fixed = (fixed or leaves == begin) and (fixed_too or code is None)
        if not both_fixed and _worked(spans, leaves, arrives) < timedelta(minutes=minutes):
            yield f"{day.on} {code or 'home'}: {minutes} minutes of travel do not fit"
    if -(-total // 60) != day.travel_minutes:
        yield f"{day.on}: travel is {total} s, not {day.travel_minutes} minutes"


def _worked(spans: list[Interval], start: datetime, end: datetime) -> timedelta:
    marks = sorted({start, end, *(t for span in spans for t in span if start < t < end)})
    pieces = itertools.pairwise(marks)
    return sum((b - a for a, b in pieces if any(s <= a and b <= e for s, e in spans)), timedelta())


def _opening(problem: Problem, outlet: Outlet, on: date) -> list[Interval]:
    zone = ZoneInfo(problem.time_zone)
    midnight = datetime.combine(on, datetime.min.time(), zone)
    if outlet.hours is None:
        return [(midnight - timedelta(days=1), midnight + timedelta(days=2))]
    local = dict(outlet.hours.dated).get(on, outlet.hours.weekly[on.weekday()])
    return [(midnight + timedelta(minutes=a), midnight + timedelta(minutes=b)) for a, b in local]


def _weekday_holds(problem: Problem, outlet: Outlet, on: date) -> bool:
    """On one of the outlet's weekdays, or in place of one that is a holiday."""
    if on.weekday() in outlet.weekdays:
        return True
    moved = {"MOVE_BEFORE": 1, "MOVE_AFTER": -1}.get(outlet.holiday_policy)
    if moved is None:
        return False
    day = on + timedelta(days=moved)
    working = {d.on for d in problem.rep.days if d.intervals} - problem.holidays
    while problem.from_on <= day < problem.until_on and day not in working:
        if day in problem.holidays and day.weekday() in outlet.weekdays:
            return True
        day += timedelta(days=moved)
    return False


def _of_demand(problem: Problem, plan: Plan) -> Iterator[str]:
    """Every wanted visit is planned or reported, and no more than wanted."""
    planned: dict[str, set[date]] = defaultdict(set)
    for day in plan.days:
        for visit in day.visits:
            planned[visit.outlet_code].add(day.on)
    for outlet in problem.outlets:
        wanted = max(outlet.visits + min(outlet.debt, 2), len(outlet.must_visit))
        reported = [u for u in plan.unserved if u.outlet_code == outlet.code]
        short = sum(u.on is None for u in reported)
        done = len(planned[outlet.code])
        pinned = sum(pin.outlet_code == outlet.code for pin in problem.pins)
        if done > max(wanted, pinned) or done + short < outlet.visits + min(outlet.debt, 2):
            yield f"{outlet.code}: {done} visits and {short} reported of {wanted}"
        for on in outlet.must_visit:
            kept = on in planned[outlet.code] or (on in problem.holidays and done)
            if not kept and on not in {u.on for u in reported}:
                yield f"{outlet.code}: the must-visit of {on} is neither kept nor reported"


def _of_gaps(problem: Problem, outlets: dict[str, Outlet], plan: Plan) -> Iterator[str]:
    dates: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    for day in plan.days:
        for visit in day.visits:
            dates[visit.outlet_code].append((day.on, visit.pinned))
    for code, visited in dates.items():
        outlet = outlets[code]
        if outlet.days_since_last is not None:
            visited = [(problem.from_on - timedelta(days=outlet.days_since_last), True), *visited]
        for (before, fixed), (after, fixed_too) in itertools.pairwise(visited):
            if (after - before).days < max(outlet.gap_min_days, 1) and not (fixed and fixed_too):
                yield f"{code}: {before} and {after} are too near"


def _of_pins(problem: Problem, plan: Plan) -> Iterator[str]:
    planned = {(v.outlet_code, v.start, v.end) for day in plan.days for v in day.visits if v.pinned}
    for pin in problem.pins:
        if (pin.outlet_code, pin.start, pin.end) not in planned:
            yield f"{pin.outlet_code}: the pinned visit was moved"
