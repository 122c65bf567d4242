"""The best order of a small day: dynamic programming over sets of visits, a whole layer of sets at once.

A label is (visited set, last visit, clock, seconds of travel). Less travel may cost time that a later window needs, so
of one set and last visit all labels are kept that no other beats in both. With these kept the answer is exact.
"""

from dataclasses import dataclass

import numpy as np

from fieldbeat.days.planning.travel import Ints

STOPS_MAX = 12


@dataclass(frozen=True)
class DayTour:
    """One day to be ordered. Place 0 is the start, 1 to n the visits, n + 1 the end.

    `windows[i]` are the inclusive ranges in which visit i + 1 may begin, on a clock that ends at `length`.
    """

    seconds: Ints
    minutes: Ints
    durations: list[int]
    windows: list[tuple[tuple[int, int], ...]]
    length: int

    def cost(self, order: list[int]) -> int | None:
        """The travel of an order of the visits, or None if a window is missed."""
        clock = spent = last = 0
        for place in order:
            arrival = clock + int(self.minutes[last, place])
            start = min((max(a, arrival) for a, b in self.windows[place - 1] if arrival <= b), default=None)
            if start is None:
                return None
            clock, spent = start + self.durations[place - 1], spent + int(self.seconds[last, place])
            last = place
        home = len(self.durations) + 1
        back = clock + int(self.minutes[last, home])
        return spent + int(self.seconds[last, home]) if back <= self.length else None


def best_order(tour: DayTour, *, seconds_max: int) -> list[int] | None:
    """The order with the least travel, at most `seconds_max`; None if there is none. Ties: the earlier places first."""
    n, layers = len(tour.durations), []
    need = _least_left(tour)
    layer = np.zeros((1, 5), np.int64)  # set, last, clock, seconds, parent
    for _ in range(n):
        layer = _kept(_extended(tour, layer, need, seconds_max))
        layers.append(layer)
    home = n + 1
    spent = layer[:, 3] + tour.seconds[layer[:, 1], home]
    spent = np.where(layer[:, 2] + tour.minutes[layer[:, 1], home] <= tour.length, spent, np.iinfo(np.int64).max)
    if not len(layer) or spent.min() > seconds_max:
        return None
    at, order = int(spent.argmin()), []
    for labels in reversed(layers):
        order.append(int(labels[at, 1]))
        at = int(labels[at, 4])
    return order[::-1]


def _least_left(tour: DayTour) -> Ints:
    """Per visited set: the least seconds that reaching the others and the end can take."""
    n = len(tour.durations)
    into = np.where(np.eye(n + 2, dtype=bool), np.iinfo(np.int64).max, tour.seconds)[:-1].min(axis=0)
    sets = np.arange(1 << n)
    missing = ((sets[:, None] >> np.arange(n)) & 1) == 0
    least: Ints = (missing * into[1 : n + 1]).sum(axis=1) + into[n + 1]
    return least


def _extended(tour: DayTour, labels: Ints, need: Ints, seconds_max: int) -> Ints:
    """Every label with every visit that it lacks, where the window holds and the bound can still be kept."""
    grown = []
    for place, (duration, ranges) in enumerate(zip(tour.durations, tour.windows, strict=True), start=1):
        parents = np.flatnonzero((labels[:, 0] >> (place - 1)) & 1 == 0)
        visited, last, clock, spent, _ = labels[parents].T
        arrival = clock + tour.minutes[last, place]
        start = np.full(len(parents), -1, np.int64)
        for first, until in reversed(ranges):
            start = np.where(arrival <= until, np.maximum(arrival, first), start)
        visited, spent = visited | 1 << (place - 1), spent + tour.seconds[last, place]
        fits = (start >= 0) & (spent + need[visited] <= seconds_max)
        fits &= start + duration <= tour.length
        rows = np.stack([visited, np.full_like(visited, place), start + duration, spent, parents], axis=1)
        grown.append(rows[fits])
    return np.concatenate(grown)


def _kept(labels: Ints) -> Ints:
    """The labels that no other of the same set and last visit beats in both clock and travel."""
    labels = labels[np.lexsort((labels[:, 2], labels[:, 3], labels[:, 1], labels[:, 0]))]
    if not len(labels):
        return labels
    fresh = np.ones(len(labels), bool)
    fresh[1:] = (labels[1:, :2] != labels[:-1, :2]).any(axis=1)
    span = int(labels[:, 2].max()) + 1
    fall = labels[:, 2] - np.cumsum(fresh) * span  # each group lies wholly below the one before
    kept = np.ones(len(labels), bool)
    kept[1:] = fall[1:] < np.minimum.accumulate(fall)[:-1]
    return labels[kept]
