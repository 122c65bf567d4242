"""Who was told about a ticket, for whoever may see it."""

from datetime import datetime
from uuid import UUID

from fieldbeat.escalation import store
from fieldbeat.escalation.model import Escalation
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.tickets.reads import tickets_by_ids


async def escalations_page(
    conn: Conn, actor: Actor, *, ticket_id: UUID, after: tuple[datetime, UUID] | None, rows_max: int
) -> list[Escalation]:
    """One page, newest first; empty for a ticket that `actor` does not see."""
    if ticket_id not in await tickets_by_ids(conn, actor, [ticket_id]):
        return []
    return await store.escalations_of(conn, actor.tenant_id, ticket_id, after=after, rows_max=rows_max)
