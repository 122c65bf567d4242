"""A day's order: exact up to twelve visits, and a solver that is good enough above."""

from itertools import permutations
from pathlib import Path
from random import Random
from time import perf_counter

import numpy as np
import pytest
from pyvrp import read

from fieldbeat.days.planning import assign, exact, routing, solver
from fieldbeat.days.planning.exact import DayTour, best_order
from fieldbeat.days.planning.instance import Instance
from fieldbeat.days.planning.model import Outlet
from fieldbeat.days.planning.roster import Roster
from fieldbeat.days.planning.travel import Place
from fieldbeat_testing.planning import city_problems, month

SOLOMON = Path(__file__).parent / "solomon" / "RC208.vrp"
BEST_KNOWN = 776.1


def random_day(seed: int, stops: int) -> DayTour:
    """Stops in a city on a clock with a break at 240, many with short or parted windows, some set to the minute."""
    dice = Random(seed)
    spots = [(dice.gauss(0, 6), dice.gauss(0, 6)) for _ in range(stops + 2)]
    seconds = np.array([[round(156 * ((a - x) ** 2 + (b - y) ** 2) ** 0.5) for x, y in spots] for a, b in spots])
    durations = [dice.choice((8, 10, 15)) for _ in range(stops)]
    opened = [dice.choice(((0, 540), (0, 540), (0, 240), (240, 540), (90, 400))) for _ in range(stops)]
    windows = [
        tuple((max(a, o), min(b, c) - d) for a, b in ((0, 240), (240, 540)) if min(b, c) - max(a, o) >= d)
        for (o, c), d in zip(opened, durations, strict=True)
    ]
    if dice.random() < 0.3:
        minute = dice.randrange(60, 400)
        windows[0] = ((minute, minute),)
    return DayTour(seconds, -(-seconds // 60), durations, windows, 540)


def optimum(tour: DayTour) -> int | None:
    """The least travel by dynamic programming, one visit at a time: written apart from the product's way."""
    n = len(tour.durations)
    seconds, minutes = tour.seconds.tolist(), tour.minutes.tolist()
    layer = {(0, 0): [(0, 0)]}  # (visited, last): (clock, travel), none beaten in both
    for _ in range(n):
        grown: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for (visited, last), labels in layer.items():
            for stop in (stop for stop in range(1, n + 1) if not visited >> stop & 1):
                for clock, spent in labels:
                    there = clock + minutes[last][stop]
                    begin = next((max(a, there) for a, b in tour.windows[stop - 1] if there <= b), None)
                    if begin is not None:
                        label = (begin + tour.durations[stop - 1], spent + seconds[last][stop])
                        keep_unbeaten(grown.setdefault((visited | 1 << stop, stop), []), label)
        layer = grown
    home = (
        spent + seconds[last][n + 1]
        for (_, last), labels in layer.items()
        for clock, spent in labels
        if clock + minutes[last][n + 1] <= tour.length
    )
    return min(home, default=None)


def keep_unbeaten(labels: list[tuple[int, int]], new: tuple[int, int]) -> None:
    if not any(clock <= new[0] and spent <= new[1] for clock, spent in labels):
        labels[:] = [(c, s) for c, s in labels if c < new[0] or s < new[1]] + [new]


@pytest.mark.parametrize("seed", range(40))
def test_a_small_day_has_the_least_travel_there_is(seed: int) -> None:
    tour = random_day(seed, stops=2 + seed % 7)
    order = best_order(tour, seconds_max=1 << 40)
    best = optimum(tour)
    assert (order is None) == (best is None)
    if order is not None:
        assert sorted(order) == list(range(1, len(tour.durations) + 1))
        assert tour.cost(order) == best


@pytest.mark.parametrize(("seed", "stops"), [(101, 10), (102, 11), (103, 12), (104, 12), (105, 12), (106, 12)])
def test_so_has_a_day_of_twelve_visits(seed: int, stops: int) -> None:
    tour = random_day(seed, stops)
    order, best = best_order(tour, seconds_max=1 << 40), optimum(tour)
    assert (order and tour.cost(order)) == best


def test_the_reference_itself_agrees_with_trying_every_order() -> None:
    tour = random_day(7, stops=6)
    costs = [tour.cost(list(order)) for order in permutations(range(1, 7))]
    assert optimum(tour) == min(cost for cost in costs if cost is not None)


def test_less_travel_may_take_longer_and_both_ways_are_kept() -> None:
    """With one label per set and last visit, the earliest, the cheaper way would be lost."""
    found = 0
    for seed in range(200):
        tour = random_day(seed, stops=5)
        if (best := optimum(tour)) is not None:
            order = best_order(tour, seconds_max=1 << 40)
            assert order is not None
            assert tour.cost(order) == best
            found += 1
    assert found > 50


def test_a_bound_below_the_optimum_finds_nothing_and_the_optimum_itself_is_found() -> None:
    tour = random_day(3, stops=6)
    best = optimum(tour)
    assert best is not None
    assert best_order(tour, seconds_max=best - 1) is None
    assert best_order(tour, seconds_max=best) is not None


@pytest.mark.parametrize("seed", range(6))
def test_the_solver_comes_within_two_percent_of_the_optimum_of_a_small_day(seed: int) -> None:
    tour = random_day(seed, stops=9)
    best, order = optimum(tour), solver.ordered(tour)
    assert (order is None) == (best is None)
    if order is not None and best is not None:
        cost = tour.cost(order)
        assert cost is not None
        assert best <= cost <= best * 1.02


def test_windows_that_a_break_parts_are_solved_as_one_and_checked_as_two() -> None:
    tour = random_day(5, stops=exact.STOPS_MAX + 3)
    order = solver.ordered(tour)
    assert order is not None
    assert tour.cost(order) is not None
    assert solver.ordered(tour) == order


def test_solomons_rc208_comes_within_a_percent_of_the_best_known() -> None:
    started = perf_counter()
    answer = solver.best_of(read(SOLOMON, round_func="dimacs"), rounds=3_000, seeds=(1, 2, 3))
    assert answer.is_feasible()
    assert answer.cost() / 10 <= BEST_KNOWN * 1.01
    assert perf_counter() - started < 30  # on a loaded machine; docs/figures.md has it alone


def test_every_day_of_a_plan_with_up_to_twelve_visits_has_the_least_travel_there_is() -> None:
    roster = Roster(Instance(city_problems(outlets=90, reps=1, visits_max=12)[0]))
    assign.place(assign.Assignment(roster))
    before = roster.travel.sum()
    routing.order_days(roster)
    days = [(day, nodes) for day, nodes in enumerate(roster.days) if nodes]
    assert max(len(nodes) for _, nodes in days) <= exact.STOPS_MAX
    assert len(days) > 15
    for day, nodes in days:
        assert roster.travel[day] == optimum(routing.tour_of(roster, day, sorted(nodes)))
    assert roster.travel.sum() < before


def test_an_order_that_saves_nothing_is_not_taken() -> None:
    """A round trip is as long the other way round: a plan must not turn for nothing."""
    outlets = tuple(Outlet(f"{n}", f"{n}", Place(52.5 + n / 100, 13.4 + n * n / 500), 1) for n in range(6))
    roster = Roster(Instance(month(outlets, days=1)))
    assign.place(assign.Assignment(roster))
    routing.order_days(roster)
    turned = roster.days[0][::-1]
    roster.reorder(0, turned)
    routing.order_days(roster)
    assert roster.days[0] == turned
