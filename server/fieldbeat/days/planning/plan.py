"""The door of planning: `generate` for one rep, `draft_team` for the quick drafts of many."""

from collections.abc import Sequence

from fieldbeat.days.planning import assign, draft, report, routing
from fieldbeat.days.planning.instance import Instance
from fieldbeat.days.planning.model import Effort, Plan, Problem
from fieldbeat.days.planning.nearest import TimedDay
from fieldbeat.days.planning.roster import Roster


def generate(problem: Problem, *, effort: Effort) -> Plan:
    """The plan of one rep's cycle: the same problem gives the same plan, whatever the machine's load.

    Refuses a rep without a start place, a cycle of more than 92 days, and demand or pins that cannot be meant.
    """
    if effort is Effort.QUICK:
        return draft_team([problem])[0]
    work = assign.Assignment(Roster(Instance(problem)))
    assign.place_must_visits(work)
    assign.place(work)
    assign.make_room(work)
    assign.place(work)
    assign.improve(work)
    assign.place(work)
    routing.order_days(work.roster)
    assign.place(work)
    return report.plan_of(work.instance, routing.timed(work.roster), work.missed)


def draft_team(problems: Sequence[Problem]) -> list[Plan]:
    """The quick drafts of many reps, worked out together. Refuses as `generate` does."""
    instances = [Instance(problem) for problem in problems]
    plans: list[Plan | None] = [None] * len(problems)
    for members in _alike(instances):
        chosen = [instances[index] for index in members]
        for index, days in zip(members, draft.sweep(chosen), strict=True):
            plans[index] = _finished(instances[index], days)
    return [plan for plan in plans if plan is not None]


def _alike(instances: list[Instance]) -> list[list[int]]:
    """The instances that one sweep can take: as many days, the same travel provider."""
    groups: list[list[int]] = []
    for index, instance in enumerate(instances):
        for group in groups:
            first = instances[group[0]]
            if first.days == instance.days and first.problem.travel == instance.problem.travel:
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


def _finished(instance: Instance, days: list[TimedDay]) -> Plan:
    """A draft as a plan; what the sweep could not place is inserted first."""
    swept = sum(len(day.nodes) for day in days)
    needs_more = instance.pins or swept < int(instance.wanted.sum()) or any(o.must_visit for o in instance.outlets)
    if not needs_more:
        return report.plan_of(instance, days, {})
    work = assign.Assignment(Roster(instance))
    for day, timed in enumerate(days):
        if timed.nodes:
            work.roster.fill(day, timed.nodes)
    assign.place_must_visits(work)
    assign.place(work)
    return report.plan_of(instance, routing.timed(work.roster), work.missed)
