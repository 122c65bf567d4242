"""The statements of `snapshot.sql`, one typed function each; no decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit import sql
from fieldbeat.kit.db import Conn

SQL = sql.load(__file__, filename="snapshot.sql")


@dataclass(frozen=True)
class Asking:
    """The device that asks, and the snapshot that it reads already."""

    user_id: UUID
    incarnation: int
    schema_version: int
    wiped_at: datetime | None
    epoch: int
    now: datetime
    stream_id: UUID | None
    as_of: bytes | None
    scopes: str | None
    today: list[list[str]] | None
    started_at: datetime | None


@dataclass(frozen=True)
class Shelf:
    """A scope's head, and the head at which its chunks were built, if there are any."""

    scope_id: str
    head: int
    live_rows: int
    checksum: Decimal
    built_head: int | None
    built_rows: int | None
    built_checksum: Decimal | None


class Place(NamedTuple):
    """Behind which row a reader stands in a scope."""

    collection: str
    record_id: UUID


class Chunk(NamedTuple):
    """Consecutive rows of one collection as a zstd frame, number `n` of the `of` of its set."""

    n: int
    of: int
    collection: str
    last_id: UUID
    live_rows: int
    frame: bytes


class RowKey(NamedTuple):
    """A row of a scope."""

    scope_id: str
    collection: str
    record_id: UUID


class LiveRow(NamedTuple):
    """A live row of a scope as the feed renders it."""

    scope_id: str
    collection: str
    record_id: UUID
    doc: str

    @property
    def key(self) -> RowKey:
        """Which row it is."""
        return RowKey(self.scope_id, self.collection, self.record_id)


class ScopeAt(NamedTuple):
    """What a scope holds at a head."""

    head: int
    live_rows: int
    checksum: Decimal


async def device_that_asks(conn: Conn, tenant_id: UUID, device_id: UUID) -> Asking | None:
    """The device, if there is one."""
    row = await conn.fetchrow(SQL["snapshot_device"], tenant_id, device_id)
    return Asking(**dict(row)) if row else None


async def shelves(conn: Conn, tenant_id: UUID, scopes: Iterable[str], *, version: int) -> dict[str, Shelf]:
    """The heads of scopes; one that nothing was ever published to is absent."""
    rows = await conn.fetch(SQL["shelves"], tenant_id, list(scopes), version)
    return {row["scope_id"]: Shelf(**dict(row)) for row in rows}


async def begin_stream(
    conn: Conn, tenant_id: UUID, device_id: UUID, stream_id: UUID, as_of: bytes, scopes: str, today: Sequence[RowKey]
) -> None:
    """Notes what the device is promised, and which rows it is sent first."""
    first = [[scope_id, collection, str(record_id)] for scope_id, collection, record_id in today]
    await conn.execute(SQL["begin_stream"], tenant_id, device_id, stream_id, as_of, scopes, first)


async def standing_rows(
    conn: Conn, tenant_id: UUID, wanted: Sequence[tuple[str, UUID]], scopes: Iterable[str]
) -> list[RowKey]:
    """The records (collection, id) that stand in one of the scopes, in the order given, each in one scope."""
    collections, ids = [collection for collection, _ in wanted], [record_id for _, record_id in wanted]
    rows = await conn.fetch(SQL["standing_rows"], tenant_id, collections, ids, list(scopes))
    return [RowKey(*row.values()) for row in rows]


async def rows_by_keys(conn: Conn, tenant_id: UUID, keys: Sequence[RowKey], *, bytes_max: int) -> list[LiveRow]:
    """Those of the rows that are live, in the order given."""
    scopes, collections, ids = (
        [key.scope_id for key in keys],
        [key.collection for key in keys],
        [key.record_id for key in keys],
    )
    rows = await conn.fetch(SQL["rows_by_keys"], tenant_id, scopes, collections, ids, bytes_max)
    return [LiveRow(*row.values()) for row in rows]


async def chunks(
    conn: Conn, tenant_id: UUID, scope_id: str, head: int, after: Place, *, version: int, bytes_max: int, rows_max: int
) -> list[Chunk]:
    """Built chunks behind `after`, in order; none when the set is not (or no longer) there."""
    rows = await conn.fetch(SQL["chunks"], tenant_id, scope_id, version, head, *after, bytes_max, rows_max)
    return [Chunk(*row.values()) for row in rows]


async def live_rows(
    conn: Conn, tenant_id: UUID, behind: Sequence[tuple[str, Place]], *, bytes_max: int, rows_max: int
) -> list[LiveRow]:
    """Live rows of scopes in the order given, of each behind its place."""
    scopes = [scope_id for scope_id, _ in behind]
    collections = [place.collection for _, place in behind]
    ids = [place.record_id for _, place in behind]
    rows = await conn.fetch(SQL["live_rows"], tenant_id, scopes, collections, ids, rows_max, bytes_max)
    return [LiveRow(*row.values()) for row in rows]


async def stale_snapshots(
    conn: Conn, *, version: int, rows_min: int, moved_min: int, scopes_max: int
) -> list[tuple[UUID, str]]:
    """Shared scopes of any tenant that are large enough and whose chunks are missing or out of date."""
    rows = await conn.fetch(SQL["stale_snapshots"], version, rows_min, moved_min, scopes_max)
    return [(row["tenant_id"], row["scope_id"]) for row in rows]


async def scope_state(conn: Conn, tenant_id: UUID, scope_id: str) -> ScopeAt | None:
    """Head, count and checksum of a scope."""
    row = await conn.fetchrow(SQL["scope_state"], tenant_id, scope_id)
    return ScopeAt(*row.values()) if row else None


async def add_chunk(
    conn: Conn, tenant_id: UUID, scope_id: str, head: int, n: int, last: Place, frame: bytes, *, version: int, rows: int
) -> None:
    """Writes chunk `n` of a set that is being built; `last` is its last row."""
    await conn.execute(SQL["add_chunk"], tenant_id, scope_id, version, head, n, *last, rows, frame)


async def add_set(conn: Conn, tenant_id: UUID, scope_id: str, at: ScopeAt, *, version: int, chunk_count: int) -> None:
    """The set is complete."""
    await conn.execute(SQL["add_set"], tenant_id, scope_id, version, at.head, at.live_rows, at.checksum, chunk_count)


async def drop_older(
    conn: Conn, tenant_id: UUID, scope_id: str, head: int, *, version: int, kept_for: timedelta
) -> None:
    """Removes sets and chunks before `head`; what was built within `kept_for` stays for those who read it now."""
    await conn.execute(SQL["drop_sets"], tenant_id, scope_id, version, head, kept_for)
    await conn.execute(SQL["drop_chunks"], tenant_id, scope_id, version, head)
