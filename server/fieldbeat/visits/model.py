"""A visit, what is asked of a listing, and what may be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound, Refusal
from fieldbeat_sync.mutation import Timing


class VisitStatus(StrEnum):
    """How far a visit has come; later states outrank earlier ones."""

    PLANNED = "PLANNED"
    EN_ROUTE = "EN_ROUTE"
    NO_SHOW = "NO_SHOW"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"
    CHECKED_IN = "CHECKED_IN"
    DONE = "DONE"


@dataclass(frozen=True)
class Visit:
    """A visit. `check_in` and `check_out` say {at, mock}: where it was is read apart, and that is noted."""

    id: UUID
    rev: int
    account_id: UUID
    rep_id: UUID | None
    plan_id: UUID | None
    template_id: UUID | None
    status: VisitStatus
    starts_at: datetime
    ends_at: datetime
    skip_reason: str | None
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None
    purpose: str | None
    outcome: str | None
    note: str | None
    samples_given: int
    photo_ids: tuple[str, ...]
    answers: dict[str, Any]
    amendments: dict[str, Any]
    pinned: bool
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class VisitFilter:
    """What a listing is narrowed to; empty means no condition. A visit is in [`from_at`, `until_at`) by its start."""

    rep_id: UUID | None = None
    account_id: UUID | None = None
    statuses: tuple[str, ...] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None


class Position(NamedTuple):
    """Where a page goes on: behind a visit in the order of (start, id)."""

    starts_at: datetime
    id: UUID


class Proofs(NamedTuple):
    """What is to be judged of a visit: {at, accuracyM, mock} of both ends, their metres from the customer, and how the
    time of each is known. `located`: it is known where the customer is."""

    id: UUID
    status: str
    located: bool
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None
    check_in_m: float | None
    check_out_m: float | None
    came_hlc: int | None
    came_timing: str | None
    gone_hlc: int | None
    gone_timing: str | None
    other_open: bool
    way_m: float | None
    way_s: float | None
    next_at: datetime | None
    joint: bool


@dataclass(frozen=True)
class Bounds:
    """From where evidence is remarkable: metres from the customer, milliseconds between two clocks."""

    radius_m: int
    skew_ms: int


@dataclass(frozen=True)
class Evidence:
    """What a check-in or check-out is worth. `trusted_at` is by the server's reckoning, known as `timing` says."""

    distance_m: float | None
    inside_geofence: bool | None
    accuracy_m: float | None
    mock: bool
    device_at: datetime
    trusted_at: datetime
    timing: Timing
    clock_skew_ms: float


class VisitAlert(StrEnum):
    """What somebody ought to look at; none of it refuses anything."""

    OPEN_CHECK_IN = "OPEN_CHECK_IN"
    MOCK_LOCATION = "MOCK_LOCATION"
    NO_LOCATION = "NO_LOCATION"
    OUTSIDE_GEOFENCE = "OUTSIDE_GEOFENCE"
    CLOCK_SKEW = "CLOCK_SKEW"
    TRAVEL_SPEED = "TRAVEL_SPEED"


@dataclass(frozen=True)
class Findings:
    """What a visit's proofs say. `risk` is 0 to 100, its reasons are the alerts. `joint`: with a colleague.

    `inferred_check_out`: of a visit that nobody left, when its rep came to the next one.
    """

    check_in: Evidence | None
    check_out: Evidence | None
    alerts: tuple[VisitAlert, ...]
    risk: int
    joint: bool
    inferred_check_out: datetime | None


class Places(NamedTuple):
    """Where a visit's rep was: both ends with their coordinates."""

    id: UUID
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None


class ReadVia(StrEnum):
    """How somebody came to see where a rep was."""

    VISIT = "VISIT"
    HISTORY = "HISTORY"
    CONFLICT = "CONFLICT"
    SYNC = "SYNC"


class LocationRead(NamedTuple):
    """Somebody read where a rep was: at a visit, or at so many, which are not named when his device was sent them."""

    id: UUID
    reader_id: UUID
    rep_id: UUID
    visit_id: UUID | None
    via: str
    visits: int
    at: datetime


class MeasuredBy(StrEnum):
    """Whose visits are measured together. A team is the people with one manager."""

    REP = "REP"
    TEAM = "TEAM"
    TERRITORY = "TERRITORY"
    DAY = "DAY"


class Measures(NamedTuple):
    """Counts of a group's visits, accounts, and seconds; docs/measures.md says what each is."""

    key: str
    planned: int
    done: int
    skipped: int
    no_shows: int
    struck: int
    accounts: int
    kept: int
    visited: int
    universe: int
    timed: int
    in_store_s: float
    way_s: float


class PeriodInvalid(Invalid):
    """A period has 1 to 366 days."""


class TemplateStatus(StrEnum):
    """A draft may change; what was published does not; a retired one is for visits that have it already."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class TemplateKind(StrEnum):
    """What a form is for."""

    VISIT = "VISIT"
    SHELF = "SHELF"
    PRICE = "PRICE"
    STOCK = "STOCK"
    COMPETITOR = "COMPETITOR"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Template:
    """One version of a form."""

    id: UUID
    rev: int
    name: str
    kind: TemplateKind
    version: int
    status: TemplateStatus
    questions: list[dict[str, Any]]
    created_at: datetime
    changed_at: datetime


class FilledForm(NamedTuple):
    """The answers of a visit beside what was asked; `arrived`: its attachments of which every byte is there."""

    id: UUID
    questions: list[dict[str, Any]]
    answers: dict[str, Any]
    photo_ids: list[str]
    arrived: list[str]


@dataclass(frozen=True)
class Completeness:
    """What a visit lacks: answers by key, attachments by id; and its score."""

    unanswered: tuple[str, ...]
    outstanding: tuple[str, ...]
    points: float
    points_max: float

    @property
    def complete(self) -> bool:
        """Whether nothing is lacking."""
        return not self.unanswered and not self.outstanding


class TemplateUnknown(NotFound):
    """There is no such template."""


class FormsNotYours(Forbidden):
    """Only supervisors and administrators shape templates."""


class TemplateFixed(Refusal):
    """It was published: create a new version."""

    code = "IMMUTABLE"


class BadQuestions(Invalid):
    """The questions break a rule."""


class VisitUnknown(NotFound):
    """There is no such visit among those that you may see."""


class AccountUnknown(NotFound):
    """There is no such account among those that you may see."""


class RepUnknown(NotFound):
    """There is no such person."""


class RepNotYours(Forbidden):
    """Only an administrator, or a supervisor of the person, plans visits for somebody else."""


class PlaceHalf(Invalid):
    """Latitude and longitude come together."""
