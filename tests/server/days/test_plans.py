"""Plans keep every hard rule, say why a visit is missing, and come out the same each time."""

import itertools
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random
from typing import Any

import pytest

from fieldbeat.days.planning.diff import Why, compare, kept_pins
from fieldbeat.days.planning.model import (
    Code,
    CycleOutOfRange,
    Effort,
    HolidayPolicy,
    Hours,
    Outlet,
    OutletCodeTwice,
    OutletOutOfRange,
    Pin,
    PinUnknown,
    Plan,
    PlanDay,
    Problem,
    Rep,
    StartPlaceMissing,
)
from fieldbeat.days.planning.plan import draft_team, generate
from fieldbeat.days.planning.travel import GreatCircle, Place, PlaceOutOfRange, TravelTableInvalid, read_travel_table
from fieldbeat_testing.plan_checker import violations
from fieldbeat_testing.planning import HOME, MONDAY, at, city_problems, month, workday

BOTH = pytest.mark.parametrize("effort", list(Effort))
SHOP = Hours((((540, 1080),),) * 5 + ((), ()))


def shop(code: str = "A", *, north_km: float = 1.0, **more: Any) -> Outlet:
    """A shop north of home, open on working days."""
    wanted: dict[str, Any] = {"visits": 1, "hours": SHOP, **more}
    return Outlet(id=f"id-{code}", code=code, place=Place(HOME.latitude + north_km / 111.2, HOME.longitude), **wanted)


def codes(plan: Plan) -> list[tuple[str, Code]]:
    return [(unserved.outlet_code, unserved.code) for unserved in plan.unserved]


def days_of(plan: Plan, code: str) -> list[date]:
    return [day.on for day in plan.days for visit in day.visits if visit.outlet_code == code]


def planned(problem: Problem, effort: Effort) -> Plan:
    """The plan, once it has been seen to break no rule."""
    plan = generate(problem, effort=effort)
    assert violations(problem, plan) == []
    return plan


def crowded(seed: int, **more: Any) -> Problem:
    """A month that is hard to plan: too much work, short windows, gaps, skills, weekdays, must-visits, holidays."""
    dice = Random(seed)
    hours = (SHOP, Hours((((480, 600),),) * 7), Hours((((540, 720), (840, 1020)),) * 6 + ((),)), None)
    outlets = tuple(
        shop(
            f"K{number:03}",
            north_km=dice.uniform(-30, 30),
            visits=dice.choice((1, 2, 4, 8)),
            duration_minutes=dice.choice((10, 20, 45)),
            priority=dice.randrange(4),
            gap_min_days=dice.choice((1, 3, 6)),
            gap_max_days=dice.choice((None, 10)),
            hours=dice.choice(hours),
            weekdays=frozenset(dice.sample(range(5), 2)) if dice.random() < 0.2 else frozenset(),
            preferred_weekdays=frozenset({dice.randrange(5)}) if dice.random() < 0.2 else frozenset(),
            must_visit=(MONDAY + timedelta(days=dice.randrange(28)),) if dice.random() < 0.1 else (),
            days_since_last=dice.choice((None, 1, 9, 20)),
            debt=dice.choice((0, 0, 0, 3)),
            holiday_policy=dice.choice(list(HolidayPolicy)),
            skills=frozenset({"lift"}) if dice.random() < 0.05 else frozenset(),
        )
        for number in range(60)
    )
    holidays = frozenset({MONDAY + timedelta(days=4), MONDAY + timedelta(days=15)})
    given: dict[str, Any] = {"visits_max": 9, "travel_minutes_max": 150, "off": (MONDAY + timedelta(days=9),), **more}
    return month(outlets, holidays=holidays, **given)


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_a_crowded_month_breaks_no_rule_and_reports_what_is_left_out(effort: Effort, seed: int) -> None:
    plan = planned(crowded(seed), effort)
    assert {Code.NO_CAPACITY} <= {unserved.code for unserved in plan.unserved}


@BOTH
def test_days_that_are_full_to_the_last_minute_still_end_at_home_in_time(effort: Effort) -> None:
    outlets = tuple(shop(f"F{n:02}", north_km=n % 17, visits=8, duration_minutes=25, hours=None) for n in range(60))
    plan = planned(month(outlets, visits_max=None), effort)
    assert {unserved.code for unserved in plan.unserved} == {Code.NO_CAPACITY}
    assert sum(len(day.visits) for day in plan.days) > 240


def test_quick_drafts_of_a_city_break_no_rule() -> None:
    problems = city_problems()
    for problem, plan in zip(problems, draft_team(problems), strict=True):
        assert violations(problem, plan) == []
        assert not plan.unserved


def test_a_rep_of_the_city_is_planned_in_full_without_a_broken_rule_and_with_less_travel() -> None:
    problem = city_problems()[4]
    full, quick = planned(problem, Effort.FULL), planned(problem, Effort.QUICK)
    assert not full.unserved
    assert travel(full) < 0.8 * travel(quick)


@pytest.mark.large
def test_the_whole_city_is_planned_in_full_without_a_broken_rule_and_the_same_again() -> None:
    for problem in city_problems():
        plan = planned(problem, Effort.FULL)
        assert not plan.unserved
        assert generate(problem, effort=Effort.FULL) == plan


@BOTH
def test_the_same_problem_gives_the_same_plan_in_whatever_order_and_with_whatever_ids(effort: Effort) -> None:
    problem = crowded(5)
    plan = generate(problem, effort=effort)
    shuffled = Random(1).sample([replace(outlet, id=f"other-{outlet.code}") for outlet in problem.outlets], 60)
    again = generate(replace(problem, outlets=tuple(shuffled)), effort=effort)
    assert again.plan_hash == plan.plan_hash
    assert codes(again) == codes(plan)


def test_a_draft_made_with_the_team_equals_the_one_made_alone() -> None:
    problems = [crowded(seed) for seed in (1, 2, 3)]
    assert draft_team(problems) == [generate(problem, effort=Effort.QUICK) for problem in problems]


def test_another_time_is_another_hash() -> None:
    here, there = (generate(month((shop(north_km=km, hours=None),)), effort=Effort.QUICK) for km in (5, 15))
    assert here.plan_hash != there.plan_hash


REASONS: list[tuple[Outlet, dict[str, Any], Code | None]] = [
    (shop(hours=Hours(((),) * 5 + (((540, 900),),) * 2)), {}, Code.WINDOW),
    (shop(duration_minutes=295, hours=None), {}, None),  # the afternoon's five hours, less the way home
    (shop(duration_minutes=301, hours=None), {}, Code.WINDOW),  # and no longer than a piece of work
    (shop(north_km=400), {}, Code.TOO_FAR),
    (shop(north_km=30), {"travel_minutes_max": 120}, Code.TOO_FAR),
    (shop(skills=frozenset({"lift"})), {}, Code.SKILL),
    (shop(visits=3, gap_min_days=14), {}, Code.GAP),
    (shop(gap_min_days=30, days_since_last=1), {}, Code.GAP),
    (shop(weekdays=frozenset({0}), holiday_policy=HolidayPolicy.SKIP), {"days": 7, "holidays": {MONDAY}}, Code.HOLIDAY),
    (shop(), {"visits_max": 0}, Code.NO_CAPACITY),
    (shop(visits=0, debt=5), {"visits_max": 0}, Code.NO_CAPACITY),
]


@BOTH
@pytest.mark.parametrize(("outlet", "more", "code"), REASONS)
def test_a_visit_that_cannot_be_planned_has_its_reason(
    effort: Effort, outlet: Outlet, more: dict[str, Any], code: Code | None
) -> None:
    plan = planned(month((outlet,), **more), effort)
    assert {found for _, found in codes(plan)} == ({code} if code else set())


@BOTH
@pytest.mark.parametrize(
    ("policy", "day"), [(HolidayPolicy.MOVE_BEFORE, 8), (HolidayPolicy.MOVE_AFTER, 10), (HolidayPolicy.SKIP, None)]
)
def test_a_weekly_visit_whose_day_is_a_holiday_goes_where_its_policy_says(
    effort: Effort, policy: HolidayPolicy, day: int | None
) -> None:
    wednesdays = shop(visits=4, gap_min_days=5, weekdays=frozenset({2}), holiday_policy=policy)
    holiday = MONDAY + timedelta(days=9)
    plan = planned(month((wednesdays,), holidays={holiday}), effort)
    expected = [2, *([day] if day else []), 16, 23]
    assert days_of(plan, "A") == [MONDAY + timedelta(days=number) for number in expected]
    assert codes(plan) == ([] if day else [("A", Code.HOLIDAY)])


@BOTH
def test_a_must_visit_takes_place_on_its_date_or_is_reported_with_it(effort: Effort) -> None:
    thursday, sunday = MONDAY + timedelta(days=10), MONDAY + timedelta(days=13)
    plan = planned(month((shop(visits=2, must_visit=(thursday, sunday)),)), effort)
    assert thursday in days_of(plan, "A")
    assert [(unserved.on, unserved.code) for unserved in plan.unserved] == [(sunday, Code.WINDOW)]


@BOTH
def test_pinned_visits_stay_where_they_are_even_outside_working_time(effort: Effort) -> None:
    saturday, friday = MONDAY + timedelta(days=5), MONDAY + timedelta(days=4)
    outlets = tuple(shop(f"P{n:02}", north_km=n / 2, visits=4, gap_min_days=3) for n in range(30))
    pins = (
        Pin("P03", at(saturday, time(19)), at(saturday, time(19, 40))),
        Pin("P07", at(friday, time(11, 45)), at(friday, time(12, 15))),
        Pin("P08", at(friday, time(12, 15)), at(friday, time(12, 30))),
    )
    plan = planned(month(outlets, pins=pins), effort)
    assert [v.outlet_code for day in plan.days for v in day.visits if v.pinned and day.on == friday] == ["P07", "P08"]
    assert len(next(day for day in plan.days if day.on == friday).visits) > 2


def test_the_more_important_outlet_is_served_when_there_is_room_for_one() -> None:
    outlets = (shop("A", priority=1), shop("B", priority=3), shop("C", priority=2))
    plan = planned(month(outlets, days=1, visits_max=1), Effort.FULL)
    assert days_of(plan, "B") == [MONDAY]
    assert codes(plan) == [("A", Code.NO_CAPACITY), ("C", Code.NO_CAPACITY)]


def test_a_preferred_weekday_is_kept_when_it_can_be() -> None:
    outlets = tuple(shop(f"W{n}", visits=4, gap_min_days=5, preferred_weekdays=frozenset({n})) for n in range(5))
    plan = planned(month(outlets), Effort.FULL)
    assert all(on.weekday() == n for n in range(5) for on in days_of(plan, f"W{n}"))


def test_visits_of_an_outlet_are_spread_over_the_cycle() -> None:
    plan = planned(month((shop(visits=4, gap_max_days=9),)), Effort.FULL)
    on = days_of(plan, "A")
    assert all((b - a).days <= 9 for a, b in itertools.pairwise(on))


def test_the_day_on_which_summer_time_begins_is_worked_by_local_time() -> None:
    sunday = date(2026, 3, 29)
    problem = month((shop(hours=Hours((((540, 600),),) * 7)),), days=28)
    sundays = replace(
        problem.rep,
        days=(replace(workday(MONDAY), on=sunday, intervals=((at(sunday, time(1)), at(sunday, time(11))),)),),
    )
    plan = planned(replace(problem, rep=sundays), Effort.QUICK)
    assert at(sunday, time(9)) <= plan.days[0].visits[0].start < at(sunday, time(10))


def travel(plan: Plan) -> int:
    return sum(day.travel_minutes for day in plan.days)


def test_a_sick_rep_moves_his_days_and_little_else() -> None:
    problem = city_problems(outlets=100, reps=1, visits_max=15)[0]
    before = planned(problem, Effort.FULL)
    sick = {before.days[4].on, before.days[5].on}
    through = before.days[2].on
    work = tuple(day for day in problem.rep.days if day.on not in sick)
    changed = replace(
        problem, rep=replace(problem.rep, days=work), pins=kept_pins(before, through=through),
        frozen_through=through, previous=before,
    )  # fmt: skip
    after = planned(changed, Effort.FULL)
    difference = compare(changed, before, after)
    lost = sum(len(day.visits) for day in before.days if day.on in sick)
    away = [move for move in difference.moved if move.why is Why.REP_AWAY]
    assert len(away) + len(difference.dropped) == lost
    assert difference.changes <= lost + 3
    assert before.days[:3] == tuple(replace(day, visits=before.days[i].visits) for i, day in enumerate(after.days[:3]))
    assert difference.travel_minutes_delta == travel(after) - travel(before)


def test_a_no_show_is_made_up_for_and_a_debt_of_before_adds_at_most_two() -> None:
    outlets = (shop("A", visits=1, gap_min_days=2), shop("B", visits=1, debt=5, gap_min_days=2))
    before = planned(month(outlets), Effort.FULL)
    assert len(days_of(before, "B")) == 3
    missed = days_of(before, "A")[0]
    rest = Plan(tuple(_without(day, "A") for day in before.days), (), "")
    again = month(outlets, previous=before, frozen_through=missed, pins=kept_pins(rest, through=missed))
    after = planned(again, Effort.FULL)
    assert days_of(after, "A")[0] > missed
    assert [(m.before.outlet_code, m.why) for m in compare(again, before, after).moved] == [("A", Why.REP_AWAY)]


def _without(day: PlanDay, code: str) -> PlanDay:
    return replace(day, visits=tuple(visit for visit in day.visits if visit.outlet_code != code))


def test_a_diff_names_what_came_and_went_and_why() -> None:
    before = planned(month((shop("A"), shop("B"), shop("C", visits=2))), Effort.FULL)
    thursday = MONDAY + timedelta(days=3)
    problem = month((shop("A", north_km=500), shop("C", visits=1), shop("D", must_visit=(thursday,))), previous=before)
    after = planned(problem, Effort.FULL)
    gone = replace(problem, outlets=(*problem.outlets, shop("B", visits=0)))
    difference = compare(gone, before, after)
    assert {(d.visit.outlet_code, d.why) for d in difference.dropped} == {
        ("A", Code.TOO_FAR), ("B", Why.NOT_WANTED), ("C", Why.NOT_WANTED),
    }  # fmt: skip
    assert [(a.visit.outlet_code, a.why) for a in difference.added] == [("D", Why.MUST_VISIT)]
    assert compare(problem, after, after).changes == 0


def test_a_travel_table_goes_before_the_great_circle() -> None:
    lines = ["from,to,minutes,km", "HOME,A,50,20.5", "A,HOME,40,20"]
    outlet = replace(shop(), place=replace(shop().place, code="A"))
    plan = planned(month((outlet,), travel=read_travel_table(lines, fallback=GreatCircle())), Effort.FULL)
    assert (plan.days[0].travel_minutes, plan.days[0].travel_km) == (90, 40.5)


@pytest.mark.parametrize("line", ["HOME,A,x,1", "HOME,A,-1,1", ",A,1,1", "HOME,A"])
def test_a_bad_line_of_a_travel_table_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(TravelTableInvalid, match="Line 2"):
        read_travel_table(["from,to,minutes,km", line], fallback=GreatCircle())


def test_what_cannot_be_meant_is_refused() -> None:
    fine = month((shop(),))
    with pytest.raises(CycleOutOfRange):
        generate(replace(fine, until_on=fine.from_on + timedelta(days=366)), effort=Effort.QUICK)
    with pytest.raises(StartPlaceMissing):
        generate(replace(fine, rep=Rep(start=None, end=None, days=())), effort=Effort.QUICK)
    with pytest.raises(OutletCodeTwice):
        generate(replace(fine, outlets=(shop(), shop())), effort=Effort.QUICK)
    with pytest.raises(OutletOutOfRange):
        generate(month((shop(visits=-1),)), effort=Effort.QUICK)
    with pytest.raises(PinUnknown):
        generate(month((shop(),), pins=(Pin("B", at(MONDAY, time(9)), at(MONDAY, time(10))),)), effort=Effort.QUICK)
    with pytest.raises(PlaceOutOfRange):
        Place(91, 0)


@BOTH
def test_a_rep_without_outlets_or_without_work_has_an_empty_plan(effort: Effort) -> None:
    assert planned(month(()), effort).days == ()
    idle = month((shop(),))
    assert codes(planned(replace(idle, rep=replace(idle.rep, days=())), effort)) == [("A", Code.WINDOW)]


def test_the_checker_sees_a_broken_rule() -> None:
    """Plans that are bent by hand: each must be found."""
    problem = month((shop(visits=2, gap_min_days=5),))
    plan = planned(problem, Effort.FULL)
    day = plan.days[0]
    late = replace(day, visits=(day.visits[0]._replace(start=at(day.on, time(19)), end=at(day.on, time(19, 15))),))
    assert any("outside working time" in line for line in violations(problem, replace(plan, days=(late, plan.days[1]))))
    assert any("visits" in line for line in violations(problem, replace(plan, days=plan.days[:1])))
    assert any("holiday" in line for line in violations(replace(problem, holidays={day.on}), plan))
    assert any(
        "too near" in line for line in violations(replace(problem, outlets=(shop(visits=2, gap_min_days=27),)), plan)
    )
    early = replace(day, visits=(day.visits[0]._replace(start=at(day.on, time(8)), end=at(day.on, time(8, 15))),))
    found = violations(problem, replace(plan, days=(early, plan.days[1])))
    assert any("travel do not fit" in line for line in found)
    assert any("closed" in line for line in found)
