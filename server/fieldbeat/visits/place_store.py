"""The statements of `places.sql`, one typed function each; no decisions."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit import sql
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.visits.model import LocationRead, Places, Position, ReadVia

SQL = sql.load(__file__, filename="places.sql")


class OldPlace(NamedTuple):
    """A visit whose places are older than they are kept."""

    id: UUID
    rev: int
    deleted: bool
    account_id: UUID
    rep_id: UUID | None
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None


async def read_places(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Places]:
    """Of those in the actor's sight that have any; writes a note of each."""
    return [Places(**dict(row)) for row in await conn.fetch(SQL["read_places"], actor.user_id, actor.role, ids)]


async def note_places(conn: Conn, reader_id: UUID, ids: Collection[UUID], via: ReadVia) -> None:
    """One note for each visit of somebody else."""
    await conn.execute(SQL["note_places"], reader_id, list(ids), via)


async def note_places_sent(conn: Conn, reader_id: UUID, ids: Collection[UUID]) -> None:
    """One note for each rep."""
    await conn.execute(SQL["note_places_sent"], reader_id, list(ids))


async def note_all_places_sent(conn: Conn, actor: Actor) -> None:
    """One note for each rep, of all visits in the actor's sight."""
    await conn.execute(SQL["note_all_places_sent"], actor.user_id, actor.role)


async def location_reads(
    conn: Conn, actor: Actor, rep_id: UUID | None, after: Position | None, *, rows_max: int
) -> list[LocationRead]:
    """One page, newest first."""
    rows = await conn.fetch(
        SQL["location_reads"], actor.user_id, actor.role, rep_id, *(after or (None, None)), rows_max
    )
    return [LocationRead(**dict(row)) for row in rows]


async def tenants_with_old_places(conn: Conn, age: timedelta, *, tenants_max: int) -> list[UUID]:
    """Where places are older than `age`."""
    return [row["tenant_id"] for row in await conn.fetch(SQL["tenants_with_old_places"], age, tenants_max)]


async def old_places(conn: Conn, tenant_id: UUID, age: timedelta, *, visits_max: int) -> list[OldPlace]:
    """The oldest, locked."""
    rows = await conn.fetch(SQL["old_places"], tenant_id, age, visits_max)
    return [OldPlace(**dict(row)) for row in rows]


async def forget_places(conn: Conn, visit_ids: Sequence[UUID]) -> None:
    """In history, and in the rows of deleted visits."""
    await conn.execute(SQL["forget_places"], visit_ids)
