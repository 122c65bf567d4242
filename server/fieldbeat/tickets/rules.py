"""Pure decisions about tickets: who hands them to whom, which may become one, what a queue is."""

from collections.abc import Set
from dataclasses import replace
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Invalid
from fieldbeat.tickets.model import (
    UNDONE,
    AssigneeNotYours,
    AssigningNotYours,
    FilterNameless,
    MergeImpossible,
    MergingNotYours,
    Ticket,
    TicketFilter,
    TicketQueue,
)
from fieldbeat_sync.schema import LEADS, Role

FILTERS_MAX = 50  # of a person
FILTER_NAME_MAX = 100


def handing_over(actor: Actor, ticket: Ticket, to: UUID, *, people: Set[UUID]) -> dict[str, str | None]:
    """What is written when `actor` gives a ticket to `to`: somebody above assigns, who answers for it offers.

    To give to oneself what is offered is to accept. `people`: himself and everyone below him. Refuses FORBIDDEN.
    """
    accepted = {"assigneeId": str(to), "offeredToId": None}
    if actor.role in LEADS:
        if actor.role is not Role.ADMIN and to not in people:
            raise AssigneeNotYours(fields=("assigneeId",))
        return accepted
    if to == actor.user_id and actor.user_id == ticket.offered_to_id:
        return accepted
    if ticket.assignee_id != actor.user_id:
        raise AssigningNotYours(fields=("id",))
    return accepted if to == actor.user_id else {"offeredToId": str(to)}


def check_may_merge(actor: Actor, ended: Ticket, into: Ticket) -> None:
    """Refuses what can not become one ticket, and whoever may not end `ended`."""
    alone = ended.merged_into_id is None and into.merged_into_id is None
    if ended.id == into.id or ended.account_id != into.account_id or not alone:
        raise MergeImpossible(fields=("intoId",))
    if actor.role not in LEADS and actor.user_id != ended.assignee_id:
        raise MergingNotYours(fields=("id",))


def check_filter_name(name: str) -> None:
    """Refuses a name that is empty or too long."""
    if not name.strip() or len(name) > FILTER_NAME_MAX:
        raise FilterNameless(fields=("name",))


def narrowed(wanted: TicketFilter, queue: TicketQueue | None, actor: Actor) -> TicketFilter:
    """The filter within a queue. Refuses INVALID one that names what the queue decides."""
    decided: dict[str, Any] = {}
    match queue:
        case TicketQueue.MINE:
            decided = {"assignee_id": actor.user_id, "statuses": UNDONE}
        case TicketQueue.OFFERED:
            decided = {"offered_to_id": actor.user_id}
        case TicketQueue.OPEN:
            decided = {"statuses": UNDONE}
        case TicketQueue.BREACHED | TicketQueue.DUE_SOON:
            decided = {"statuses": UNDONE, "due": queue}
    if any(getattr(wanted, name) for name in decided):
        raise Invalid(f"The queue {queue} decides this itself.", fields=("queue",))
    return replace(wanted, **decided)
