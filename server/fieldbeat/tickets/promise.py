"""What a company promises about its tickets: policies, the terms that applied to a ticket at a time, and its clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound
from fieldbeat.tickets.model import TicketPriority, TicketStatus
from fieldbeat.worktime.model import BusinessHours


class SlaMetric(StrEnum):
    """What a clock measures."""

    FIRST_RESPONSE = "FIRST_RESPONSE"  # opened -> the first public answer, or a check-in at the customer's
    NEXT_RESPONSE = "NEXT_RESPONSE"  # the oldest unanswered word of the customer -> an answer
    RESOLUTION = "RESOLUTION"  # opened -> resolved; goes on when reopened
    ONSITE_ARRIVAL = "ONSITE_ARRIVAL"  # opened -> the first check-in at the customer's
    PERIODIC_UPDATE = "PERIODIC_UPDATE"  # opened, or the last public answer -> the next one


class SlaState(StrEnum):
    """How a clock stands."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    MET = "MET"
    BREACHED = "BREACHED"
    RETRACTED = "RETRACTED"  # it was breached, until evidence came that the deadline had been kept
    NOT_APPLICABLE = "NOT_APPLICABLE"


class PolicyStatus(StrEnum):
    """Whether a policy is chosen for tickets."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


WAITING = frozenset({TicketStatus.PENDING_CUSTOMER, TicketStatus.PENDING_THIRD, TicketStatus.ON_HOLD})
PAUSES: Mapping[SlaMetric, frozenset[TicketStatus]] = {
    SlaMetric.RESOLUTION: WAITING,
    SlaMetric.PERIODIC_UPDATE: WAITING,
}


ON_CALL = -2  # as a level


@dataclass(frozen=True)
class Step:
    """When somebody is told: at `percent` of the target, then `plus` later, in business time where so set.

    0 percent: as soon as the clock starts. `levels`: 0 is who answers for the ticket, 1 who leads him, and so on up the
    reporting line; `ON_CALL` whoever is on call for the account's territory, outside of the line.
    """

    percent: int
    plus: timedelta = timedelta(0)
    levels: tuple[int, ...] = (0,)
    only_business_hours: bool = True


STEPS = (
    Step(50, levels=(0,)),
    Step(75, levels=(0, 1)),
    Step(100, levels=(1,)),
    Step(100, timedelta(hours=1), levels=(2,)),
    Step(100, timedelta(hours=4), levels=(3,)),
)


class TermsKey(NamedTuple):
    """Which version of a policy, and which rev of its business hours (0: around the clock)."""

    policy_id: UUID
    version: int
    hours_rev: int


@dataclass(frozen=True)
class Terms:
    """A version of a policy with its business hours; it never changes."""

    key: TermsKey
    hours: BusinessHours
    targets: Mapping[tuple[SlaMetric, TicketPriority], timedelta]
    pauses: Mapping[SlaMetric, frozenset[TicketStatus]] = field(default_factory=lambda: PAUSES)
    steps: tuple[Step, ...] = STEPS


@dataclass(frozen=True)
class Moment:
    """When something happened: `at` is what counts; `claimed_at` what its device says; `known_at` when we heard of it.

    `at` is the claimed time where that is trusted (the server's clock, or a device's time since boot), else `known_at`.
    """

    at: datetime
    known_at: datetime
    claimed_at: datetime


@dataclass(frozen=True)
class Written:
    """A value that a field was given."""

    value: str
    when: Moment


@dataclass(frozen=True)
class Applied:
    """Terms that a ticket came under; None: under none any more."""

    terms: Terms | None
    when: Moment


@dataclass(frozen=True)
class History:
    """The events of one ticket. Written values stand in the order in which they won, the others in that of time.

    `customers`: words of the customer; `answers`: public ones of the company; `arrivals`: check-ins at the customer's.
    """

    opened: Moment
    statuses: tuple[Written, ...] = ()
    priorities: tuple[Written, ...] = ()
    terms: tuple[Applied, ...] = ()
    customers: tuple[Moment, ...] = ()
    answers: tuple[Moment, ...] = ()
    arrivals: tuple[Moment, ...] = ()


@dataclass(frozen=True)
class Clock:
    """One clock of a ticket, whatever time it is now: what was measured until `anchor_at`, and by when it must end.

    `runs`: business time passes on behind `anchor_at`. `deadline` None: paused, or without a target.
    `unverified_at`: a breached clock was ended in time by a device's calendar, which proves nothing.
    """

    metric: SlaMetric
    instance: int
    started_at: datetime
    target: timedelta | None
    elapsed: timedelta
    anchor_at: datetime
    runs: bool
    deadline: datetime | None
    ended_at: datetime | None = None
    breached_at: datetime | None = None
    breached_by_change: bool = False
    retracted_at: datetime | None = None
    unverified_at: datetime | None = None
    terms: TermsKey | None = None


BY_CHANGE = -1  # the step that tells who answers for a ticket that a change has made it overdue


@dataclass(frozen=True)
class SlaPolicy:
    """A policy as a company keeps it; `fields` are those of the collection, by their wire names."""

    id: UUID
    rev: int
    fields: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime


class PolicyUnknown(NotFound):
    """There is no such policy."""


class HoursUnknown(NotFound):
    """There are no such business hours."""


class PolicyNotYours(Forbidden):
    """Only an administrator decides what the company promises."""


class TargetsNeeded(Invalid):
    """A policy promises something: it has at least one target."""


class TargetTwice(Invalid):
    """A metric has one target for each priority."""


class TargetOutOfBounds(Invalid):
    """A target has 1 to 1,000,000 minutes."""


class BadStep(Invalid):
    """A step lies at 0 to 100 percent, at most 1,000,000 minutes later, and tells levels 0 to 9, or who is on call."""


class BadPause(Invalid):
    """A clock pauses in PENDING_CUSTOMER, PENDING_THIRD, ON_HOLD and OPEN alone, and each metric is named once."""


class HoursTwice(Invalid):
    """A policy counts around the clock or in business hours, not both."""


class PolicyRetired(Invalid):
    """A retired policy is not changed any more."""
