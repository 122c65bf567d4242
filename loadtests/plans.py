"""Visit plans: `python loadtests/plans.py`. One rep with 300 outlets in both efforts, and the quick drafts of 100 reps.

The clock counts from the problem as given to the plan with its times, reasons and hash, in one process.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from fieldbeat.days.planning.city import city
from fieldbeat.days.planning.model import Effort, Plan, Problem
from fieldbeat.days.planning.plan import draft_team, generate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fieldbeat_testing.planning import beat_problem

ROUNDS = 5


def main() -> None:
    """Measures and prints."""
    one = beat_problem(city(1, outlets=300, reps=1)[0])
    full = _busy(one, visits=2)
    _measure("300 outlets, 1 rep, QUICK", lambda: [generate(one, effort=Effort.QUICK)])
    _measure("300 outlets, 1 rep, FULL", lambda: [generate(one, effort=Effort.FULL)], rounds=1)
    _measure("300 outlets, 1 rep, 600 visits wanted, QUICK", lambda: [generate(full, effort=Effort.QUICK)])
    _measure("300 outlets, 1 rep, 600 visits wanted, FULL", lambda: [generate(full, effort=Effort.FULL)], rounds=1)
    team = [beat_problem(beat) for beat in city(3, outlets=20_000, reps=100)]
    _measure("200 outlets x 100 reps, QUICK", lambda: draft_team(team))
    busy = [_busy(problem, visits=2, third=3) for problem in team]
    _measure("200 outlets x 100 reps, 46,600 visits wanted, QUICK", lambda: draft_team(busy))


def _busy(problem: Problem, *, visits: int, third: int | None = None) -> Problem:
    """Every outlet wants so many short visits (every third: `third`)."""
    wanted = [visits if third is None or number % 3 else third for number in range(len(problem.outlets))]
    outlets = (
        replace(outlet, visits=n, gap_min_days=5, gap_max_days=None, duration_minutes=8)
        for outlet, n in zip(problem.outlets, wanted, strict=True)
    )
    return replace(problem, outlets=tuple(outlets))


def _measure(name: str, work: Callable[[], list[Plan]], *, rounds: int = ROUNDS) -> None:
    taken = []
    for _ in range(rounds):
        started, worked = perf_counter(), process_time()
        plans = work()
        taken.append((perf_counter() - started, process_time() - worked))
    wall, processor = (median(part) * 1000 for part in zip(*taken, strict=True))
    visits = sum(len(day.visits) for plan in plans for day in plan.days)
    unserved = sum(len(plan.unserved) for plan in plans)
    travel = sum(day.travel_minutes for plan in plans for day in plan.days)
    print(f"{name}: median {wall:,.0f} ms, of the processor {processor:,.0f} ms;", end=" ")
    print(f"{visits:,} visits, {unserved:,} unserved, {travel:,} minutes of travel", flush=True)


if __name__ == "__main__":
    main()
