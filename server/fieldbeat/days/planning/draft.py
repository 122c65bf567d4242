"""A quick draft of many plans at once, as arrays: days by a sweep of the map, routes by the nearest neighbour.

The outlets of a rep stand in order along a curve that keeps neighbours together; equal shares of the work along it
become the weekdays, and within a weekday the weeks. A visit goes to the allowed day nearest to its due day. What finds
no place in this sweep is placed by insertion afterwards (`assign.place`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fieldbeat.days.planning.instance import NEVER, OUTLETS, START, Bools, Instance
from fieldbeat.days.planning.travel import Floats, Ints, Legs, Places, Travel

CURVE_LEVELS = 10
SLACK_MINUTES, SLACK_S = 300, 10  # a visit that must begin within so many minutes is nearer by so many seconds each
DETOUR_MINUTES = 6  # of a visit, when the work is shared among days
UNLOVED_DAYS = 3  # so much nearer must a day be that is not a preferred weekday


def due_days(instance: Instance) -> Ints:
    """Visits of an outlet stand an equal number of working days apart; where it lies says with which day they begin."""
    working = np.flatnonzero([bool(pieces) for pieces in instance.regular])
    wanted = np.maximum(instance.wanted, 1)
    visits = np.arange(max(int(wanted.max(initial=1)), 1))
    if not len(working):
        return np.zeros((len(wanted), len(visits)), np.int64)
    week = len(np.unique(instance.weekdays[working]))
    apart = len(working) / wanted
    share = _shares(instance) * week
    weeks = -(-len(working) // week)
    first = (np.floor(share) + week * np.floor(weeks * (share % 1))) % apart
    steps = np.floor(first[:, None] + visits * apart[:, None]).astype(np.int64)
    due = working[np.minimum(steps, len(working) - 1)]
    wished: Ints = due - np.maximum(due[:, :1] - _first_wish(instance)[:, None], 0)
    return wished


def _first_wish(instance: Instance) -> Ints:
    """The day by which the first visit is wished: before the greatest gap is over, at once when a visit is owed."""
    bounded = (instance.since >= 0) & (instance.gap_max > 0)
    wish = np.where(bounded, np.maximum(instance.gap_max - instance.since, 0), instance.days)
    return np.where(instance.debt > 0, 0, wish)


def _shares(instance: Instance) -> Floats:
    """Where in the rep's work each outlet stands along the curve, from 0 to below 1."""
    order = np.argsort(_curve(instance.places.vectors[OUTLETS : OUTLETS + len(instance.outlets)]), kind="stable")
    work = (instance.wanted * (instance.duration + DETOUR_MINUTES))[order]
    share = np.empty(len(order))
    share[order] = (np.cumsum(work) - work / 2) / max(int(work.sum()), 1)
    return share


def _curve(vectors: Floats) -> Ints:
    """The position of each point along Hilbert's curve over the two axes along which the points spread most."""
    if not len(vectors):
        return np.zeros(0, np.int64)
    axes = np.argsort(-np.ptp(vectors, axis=0), kind="stable")[:2]
    flat = vectors[:, np.sort(axes)]
    spread = max(float(np.ptp(flat, axis=0).max()), 1e-12)
    x, y = ((flat - flat.min(axis=0)) / spread * ((1 << CURVE_LEVELS) - 1)).astype(np.int64).T
    along = np.zeros(len(vectors), np.int64)
    for level in reversed(range(CURVE_LEVELS)):
        right, up = (x >> level) & 1, (y >> level) & 1
        along = (along << 2) + (3 * right ^ up)
        x, y = x & ((1 << level) - 1), y & ((1 << level) - 1)
        turned, flipped = up == 0, (up == 0) & (right == 1)
        x, y = np.where(flipped, (1 << level) - 1 - x, x), np.where(flipped, (1 << level) - 1 - y, y)
        x, y = np.where(turned, y, x), np.where(turned, x, y)
    return along


@dataclass(frozen=True)
class TimedDay:
    """A day's nodes in order, when each starts on the day's clock, and the travel of the whole day."""

    nodes: list[int]
    starts: list[int]
    seconds: int
    metres: int


EMPTY_DAY = TimedDay([], [], 0, 0)


class _Visits(NamedTuple):
    """The visits of many reps: one entry each."""

    rep: Ints
    day: Ints
    row: Ints


def sweep(instances: Sequence[Instance]) -> list[list[TimedDay]]:
    """Per instance its days. Days with pins, and outlets with pins or must-visit dates, stay empty.

    All instances must have the same number of days and the same travel provider.
    """
    drafts = [[EMPTY_DAY] * instance.days for instance in instances]
    if any(instance.outlets for instance in instances):
        _route(instances, _days_chosen(instances), drafts)
    return drafts


def _days_chosen(instances: Sequence[Instance]) -> _Visits:
    """Each visit on the allowed day nearest to its due day, first visits first."""
    rep = np.repeat(np.arange(len(instances)), [len(i.outlets) for i in instances])
    row = np.concatenate([np.arange(len(i.outlets)) for i in instances])
    free = np.concatenate([_free(i) for i in instances])
    unloved = np.concatenate([i.unloved for i in instances]) * UNLOVED_DAYS
    wanted = np.concatenate([i.wanted for i in instances])
    gap = np.concatenate([i.gap_min for i in instances])
    due = _stacked([due_days(instance) for instance in instances])
    last, calendar, found = np.full(len(rep), -NEVER), np.arange(instances[0].days), []
    for visit in range(int(wanted.max())):
        asked = np.flatnonzero(wanted > visit)
        off = np.abs(calendar - due[asked, visit][:, None]) + unloved[asked]
        off = np.where(free[asked] & (calendar >= (last + gap)[asked][:, None]), off, NEVER)
        day = off.argmin(axis=1)
        has_day = off[np.arange(len(asked)), day] < NEVER
        asked, day = asked[has_day], day[has_day]
        last[asked] = day
        found.append(np.stack([rep[asked], day, row[asked]]))
    chosen = np.concatenate(found, axis=1) if found else np.zeros((3, 0), np.int64)
    return _Visits(*chosen[:, ~_pinned_days(instances)[chosen[0], chosen[1]]])


def _pinned_days(instances: Sequence[Instance]) -> Bools:
    """Rep by day: a pinned visit stands there, so the other visits of the day are inserted around it later."""
    pinned = np.zeros((len(instances), instances[0].days), bool)
    for number, instance in enumerate(instances):
        pinned[number, instance.pin_day] = True
    return pinned


def _stacked(tables: list[Ints]) -> Ints:
    wide = max(table.shape[1] for table in tables)
    return np.concatenate([np.pad(table, ((0, 0), (0, wide - table.shape[1]))) for table in tables])


def _free(instance: Instance) -> Bools:
    """Outlet by day: where the sweep may put a visit."""
    free = instance.allowed.copy()
    free[[row for row, outlet in enumerate(instance.outlets) if outlet.must_visit]] = False
    free[[instance.row_of[pin.outlet_code] for pin in instance.pins]] = False
    return free


class _Board:
    """Rep-days as rows, their visits as columns: what the routes of all of them are made from, step by step."""

    def __init__(self, instances: Sequence[Instance], visits: _Visits) -> None:
        days = instances[0].days
        order = np.lexsort((visits.row, visits.rep * days + visits.day))
        rep, day, row = (part[order] for part in visits)
        lines, first, counts = np.unique(rep * days + day, return_index=True, return_counts=True)
        line = np.repeat(np.arange(len(lines)), counts)
        column = np.arange(len(rep)) - first[line]
        self.rep, self.day = lines // days, lines % days
        shape = (len(lines), int(counts.max(initial=0)))
        at = (line, column)
        self.left = _spread(shape, at, np.ones(len(rep), bool))
        self.node = _spread(shape, at, row + OUTLETS)
        offset = np.cumsum([0, *(len(i.places.codes) for i in instances)])
        self.start_place = offset[self.rep] + START
        self.place = _spread(shape, at, row + OUTLETS + offset[rep])
        self.places = Places.joined([i.places for i in instances])
        self.spots = self.places.take(self.place)
        self._spread_visits(instances, shape, at, rep, day, row)
        self.length = np.stack([i.lengths for i in instances])[self.rep, self.day]
        self.visits_max = np.array([i.visits_max for i in instances])[self.rep]
        self.seconds_max = np.array([i.travel_seconds_max for i in instances])[self.rep]

    def places_legs(self, travel: Travel, here: Ints, lines: Ints) -> Legs:
        """From where each rep stands to each visit of his day."""
        return travel.legs(self.places.take(here).take((slice(None), None)), self.spots.take(lines))

    def _spread_visits(
        self,
        instances: Sequence[Instance],
        shape: tuple[int, int],
        at: tuple[Ints, Ints],
        rep: Ints,
        day: Ints,
        row: Ints,
    ) -> None:
        outlet = np.cumsum([0, *(len(i.outlets) for i in instances)])[rep] + row
        homes = [i.out_and_home[1] for i in instances]
        self.duration = _spread(shape, at, np.concatenate([i.duration for i in instances])[outlet])
        self.home_minutes = _spread(shape, at, np.concatenate([h.minutes for h in homes])[outlet])
        self.home_seconds = _spread(shape, at, np.concatenate([h.seconds for h in homes])[outlet])
        self.home_metres = _spread(shape, at, np.concatenate([h.metres for h in homes])[outlet])
        wide = max(i.windows.shape[2] for i in instances)
        windows = np.empty((len(rep), wide, 2), np.int64)
        windows[..., 0], windows[..., 1] = NEVER, -1
        for number, instance in enumerate(instances):
            cut = slice(*np.searchsorted(rep, [number, number + 1]))  # the visits stand in order of their rep
            windows[cut, : instance.windows.shape[2]] = instance.windows[instance.key[row[cut]], day[cut]]
        self.opens = _spread(shape, at, windows[..., 0])
        self.closes = _spread(shape, at, windows[..., 1])
        self.last_close = self.closes.max(axis=2)


def _spread(shape: tuple[int, int], at: tuple[Ints, Ints], values: Any) -> Any:
    board = np.zeros((*shape, *values.shape[1:]), values.dtype)
    board[at] = values
    return board


def _route(instances: Sequence[Instance], visits: _Visits, drafts: list[list[TimedDay]]) -> None:
    """Nearest neighbour on all days at once: next comes what is near, can begin soon, and cannot wait."""
    board = _Board(instances, visits)
    lines = np.arange(len(board.rep))
    here, clock = board.start_place, np.zeros(len(lines), np.int64)
    seconds, metres, home = clock.copy(), clock.copy(), np.zeros((2, len(lines)), np.int64)
    picked, starts = np.full(board.node.shape, -1), np.zeros(board.node.shape, np.int64)
    for step in range(board.node.shape[1]):
        legs = board.places_legs(instances[0].problem.travel, here, lines)
        arrival = clock[lines, None] + legs.minutes
        first = np.maximum(board.opens[lines], arrival[..., None])
        start = np.where(first <= board.closes[lines], first, NEVER).min(axis=2)
        fits = board.left[lines] & (
            start + board.duration[lines] + board.home_minutes[lines] <= board.length[lines, None]
        )
        spent = seconds[lines, None] + legs.seconds
        fits &= (spent + board.home_seconds[lines] <= board.seconds_max[lines, None]) & (
            step < board.visits_max[lines, None]
        )
        slack = np.minimum(board.last_close[lines] - start, SLACK_MINUTES)
        rank = (start - clock[lines, None]) * 60 + legs.seconds + slack * SLACK_S
        rank = np.where(fits, rank, NEVER)
        column = rank.argmin(axis=1)
        going = np.flatnonzero(rank[np.arange(len(lines)), column] < NEVER)
        if not len(going):
            break
        column, on = column[going], lines[going]
        at = (on, column)
        seconds[on], metres[on] = spent[going, column], metres[on] + legs.metres[going, column]
        home[:, on] = board.home_seconds[at], board.home_metres[at]
        picked[on, step], starts[on, step] = board.node[at], start[going, column]
        clock[on], board.left[at], here = start[going, column] + board.duration[at], False, board.place[at]
        lines = on
    lengths = (picked >= 0).sum(axis=1).tolist()
    totals = zip((seconds + home[0]).tolist(), (metres + home[1]).tolist(), strict=True)
    keys = zip(board.rep.tolist(), board.day.tolist(), strict=True)
    for (rep, day), count, nodes, begins, (spent_s, spent_m) in zip(
        keys, lengths, picked.tolist(), starts.tolist(), totals, strict=True
    ):
        if count:
            drafts[rep][day] = TimedDay(nodes[:count], begins[:count], spent_s, spent_m)
