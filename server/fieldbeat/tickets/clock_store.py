"""One typed function per query of policies, events and clocks; no decisions."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.tickets.promise import Clock, SlaMetric, SlaPolicy, TermsKey

SQL = load(__file__, filename="clocks.sql")
BEGINNING = UUID(int=0)


class Facts(NamedTuple):
    """What chooses the policy of a ticket, and the terms that it is under since `applied_at`."""

    id: UUID
    kind: str
    priority: str
    tier: str | None
    account_tags: list[str]
    required_skills: list[str]
    deleted: bool
    under_warranty: bool | None
    applied_at: datetime | None
    policy_id: UUID | None
    version: int | None
    hours_rev: int | None


class Kept(NamedTuple):
    """A cached clock of a ticket, and which version of its deadline it is."""

    ticket_id: UUID
    clock: Clock
    deadline_version: int


class StepRow(NamedTuple):
    """A step of a clock, by its number in the clock's terms."""

    ticket_id: UUID
    metric: str
    instance: int
    step: int
    deadline_version: int
    due_at: datetime
    levels: tuple[int, ...]


class Recalculation(NamedTuple):
    """How far a company's clocks have been reckoned anew since a change."""

    changed_at: datetime
    started_at: datetime
    finished_at: datetime | None
    total: int
    done: int
    last_id: UUID | None


async def policies_in_force(conn: Conn, tenant_id: UUID) -> list[Any]:
    """In the order in which they are tried, with their business hours."""
    return list(await conn.fetch(SQL["policies_in_force"], tenant_id))


async def facts(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID]) -> list[Facts]:
    """Of tickets, deleted ones too."""
    return [Facts(**dict(row)) for row in await conn.fetch(SQL["facts"], tenant_id, ticket_ids)]


async def save_terms(conn: Conn, tenant_id: UUID, terms: Iterable[tuple[TermsKey, Any, Any]]) -> None:
    """Keeps (key, policy, hours); those that are kept already stay."""
    rows = [(*key, orjson.dumps(policy).decode(), orjson.dumps(hours).decode()) for key, policy, hours in terms]
    await conn.execute(SQL["save_terms"], tenant_id, *_columns(rows, 5))


async def apply_terms(
    conn: Conn, tenant_id: UUID, applied: Sequence[tuple[UUID, datetime, datetime, TermsKey | None]]
) -> None:
    """Notes (ticket, from when, known when, terms)."""
    rows = [(id, at, known_at, *(key or (None, None, None))) for id, at, known_at, key in applied]
    await conn.execute(SQL["apply_terms"], tenant_id, *_columns(rows, 6))


async def applied(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID]) -> list[Any]:
    """The terms that tickets ran under, in the order of time."""
    return list(await conn.fetch(SQL["applied"], tenant_id, ticket_ids))


async def terms_by_keys(conn: Conn, tenant_id: UUID, keys: Collection[TermsKey]) -> list[Any]:
    """Their policies and hours."""
    return list(await conn.fetch(SQL["terms_by_keys"], tenant_id, *_columns(sorted(keys), 3)))


async def events_of(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID]) -> tuple[list[Any], list[Any], list[Any]]:
    """What was written to tickets, said about them, and the check-ins for them."""
    writes = await conn.fetch(SQL["ticket_writes"], tenant_id, ticket_ids)
    words = await conn.fetch(SQL["ticket_words"], tenant_id, ticket_ids)
    return list(writes), list(words), list(await conn.fetch(SQL["ticket_arrivals"], tenant_id, ticket_ids))


async def clocks_of(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID]) -> list[Kept]:
    """The cached ones."""
    return [_kept(row) for row in await conn.fetch(SQL["clocks_of"], tenant_id, ticket_ids)]


async def clocks_seen(conn: Conn, actor: Actor, ticket_ids: Sequence[UUID]) -> list[Kept]:
    """The cached ones, of the tickets that the actor may see."""
    return [_kept(row) for row in await conn.fetch(SQL["clocks_seen"], actor.user_id, actor.role, ticket_ids)]


async def drop_clocks(conn: Conn, tenant_id: UUID, gone: Sequence[Kept]) -> None:
    """Deletes cached clocks with their steps."""
    await conn.execute(SQL["drop_clocks"], tenant_id, *_columns([_key(each) for each in gone], 3))


async def save_clocks(conn: Conn, tenant_id: UUID, kept: Sequence[Kept]) -> None:
    """Inserts or replaces them."""
    rows = [
        (*_key(each), *((clock := each.clock).started_at, clock.target, clock.elapsed, clock.anchor_at, clock.runs),
         clock.deadline, clock.ended_at, clock.breached_at, clock.breached_by_change, clock.retracted_at,
         clock.unverified_at, *(clock.terms or ()), each.deadline_version)
        for each in kept
    ]  # fmt: skip
    await conn.execute(SQL["save_clocks"], tenant_id, *_columns(rows, 18))


async def drop_steps(conn: Conn, tenant_id: UUID, clocks: Sequence[Kept]) -> None:
    """Deletes their steps that were not taken."""
    await conn.execute(SQL["drop_steps"], tenant_id, *_columns([_key(each) for each in clocks], 3))


async def save_steps(conn: Conn, tenant_id: UUID, steps: Sequence[StepRow], now: datetime) -> None:
    """Inserts steps that are to be taken."""
    rows = [(*each[:-1], ",".join(map(str, each.levels))) for each in steps]
    await conn.execute(SQL["save_steps"], tenant_id, *_columns(rows, 7), now)


async def pass_over_due_steps(conn: Conn, tenant_id: UUID, ticket_ids: Sequence[UUID], now: datetime) -> None:
    """Takes the steps of these tickets that are due, without effect."""
    await conn.execute(SQL["pass_over_due_steps"], tenant_id, ticket_ids, now)


async def lock_open_tickets(conn: Conn, tenant_id: UUID, behind: UUID | None, *, rows_max: int) -> list[UUID]:
    """Some of those that are not done, from behind one. Locks them."""
    rows = await conn.fetch(SQL["lock_open_tickets"], tenant_id, behind or BEGINNING, rows_max)
    return [row["id"] for row in rows]


async def lock_tickets_of_visits(conn: Conn, tenant_id: UUID, visit_ids: Sequence[UUID]) -> list[UUID]:
    """Those that name one of these visits. Locks them."""
    rows = await conn.fetch(SQL["lock_tickets_of_visits"], tenant_id, visit_ids, [str(id) for id in visit_ids])
    return [row["id"] for row in rows]


async def open_tickets(conn: Conn, tenant_id: UUID, behind: UUID | None, *, rows_max: int) -> list[UUID]:
    """Some of those that are not done, from behind one."""
    rows = await conn.fetch(SQL["open_tickets"], tenant_id, behind or BEGINNING, rows_max)
    return [row["id"] for row in rows]


async def count_open_tickets(conn: Conn, tenant_id: UUID) -> int:
    """How many are not done."""
    count: int = await conn.fetchval(SQL["count_open_tickets"], tenant_id)
    return count


async def stale_tenants(conn: Conn, *, tenants_max: int) -> list[UUID]:
    """Those whose policies or business hours changed since their clocks were reckoned."""
    return [row["tenant_id"] for row in await conn.fetch(SQL["stale_tenants"], tenants_max)]


async def tenants_with_clocks(conn: Conn, *, tenants_max: int) -> list[UUID]:
    """Those that have any."""
    return [row["tenant_id"] for row in await conn.fetch(SQL["tenants_with_clocks"], tenants_max)]


async def recalculation(conn: Conn, tenant_id: UUID) -> Recalculation | None:
    """The last one."""
    row = await conn.fetchrow(SQL["recalculation"], tenant_id)
    return Recalculation(**dict(row)) if row else None


async def lock_recalculation(conn: Conn, tenant_id: UUID) -> bool:
    """Whether nobody else is at it. Locks to the end of the transaction."""
    locked: bool = await conn.fetchval(SQL["lock_recalculation"], str(tenant_id))
    return locked


async def newest_change(conn: Conn, tenant_id: UUID) -> datetime:
    """Of the company's policies and their hours."""
    changed_at: datetime = await conn.fetchval(SQL["newest_change"], tenant_id)
    return changed_at


async def begin_recalculation(conn: Conn, tenant_id: UUID, changed_at: datetime, *, total: int) -> None:
    """Notes that one begins, of so many tickets."""
    await conn.execute(SQL["begin_recalculation"], tenant_id, changed_at, total)


async def go_on_recalculating(conn: Conn, tenant_id: UUID, *, done: int, last_id: UUID | None, finished: bool) -> None:
    """Notes how far it has come."""
    await conn.execute(SQL["go_on_recalculating"], tenant_id, done, last_id, finished)


async def policies_by_ids(conn: Conn, tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, SlaPolicy]:
    """Those that exist."""
    rows = await conn.fetch(SQL["policies_by_ids"], tenant_id, list(ids))
    return {row["id"]: SlaPolicy(**row) for row in rows}


async def policies_after(
    conn: Conn, tenant_id: UUID, after: tuple[int, UUID] | None, *, rows_max: int
) -> list[SlaPolicy]:
    """One page in the order in which they are tried."""
    return [
        SlaPolicy(**row)
        for row in await conn.fetch(SQL["policies_after"], tenant_id, *(after or (None, None)), rows_max)
    ]


async def has_hours(conn: Conn, tenant_id: UUID, hours_id: UUID) -> bool:
    """Whether the company has these business hours."""
    return await conn.fetchval(SQL["has_hours"], tenant_id, hours_id) is not None


async def default_hours_id(conn: Conn, tenant_id: UUID) -> UUID | None:
    """The company's default business hours."""
    found: UUID | None = await conn.fetchval(SQL["default_hours_id"], tenant_id)
    return found


def _kept(row: Any) -> Kept:
    key = TermsKey(row["policy_id"], row["version"], row["hours_rev"])
    clock = Clock(
        SlaMetric(row["metric"]), row["instance"], row["started_at"], row["target"], row["elapsed"], row["anchor_at"],
        row["runs"], row["deadline"], row["ended_at"], row["breached_at"], row["breached_by_change"],
        row["retracted_at"], row["unverified_at"], key,
    )  # fmt: skip
    return Kept(row["ticket_id"], clock, row["deadline_version"])


def _key(kept: Kept) -> tuple[UUID, str, int]:
    return kept.ticket_id, kept.clock.metric.value, kept.clock.instance


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[n] for row in rows] for n in range(width)]
