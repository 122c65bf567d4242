"""A ticket, what is said about it, what is asked of a listing, and what may be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound


class TicketKind(StrEnum):
    """What sort of trouble it is."""

    REQUEST = "REQUEST"
    COMPLAINT = "COMPLAINT"
    FAULT = "FAULT"


class TicketPriority(StrEnum):
    """How much it hurts, the least first."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class TicketStatus(StrEnum):
    """How far it is."""

    NEW = "NEW"
    OPEN = "OPEN"
    PENDING_CUSTOMER = "PENDING_CUSTOMER"
    PENDING_THIRD = "PENDING_THIRD"
    ON_HOLD = "ON_HOLD"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"


class TicketQueue(StrEnum):
    """What one looks at first thing in the morning."""

    MINE = "MINE"  # I answer for it, and it is not resolved
    OFFERED = "OFFERED"  # somebody would hand it over to me
    OPEN = "OPEN"  # not resolved, whoever answers for it
    BREACHED = "BREACHED"  # not resolved, and one of its clocks is past its deadline
    DUE_SOON = "DUE_SOON"  # not resolved, and one of its clocks has its deadline within 24 hours


DONE = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
UNDONE = tuple(status for status in TicketStatus if status not in DONE)


@dataclass(frozen=True)
class Ticket:
    """A customer's request, complaint or fault. `opened_at` is when it was made, also if its phone was offline."""

    id: UUID
    rev: int
    number: int
    account_id: UUID
    kind: TicketKind
    subject: str
    description: str | None
    priority: TicketPriority
    status: TicketStatus
    assignee_id: UUID | None
    offered_to_id: UUID | None
    contact_id: UUID | None
    asset_id: UUID | None
    under_warranty: bool | None  # when it was opened; None without an asset
    merged_into_id: UUID | None
    visit_ids: tuple[UUID, ...]
    tags: tuple[str, ...]
    required_skills: tuple[str, ...]
    labour_minutes: int
    cause: str | None
    solution: str | None
    opened_at: datetime
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class TicketMessage:
    """What somebody wrote about a ticket; with `contact_id` the customer did."""

    id: UUID
    rev: int
    ticket_id: UUID
    author_id: UUID | None
    contact_id: UUID | None
    body: str
    public: bool
    at: datetime


@dataclass(frozen=True)
class TicketPart:
    """So many units of a part that went into a ticket. `at` is when they were used, also if the phone was offline.

    `covered_by_warranty`: as was said of it, else whether the ticket is under warranty.
    """

    id: UUID
    rev: int
    ticket_id: UUID
    part_id: UUID
    author_id: UUID | None
    quantity: int
    covered_by_warranty: bool
    note: str | None
    at: datetime


@dataclass(frozen=True)
class TicketFilter:
    """What a listing is narrowed to; empty means no condition. `search`: words of number, subject, description."""

    search: str = ""
    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    assignee_id: UUID | None = None
    offered_to_id: UUID | None = None
    account_id: UUID | None = None
    due: TicketQueue | None = None  # BREACHED or DUE_SOON


@dataclass(frozen=True)
class SavedFilter:
    """A filter that its owner keeps under a name; `wanted` is as he gave it."""

    id: UUID
    name: str
    wanted: dict[str, Any]


class PageOfTicket(NamedTuple):
    """A page of the messages or parts of one ticket: so many, from behind (at, id)."""

    ticket_id: UUID
    rows_max: int
    after: tuple[datetime, UUID] | None = None


class PageOfAsset(NamedTuple):
    """A page of the tickets about one asset: so many, of smaller numbers."""

    asset_id: UUID
    rows_max: int
    below_number: int | None = None


class TicketUnknown(NotFound):
    """There is no such ticket among those that you may see."""


class TicketPartUnknown(NotFound):
    """There is no such use of a part among those that you may see."""


class DeletingUseNotYours(Forbidden):
    """Whoever noted the use of a part deletes it, or a supervisor, or an administrator."""


class AssigneeUnknown(NotFound):
    """There is no such person."""


class AssigningNotYours(Forbidden):
    """A ticket is given away by who answers for it, by his supervisors, or by an administrator."""


class AssigneeNotYours(Forbidden):
    """A supervisor gives tickets to himself and to those below him."""


class NotOffered(Forbidden):
    """This ticket is not offered to you."""


class MergingNotYours(Forbidden):
    """Two tickets are merged by who answers for the one that ends, by his supervisors, or by an administrator."""


class MergeImpossible(Invalid):
    """Two different tickets of one account are merged, neither of which was merged into another before."""


class FilterUnknown(NotFound):
    """You keep no such filter."""


class FilterNameless(Invalid):
    """A filter's name has 1 to 100 characters."""


class TooManyFilters(Invalid):
    """You keep as many filters as one person may."""
