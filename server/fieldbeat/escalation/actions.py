"""The verb of escalation: somebody says that he takes care."""

from uuid import UUID

from fieldbeat.escalation import rules, store
from fieldbeat.kit.actor import Actor
from fieldbeat.people.reads import people_below
from fieldbeat.records import Tx
from fieldbeat.tickets.model import Ticket, TicketUnknown
from fieldbeat.tickets.reads import tickets_by_ids


async def acknowledge(tx: Tx, actor: Actor, *, ticket_id: UUID) -> Ticket:
    """Stops the escalation of a ticket's clocks as they run now; its deadlines stay. Refuses NOT_FOUND, FORBIDDEN."""
    ticket = (await tickets_by_ids(tx.conn, actor, [ticket_id])).get(ticket_id)
    if ticket is None:
        raise TicketUnknown(fields=("ticketId",))
    rules.check_may_acknowledge(actor, ticket, await people_below(tx.conn, actor))
    await store.stop_escalation(tx.conn, actor.tenant_id, ticket_id, actor.user_id)
    return ticket
