"""A team is planned by the worker, a rep at a time: each rep's plan is kept as soon as it is made.

A run is rows: what was done stays done when a worker dies, and what waits is found again by the sweep.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from arq.connections import ArqRedis

from fieldbeat import records
from fieldbeat.days import plans, rules, store
from fieldbeat.days.model import RunUnknown, TeamEmpty, TeamTooLarge
from fieldbeat.days.planning.model import CYCLE_DAYS_MAX, CycleOutOfRange, Effort
from fieldbeat.days.planning.travel import Travel
from fieldbeat.days.problem import Asked
from fieldbeat.days.store import Progress, RunRefusal, Waiting
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Refusal
from fieldbeat.people.reads import people_below, person_by_id
from fieldbeat.records import Tx
from fieldbeat_sync.schema import Role

REPS_MAX = 1_000
REPS_A_SWEEP_MAX = 200
LOOK_EVERY_S = 0.5


class Run(NamedTuple):
    """How far a run is, and which reps got no plan."""

    progress: Progress
    refusals: list[RunRefusal]


async def plan_team(
    tx: Tx, actor: Actor, *, rep_ids: Sequence[UUID], from_on: date, until_on: date, effort: Effort, publish: bool
) -> UUID:
    """Notes a run for the worker; with `publish` each plan stands as soon as it is made.

    Refuses FORBIDDEN and INVALID (`repIds`: none, too many, or not all below the actor), a cycle out of range.
    """
    if not rep_ids:
        raise TeamEmpty(fields=("repIds",))
    if len(set(rep_ids)) > REPS_MAX:
        raise TeamTooLarge(fields=("repIds",))
    if not 1 <= (until_on - from_on).days <= CYCLE_DAYS_MAX:
        raise CycleOutOfRange(fields=("from", "until"))
    people = await people_below(tx.conn, actor)
    for rep_id in rep_ids:
        rules.check_may_plan(actor, rep_id=rep_id, people=people)
        if publish:
            rules.check_may_publish(actor, rep_id=rep_id, people=people)
    run_id = uuid7()
    await store.add_run(
        tx.conn, actor.tenant_id, run_id, asked_by=actor.user_id, from_on=from_on, until_on=until_on, effort=effort,
        publish=publish, rep_ids=sorted(set(rep_ids)),
    )  # fmt: skip
    return run_id


async def run_of(conn: Conn, actor: Actor, run_id: UUID) -> Run | None:
    """How far a run is, for who asked for it and for who leads him."""
    askers = await people_below(conn, actor)
    progress = await store.run_progress(conn, actor.tenant_id, run_id, askers)
    if progress is None:
        return None
    return Run(progress, await store.run_refusals(conn, actor.tenant_id, run_id) if progress.refused else [])


async def watch(db: Db, actor: Actor, run_id: UUID) -> AsyncIterator[Run]:
    """The run whenever it has moved, until all of its reps are done. Refuses NOT_FOUND."""
    seen = -1
    while True:
        async with db.reading(actor.tenant_id) as conn:
            run = await run_of(conn, actor, run_id)
        if run is None:
            raise RunUnknown(fields=("runId",))
        if run.progress.done != seen:
            yield run
        seen = run.progress.done
        if seen == run.progress.total:
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def sweep(db: Db, queue: ArqRedis) -> int:
    """Hands every rep who waits to the queue, once; returns how many wait."""
    async with db.unscoped() as conn:
        waiting = await store.waiting_plans(conn, reps_max=REPS_A_SWEEP_MAX)
    for one in waiting:
        await queue.enqueue_job("plan_rep", *map(str, one), _job_id=f"plan:{one.run_id}:{one.rep_id}")
    return len(waiting)


async def plan_rep(db: Db, tenant_id: UUID, run_id: UUID, rep_id: UUID, *, travel: Travel) -> bool:
    """Plans one rep of a run; False when there was nothing left to do. A refusal is kept as the rep's outcome.

    Working out takes no transaction: two workers may do it at once, and the first to claim the rep keeps his plan.
    """
    one = Waiting(tenant_id, run_id, rep_id)
    async with db.writing(tenant_id) as conn:
        claimed = await store.claim_run_rep(conn, *one)
        actor = await _asker(conn, one.tenant_id, claimed.asked_by) if claimed else None
        now = await records.now(conn)
    if claimed is None or actor is None:
        return False
    asked = Asked(one.rep_id, claimed.from_on, claimed.until_on, Effort(claimed.effort), travel, now)
    try:
        worked = await plans.work_out(db, actor, asked)
        async with records.writing(db, one.tenant_id) as tx:
            if await store.claim_run_rep(tx.conn, *one) is None:
                return False
            plan_id = await plans.keep_plan(tx, actor, worked)
            if claimed.publish:
                await plans.publish_plan(tx, actor, plan_id=plan_id, now=now)
            await store.settle_run_rep(tx.conn, *one, plan_id=plan_id, refused=None)
    except Refusal as refused:
        async with db.writing(one.tenant_id) as conn:
            await store.settle_run_rep(conn, *one, plan_id=None, refused=refused.message)
    return True


async def _asker(conn: Conn, tenant_id: UUID, user_id: UUID) -> Actor | None:
    """Who asked for the run, as he is now."""
    person = await person_by_id(conn, Actor(tenant_id, user_id, Role.REP), user_id)
    return Actor(tenant_id, user_id, person.role) if person else None
