"""Pauses that ought to be looked at: a ticket's clock stands, and nothing comes of it (docs/measures.md)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.refusal import Forbidden, Invalid
from fieldbeat.kit.sql import load
from fieldbeat.tickets.keeping import policies_in_force
from fieldbeat.tickets.terms import InForce, terms_of
from fieldbeat.worktime.arithmetic import business_time_ago
from fieldbeat.worktime.model import NeverReached
from fieldbeat_sync.schema import LEADS

SQL = load(__file__, filename="pauses.sql")
MINUTES_MAX = 1_000_000
BEGINNING = datetime.fromisoformat("0001-01-01T00:00:00Z")


class PauseDoubt(StrEnum):
    """Why somebody ought to look at a pause."""

    LONG = "LONG"  # it has lasted longer than asked for, in business time
    LATE = "LATE"  # not the first one of its ticket, and it began with at most a tenth of the target left


class Pause(NamedTuple):
    """A pause of a ticket's RESOLUTION clock, since which the customer has said nothing; `by_id` began it.

    `times`: how often the ticket has been paused. `stands_at` and the ticket's id order them, the oldest first.
    """

    ticket_id: UUID
    since: datetime
    by_id: UUID
    times: int
    left: timedelta
    is_long: bool
    is_late: bool
    stands_at: datetime

    @property
    def doubts(self) -> list[PauseDoubt]:
        """Why it is here."""
        return [doubt for doubt, holds in zip(PauseDoubt, (self.is_long, self.is_late), strict=True) if holds]


class PausesNotYours(Forbidden):
    """Whether pauses are honest is looked at by those who lead."""


class PauseOutOfBounds(Invalid):
    """A pause is asked for by 1 to 1,000,000 minutes."""


async def doubtful_pauses(
    conn: Conn, actor: Actor, *, over_minutes: int, now: datetime, after: tuple[datetime, UUID] | None, rows_max: int
) -> list[Pause]:
    """One page of those of the tickets that `actor` may see. Refuses FORBIDDEN, INVALID (`overMinutes`)."""
    if actor.role not in LEADS:
        raise PausesNotYours
    if not 1 <= over_minutes <= MINUTES_MAX:
        raise PauseOutOfBounds(fields=("overMinutes",))
    policies = await policies_in_force(conn, actor.tenant_id)
    bounds = [_begun_before(each, now, timedelta(minutes=over_minutes)) for each in policies]
    rows = await conn.fetch(
        SQL["doubtful_pauses"], actor.user_id, actor.role, [each.key.policy_id for each in policies], bounds,
        *(after or (None, None)), rows_max,
    )  # fmt: skip
    return [Pause(**dict(row)) for row in rows]


def _begun_before(policy: InForce, now: datetime, duration: timedelta) -> datetime:
    """A pause that began before that has lasted longer than `duration`, in the policy's business time."""
    try:
        return business_time_ago(terms_of(policy.key, policy.policy, policy.hours).hours, now, duration)
    except NeverReached:
        return BEGINNING
