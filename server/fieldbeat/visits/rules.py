"""Pure decisions about visits."""

from collections.abc import Set
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.visits.model import RepNotYours, VisitStatus
from fieldbeat_sync.schema import Role


def check_may_plan_for(actor: Actor, *, rep_id: UUID, people: Set[UUID]) -> None:
    """Refuses to plan for somebody who is not below the actor. `people`: himself and everyone below him."""
    if rep_id != actor.user_id and actor.role is not Role.ADMIN and rep_id not in people:
        raise RepNotYours(fields=("repId",))


def reopened(status: VisitStatus) -> VisitStatus:
    """Where a reopen takes a visit: one that is done back into the shop, any other back into the plan."""
    return VisitStatus.CHECKED_IN if status is VisitStatus.DONE else VisitStatus.PLANNED
