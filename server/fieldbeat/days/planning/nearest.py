"""Nearest neighbour on the days of many reps at once: one step of the loop adds a visit to every day that has one left.

Days stand in rows, the fullest first, so the days still under way are the first rows; their visits stand in columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fieldbeat.days.planning.instance import NEVER, OUTLETS, START, Instance
from fieldbeat.days.planning.travel import Ints, Legs, Places, Travel

SLACK_MINUTES, SLACK_S = 300, 10  # a visit that must begin within so many minutes is nearer by so many seconds each


@dataclass(frozen=True)
class TimedDay:
    """A day's nodes in order, when each starts on the day's clock, and the travel of the whole day."""

    nodes: list[int]
    starts: list[int]
    seconds: int
    metres: int


EMPTY_DAY = TimedDay([], [], 0, 0)


class Visits(NamedTuple):
    """The visits of many reps: one entry each."""

    rep: Ints
    day: Ints
    row: Ints


class _Board:
    """What the routes are made from: by day what holds for it, by day and column what holds for one visit."""

    def __init__(self, instances: Sequence[Instance], visits: Visits) -> None:
        days = instances[0].days
        order = np.lexsort((visits.row, visits.rep * days + visits.day))
        rep, day, row = (part[order] for part in visits)
        keys, first, counts = np.unique(rep * days + day, return_index=True, return_counts=True)
        fullest = np.argsort(-counts, kind="stable")
        self.rep, self.day, self.counts = keys[fullest] // days, keys[fullest] % days, counts[fullest]
        of_key = np.argsort(fullest)
        at = np.repeat(of_key, counts), np.arange(len(rep)) - np.repeat(first, counts)
        self.shape = (len(keys), int(counts.max(initial=0)))
        self.left = self._spread(at, np.ones(len(rep), bool))
        self.node = self._spread(at, row + OUTLETS)
        offset = np.cumsum([0, *(len(i.places.codes) for i in instances)])
        self.start_place = offset[self.rep] + START
        self.place = self._spread(at, row + OUTLETS + offset[rep])
        self.places = Places.joined([i.places for i in instances])
        self.spots = self.places.take(self.place)
        self._spread_visits(instances, at, rep, day, row)
        self.length = np.stack([i.lengths for i in instances])[self.rep, self.day][:, None]
        self.visits_max = np.array([i.visits_max for i in instances])[self.rep][:, None]
        self.seconds_max = np.array([i.travel_seconds_max for i in instances])[self.rep][:, None]

    def legs(self, travel: Travel, here: Ints, cut: slice) -> Legs:
        """From where each rep stands to each visit of his day."""
        return travel.legs(self.places.take(here).take((slice(None), None)), self.spots.take(cut))

    def begins(self, arrival: Ints, cut: slice) -> Ints:
        """When each visit would begin; NEVER if it is too late for it."""
        start = np.full_like(arrival, NEVER)
        for opens, closes in self.windows:
            first = np.maximum(opens[cut], arrival)
            start = np.minimum(start, np.where(first <= closes[cut], first, NEVER))
        return start

    def _spread_visits(
        self, instances: Sequence[Instance], at: tuple[Ints, Ints], rep: Ints, day: Ints, row: Ints
    ) -> None:
        outlet = np.cumsum([0, *(len(i.outlets) for i in instances)])[rep] + row
        homes = [i.out_and_home[1] for i in instances]
        self.duration = self._spread(at, np.concatenate([i.duration for i in instances])[outlet])
        self.home_seconds = self._spread(at, np.concatenate([h.seconds for h in homes])[outlet])
        self.home_metres = self._spread(at, np.concatenate([h.metres for h in homes])[outlet])
        self.until_home = self.duration - -self.home_seconds // 60  # minutes, rounded up
        wide = max(i.windows.shape[2] for i in instances)
        windows = np.empty((len(rep), wide, 2), np.int64)
        windows[..., 0], windows[..., 1] = NEVER, -1
        for number, instance in enumerate(instances):
            cut = slice(*np.searchsorted(rep, [number, number + 1]))  # the visits stand in order of their rep
            windows[cut, : instance.windows.shape[2]] = instance.windows[instance.key[row[cut]], day[cut]]
        self.windows = [tuple(self._spread(at, windows[:, n, end]) for end in (0, 1)) for n in range(wide)]
        self.last_close = self._spread(at, windows[..., 1].max(axis=1))

    def _spread(self, at: tuple[Ints, Ints], values: Any) -> Any:
        board = np.zeros(self.shape, values.dtype)
        board[at] = values
        return board


def route(instances: Sequence[Instance], visits: Visits, drafts: list[list[TimedDay]]) -> None:
    """Writes each day's route into `drafts`: next comes what is near, can begin soon, and cannot wait."""
    board = _Board(instances, visits)
    here, clock = board.start_place.copy(), np.zeros(len(board.rep), np.int64)
    seconds, metres, home = clock.copy(), clock.copy(), np.zeros((2, len(clock)), np.int64)
    picked, starts = np.full(board.shape, -1), np.zeros(board.shape, np.int64)
    for step in range(board.shape[1]):
        cut = slice(int((board.counts > step).sum()))
        legs = board.legs(instances[0].problem.travel, here[cut], cut)
        start = board.begins(clock[cut, None] + legs.minutes, cut)
        spent = seconds[cut, None] + legs.seconds
        fits = board.left[cut] & (start + board.until_home[cut] <= board.length[cut])
        fits &= (spent + board.home_seconds[cut] <= board.seconds_max[cut]) & (step < board.visits_max[cut])
        slack = np.minimum(board.last_close[cut] - start, SLACK_MINUTES)
        rank = np.where(fits, (start - clock[cut, None]) * 60 + legs.seconds + slack * SLACK_S, NEVER)
        column = rank.argmin(axis=1)
        going = np.flatnonzero(rank[np.arange(len(column)), column] < NEVER)
        at = (going, column[going])
        seconds[going], metres[going] = spent[at], metres[going] + legs.metres[at]
        home[:, going] = board.home_seconds[at], board.home_metres[at]
        picked[going, step], starts[going, step] = board.node[at], start[at]
        clock[going], board.left[at], here[going] = start[at] + board.duration[at], False, board.place[at]
    _write(board, picked, starts, np.stack([seconds + home[0], metres + home[1]], axis=1), drafts)


def _write(board: _Board, picked: Ints, starts: Ints, totals: Ints, drafts: list[list[TimedDay]]) -> None:
    where = zip(board.rep.tolist(), board.day.tolist(), (picked >= 0).sum(axis=1).tolist(), strict=True)
    routes = zip(where, picked.tolist(), starts.tolist(), totals.tolist(), strict=True)
    for (rep, day, count), nodes, begins, (seconds, metres) in routes:
        if count:
            drafts[rep][day] = TimedDay(nodes[:count], begins[:count], seconds, metres)
