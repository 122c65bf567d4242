"""What a person is told, and what may be refused about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fieldbeat.kit.refusal import NotFound


class NotificationStatus(StrEnum):
    """Whether it was read."""

    UNREAD = "UNREAD"
    READ = "READ"


@dataclass(frozen=True)
class Notification:
    """One thing that one person is told. `link` names what it is about: `<collection>:<id>`."""

    id: UUID
    rev: int
    user_id: UUID
    type: str
    title: str
    body: str | None
    link: str | None
    at: datetime
    status: NotificationStatus
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Notice:
    """Something to tell a person. Two of one `key` are one notification, however often they are told."""

    key: str
    user_id: UUID
    type: str
    title: str
    body: str | None = None
    link: str | None = None


class NotificationUnknown(NotFound):
    """There is no such notification among yours."""
