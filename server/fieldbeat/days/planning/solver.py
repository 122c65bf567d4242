"""The order of a day that is too long for the exact way: pyvrp, stopped by iterations (docs/decisions/0010)."""

from dataclasses import replace
from typing import Any

import numpy as np
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, Result, VehicleType, solve
from pyvrp.stop import MaxIterations

from fieldbeat.days.planning.exact import DayTour
from fieldbeat.days.planning.instance import Pieces

ROUNDS = 200
SEEDS = (1,)


def ordered(tour: DayTour) -> list[int] | None:
    """A good order of the day's visits; None if none was found that holds every window.

    Windows that only a break parts are first taken as one: half the work, and an order seldom depends on the break.
    """
    for windows in (_joined(tour), tour.windows):
        order = _solved(replace(tour, windows=windows))
        if order is not None and tour.cost(order) is not None:
            return order
    return None


def _joined(tour: DayTour) -> list[Pieces]:
    """The windows of each visit, with gaps closed in which it could not begin because it would not end in time."""
    return [_closed(ranges, duration) for ranges, duration in zip(tour.windows, tour.durations, strict=True)]


def _closed(ranges: Pieces, duration: int) -> Pieces:
    joined = [ranges[0]]
    for first, last in ranges[1:]:
        if first - joined[-1][1] <= duration:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return tuple(joined)


def _solved(tour: DayTour) -> list[int] | None:
    clients, groups = _clients(tour)
    result = best_of(_data(tour, clients, groups), rounds=ROUNDS, seeds=SEEDS)
    if not result.is_feasible():
        return None
    return [clients[stop.idx].location - 1 for stop in result.best.routes()[0] if stop.is_client()]


def best_of(data: ProblemData, *, rounds: int, seeds: tuple[int, ...]) -> Result:
    """The best of the solver's answers for each seed. The clock plays no part."""
    answers = [solve(data, MaxIterations(rounds), seed=seed, collect_stats=False, display=False) for seed in seeds]
    return min(answers, key=lambda answer: answer.cost())


def _data(tour: DayTour, clients: list[Client], groups: list[ClientGroup]) -> ProblemData:
    n = len(tour.durations)
    order = [0, n + 1, *range(1, n + 1)]  # both depots stand first
    grid = np.ix_(order, order)
    van = VehicleType(1, start_depot=0, end_depot=1, tw_early=0, tw_late=tour.length)
    locations = [Location(0, 0) for _ in order]
    seconds: Any = tour.seconds[grid]  # the solver's stubs know arrays of another spelling
    minutes: Any = tour.minutes[grid]
    return ProblemData(locations, clients, [Depot(0), Depot(1)], [van], [seconds], [minutes], groups)


def _clients(tour: DayTour) -> tuple[list[Client], list[ClientGroup]]:
    """A visit with several start windows is a group of clients of which one is served."""
    clients: list[Client] = []
    groups: list[ClientGroup] = []
    for visit, (duration, ranges) in enumerate(zip(tour.durations, tour.windows, strict=True)):
        group = len(groups) if len(ranges) > 1 else None
        if group is not None:
            groups.append(ClientGroup(list(range(len(clients), len(clients) + len(ranges)))))
        for first, last in ranges:
            clients.append(
                Client(
                    visit + 2,
                    service_duration=duration,
                    tw_early=first,
                    tw_late=last,
                    required=group is None,
                    group=group,
                )
            )
    return clients, groups
