"""An account, a contact, what is asked of a search, and what may be refused."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound


class AccountKind(StrEnum):
    """What sort of customer it is."""

    OUTLET = "OUTLET"
    ENTERPRISE = "ENTERPRISE"
    DEALER = "DEALER"
    CONSUMER = "CONSUMER"
    INTERNAL = "INTERNAL"


class AccountStatus(StrEnum):
    """How far the company is with it."""

    PROSPECT = "PROSPECT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    CLOSED = "CLOSED"


class AccountTier(StrEnum):
    """How much it matters; the server decides."""

    VIP = "VIP"
    MAIN = "MAIN"
    ORDINARY = "ORDINARY"
    SMALL = "SMALL"


class Channel(StrEnum):
    """How a contact likes to be reached."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"
    VISIT = "VISIT"


class Consent(StrEnum):
    """Whether a contact agreed to be approached."""

    UNKNOWN = "UNKNOWN"
    GRANTED = "GRANTED"
    DENIED = "DENIED"


@dataclass(frozen=True)
class Account:
    """A customer. `address` and `location` are groups by their wire names, `custom` holds the company's own fields."""

    id: UUID
    rev: int
    code: str | None
    name: str
    kind: AccountKind | None
    status: AccountStatus
    tier: AccountTier | None
    owner_id: UUID | None
    territory_id: UUID
    address: dict[str, Any] | None
    location: dict[str, Any] | None
    phone: str | None
    website: str | None
    tags: tuple[str, ...]
    note: str | None
    custom: dict[str, Any]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Contact:
    """A person at an account."""

    id: UUID
    rev: int
    account_id: UUID
    name: str
    job_title: str | None
    preferred_channel: Channel | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    consent: Consent
    note: str | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class AccountFilter:
    """What a listing is narrowed to; empty means no condition. `search`: words of name, code or city, all of them."""

    search: str = ""
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    owner_id: UUID | None = None
    territory_id: UUID | None = None


@dataclass(frozen=True)
class Near:
    """Within `radius_m` metres of a place, in degrees."""

    latitude: float
    longitude: float
    radius_m: float


@dataclass(frozen=True)
class Box:
    """The degrees around a circle on the ground; west > east when it crosses the antimeridian."""

    south: float
    north: float
    west: float
    east: float


@dataclass(frozen=True)
class Position:
    """Where a page goes on: behind an account in the order of names, or metres. `alike`: of similar words."""

    order: str | float
    id: UUID
    alike: bool = False


@dataclass(frozen=True)
class Found:
    """One account of a listing, with its metres from the place that was asked about."""

    account: Account
    distance_m: float | None = None
    alike: bool = False

    @property
    def position(self) -> Position:
        """Where the page after it begins."""
        order = self.account.name if self.distance_m is None else self.distance_m
        return Position(order, self.account.id, self.alike)


class PageOf(NamedTuple):
    """A part of what belongs to one account: so many rows, from behind the key of one."""

    account_id: UUID
    rows_max: int
    after: tuple[Any, Any] | None = None


class TimelineKind(StrEnum):
    """What an entry of a timeline tells."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    REASSIGNED = "REASSIGNED"
    CONFLICT = "CONFLICT"
    DELETED = "DELETED"
    RESTORED = "RESTORED"
    CONTACT_CREATED = "CONTACT_CREATED"
    ASSET_CREATED = "ASSET_CREATED"
    VISIT_CREATED = "VISIT_CREATED"
    TICKET_CREATED = "TICKET_CREATED"
    CHILD_CREATED = "CHILD_CREATED"


@dataclass(frozen=True)
class TimelineWrite:
    """One field that an edit carried."""

    field: str
    value: Any
    outcome: str
    rule: str


@dataclass(frozen=True)
class TimelineEntry:
    """One edit that reached the account, or the creation of what is at it. Entries are ordered by (rev, child)."""

    account_id: UUID
    rev: int
    child: str
    kind: TimelineKind
    at: datetime
    actor_id: UUID
    writes: tuple[TimelineWrite, ...] = field(default=())

    @property
    def created_id(self) -> UUID | None:
        """What was created at the account."""
        return UUID(self.child) if self.child else None

    @property
    def contact_id(self) -> UUID | None:
        """The contact that was created."""
        return self.created_id if self.kind is TimelineKind.CONTACT_CREATED else None


class AccountUnknown(NotFound):
    """There is no such account among those that you may see."""


class ContactUnknown(NotFound):
    """There is no such contact among those that you may see."""


class OwnerUnknown(NotFound):
    """There is no such person."""


class OwnerNotYours(Forbidden):
    """Only an administrator, or a supervisor of the person, gives an account to somebody else."""


class ReassigningNotYours(Forbidden):
    """Only a supervisor, within what he holds, or an administrator reassigns an account."""


class DeletingNotYours(Forbidden):
    """Only a supervisor or an administrator deletes an account."""


class NoTerritory(Invalid):
    """The owner covers no territory today, and an account lives in one."""


class PlaceInvalid(Invalid):
    """A place has a latitude of -90 to 90, a longitude of -180 to 180, and a radius of 1 to 1,000,000 metres."""
