"""Days for visits over the cycle: insertion by regret and urgency, then local search over days and positions.

Everything is judged by one number in seconds of travel, so each accepted step lowers it and the search ends: travel,
plus what an unmet wish costs (far above any travel), plus a little for uneven days and for days far from the due one.
Only insertion decides who is served, and it looks for room for the important first (`make_room`).
"""

import numpy as np

from fieldbeat.days.planning.draft import due_days
from fieldbeat.days.planning.instance import NEVER, OUTLETS, Instance
from fieldbeat.days.planning.roster import Roster
from fieldbeat.days.planning.travel import Ints

WISH_S = 100_000  # a weekday that is not preferred, a day beyond the greatest gap
CHANGE_S = 20_000  # a day that the previous plan did not have for the outlet
DUE_S = 60  # each day away from the due one
UNEVEN_S = 120  # each visit that the day already holds
PRIORITY_S, URGENCY_S = 3_600, 1_800
REGRET_S_MAX = 20_000
PASSES_MAX = 8
SWAP_NEIGHBOURS = 4
EJECTIONS_MAX = 2_000


class Assignment:
    """A roster under work, with what each outlet's days cost beside travel, and its must-visit days."""

    def __init__(self, roster: Roster) -> None:
        self.roster, self.instance = roster, roster.instance
        self.beside = _beside_travel(self.instance)
        self.must: set[tuple[int, int]] = set()  # (outlet, day) that stay
        self.missed: dict[tuple[int, int], bool] = {}  # (outlet, index of the date) not kept: whether the gaps allow it
        instance = self.instance
        interval = instance.days / np.maximum(instance.wanted, 1)
        urgency = np.where(instance.since < 0, 0, instance.since / interval) + instance.debt
        self.bonus = instance.priority * PRIORITY_S + (urgency * URGENCY_S).astype(np.int64)

    def left(self) -> Ints:
        """How many visits of each outlet have no day yet."""
        return np.maximum(self.instance.wanted - np.array([len(h) for h in self.roster.held], np.int64), 0)

    def late(self, row: int) -> Ints | int:
        """Per day: what days beyond the greatest gap would cost, if the outlet were visited then as well."""
        gap_max = int(self.instance.gap_max[row])
        if not gap_max:
            return 0
        return np.array([self._late_with(row, day, gap_max) for day in range(self.instance.days)])

    def _late_with(self, row: int, day: int, gap_max: int) -> int:
        since = int(self.instance.since[row])
        held = sorted([*self.roster.held[row], day])
        begun = held if since < 0 else [-since, *held]
        gaps = (b - a for a, b in zip(begun, [*begun[1:], self.instance.days], strict=True))
        return WISH_S * sum(max(0, gap - gap_max) for gap in gaps)


def _beside_travel(instance: Instance) -> Ints:
    """Outlet by day: what a visit costs beside its travel."""
    due, days = due_days(instance), np.arange(instance.days)
    visit = np.arange(due.shape[1])
    counts = visit[None, :] < np.maximum(instance.wanted, 1)[:, None]
    off = np.where(counts[:, None], np.abs(days[None, :, None] - due[:, None, :]), NEVER).min(axis=2)
    beside: Ints = off * DUE_S + instance.unloved * WISH_S + _changes(instance) * CHANGE_S
    return beside


def _changes(instance: Instance) -> Ints:
    """Outlet by day: 1 where a previous plan knew the outlet, and not on this day."""
    changed = np.zeros((len(instance.outlets), instance.days), np.int64)
    previous = instance.problem.previous
    planned = [(v.outlet_code, day.on) for day in previous.days for v in day.visits] if previous else []
    known = [
        (instance.row_of[code], (on - instance.problem.from_on).days) for code, on in planned if code in instance.row_of
    ]
    changed[[row for row, _ in known]] = 1
    for row, day in known:
        if 0 <= day < instance.days:
            changed[row, day] = 0
    return changed


def place_must_visits(work: Assignment) -> None:
    """Puts each must-visit on its date, the important first; what does not fit is remembered as missed."""
    instance, roster = work.instance, work.roster
    for row in sorted(range(len(instance.outlets)), key=lambda row: (-int(instance.priority[row]), row)):
        for index, on in enumerate(instance.outlets[row].must_visit):
            day = instance.must_day(row, on)
            if day is None or not (day in roster.held[row] or _put_on(work, row, day)):
                work.missed[row, index] = day is not None and bool(roster.rested(row)[day])
            else:
                work.must.add((row, day))


def _put_on(work: Assignment, row: int, day: int) -> bool:
    if not work.roster.rested(row)[day]:
        return False
    costs = work.roster.costs(row, slice(day, day + 1))[0]
    if costs.min() < NEVER:
        work.roster.put(OUTLETS + row, day, int(costs.argmin()))
        return True
    return False


def place(work: Assignment) -> None:
    """Inserts what has no day yet: always the visit that would lose most by waiting, with its priority and urgency."""
    roster, left = work.roster, work.left()
    rows = np.flatnonzero(left)
    if not len(rows):
        return
    free = np.stack([roster.rested(int(row)) for row in rows])
    costs = np.stack([roster.costs_on(day, rows).min(axis=1) for day in range(work.instance.days)], axis=1)
    beside = work.beside[rows]
    while True:
        total = np.where(free & (costs < NEVER), costs + beside + roster.visits * UNEVEN_S, NEVER)
        best = total.min(axis=1)
        if best.min(initial=NEVER) >= NEVER:
            return
        second = np.partition(total, 1, axis=1)[:, 1] if total.shape[1] > 1 else best
        score = np.where(best < NEVER, np.minimum(second - best, REGRET_S_MAX) + work.bonus[rows], -1)
        pick = int(score.argmax())
        row, day = int(rows[pick]), int(total[pick].argmin())
        roster.put(OUTLETS + row, day, int(roster.costs(row, slice(day, day + 1))[0].argmin()))
        left[row] -= 1
        free[pick] = roster.rested(row) if left[row] else False
        costs[:, day] = roster.costs_on(day, rows).min(axis=1)


def improve(work: Assignment) -> None:
    """Moves visits to better days and positions, and exchanges neighbours' days, until nothing gains or passes end."""
    for turn in range(PASSES_MAX):
        gained = sum([_relocate(work, node, day) for day, node in _movable(work)])
        if turn == 0:
            gained += sum([_swap_with_neighbours(work, node, day) for day, node in _movable(work)])
        if not gained:
            return


def make_room(work: Assignment) -> None:
    """Takes out less important visits where that lets a more important one in; they may find another place."""
    priority, tries = work.instance.priority, 0
    for row in sorted(np.flatnonzero(work.left()).tolist(), key=lambda row: (-int(priority[row]), row)):
        for day in np.flatnonzero(work.roster.rested(row)).tolist():
            weaker = [
                n for n in work.roster.days[day] if _moves(work, n, day) and priority[n - OUTLETS] < priority[row]
            ]
            for node in sorted(weaker, key=lambda n: (int(priority[n - OUTLETS]), n)):
                tries += 1
                position = work.roster.take(node, day)
                if work.left()[row] and _put_on(work, row, day):
                    break
                work.roster.put(node, day, position)
            if tries > EJECTIONS_MAX:
                return


def _moves(work: Assignment, node: int, day: int) -> bool:
    return not work.roster.is_pin(node) and (node - OUTLETS, day) not in work.must


def _movable(work: Assignment) -> list[tuple[int, int]]:
    days = enumerate(work.roster.days)
    return sorted(((d, n) for d, nodes in days for n in nodes if _moves(work, n, d)), key=lambda at: (at[1], at[0]))


def _worth(work: Assignment, node: int, day: int) -> tuple[int, int]:
    """Takes a visit out: its position, and what its place had cost."""
    before = int(work.roster.travel[day])
    position = work.roster.take(node, day)
    row = node - OUTLETS
    late = work.late(row)
    there = int(work.beside[row, day]) + (int(late[day]) if isinstance(late, np.ndarray) else 0)
    return position, before - int(work.roster.travel[day]) + there + int(work.roster.visits[day]) * UNEVEN_S


def _relocate(work: Assignment, node: int, day: int) -> bool:
    """Moves one visit to the best place anywhere. Whether that gained."""
    roster, row = work.roster, node - OUTLETS
    position, cost = _worth(work, node, day)
    costs = roster.costs(row)
    cheapest = costs.min(axis=1)
    total = np.where(cheapest < NEVER, cheapest + work.beside[row] + work.late(row) + roster.visits * UNEVEN_S, NEVER)
    total = np.where(roster.rested(row), total, NEVER)
    best = int(total.argmin())
    if total[best] < cost:
        roster.put(node, best, int(costs[best].argmin()))
        return True
    roster.put(node, day, position)
    return False


def _swap_with_neighbours(work: Assignment, node: int, day: int) -> bool:
    """Exchanges days with the visit of a near outlet. Whether that gained."""
    if node not in work.roster.days[day]:
        return False
    seconds = work.instance.legs.seconds[node, work.instance.row_node]
    near = [int(row) for row in np.argsort(seconds, kind="stable")[: SWAP_NEIGHBOURS + 1] if row != node - OUTLETS]
    for row in near:
        for other in list(work.roster.held[row]):
            free = other not in work.roster.held[node - OUTLETS] and OUTLETS + row in work.roster.days[other]
            if free and _moves(work, OUTLETS + row, other) and _swap(work, node, day, OUTLETS + row, other):
                return True
    return False


def _swap(work: Assignment, a: int, day_a: int, b: int, day_b: int) -> bool:
    roster = work.roster
    at_a, cost_a = _worth(work, a, day_a)
    at_b, cost_b = _worth(work, b, day_b)
    if _placed_for(work, [(a, day_b), (b, day_a)], cost_a + cost_b):
        return True
    roster.put(b, day_b, at_b)
    roster.put(a, day_a, at_a)
    return False


def _placed_for(work: Assignment, wished: list[tuple[int, int]], below: int) -> bool:
    """Puts the visits on their wished days if all fit and together cost less; else nothing is changed."""
    done: list[tuple[int, int]] = []
    for node, day in wished:
        row = node - OUTLETS
        costs = work.roster.costs(row, slice(day, day + 1))[0]
        late = work.late(row)
        below -= int(costs.min()) + int(work.beside[row, day]) + int(work.roster.visits[day]) * UNEVEN_S
        below -= int(late[day]) if isinstance(late, np.ndarray) else 0
        if below <= 0 or not work.roster.rested(row)[day]:
            for placed, on in reversed(done):
                work.roster.take(placed, on)
            return False
        work.roster.put(node, day, int(costs.argmin()))
        done.append((node, day))
    return True
