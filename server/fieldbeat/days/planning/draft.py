"""A quick draft of many plans at once, as arrays: days by a sweep of the map, routes by the nearest neighbour.

The outlets of a rep stand in order along a curve that keeps neighbours together; equal shares of the work along it
become the weekdays, and within a weekday the weeks. A visit goes to the allowed day nearest to its due day. What finds
no place in this sweep is placed by insertion afterwards (`assign.place`).
"""

from collections.abc import Sequence

import numpy as np

from fieldbeat.days.planning import nearest
from fieldbeat.days.planning.instance import NEVER, OUTLETS, Bools, Instance
from fieldbeat.days.planning.nearest import EMPTY_DAY, TimedDay, Visits
from fieldbeat.days.planning.travel import Floats, Ints

CURVE_LEVELS = 10
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


def sweep(instances: Sequence[Instance]) -> list[list[TimedDay]]:
    """Per instance its days. Days with pins, and outlets with pins or must-visit dates, stay empty.

    All instances must have the same number of days and the same travel provider.
    """
    drafts = [[EMPTY_DAY] * instance.days for instance in instances]
    if any(instance.outlets for instance in instances):
        nearest.route(instances, _days_chosen(instances), drafts)
    return drafts


def _days_chosen(instances: Sequence[Instance]) -> Visits:
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
    return Visits(*chosen[:, ~_pinned_days(instances)[chosen[0], chosen[1]]])


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
