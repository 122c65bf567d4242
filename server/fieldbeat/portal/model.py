"""The bearer of a portal token, what he sees, and what may be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Invalid, NotFound, Refusal
from fieldbeat.tickets.model import TicketKind, TicketStatus


@dataclass(frozen=True)
class Customer:
    """Who bears a portal token: a contact. `vouched_by` gave it to him, and is the actor of what he does."""

    tenant_id: UUID
    token_id: UUID
    contact_id: UUID
    contact_name: str
    account_id: UUID
    account_name: str
    vouched_by: UUID
    at: datetime


@dataclass(frozen=True)
class PortalToken:
    """A token that was given; its secret is nowhere kept."""

    id: UUID
    contact_id: UUID
    issued_by: UUID
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class PortalTicket:
    """A ticket as the customer sees it. `said`: what he wrote when he opened it himself, whatever it says now."""

    id: UUID
    number: int
    kind: TicketKind
    subject: str
    said: str | None
    status: TicketStatus
    opened_at: datetime


@dataclass(frozen=True)
class PortalMessage:
    """What was said publicly. `contact_name`: which of the customer's people said it; null: the company."""

    id: UUID
    ticket_id: UUID
    body: str
    at: datetime
    contact_name: str | None


@dataclass(frozen=True)
class TicketRating:
    """How a customer found the service. `score`: 1 (bad) to 5 (good)."""

    ticket_id: UUID
    contact_id: UUID
    score: int
    comment: str | None
    at: datetime


class MessagesPage(NamedTuple):
    """A part of what was said about one ticket: so many messages, from behind (at, id)."""

    ticket_id: UUID
    rows_max: int
    after: tuple[datetime, UUID] | None = None


class EntryKind(StrEnum):
    """What is written with a token."""

    TICKET = "TICKET"
    MESSAGE = "MESSAGE"


class TokenUnknown(NotFound):
    """There is no such token among those of contacts that you may see."""


class PortalTicketUnknown(NotFound):
    """There is no such ticket of yours."""


class ScoreInvalid(Invalid):
    """A score is 1 to 5."""


class CommentInvalid(Invalid):
    """A comment has at most 2,000 characters."""


class NotYetDone(Invalid):
    """A ticket is rated once it is resolved."""


class TooMany(Refusal):
    """So much is not taken with one token in an hour."""

    code = "TOO_MANY"

    def __init__(self, *, retry_after_ms: int) -> None:
        self.retry_after_ms = retry_after_ms
        super().__init__()
