"""A new plan against the one before it: what moved, came and went, why, and what travel that costs or saves.

To plan anew: keep what must not move (`kept_pins`), give the old plan as `Problem.previous`, generate, and compare.
"""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fieldbeat.days.planning.instance import Instance
from fieldbeat.days.planning.model import Code, Pin, Plan, PlannedVisit, Problem


class Why(StrEnum):
    """The reason of one change."""

    HOLIDAY = "HOLIDAY"  # the old day has become a holiday
    REP_AWAY = "REP_AWAY"  # the rep does not work on the old day, or it is frozen and the visit was not kept
    NOT_ALLOWED = "NOT_ALLOWED"  # the outlet's rules no longer allow the old day
    MADE_ROOM = "MADE_ROOM"  # the old day was possible, the whole is better so
    NEW_OUTLET = "NEW_OUTLET"  # the old plan did not know the outlet
    MUST_VISIT = "MUST_VISIT"  # the outlet must be visited on this day
    OWED = "OWED"  # a visit that is owed from before
    NOW_WANTED = "NOW_WANTED"  # more visits are wanted, or there is room now
    NOT_WANTED = "NOT_WANTED"  # fewer visits are wanted


@dataclass(frozen=True)
class Moved:
    """A visit that changed its date."""

    before: PlannedVisit
    after: PlannedVisit
    why: Why


@dataclass(frozen=True)
class Added:
    """A visit that the old plan did not have."""

    visit: PlannedVisit
    why: Why


@dataclass(frozen=True)
class Dropped:
    """A visit that the new plan does not have; `why` is its reason code when it is still wanted."""

    visit: PlannedVisit
    why: Why | Code


@dataclass(frozen=True)
class PlanDiff:
    """All changes by account code and date. `retimed`: other hours of the same date. Deltas: new less old."""

    moved: tuple[Moved, ...]
    added: tuple[Added, ...]
    dropped: tuple[Dropped, ...]
    retimed: int
    travel_minutes_delta: int
    travel_km_delta: float

    @property
    def changes(self) -> int:
        """How many visits changed their date, came or went."""
        return len(self.moved) + len(self.added) + len(self.dropped)


def kept_pins(plan: Plan, *, through: date, fixed: Set[tuple[str, date]] = frozenset()) -> tuple[Pin, ...]:
    """The visits of a plan that a new one must not move: all dates through `through`, and `fixed` (code, date).

    Leave a visit that did not take place out of the plan first: it is then wanted again.
    """
    return tuple(
        Pin(visit.outlet_code, visit.start, visit.end)
        for day in plan.days
        for visit in day.visits
        if visit.pinned or day.on <= through or (visit.outlet_code, day.on) in fixed
    )


def compare(problem: Problem, before: Plan, after: Plan) -> PlanDiff:
    """What changed between two plans of one rep; `problem` is the new one's."""
    old, new = _by_outlet(before), _by_outlet(after)
    reasons = _Reasons(problem, before, after)
    moved: list[Moved] = []
    added: list[Added] = []
    dropped: list[Dropped] = []
    retimed = 0
    for code in sorted({*old, *new}):
        had, has = old[code], new[code]
        retimed += sum(had[on].start != has[on].start for on in had.keys() & has.keys())
        gone = [had[on] for on in sorted(had.keys() - has.keys())]
        come = [has[on] for on in sorted(has.keys() - had.keys())]
        moved += [Moved(a, b, reasons.left(a)) for a, b in zip(gone, come, strict=False)]
        added += [Added(visit, reasons.came(visit)) for visit in come[len(gone) :]]
        dropped += [Dropped(visit, reasons.went(visit)) for visit in gone[len(come) :]]
    minutes, km = (_travel(after)[i] - _travel(before)[i] for i in (0, 1))
    return PlanDiff(tuple(moved), tuple(added), tuple(dropped), retimed, int(minutes), round(km, 1))


def _by_outlet(plan: Plan) -> dict[str, dict[date, PlannedVisit]]:
    found: dict[str, dict[date, PlannedVisit]] = defaultdict(dict)
    for day in plan.days:
        for visit in day.visits:
            found[visit.outlet_code][day.on] = visit
    return found


def _travel(plan: Plan) -> tuple[float, float]:
    return sum(day.travel_minutes for day in plan.days), sum(day.travel_km for day in plan.days)


class _Reasons:
    """Looks up why a visit left its day, came or went."""

    def __init__(self, problem: Problem, before: Plan, after: Plan) -> None:
        self.instance = Instance(problem)
        self.day_of = {
            v: (day.on - problem.from_on).days for plan in (before, after) for day in plan.days for v in day.visits
        }
        self.known = {visit.outlet_code for day in before.days for visit in day.visits}
        self.unserved = {unserved.outlet_code: unserved.code for unserved in after.unserved}

    def left(self, visit: PlannedVisit) -> Why:
        """Why the visit is no longer on its old day."""
        instance, day = self.instance, self.day_of[visit]
        if not 0 <= day < instance.days:
            return Why.REP_AWAY
        if instance.holidays[day]:
            return Why.HOLIDAY
        if not instance.regular[day]:
            return Why.REP_AWAY
        return Why.MADE_ROOM if instance.allowed[instance.row_of[visit.outlet_code], day] else Why.NOT_ALLOWED

    def came(self, visit: PlannedVisit) -> Why:
        """Why the visit is new."""
        outlet = self.instance.outlets[self.instance.row_of[visit.outlet_code]]
        if self.instance.dates[self.day_of[visit]] in outlet.must_visit:
            return Why.MUST_VISIT
        if outlet.debt:
            return Why.OWED
        return Why.NOW_WANTED if visit.outlet_code in self.known else Why.NEW_OUTLET

    def went(self, visit: PlannedVisit) -> Why | Code:
        """Why the visit is not made up for."""
        return self.unserved.get(visit.outlet_code, Why.NOT_WANTED)
