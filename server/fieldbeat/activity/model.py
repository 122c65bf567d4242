"""What the team is told, as it is read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

SETTLES = timedelta(seconds=30)  # by then a commit has ended, so whatever has a time before it is seen
KEPT_FOR = timedelta(days=90)


class ActivityKind(StrEnum):
    """What happened."""

    CHECKED_IN = "CHECKED_IN"
    CHECKED_OUT = "CHECKED_OUT"
    VISIT_SKIPPED = "VISIT_SKIPPED"
    VISIT_MISSED = "VISIT_MISSED"
    VISIT_CANCELLED = "VISIT_CANCELLED"
    VISIT_REOPENED = "VISIT_REOPENED"
    TICKET_CREATED = "TICKET_CREATED"
    TICKET_CHANGED = "TICKET_CHANGED"
    TICKET_OFFERED = "TICKET_OFFERED"
    TICKET_HANDED_OVER = "TICKET_HANDED_OVER"
    TICKET_RESOLVED = "TICKET_RESOLVED"
    TICKET_CLOSED = "TICKET_CLOSED"
    TICKET_REOPENED = "TICKET_REOPENED"
    CONFLICT_OPENED = "CONFLICT_OPENED"
    ESCALATED = "ESCALATED"
    TOLD = "TOLD"


@dataclass(frozen=True)
class TeamActivity:
    """One activity. `at`: when the service heard of it, which orders them; `happened_at` may be long before.

    `actor_id` did it (None: the service, by rule); `concerns_id`: the visit's rep, who answers for the ticket or is
    asked to, who lost a value, who was told.
    """

    at: datetime
    id: UUID
    happened_at: datetime
    kind: ActivityKind
    collection: str
    record_id: UUID
    actor_id: UUID | None
    concerns_id: UUID | None
    about: str | None
    detail: str | None
