"""The verbs of plans: worked out, kept as a draft, submitted, approved, published, made anew.

Working a plan out takes seconds and no transaction: it is read before and written after.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.days import reads, rules, store
from fieldbeat.days.model import (
    AccountUnknown,
    DayProfile,
    Kept,
    NothingPublished,
    PlanNotMade,
    PlanStatus,
    PlanUnknown,
    Proposal,
    RepUnknown,
    VisitRule,
)
from fieldbeat.days.planning import diff
from fieldbeat.days.planning.model import Effort, Plan
from fieldbeat.days.planning.plan import generate
from fieldbeat.days.planning.travel import Travel
from fieldbeat.days.problem import Asked, Gathered, gather, plan_that_stands
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.reads import people_below, person_by_id
from fieldbeat.people.skills import skills_of
from fieldbeat.records import Change, Tx
from fieldbeat.visits.replica import KEPT_PLAN, KEPT_PLAN_LINE, KEPT_VISIT
from fieldbeat_sync.schema import Op, Role


class Worked(NamedTuple):
    """A plan that was worked out and not kept."""

    asked: Asked
    proposal: Proposal
    gathered: Gathered


async def set_day_profile(tx: Tx, actor: Actor, profile: DayProfile) -> DayProfile:
    """Where a person's days begin and end. Refuses NOT_FOUND, FORBIDDEN (`userId`), INVALID."""
    rules.check_profile(profile)
    if await person_by_id(tx.conn, actor, profile.user_id) is None:
        raise RepUnknown(fields=("userId",))
    rules.check_may_set_profile(profile.user_id, await people_below(tx.conn, actor))
    await store.save_day_profile(tx.conn, actor.tenant_id, profile)
    return profile


async def set_visit_rule(tx: Tx, actor: Actor, rule: VisitRule) -> VisitRule:
    """What an account asks of its visits; plans that are made from now on keep it. Refuses NOT_FOUND, INVALID."""
    rules.check_rule(rule)
    rule = replace(rule, skills=tuple(skills_of(rule.skills, field="skills")))
    if rule.account_id not in await accounts_by_ids(tx.conn, actor, [rule.account_id]):
        raise AccountUnknown(fields=("accountId",))
    await store.save_visit_rules(tx.conn, actor.tenant_id, [rule])
    return rule


async def work_out(db: Db, actor: Actor, asked: Asked) -> Worked:
    """The plan of one rep's days; nothing is kept. Refuses as `problem.gather`."""
    async with db.reading(actor.tenant_id) as conn:
        gathered = await gather(conn, actor, asked)
    plan = await asyncio.to_thread(generate, gathered.problem, effort=asked.effort)
    return Worked(asked, _proposal(plan, gathered), gathered)


async def keep_plan(tx: Tx, actor: Actor, worked: Worked) -> UUID:
    """Keeps a plan as a draft, with a line for each account of it; its visits come with its publication.

    A line says what differs from the account's rule: what the lines of the plan before it said.
    """
    plan_id, asked = uuid7(), worked.asked
    head = {"repId": str(asked.rep_id), "from": asked.from_on.isoformat(), "until": asked.until_on.isoformat()}
    lines = [
        Change(
            KEPT_PLAN_LINE, uuid7(), Op.CREATE,
            {"planId": str(plan_id), "accountId": outlet.id, **worked.gathered.said.get(outlet.id, {})},
        )
        for outlet in worked.gathered.problem.outlets
        if outlet.visits
    ]  # fmt: skip
    await records.change(tx, actor, [Change(KEPT_PLAN, plan_id, Op.CREATE, head), *lines])
    await store.save_outcome(
        tx.conn, actor.tenant_id, plan_id, worked.proposal, effort=asked.effort, made_by=actor.user_id
    )
    return plan_id


async def generate_visit_plan(db: Db, actor: Actor, asked: Asked) -> Kept:
    """Works a plan out and keeps it as a draft. Refuses as `work_out`."""
    worked = await work_out(db, actor, asked)
    async with records.writing(db, actor.tenant_id) as tx:
        plan_id = await keep_plan(tx, actor, worked)
        return (await reads.plans_by_ids(tx.conn, actor, [plan_id]))[plan_id]


async def replan(db: Db, actor: Actor, *, plan_id: UUID, effort: Effort, travel: Travel, now: datetime) -> Kept | None:
    """What a published plan would be, worked out anew from what has changed since, as a draft with its diff.

    It stands when it is published, and changes nothing when it is not; None when nothing would change.
    Refuses NOT_FOUND, ILLEGAL_TRANSITION (the plan is not published), and as `work_out`.
    """
    async with db.reading(actor.tenant_id) as conn:
        stands = (await reads.plans_by_ids(conn, actor, [plan_id])).get(plan_id)
        if stands is None:
            raise PlanUnknown(fields=("planId",))
        if stands.status is not PlanStatus.PUBLISHED:
            raise NothingPublished(fields=("planId",))
        asked = Asked(stands.rep_id, stands.from_on, stands.until_on, effort, travel, now)
        gathered = await gather(conn, actor, asked)
    before = plan_that_stands(gathered)
    problem = replace(gathered.problem, previous=before)
    after = await asyncio.to_thread(generate, problem, effort=effort)
    changes = diff.compare(problem, before, after)
    if not changes.changes:
        return None
    proposal = replace(_proposal(after, gathered), amends=plan_id, changes=_changes(changes))
    worked = Worked(asked, proposal, gathered)
    async with records.writing(db, actor.tenant_id) as tx:
        made = await keep_plan(tx, actor, worked)
        return (await reads.plans_by_ids(tx.conn, actor, [made]))[made]


async def move_plan(tx: Tx, actor: Actor, *, plan_id: UUID, status: PlanStatus, base_rev: int | None = None) -> Kept:
    """Submits or approves a plan, or takes it back to a draft. Refuses NOT_FOUND, and what its states refuse."""
    await _seen(tx, actor, plan_id)
    await records.change(tx, actor, [Change(KEPT_PLAN, plan_id, Op.UPDATE, {"status": status.value}, base_rev)])
    return await _seen(tx, actor, plan_id)


async def publish_plan(tx: Tx, actor: Actor, *, plan_id: UUID, now: datetime, base_rev: int | None = None) -> Kept:
    """Makes a plan the one that stands: its visits reach the rep, and those of what it replaces move, stay or go.

    An account's open visits are matched in order, so that a moved visit keeps its id. Visits made by hand, pinned,
    under way, done or due until the end of tomorrow stay. Refuses NOT_FOUND, FORBIDDEN (not his leader) and
    ILLEGAL_TRANSITION (superseded, or nothing was generated). Locks: the plan, then accounts (shared) and visits by id.
    """
    plan = await _seen(tx, actor, plan_id)
    rules.check_may_publish(actor, rep_id=plan.rep_id, people=await people_below(tx.conn, actor))
    if plan.days is None:
        raise PlanNotMade(fields=("id",))
    await records.change(tx, actor, [Change(KEPT_PLAN, plan_id, Op.UPDATE, {"status": "PUBLISHED"}, base_rev)])
    overlapping = await store.overlapping_plans(tx.conn, actor.tenant_id, plan.rep_id, plan.from_on, plan.until_on)
    for other in overlapping:
        if other != plan_id:
            await records.change(
                tx, replace(actor, role=Role.ADMIN), [Change(KEPT_PLAN, other, Op.UPDATE, {"status": "SUPERSEDED"})]
            )
    await _bring_visits(tx, actor, plan, now)
    return await _seen(tx, actor, plan_id)


async def _bring_visits(tx: Tx, actor: Actor, plan: Kept, now: datetime) -> None:
    zone = await reads.zone_of(tx.conn, actor.tenant_id, plan.rep_id, plan.from_on, plan.until_on)
    begin, end = rules.midnight(plan.from_on, zone), rules.midnight(plan.until_on, zone)
    standing = await store.standing_visits(tx.conn, actor.tenant_id, plan.rep_id, begin, end)
    made = list(rules.steps(standing, plan.days or (), frozen_until=rules.frozen_until(now, zone)))
    changes = [
        Change(KEPT_VISIT, step.id, Op.UPDATE, {"window": step.window, "planId": str(plan.id)})
        if step.window else Change(KEPT_VISIT, step.id, Op.DELETE, {})
        for step in made
        if step.id
    ]  # fmt: skip
    # Before their visits, as whoever moves a customer locks them: a new visit stands where its customer then is.
    # A customer who was deleted since the plan was made is not brought back by it.
    alive = await store.live_accounts(tx.conn, actor.tenant_id, sorted({step.account_id for step in made}))
    if changes:
        await records.change(tx, actor, changes)
    head = {"repId": str(plan.rep_id), "planId": str(plan.id)}
    new = [step for step in made if step.id is None and step.account_id in alive]
    await records.create(
        tx, actor, KEPT_VISIT,
        {uuid7(): {**head, "accountId": str(step.account_id), "window": step.window} for step in new},
    )  # fmt: skip


async def _seen(tx: Tx, actor: Actor, plan_id: UUID) -> Kept:
    found = (await reads.plans_by_ids(tx.conn, actor, [plan_id])).get(plan_id)
    if found is None:
        raise PlanUnknown(fields=("id",))
    return found


def _proposal(plan: Plan, gathered: Gathered) -> Proposal:
    days = [
        {
            "date": day.on.isoformat(),
            "travelKm": day.travel_km,
            "travelMinutes": day.travel_minutes,
            "visits": [
                {
                    "accountId": visit.outlet_id, "plannedStart": rules.instant(visit.start),
                    "plannedEnd": rules.instant(visit.end), "pinned": visit.pinned,
                }
                for visit in day.visits
            ],
        }
        for day in plan.days
    ]  # fmt: skip
    unserved = [
        {"accountId": each.outlet_id, "code": each.code.value, "on": each.on.isoformat() if each.on else None}
        for each in plan.unserved
    ]
    unserved += [{"accountId": id, "code": rules.NO_PLACE, "on": None} for id in gathered.placeless]
    return Proposal(plan.plan_hash, days, unserved)


def _changes(made: diff.PlanDiff) -> Mapping[str, Any]:
    def window(visit: Any) -> dict[str, str]:
        return {"plannedStart": rules.instant(visit.start), "plannedEnd": rules.instant(visit.end)}

    moved = [
        {"kind": "MOVED", "accountId": each.before.outlet_id, "from": window(each.before), "to": window(each.after),
         "reason": each.why.value}
        for each in made.moved
    ]  # fmt: skip
    added = [
        {"kind": "ADDED", "accountId": each.visit.outlet_id, "from": None, "to": window(each.visit),
         "reason": each.why.value}
        for each in made.added
    ]  # fmt: skip
    dropped = [
        {"kind": "DROPPED", "accountId": each.visit.outlet_id, "from": window(each.visit), "to": None,
         "reason": each.why.value}
        for each in made.dropped
    ]  # fmt: skip
    return {
        "visits": [*moved, *added, *dropped], "retimed": made.retimed,
        "travelMinutesDelta": made.travel_minutes_delta, "travelKmDelta": made.travel_km_delta,
    }  # fmt: skip
