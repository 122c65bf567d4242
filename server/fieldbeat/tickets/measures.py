"""Measures of tickets: counts, times and shares of groups, each of which comes of events alone (docs/measures.md)."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.refusal import Invalid
from fieldbeat.kit.sql import load
from fieldbeat_sync.schema import LEADS

SQL = load(__file__, filename="measures.sql")
PERIOD_DAYS_MAX = 366


class MeasuredBy(StrEnum):
    """Which tickets are measured together. A team is the people with one manager."""

    REP = "REP"
    TEAM = "TEAM"
    ACCOUNT_TIER = "ACCOUNT_TIER"
    KIND = "KIND"
    PRIORITY = "PRIORITY"
    DAY = "DAY"


class Measures(NamedTuple):
    """Counts and business minutes of a group's tickets. `key` is empty for those that belong to no such group."""

    key: str
    opened: int
    done: int
    resolved: int
    reopened: int
    first_time: int
    kept: int
    judged: int
    labour_min: int
    parts_cost: float | None  # of their day, in the currency of the labour; None: not for the reader to know
    parts_unpriced: int | None  # uses of parts without a cost on their day
    bounces: int
    team_bounces: int
    answered: int
    first_mean: float | None
    first_median: float | None
    first_p90: float | None
    timed: int
    resolution_mean: float | None
    resolution_median: float | None
    resolution_p90: float | None


class PeriodInvalid(Invalid):
    """A period has 1 to 366 days."""


async def measures(
    conn: Conn, actor: Actor, *, by: MeasuredBy, from_on: date, until_on: date, now: datetime, after: str | None = None,
    groups_max: int,
) -> list[Measures]:  # fmt: skip
    """The tickets that `actor` may see, opened on his local days from `from_on` until `until_on` (exclusive).

    One page of groups by key: a person's id (REP; TEAM: the manager's), a tier, kind, priority, date. What parts cost
    supervisors and administrators see alone. Refuses INVALID.
    """
    if not 1 <= (until_on - from_on).days <= PERIOD_DAYS_MAX:
        raise PeriodInvalid(fields=("from", "until"))
    rows = await conn.fetch(SQL["measures"], actor.user_id, actor.role, by, from_on, until_on, now, after, groups_max)
    found = [Measures(**dict(row)) for row in rows]
    return found if actor.role in LEADS else [row._replace(parts_cost=None, parts_unpriced=None) for row in found]


def ratio(part: float, whole: float) -> float | None:
    """A share; None when there is nothing to have a share of."""
    return part / whole if whole else None


def cost_per_ticket(row: Measures, rate_per_hour: float | None) -> float | None:
    """The labour of a group's tickets at that rate with their parts, by the ticket; None without a rate, or for who
    does not see what parts cost."""
    if rate_per_hour is None or row.parts_cost is None:
        return None
    return (row.labour_min / 60 * rate_per_hour + row.parts_cost) / row.opened
