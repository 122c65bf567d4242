"""A territory, who covers it, and what may be refused about them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound, Refusal


@dataclass(frozen=True)
class Territory:
    """A part of the company's customers. `labels` are free names, such as its towns."""

    id: UUID
    rev: int
    name: str
    labels: tuple[str, ...]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Assignment:
    """A person covers a territory from a local date, inclusive, until one, exclusive (None: open)."""

    id: UUID
    territory_id: UUID
    user_id: UUID
    from_on: date
    until_on: date | None


class TerritoryUnknown(NotFound):
    """There is no such territory."""


class PersonUnknown(NotFound):
    """There is no such person."""


class AssignmentEndsTooEarly(Invalid):
    """An assignment must end after the day on which it begins."""


class AssignmentNotYours(Forbidden):
    """Only an administrator, or the supervisor of both the person and the territory, assigns a territory."""


class TerritoryNotYours(Forbidden):
    """Only an administrator makes territories."""


class TerritoryNameTaken(Refusal):
    """Another territory has this name."""

    code = "UNIQUE"
