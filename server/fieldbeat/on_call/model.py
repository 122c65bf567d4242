"""A rota, who stands in, who is on call, and what may be refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound, Refusal


class StandIn(NamedTuple):
    """Somebody steps in from an instant until another (exclusive)."""

    user_id: UUID
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class Rota:
    """Members take turns of whole local days, which begin at a wall-clock time; the first one's begins on `anchor_on`.

    It has no beginning and no end: before the anchor the turns go on backwards. Of `stand_ins` the last that covers an
    instant counts.
    """

    time_zone: str
    hand_over: time
    days_per_turn: int
    anchor_on: date
    members: tuple[UUID, ...]
    stand_ins: tuple[StandIn, ...] = ()


class WatchReason(StrEnum):
    """Why it is he."""

    TURN = "TURN"  # it is his turn
    STANDS_IN = "STANDS_IN"  # he steps in
    NEXT = "NEXT"  # those whose turn it would be are away


class Watch(NamedTuple):
    """Who is on call, until the rota changes at the latest. `passed_over`: those before him, who are away."""

    user_id: UUID
    reason: WatchReason
    until_at: datetime
    passed_over: tuple[UUID, ...]


class Shift(NamedTuple):
    """A time in which one person is on call by the rota, whoever may be away then."""

    user_id: UUID
    reason: WatchReason
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class KeptRota:
    """A rota as a company keeps it; `fields` are those of the collection, by their wire names."""

    id: UUID
    rev: int
    fields: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime


class OnCall(NamedTuple):
    """Who is on call, and by which rota."""

    rota_id: UUID
    watch: Watch


class RotaUnknown(NotFound):
    """There is no such rota."""


class TerritoryUnknown(NotFound):
    """There is no such territory."""


class MemberUnknown(NotFound):
    """There is no such person, or he has left."""


class RotaNotYours(Forbidden):
    """A rota is kept by an administrator, or by the supervisor of its territory with people whom he leads."""


class StandingInNotYours(Forbidden):
    """One steps in oneself, in a rota of one's own or for a territory of one's own; others are named from above."""


class TerritoryHasRota(Refusal):
    """A territory has one rota, and so has the company as a whole."""

    code = "UNIQUE"


class MembersNeeded(Invalid):
    """A rota has 1 to 100 members; somebody may stand in it more than once."""


class BadHandOver(Invalid):
    """A hand-over is at a time of day, HH:MM, such as 08:00."""


class TurnOutOfBounds(Invalid):
    """A turn has 1 to 28 days."""


class DateOutOfBounds(Invalid):
    """Dates and instants lie in the years 1990 to 2100."""


class BadStandIn(Invalid):
    """Who stands in does so from an instant until a later one, at most 92 days, and not wholly in the past."""


class TooManyStandIns(Invalid):
    """At most 100 stand-ins wait in a rota."""
