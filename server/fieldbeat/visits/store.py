"""One typed function per query; no decisions."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.visits.model import LocationRead, Places, Position, Proofs, Visit, VisitFilter, VisitStatus

SQL = load(__file__)


class Placed(NamedTuple):
    """A visit of an account that moves."""

    id: UUID
    status: str


async def lock_visits_of_account(conn: Conn, tenant_id: UUID, account_id: UUID) -> list[Placed]:
    """All visits of an account, deleted ones too. Locks them in the order of their ids."""
    rows = await conn.fetch(SQL["lock_visits_of_account"], tenant_id, account_id)
    return [Placed(**dict(row)) for row in rows]


async def reps_of_plans(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """By plan."""
    return {row["id"]: row["rep_id"] for row in await conn.fetch(SQL["reps_of_plans"], tenant_id, ids)}


async def visits_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Visit]:
    """Those in the actor's sight."""
    return [_visit(row) for row in await conn.fetch(SQL["visits_by_ids"], actor.user_id, actor.role, ids)]


async def visits_page(
    conn: Conn, actor: Actor, wanted: VisitFilter, after: Position | None, *, rows_max: int
) -> list[Visit]:
    """One page in the order of (start, id)."""
    rows = await conn.fetch(
        SQL["visits_page"], actor.user_id, actor.role, wanted.rep_id, wanted.account_id, list(wanted.statuses) or None,
        wanted.from_at, wanted.until_at, *(after or (None, None)), rows_max,
    )  # fmt: skip
    return [_visit(row) for row in rows]


async def proofs_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Proofs]:
    """Of those in the actor's sight."""
    return [Proofs(**dict(row)) for row in await conn.fetch(SQL["proofs_by_ids"], actor.user_id, actor.role, ids)]


async def read_places(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Places]:
    """Of those in the actor's sight that have any; writes a note of each."""
    return [Places(**dict(row)) for row in await conn.fetch(SQL["read_places"], actor.user_id, actor.role, ids)]


async def location_reads(
    conn: Conn, actor: Actor, rep_id: UUID | None, after: Position | None, *, rows_max: int
) -> list[LocationRead]:
    """One page, newest first."""
    rows = await conn.fetch(
        SQL["location_reads"], actor.user_id, actor.role, rep_id, *(after or (None, None)), rows_max
    )
    return [LocationRead(**dict(row)) for row in rows]


def _visit(row: asyncpg.Record) -> Visit:
    fields = {name: row[name] for name in Visit.__dataclass_fields__}
    return Visit(**{**fields, "status": VisitStatus(row["status"]), "photo_ids": tuple(row["photo_ids"])})
