"""The statements of `queries.sql`, one typed function each; no decisions."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.days.model import DayProfile, Demand, Kept, PlanStatus, Proposal, Standing, VisitRule
from fieldbeat.days.planning.model import Effort, HolidayPolicy
from fieldbeat.days.planning.travel import Place
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__)


class ProfileRow(NamedTuple):
    """A day profile as it is stored."""

    user_id: UUID
    start_latitude: float
    start_longitude: float
    end_latitude: float | None
    end_longitude: float | None
    visits_max: int | None
    travel_minutes_max: int | None


class RuleRow(NamedTuple):
    """A visit rule as it is stored."""

    account_id: UUID
    per_cycle: int | None
    duration_minutes: int | None
    gap_min_days: int | None
    gap_max_days: int | None
    hours: list[dict[str, str]] | None
    weekdays: list[str]
    preferred_weekdays: list[str]
    must_visit: list[date]
    holidays: str
    skills: list[str]


class Waiting(NamedTuple):
    """A rep who waits to be planned, in any tenant."""

    tenant_id: UUID
    run_id: UUID
    rep_id: UUID


class Claimed(NamedTuple):
    """A rep of a run, with what the run asks for."""

    rep_id: UUID
    asked_by: UUID
    from_on: date
    until_on: date
    effort: str
    publish: bool


class Progress(NamedTuple):
    """How far a run is: reps in all, done, and refused among those."""

    run_id: UUID
    total: int
    done: int
    refused: int


class RunRefusal(NamedTuple):
    """Why a rep got no plan."""

    rep_id: UUID
    refused: str


async def day_profile(conn: Conn, tenant_id: UUID, user_id: UUID) -> DayProfile | None:
    """Where a person's days begin, if it was said."""
    found = await conn.fetchrow(SQL["day_profile"], tenant_id, user_id)
    return _profile(ProfileRow(**dict(found))) if found else None


async def save_day_profile(conn: Conn, tenant_id: UUID, profile: DayProfile) -> None:
    """Inserts or replaces."""
    end = profile.end
    await conn.execute(
        SQL["save_day_profile"], tenant_id, profile.user_id, profile.start.latitude, profile.start.longitude,
        end.latitude if end else None, end.longitude if end else None, profile.visits_max, profile.travel_minutes_max,
    )  # fmt: skip


async def save_visit_rules(conn: Conn, tenant_id: UUID, rules: Sequence[VisitRule]) -> None:
    """Inserts or replaces, set-wise."""
    await conn.execute(SQL["save_visit_rules"], tenant_id, [_rule_json(each) for each in rules])


async def visit_rules(conn: Conn, tenant_id: UUID, account_ids: Collection[UUID]) -> dict[UUID, VisitRule]:
    """By account; one without a rule is absent."""
    rows = await conn.fetch(SQL["visit_rules"], tenant_id, list(account_ids))
    return {row["account_id"]: _rule(RuleRow(**dict(row))) for row in rows}


async def demands(conn: Conn, tenant_id: UUID, rep_id: UUID, *, from_on: date, time_zone: str) -> list[Demand]:
    """The accounts that a rep serves, with what each asks for on `from_on`."""
    rows = await conn.fetch(SQL["demands"], tenant_id, rep_id, from_on, time_zone)
    return [Demand(**dict(row)) for row in rows]


async def standing_visits(
    conn: Conn, tenant_id: UUID, rep_id: UUID, from_at: datetime, until_at: datetime
) -> list[Standing]:
    """What stands in a rep's days, in order."""
    rows = await conn.fetch(SQL["standing_visits"], tenant_id, rep_id, from_at, until_at)
    return [Standing(**dict(row)) for row in rows]


async def live_accounts(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those that are not deleted. Locks them in the order of their ids."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["live_accounts"], tenant_id, list(ids)))


async def save_outcome(
    conn: Conn, tenant_id: UUID, plan_id: UUID, made: Proposal, *, effort: Effort, made_by: UUID
) -> None:
    """What a plan came to."""
    await conn.execute(
        SQL["save_outcome"], tenant_id, plan_id, made.plan_hash, effort.value, made.days, made.unserved, made.amends,
        made.changes, made_by,
    )  # fmt: skip


async def plans_by_ids(conn: Conn, tenant_id: UUID, ids: Sequence[UUID], reps: Collection[UUID]) -> list[Kept]:
    """Those of `reps`."""
    return [_kept(row) for row in await conn.fetch(SQL["plans_by_ids"], tenant_id, list(ids), list(reps))]


async def plans_page(
    conn: Conn, tenant_id: UUID, reps: Collection[UUID], *, status: str | None, after: tuple[date, UUID] | None,
    rows_max: int,
) -> list[Kept]:  # fmt: skip
    """One page, newest first."""
    rows = await conn.fetch(SQL["plans_page"], tenant_id, list(reps), status, *(after or (None, None)), rows_max)
    return [_kept(row) for row in rows]


async def overlapping_plans(conn: Conn, tenant_id: UUID, rep_id: UUID, from_on: date, until_on: date) -> list[UUID]:
    """Published plans of a rep that share days."""
    return [row["id"] for row in await conn.fetch(SQL["overlapping_plans"], tenant_id, rep_id, from_on, until_on)]


async def add_run(
    conn: Conn, tenant_id: UUID, run_id: UUID, *, asked_by: UUID, from_on: date, until_on: date, effort: Effort,
    publish: bool, rep_ids: Sequence[UUID],
) -> None:  # fmt: skip
    """A run with the reps that it plans."""
    await conn.execute(SQL["add_run"], tenant_id, run_id, asked_by, from_on, until_on, effort.value, publish)
    await conn.execute(SQL["add_run_reps"], tenant_id, run_id, list(rep_ids))


async def waiting_plans(conn: Conn, *, reps_max: int) -> list[Waiting]:
    """Reps who wait to be planned, in any tenant."""
    return [Waiting(**dict(row)) for row in await conn.fetch(SQL["waiting_plans"], reps_max)]


async def claim_run_rep(conn: Conn, tenant_id: UUID, run_id: UUID, rep_id: UUID) -> Claimed | None:
    """The rep, locked until the transaction ends; None when he is planned, or being planned."""
    row = await conn.fetchrow(SQL["claim_run_rep"], tenant_id, run_id, rep_id)
    return Claimed(**dict(row)) if row else None


async def settle_run_rep(
    conn: Conn, tenant_id: UUID, run_id: UUID, rep_id: UUID, *, plan_id: UUID | None, refused: str | None
) -> None:
    """Notes what became of a rep."""
    await conn.execute(SQL["settle_run_rep"], tenant_id, run_id, rep_id, plan_id, refused)


async def run_progress(conn: Conn, tenant_id: UUID, run_id: UUID, askers: Collection[UUID]) -> Progress | None:
    """Of a run that one of `askers` asked for."""
    row = await conn.fetchrow(SQL["run_progress"], tenant_id, run_id, list(askers))
    return Progress(**dict(row)) if row else None


async def run_refusals(conn: Conn, tenant_id: UUID, run_id: UUID) -> list[RunRefusal]:
    """The reps of a run who got no plan."""
    return [RunRefusal(**dict(row)) for row in await conn.fetch(SQL["run_refusals"], tenant_id, run_id)]


def _profile(row: ProfileRow) -> DayProfile:
    end = None
    if row.end_latitude is not None and row.end_longitude is not None:
        end = Place(row.end_latitude, row.end_longitude)
    start = Place(row.start_latitude, row.start_longitude)
    return DayProfile(row.user_id, start, end, row.visits_max, row.travel_minutes_max)


def _rule(row: RuleRow) -> VisitRule:
    return VisitRule(
        **{
            **row._asdict(), "weekdays": tuple(row.weekdays), "preferred_weekdays": tuple(row.preferred_weekdays),
            "must_visit": tuple(row.must_visit), "holidays": HolidayPolicy(row.holidays), "skills": tuple(row.skills),
        }
    )  # fmt: skip


def _rule_json(rule: VisitRule) -> dict[str, Any]:
    days = [on.isoformat() for on in rule.must_visit]
    return {**vars(rule), "account_id": str(rule.account_id), "must_visit": days, "holidays": rule.holidays.value}


def _kept(row: Any) -> Kept:
    return Kept(**{**dict(row), "status": PlanStatus(row["status"])})
