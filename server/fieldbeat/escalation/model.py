"""A step that is due, whom it concerns, and what may be refused."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden


class DueStep(NamedTuple):
    """A step of a clock whose time has come, with what it was and what has become of it since."""

    ticket_id: UUID
    metric: str
    instance: int
    step: int
    deadline_version: int
    due_at: datetime
    levels: list[int]
    number: int | None
    subject: str
    assignee_id: UUID | None
    owner_id: UUID | None
    territory_id: UUID
    deadline: datetime | None
    breached: bool
    stale: bool  # the clock has another deadline by now, has ended, or somebody said that he takes care

    @property
    def key(self) -> tuple[UUID, str, int, int, int]:
        """Names the step."""
        return self.ticket_id, self.metric, self.instance, self.step, self.deadline_version


class Above(NamedTuple):
    """Somebody in the reporting line of a person: level 0 is himself."""

    root_id: UUID
    level: int
    user_id: UUID
    away: bool


class Escalation(NamedTuple):
    """Somebody was told about a clock."""

    ticket_id: UUID
    metric: str
    instance: int
    step: int
    user_id: UUID
    level: int
    at: datetime


class AcknowledgingNotYours(Forbidden):
    """Escalation is stopped by who answers for the ticket, by those above him, or by an administrator."""
