"""The statements of `lookups.sql`, one typed function each; no decisions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from fieldbeat.exchange.model import ConflictSide, ConflictView, FieldWrite, Rejection, SyncActor
from fieldbeat.kit import sql
from fieldbeat.kit.db import Conn
from fieldbeat_sync.clock import instant_of

SQL = sql.load(__file__, filename="lookups.sql")


async def conflicts_page(
    conn: Conn, tenant_id: UUID, scopes: Iterable[str], *, status: str | None, after: UUID | None, rows_max: int
) -> list[ConflictView]:
    """Conflicts of records in `scopes`, newest first."""
    rows = await conn.fetch(SQL["conflicts_page"], tenant_id, list(scopes), status, after, rows_max)
    return [_conflict(row) for row in rows]


async def conflicts_by_ids(
    conn: Conn, tenant_id: UUID, scopes: Iterable[str], ids: Iterable[UUID]
) -> dict[UUID, ConflictView]:
    """The conflicts among `ids` in `scopes`."""
    rows = await conn.fetch(SQL["conflicts_by_ids"], tenant_id, list(scopes), list(ids))
    return {row["id"]: _conflict(row) for row in rows}


async def rejections_page(
    conn: Conn, tenant_id: UUID, user_ids: Iterable[UUID], *, after: tuple[datetime, int, int] | None, rows_max: int
) -> list[Rejection]:
    """Parked payloads of some people, newest first."""
    rows = await conn.fetch(SQL["rejections_page"], tenant_id, list(user_ids), *(after or (None, None, None)), rows_max)
    return [_rejection(row) for row in rows]


async def field_history(
    conn: Conn, tenant_id: UUID, collection: str, record_id: UUID, name: str, *, rows_max: int
) -> list[FieldWrite]:
    """Every write of a field, newest first."""
    rows = await conn.fetch(SQL["field_history"], tenant_id, collection, record_id, name, rows_max)
    return [_field_write(row) for row in rows]


async def creation(conn: Conn, tenant_id: UUID, collection: str, record_id: UUID) -> FieldWrite | None:
    """The write that created a record."""
    row = await conn.fetchrow(SQL["creation"], tenant_id, collection, record_id)
    return _field_write(row) if row else None


def _conflict(row: asyncpg.Record) -> ConflictView:
    fields = row["fields"]
    return ConflictView(
        id=row["id"],
        rev=row["rev"],
        collection=fields["collection"],
        record_id=UUID(fields["recordId"]),
        field=fields["field"],
        policy=fields["policy"],
        status=fields["status"],
        winner=_side(fields["winner"]),
        loser=_side(fields["loser"]),
        created_at=datetime.fromisoformat(fields["createdAt"]),
        resolved_at=datetime.fromisoformat(fields["resolvedAt"]) if fields["resolvedAt"] else None,
    )


def _side(side: Mapping[str, Any]) -> ConflictSide:
    actor = SyncActor(UUID(side["actor"]["id"]), side["actor"]["name"]) if side["actor"] else None
    return ConflictSide(side["value"], datetime.fromisoformat(side["at"]), side["replica"], actor)


def _rejection(row: asyncpg.Record) -> Rejection:
    return Rejection(
        uuid=row["uuid"],
        collection=row["collection"],
        record_id=row["record_id"],
        op=row["op"],
        patch=row["patch"],
        code=row["code"],
        message=row["message"],
        fields=tuple(row["fields"]),
        at=row["at"],
        settled_at=row["settled_at"],
        position=(row["settled_at"], row["replica"], row["seq"]),
        user=SyncActor(row["user_id"], row["user_name"]),
        device=SyncActor(row["device_id"], row["device_name"]),
    )


def _field_write(row: asyncpg.Record) -> FieldWrite:
    return FieldWrite(
        value=row["value"],
        rev=row["rev"],
        at=instant_of(row["hlc"]),
        applied_at=row["applied_at"],
        replica=row["replica"],
        actor=SyncActor(row["actor_id"], row["actor_name"]),
        outcome=row["outcome"],
        rule=row["rule"],
    )
