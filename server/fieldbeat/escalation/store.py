"""One typed function per query; no decisions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from fieldbeat.escalation.model import Above, Bounce, DueStep, Escalation
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.sql import load

SQL = load(__file__)


async def tenants_with_due_steps(db: Db, *, tenants_max: int) -> list[UUID]:
    """Companies in which a step is due; one round trip."""
    return [row["tenant_id"] for row in await db.rows(SQL["tenants_with_due_steps"], tenants_max)]


async def take_due_steps(conn: Conn, tenant_id: UUID, *, steps_max: int) -> list[DueStep]:
    """Takes due steps, locked until the transaction ends; those that somebody else has are left out."""
    return [DueStep(*row) for row in await conn.fetch(SQL["take_due_steps"], tenant_id, steps_max)]


async def lock_changes(conn: Conn, tenant_id: UUID) -> None:
    """To the end of the transaction."""
    await conn.execute(SQL["lock_changes"], str(tenant_id))


async def reporting_lines(conn: Conn, tenant_id: UUID, user_ids: Collection[UUID]) -> list[Above]:
    """Of each person himself and his managers, upwards."""
    return [Above(**dict(row)) for row in await conn.fetch(SQL["reporting_lines"], tenant_id, list(user_ids))]


async def third_bounces(conn: Conn, tenant_id: UUID, hand_overs: Sequence[tuple[UUID, int]]) -> list[Bounce]:
    """Which of these hand-overs (ticket, its rev) are each third between teams, and were not told yet."""
    ids, revs = zip(*hand_overs, strict=True)
    return [Bounce(**row) for row in await conn.fetch(SQL["third_bounces"], tenant_id, ids, revs)]


async def administrators(conn: Conn, tenant_id: UUID) -> list[UUID]:
    """A few of those who work here."""
    return [row["id"] for row in await conn.fetch(SQL["administrators"], tenant_id)]


async def note_escalations(conn: Conn, tenant_id: UUID, told: Sequence[tuple[DueStep | Bounce, UUID, int]]) -> None:
    """Who was told by which step, and at which level of the line."""
    rows = [(*step.key, user_id, level) for step, user_id, level in told]
    await conn.execute(SQL["note_escalations"], tenant_id, *(list(column) for column in zip(*rows, strict=True)))


async def escalations_of(
    conn: Conn, tenant_id: UUID, ticket_id: UUID, *, after: tuple[datetime, UUID] | None, rows_max: int
) -> list[Escalation]:
    """One page, newest first."""
    rows = await conn.fetch(SQL["escalations_of"], tenant_id, ticket_id, *(after or (None, None)), rows_max)
    return [Escalation(**dict(row)) for row in rows]


async def stop_escalation(conn: Conn, tenant_id: UUID, ticket_id: UUID, stopped_by: UUID) -> None:
    """Of every clock of a ticket that has not ended."""
    await conn.execute(SQL["stop_escalation"], tenant_id, ticket_id, stopped_by)
