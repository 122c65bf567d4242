"""The visits of all days in their order, and what one more would cost anywhere: one look at every day and position.

For each position of a day the arrays hold who comes before and after, when one leaves the one before, and until when
one must be at the one after so that the rest of the day still holds. A visit fits where its own start window can be
reached and left in time; that is the exact test, because coming earlier never hurts.
"""

import numpy as np

from fieldbeat.days.planning.instance import END, NEVER, OUTLETS, START, Bools, Instance, Pieces
from fieldbeat.days.planning.travel import Ints

ROOM = 24  # positions of a day at first


class Roster:
    """The days of one plan under work. Pinned visits stand in it from the start and are never taken out."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.days: list[list[int]] = [[] for _ in range(instance.days)]
        self.travel = np.zeros(instance.days, np.int64)
        self.visits = np.zeros(instance.days, np.int64)
        self.held: list[list[int]] = [[] for _ in instance.outlets]  # per outlet the days on which it is visited
        self._seconds, self._minutes = instance.legs.seconds, instance.legs.minutes
        self._first_pin = OUTLETS + len(instance.outlets)
        self._make_room(ROOM)
        for number, day in enumerate(instance.pin_day):
            self.days[day].append(self._first_pin + number)
            self.held[instance.node_row[self._first_pin + number]].append(day)
        for day in range(instance.days):
            self._settle(day)

    def is_pin(self, node: int) -> bool:
        """Whether the node is a pinned visit."""
        return node >= self._first_pin

    def put(self, node: int, day: int, position: int) -> None:
        """Adds a visit."""
        self.days[day].insert(position, node)
        self.held[self.instance.node_row[node]].append(day)
        self._settle(day)

    def take(self, node: int, day: int) -> int:
        """Removes a visit; its position."""
        position = self.days[day].index(node)
        del self.days[day][position]
        self.held[self.instance.node_row[node]].remove(day)
        self._settle(day)
        return position

    def fill(self, day: int, nodes: list[int]) -> None:
        """Sets the visits of an empty day."""
        for node in nodes:
            self.held[self.instance.node_row[node]].append(day)
        self.reorder(day, list(nodes))

    def starts(self, day: int) -> list[int]:
        """When each visit of a day starts on its clock."""
        leaves = self._leaves[day, 1 : len(self.days[day]) + 1].tolist()
        return [left - self.instance.node_duration[node] for left, node in zip(leaves, self.days[day], strict=True)]

    def reorder(self, day: int, order: list[int]) -> None:
        """Sets the order of a day's visits."""
        self.days[day] = order
        self._settle(day)

    def rested(self, row: int) -> Bools:
        """The days on which the outlet may be visited beside the visits that it has."""
        days = np.arange(self.instance.days)
        free: Bools = self.instance.allowed[row].copy()
        gap = int(self.instance.gap_min[row])
        for held in self.held[row]:
            free &= np.abs(days - held) >= gap
        return free

    def costs(self, row: int, days: slice = slice(None)) -> Ints:
        """Day by position: the seconds of travel that a visit of the outlet adds; NEVER where it breaks a rule."""
        node = OUTLETS + row
        windows = self.instance.windows[self.instance.key[row], days]
        out, home = self._minutes[:, node][self._before[days]], self._minutes[node][self._after[days]]
        added = self._seconds[:, node][self._before[days]] + self._seconds[node][self._after[days]] - self._direct[days]
        return self._judged(days, windows[:, None], int(self.instance.duration[row]), out, home, added)

    def costs_on(self, day: int, rows: Ints) -> Ints:
        """Outlet by position: the same for many outlets on one day."""
        nodes, span = rows + OUTLETS, len(self.days[day]) + 1
        before, after = self._before[day, :span], self._after[day, :span]
        windows = self.instance.windows[self.instance.key[rows], day][:, None]
        out, home = self._minutes[before][:, nodes].T, self._minutes[nodes][:, after]
        added = self._seconds[before][:, nodes].T + self._seconds[nodes][:, after] - self._direct[day, :span]
        cut = slice(day, day + 1)
        return self._judged(cut, windows, self.instance.duration[rows][:, None], out, home, added, span)

    def _judged(
        self,
        days: slice,
        windows: Ints,
        duration: Ints | int,
        out: Ints,
        home: Ints,
        added: Ints,
        span: int | None = None,
    ) -> Ints:
        arrival = self._leaves[days, :span] + out
        start = np.full(arrival.shape, NEVER)
        for number in range(windows.shape[-2]):
            first = np.maximum(windows[..., number, 0], arrival)
            start = np.minimum(start, np.where(first <= windows[..., number, 1], first, NEVER))
        full = (self.visits[days] >= self.instance.visits_max)[:, None]
        room = (self.instance.travel_seconds_max - self.travel[days])[:, None]
        fits = (start + duration + home <= self._latest[days, :span]) & (added <= room) & ~full
        return np.where(fits, added, NEVER)

    def _make_room(self, positions: int) -> None:
        shape = (self.instance.days, positions)
        self._before, self._after = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self._leaves, self._direct = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self._latest = np.full(shape, -NEVER, np.int64)

    def _settle(self, day: int) -> None:
        """Writes a day's row of the arrays anew."""
        nodes = self.days[day]
        if len(nodes) + 1 > self._before.shape[1]:
            self._make_room(2 * self._before.shape[1])
            for other in range(self.instance.days):
                self._settle(other)
            return
        leaves, latest, direct = self._timed(day, nodes)
        span = len(nodes) + 1
        self._before[day, :span], self._after[day, :span] = [START, *nodes], [*nodes, END]
        self._leaves[day, :span], self._direct[day, :span] = leaves, direct
        self._latest[day, :span], self._latest[day, span:] = latest, -NEVER
        self.travel[day] = sum(direct) if nodes else 0
        self.visits[day] = len(nodes)
        if not nodes:
            self._direct[day, 0] = 0

    def _timed(self, day: int, nodes: list[int]) -> tuple[list[int], list[int], list[int]]:
        """Per position: when one leaves the node before, the latest arrival at the node after, and the way between."""
        instance, ends = self.instance, ([START, *nodes], [*nodes, END])
        ways = self._minutes[ends].tolist()
        durations = [instance.node_duration[node] for node in nodes]
        windows = [instance.window_lists[instance.node_key[node]][day] for node in nodes]
        pinned = [node >= self._first_pin for node in nodes]
        leaves = [clock := 0]
        for way, duration, ranges, pin in zip(ways, durations, windows, pinned, strict=False):
            clock = (ranges[0][0] if pin else begins(ranges, clock + way)) + duration
            leaves.append(clock)
        latest = [bound := int(instance.lengths[day])]
        for way, duration, ranges, pin in zip(
            reversed(ways), reversed(durations), reversed(windows), reversed(pinned), strict=False
        ):
            bound = ranges[0][0] if pin else _latest_begin(ranges, bound - way - duration)
            latest.append(bound)
        return leaves, latest[::-1], self._seconds[ends].tolist()


def begins(ranges: Pieces, arrival: int) -> int:
    """When a visit begins whose rep arrives then. The caller knows that a window is left."""
    for first, last in ranges:
        if arrival <= last:
            return max(first, arrival)
    raise ValueError("no window is left")


def _latest_begin(ranges: Pieces, bound: int) -> int:
    for first, last in reversed(ranges):
        if first <= bound:
            return min(last, bound)
    raise ValueError("no window begins before")
