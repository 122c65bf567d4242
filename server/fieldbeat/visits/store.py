"""One typed function per query; no decisions."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.visits.model import (
    FilledForm,
    MeasuredBy,
    Measures,
    Position,
    Proofs,
    Template,
    TemplateKind,
    TemplateStatus,
    Visit,
    VisitFilter,
    VisitStatus,
)

SQL = load(__file__)


class Missed(NamedTuple):
    """A visit that was not made."""

    id: UUID
    rev: int


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


async def tenants_with_missed_visits(conn: Conn, grace: timedelta, *, tenants_max: int) -> list[UUID]:
    """Where visits have ended unmade."""
    return [row["tenant_id"] for row in await conn.fetch(SQL["tenants_with_missed_visits"], grace, tenants_max)]


async def missed_visits(
    conn: Conn, tenant_id: UUID, grace: timedelta, offline_grace: timedelta, *, visits_max: int
) -> list[Missed]:
    """The oldest, locked."""
    rows = await conn.fetch(SQL["missed_visits"], tenant_id, grace, offline_grace, visits_max)
    return [Missed(**dict(row)) for row in rows]


async def lock_templates(conn: Conn, tenant_id: UUID) -> None:
    """To the end of the transaction."""
    await conn.execute(SQL["lock_templates"], str(tenant_id))


async def last_version(conn: Conn, tenant_id: UUID, name: str) -> int:
    """0 when there is none."""
    version: int = await conn.fetchval(SQL["last_version"], tenant_id, name)
    return version


async def published_versions(conn: Conn, tenant_id: UUID, name: str) -> list[UUID]:
    """Of a name."""
    return [row["id"] for row in await conn.fetch(SQL["published_versions"], tenant_id, name)]


async def template_names(conn: Conn, tenant_id: UUID, names: Sequence[str]) -> frozenset[str]:
    """Those that are taken."""
    return frozenset(row["name"] for row in await conn.fetch(SQL["template_names"], tenant_id, names))


async def templates_by_ids(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> list[Template]:
    """Those that there are."""
    return [_template(row) for row in await conn.fetch(SQL["templates_by_ids"], tenant_id, ids)]


async def templates_page(
    conn: Conn, tenant_id: UUID, statuses: Sequence[str], after: tuple[str, UUID] | None, *, rows_max: int
) -> list[Template]:
    """One page in the order of (name, id)."""
    name, id = after or (None, None)
    rows = await conn.fetch(SQL["templates_page"], tenant_id, list(statuses) or None, name, id, rows_max)
    return [_template(row) for row in rows]


async def filled_forms(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[FilledForm]:
    """Of those in the actor's sight."""
    return [FilledForm(**dict(row)) for row in await conn.fetch(SQL["filled_forms"], actor.user_id, actor.role, ids)]


async def measures(
    conn: Conn, actor: Actor, by: MeasuredBy, from_on: date, until_on: date, after: str | None, *, groups_max: int
) -> list[Measures]:
    """One page of groups by key."""
    rows = await conn.fetch(SQL["measures"], actor.user_id, actor.role, by, from_on, until_on, after, groups_max)
    return [Measures(**dict(row)) for row in rows]


def _template(row: asyncpg.Record) -> Template:
    fields = {name: row[name] for name in Template.__dataclass_fields__}
    return Template(**{**fields, "kind": TemplateKind(row["kind"]), "status": TemplateStatus(row["status"])})


def _visit(row: asyncpg.Record) -> Visit:
    fields = {name: row[name] for name in Visit.__dataclass_fields__}
    return Visit(**{**fields, "status": VisitStatus(row["status"]), "photo_ids": tuple(row["photo_ids"])})
