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


TEAM_BOUNCES = "TEAM_BOUNCES"  # stands where an escalation names its metric; its step is how many there were


class Bounce(NamedTuple):
    """A ticket was handed over between teams for the `times`th time, a multiple of three, when it came to `rev`."""

    ticket_id: UUID
    rev: int
    times: int
    number: int | None
    subject: str
    from_id: UUID
    to_id: UUID
    from_name: str
    to_name: str

    @property
    def key(self) -> tuple[UUID, str, int, int, int]:
        """Names it as the key of a step does."""
        return self.ticket_id, TEAM_BOUNCES, 1, self.times, self.rev


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
