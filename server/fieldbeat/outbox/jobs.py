"""The worker's two steps: find what is due, perform one effect."""

from arq.connections import ArqRedis

from fieldbeat.kit.db import Db
from fieldbeat.outbox import store
from fieldbeat.outbox.model import DueEffect, Performers

EFFECTS_A_SWEEP_MAX = 500


async def sweep(db: Db, queue: ArqRedis, performers: Performers) -> int:
    """Hand every due effect of a known kind to the queue, once per effect; returns how many were due."""
    if not performers:
        return 0
    async with db.unscoped() as conn:
        due = await store.due_effects(conn, kinds=sorted(performers), effects_max=EFFECTS_A_SWEEP_MAX)
    for one in due:
        await queue.enqueue_job("perform_effect", str(one.tenant_id), str(one.id), _job_id=f"effect:{one.id}")
    return len(due)


async def perform(db: Db, performers: Performers, due: DueEffect) -> bool:
    """Perform one effect and settle it in the same transaction; False when there was nothing left to do.

    One that fails is due again later, and raises what it failed with.
    """
    try:
        return await _perform(db, performers, due)
    except Exception:
        async with db.writing(due.tenant_id) as conn:
            await store.put_off_effect(conn, due.id)
        raise


async def _perform(db: Db, performers: Performers, due: DueEffect) -> bool:
    async with db.writing(due.tenant_id) as conn:
        effect = await store.claim_effect(conn, due.id)
        if effect is None:
            return False
        touched = await performers[effect.effect](conn, effect)
        await store.settle_effect(conn, due.id)
    if db.poke is not None and touched:
        db.poke(due.tenant_id, touched)
    return True
