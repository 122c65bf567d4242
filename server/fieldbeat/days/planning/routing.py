"""The order of each day: exact up to twelve visits, by the solver above, and never worse than it was."""

import numpy as np

from fieldbeat.days.planning import exact, solver
from fieldbeat.days.planning.exact import DayTour
from fieldbeat.days.planning.instance import END, START
from fieldbeat.days.planning.nearest import TimedDay
from fieldbeat.days.planning.roster import Roster


def order_days(roster: Roster) -> None:
    """Orders every day anew where that saves travel."""
    for day, nodes in enumerate(roster.days):
        if len(nodes) > 1:
            roster.reorder(day, _ordered(roster, day, sorted(nodes)))


def timed(roster: Roster) -> list[TimedDay]:
    """Every day with its times and travel."""
    return [_timed(roster, day, nodes) for day, nodes in enumerate(roster.days)]


def tour_of(roster: Roster, day: int, nodes: list[int]) -> DayTour:
    """A day's visits, in the order of `nodes`, as a tour to be ordered."""
    instance = roster.instance
    seconds = instance.legs.seconds[np.ix_([START, *nodes, END], [START, *nodes, END])]
    return DayTour(
        seconds=seconds,
        minutes=-(-seconds // 60),
        durations=[instance.node_duration[node] for node in nodes],
        windows=[instance.window_lists[instance.node_key[node]][day] for node in nodes],
        length=int(instance.lengths[day]),
    )


def _ordered(roster: Roster, day: int, nodes: list[int]) -> list[int]:
    tour = tour_of(roster, day, nodes)
    now = roster.days[day]
    cost = tour.cost([nodes.index(node) + 1 for node in now])
    if cost is None:  # pinned visits that nobody could make in time: their day stays as it stands
        return now
    small = len(nodes) <= exact.STOPS_MAX
    order = exact.best_order(tour, seconds_max=cost) if small else solver.ordered(tour)
    better = order is not None and (found := tour.cost(order)) is not None and found < cost
    return [nodes[place - 1] for place in order] if better and order is not None else now


def _timed(roster: Roster, day: int, nodes: list[int]) -> TimedDay:
    if not nodes:
        return TimedDay([], [], 0, 0)
    ways = list(zip([START, *nodes], [*nodes, END], strict=True))
    metres = sum(int(roster.instance.legs.metres[way]) for way in ways)
    return TimedDay(list(nodes), roster.starts(day), int(roster.travel[day]), metres)
