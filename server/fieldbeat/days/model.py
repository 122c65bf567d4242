"""What a rep's days are planned by, what was planned, and what may be refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.days.planning.model import HolidayPolicy
from fieldbeat.days.planning.travel import Place
from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound, Refusal


class PlanStatus(StrEnum):
    """How far a plan is."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True)
class DayProfile:
    """Where a person's days begin and end (at the start, when there is no end), and what fits into one."""

    user_id: UUID
    start: Place
    end: Place | None
    visits_max: int | None
    travel_minutes_max: int | None


@dataclass(frozen=True)
class VisitRule:
    """What an account asks of its visits; what is None is as its tier gives. `hours`: [{weekday, from, until}]."""

    account_id: UUID
    per_cycle: int | None = None
    duration_minutes: int | None = None
    gap_min_days: int | None = None
    gap_max_days: int | None = None
    hours: list[dict[str, str]] | None = None
    weekdays: tuple[str, ...] = ()
    preferred_weekdays: tuple[str, ...] = ()
    must_visit: tuple[date, ...] = ()
    holidays: HolidayPolicy = HolidayPolicy.MOVE_AFTER
    skills: tuple[str, ...] = ()


class Demand(NamedTuple):
    """One account of a rep as its plan sees it; the line is that of his newest plan, `owed` what the last one left."""

    account_id: UUID
    code: str
    tier: str | None
    latitude: float | None
    longitude: float | None
    rule: dict[str, Any] | None
    line: dict[str, Any] | None
    last_on: date | None
    owed: int


class Standing(NamedTuple):
    """A visit that stands in a plan's time. `fixed`: made by hand, pinned, under way or done."""

    id: UUID
    account_id: UUID
    code: str
    latitude: float | None
    longitude: float | None
    status: str
    starts_at: datetime
    ends_at: datetime
    fixed: bool


class Stop(NamedTuple):
    """One visit of a person's day with what he should know at the door; documents are by their wire names."""

    id: UUID
    rev: int
    status: str
    starts_at: datetime
    ends_at: datetime
    purpose: str | None
    note: str | None
    pinned: bool
    account_id: UUID
    latitude: float | None
    longitude: float | None
    account: dict[str, Any] | None
    contacts: list[dict[str, Any]]
    tickets: list[dict[str, Any]]
    last_visit_at: datetime | None
    conflicts: int


class AlertKind(StrEnum):
    """What deserves a look before the day begins."""

    LEFT_OPEN = "LEFT_OPEN"  # a visit of an earlier day has a check-in and no check-out
    TWO_OPEN = "TWO_OPEN"  # the rep is checked in twice
    OVERLAP = "OVERLAP"  # the visit begins before the one before it ends
    LATE = "LATE"  # the way from the visit before takes longer than there is time
    CONFLICT = "CONFLICT"  # two edits of the visit wait for a decision


class Alert(NamedTuple):
    """Something about one visit."""

    kind: AlertKind
    visit_id: UUID


class Leg(NamedTuple):
    """The way to a visit."""

    minutes: int
    km: float


@dataclass(frozen=True)
class Day:
    """A person's local date: his visits in order, the way to each, the way home last, and what deserves a look."""

    on: date
    time_zone: str
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    alerts: tuple[Alert, ...]


class Kept(NamedTuple):
    """A plan as it is kept, with what it came to: `days` and `unserved` as rendered, None before it was generated."""

    id: UUID
    rev: int
    rep_id: UUID
    from_on: date
    until_on: date
    status: PlanStatus
    plan_hash: str | None
    days: list[dict[str, Any]] | None
    unserved: list[dict[str, Any]] | None
    amends: UUID | None
    changes: dict[str, Any] | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Proposal:
    """A plan that was worked out, and what it would change against the one that stands."""

    plan_hash: str
    days: list[dict[str, Any]]
    unserved: list[dict[str, Any]]
    amends: UUID | None = None
    changes: Mapping[str, Any] | None = field(default=None)


class PlanUnknown(NotFound):
    """There is no such plan among those that you may see."""


class RepUnknown(NotFound):
    """There is no such person."""


class AccountUnknown(NotFound):
    """There is no such account among those that you may see."""


class PlanningNotYours(Forbidden):
    """A plan is made by the rep himself, by who leads him, or by an administrator."""


class PublishingNotYours(Forbidden):
    """A plan is approved and published by who leads the rep, or by an administrator."""


class ProfileNotYours(Forbidden):
    """Where a person's days begin is set by himself, by who leads him, or by an administrator."""


class DayOutOfRange(Invalid):
    """Days are reckoned with from 1990 until 2100."""


class ProfileInvalid(Invalid):
    """A day holds 1 to 1440 visits and 0 to 1440 minutes of travel, and ends at a place of two coordinates."""


class RuleInvalid(Invalid):
    """What an account asks of its visits is out of range."""


class PlanNotMade(Refusal):
    """The plan holds no visits yet: generate one."""

    code = "ILLEGAL_TRANSITION"


class NothingPublished(Refusal):
    """The rep has no published plan that covers these days."""

    code = "ILLEGAL_TRANSITION"


class TeamEmpty(Invalid):
    """A run plans at least one rep."""


class RunUnknown(NotFound):
    """There is no such run among yours."""


class TeamTooLarge(Invalid):
    """At most 1,000 reps are planned in one run."""


class NobodyToSend(Invalid):
    """There is no rep among those whom you lead."""


class NobodyAble(Invalid):
    """No rep among those whom you lead has the skills that the ticket asks for."""


class NotOnCall(Forbidden):
    """Only who is on call for the ticket's territory takes it over."""
