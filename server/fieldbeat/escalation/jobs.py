"""The worker's step: every few seconds what is due is taken, a batch at a time."""

from uuid import UUID

from fieldbeat import records
from fieldbeat.escalation import rules, store
from fieldbeat.escalation.model import DueStep
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.notifications.actions import tell
from fieldbeat.on_call.reads import people_on_call
from fieldbeat.records import Tx
from fieldbeat.tickets.promise import BY_CHANGE, ON_CALL
from fieldbeat_sync.schema import Role

TENANTS_A_SWEEP_MAX = 1_000
STEPS_A_BATCH = 2_000  # some 0.3 s of work, which is done again when its worker dies


async def sweep(db: Db) -> int:
    """Takes every due step of every company; returns how many took effect. Idle, it is one statement."""
    tenants = await store.tenants_with_due_steps(db, tenants_max=TENANTS_A_SWEEP_MAX)
    return sum([await escalate(db, tenant_id) for tenant_id in tenants])


async def escalate(db: Db, tenant_id: UUID) -> int:
    """Takes the due steps of one company, batch by batch; returns how many took effect."""
    taken = 0
    while True:
        async with records.writing(db, tenant_id) as tx:
            steps = await store.take_due_steps(tx.conn, tenant_id, steps_max=STEPS_A_BATCH)
            live = [step for step in steps if not step.stale]
            if live:
                await _tell(tx, live)
                taken += len(live)
        if len(steps) < STEPS_A_BATCH:
            return taken


async def _tell(tx: Tx, steps: list[DueStep]) -> None:
    """Tells whom the steps concern, and notes it. Locks: the tenant's changes, when it tells of one."""
    if any(step.step == BY_CHANGE for step in steps):
        await store.lock_changes(tx.conn, tx.tenant_id)
    administrators = await store.administrators(tx.conn, tx.tenant_id)
    roots = {root for step in steps if (root := step.assignee_id or step.owner_id)}
    lines = rules.lines_of(await store.reporting_lines(tx.conn, tx.tenant_id, sorted(roots)) if roots else ())
    territories = {step.territory_id for step in steps if ON_CALL in step.levels}
    on_call = await people_on_call(tx.conn, tx.tenant_id, territories, tx.at) if territories else {}
    told = [(step, *each) for step in steps for each in rules.recipients(step, lines, administrators, on_call)]
    if told:
        cause = Actor(tx.tenant_id, administrators[0] if administrators else told[0][1], Role.ADMIN)
        await tell(tx, cause, [rules.notice(step, user_id) for step, user_id, _ in told])
        await store.note_escalations(tx.conn, tx.tenant_id, told)
