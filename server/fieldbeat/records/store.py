"""The statements of `queries.sql`, one typed function each; no decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from fieldbeat.kit import sql
from fieldbeat.kit.db import Conn
from fieldbeat.records.model import Conflict, Given, Kept, Key, Row, Wrote
from fieldbeat_sync import clock, codec
from fieldbeat_sync.mutation import Author, Stamp, Version
from fieldbeat_sync.record import Record

SQL = sql.load(__file__)
_ENDLESS = (1 << 62) - 1


class PastRow(NamedTuple):
    """What history tells about one stale edit."""

    foreign_rev: int
    seen_ms: int | None
    uncovered: Stamp | None


class Stale(NamedTuple):
    """An edit that had not seen all of its record. `knows`: it was made after its author was given his `Given`."""

    key: Key
    base_rev: int
    knows: bool


class WriteRef(NamedTuple):
    """Names the write of a value: the record's rev, the replica, the hybrid time."""

    key: Key
    rev: int
    replica: int
    hlc: int


@dataclass(frozen=True)
class Stored:
    """A record as it stands in its table."""

    record: Record
    created_at: datetime


async def now(conn: Conn) -> datetime:
    """The database's clock."""
    instant: datetime = await conn.fetchval(SQL["now"])
    return instant


async def lock_records(conn: Conn, tenant_id: UUID, kept: Kept, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """The records of one collection among `ids`, locked in the order of their ids; absent ones are absent."""
    rows = await conn.fetch(SQL["lock_records"].replace("{table}", kept.table), tenant_id, sorted(ids))
    return {row["id"]: _stored(row) for row in rows}


async def set_aside(conn: Conn, tenant_id: UUID, kept: Kept, ids: Sequence[UUID], at: datetime) -> None:
    """Frees the unique values of records that are saved again in this transaction."""
    await conn.execute(SQL["set_aside"].replace("{table}", kept.table), tenant_id, list(ids), at)


async def save_records(conn: Conn, tenant_id: UUID, kept: Kept, records: Mapping[UUID, Record], at: datetime) -> None:
    """Inserts or replaces rows of one collection."""
    ids = sorted(records)
    await conn.execute(
        SQL["save_records"].replace("{table}", kept.table),
        tenant_id,
        ids,
        [records[id_].rev for id_ in ids],
        [_json(records[id_].row) for id_ in ids],
        [codec.encode_stamps(records[id_]) for id_ in ids],
        at,
        [not records[id_].alive for id_ in ids],
    )


async def create_records(
    conn: Conn, tenant_id: UUID, kept: Kept, rows: Mapping[UUID, Row], stamps: bytes, at: datetime
) -> None:
    """Inserts new rows of one collection that share their stamps."""
    statement = SQL["create_records"].replace("{table}", kept.table)
    await conn.execute(statement, tenant_id, list(rows), [_json(row) for row in rows.values()], stamps, at)


async def write_creations(
    conn: Conn, tenant_id: UUID, collection: str, carried: Mapping[UUID, Mapping[str, object]],
    filled: Mapping[str, object], *, hlc: int, actor_id: UUID, at: datetime,
) -> None:  # fmt: skip
    """Appends the history of records that the server made together; what it filled in stands as its own."""
    wrote = [_json({"CREATED": each, "SERVER": filled}) for each in carried.values()]
    await conn.execute(SQL["write_creations"], tenant_id, collection, list(carried), wrote, hlc, actor_id, at)


async def keep_alive(
    conn: Conn, tenant_id: UUID, parent: Kept, collection: str, parents: Mapping[UUID, UUID], *,
    hlc: int, actor_id: UUID, at: datetime,
) -> None:  # fmt: skip
    """Notes at each parent that a child of it was made."""
    statement = SQL["keep_alive"].replace("{table}", parent.table)
    await conn.execute(
        statement, tenant_id, parent.schema.name, collection, list(parents), list(parents.values()), hlc, actor_id, at
    )


async def unique_holders(conn: Conn, tenant_id: UUID, kept: Kept, field: str, values: Sequence[str]) -> dict[str, UUID]:
    """Which live record holds each of `values` in a unique field."""
    statement = SQL["unique_holders"].replace("{table}", kept.table).replace("{column}", sql.column_of(field))
    return {row["value"]: row["id"] for row in await conn.fetch(statement, tenant_id, list(values))}


async def pasts(
    conn: Conn, tenant_id: UUID, author: Author, stale: Sequence[Stale], *, scopes: Sequence[str], given: Given
) -> list[PastRow]:
    """For each stale edit what history adds, in the order given; `scopes`: where children of deleted records live."""
    seqs_given = dict.fromkeys(scopes, _ENDLESS) if given.seqs is None else given.seqs
    replicas, seqs = _own(author)
    rows = await conn.fetch(
        SQL["pasts"],
        tenant_id,
        [each.key.collection for each in stale],
        [each.key.id for each in stale],
        [each.base_rev for each in stale],
        replicas,
        seqs,
        list(seqs_given),
        list(seqs_given.values()),
        [each.knows for each in stale],
        list(scopes),
    )
    return [_past(row) for row in rows]


async def versions(
    conn: Conn, tenant_id: UUID, author: Author, wanted: Sequence[tuple[Key, str, int]]
) -> list[tuple[Key, str, Version]]:
    """For each (record, field, base_rev) the versions that an edit of `author` may have seen."""
    replicas, seqs = _own(author)
    rows = await conn.fetch(
        SQL["versions"],
        tenant_id,
        [key.collection for key, _, _ in wanted],
        [key.id for key, _, _ in wanted],
        [name for _, name, _ in wanted],
        [base_rev for _, _, base_rev in wanted],
        replicas,
        seqs,
    )
    return [(*wanted[row["n"] - 1][:2], Version(row["value"], _stamp(row))) for row in rows]


async def write_history(conn: Conn, tenant_id: UUID, writes: Sequence[Wrote], at: datetime) -> None:
    """Appends rows of history."""
    await conn.execute(
        SQL["write_history"],
        tenant_id,
        at,
        [w.key.collection for w in writes],
        [w.key.id for w in writes],
        [w.field for w in writes],
        [w.rev for w in writes],
        [w.replica for w in writes],
        [w.seq for w in writes],
        [w.hlc for w in writes],
        [w.rank for w in writes],
        [w.epoch for w in writes],
        [_json(w.value) for w in writes],
        [w.actor_id for w in writes],
        [w.device_id for w in writes],
        [w.outcome for w in writes],
        [w.rule for w in writes],
        [w.timing for w in writes],
    )


async def open_conflicts(conn: Conn, tenant_id: UUID, keys: Sequence[Key]) -> list[Conflict]:
    """The open conflicts of these records, locked."""
    rows = await conn.fetch(
        SQL["open_conflicts"], tenant_id, [key.collection for key in keys], [key.id for key in keys]
    )
    return [Conflict(**dict(row)) for row in rows]


async def conflicts_of_fields(
    conn: Conn, tenant_id: UUID, collection: str, record_ids: Sequence[UUID], fields: Sequence[str]
) -> list[Conflict]:
    """The conflicts about these fields, settled ones too, locked."""
    rows = await conn.fetch(SQL["conflicts_of_fields"], tenant_id, collection, record_ids, fields)
    return [Conflict(**dict(row)) for row in rows]


async def conflict_by_id(conn: Conn, tenant_id: UUID, conflict_id: UUID) -> Conflict | None:
    """One conflict, locked."""
    row = await conn.fetchrow(SQL["conflict_by_id"], tenant_id, conflict_id)
    return Conflict(**dict(row)) if row else None


async def save_conflicts(conn: Conn, tenant_id: UUID, conflicts: Sequence[Conflict], at: datetime) -> None:
    """Inserts or replaces conflicts."""
    await conn.execute(
        SQL["save_conflicts"],
        tenant_id,
        at,
        [c.id for c in conflicts],
        [c.rev for c in conflicts],
        [_json(c.fields) for c in conflicts],
        [c.winner_replica for c in conflicts],
        [c.loser_replica for c in conflicts],
        [c.record_rev for c in conflicts],
        [c.winner_rev for c in conflicts],
        [c.loser_rev for c in conflicts],
    )


async def writers(conn: Conn, tenant_id: UUID, writes: Sequence[WriteRef]) -> dict[WriteRef, Row]:
    """Who made each write: `{"id", "name"}` as conflicts carry it."""
    rows = await conn.fetch(
        SQL["writers"],
        tenant_id,
        [write.key.collection for write in writes],
        [write.key.id for write in writes],
        [write.rev for write in writes],
        [write.replica for write in writes],
        [write.hlc for write in writes],
    )
    return {writes[row["n"] - 1]: {"id": str(row["id"]), "name": row["name"]} for row in rows}


def _json(value: object) -> str:
    """JSON for an array of documents, which the driver takes as text alone."""
    return orjson.dumps(value).decode()


def _stored(row: asyncpg.Record) -> Stored:
    changed_ms = clock.to_ms(row["changed_at"])
    record = codec.decode_record(rev=row["rev"], row=row["fields"], stamps=row["stamps"], changed_ms=changed_ms)
    return Stored(record, row["created_at"])


def _past(row: asyncpg.Record) -> PastRow:
    seen_ms = clock.to_ms(row["seen_at"]) if row["seen_at"] else None
    uncovered = Stamp(row["replica"], row["seq"], row["rev"], row["hlc"]) if row["rev"] is not None else None
    return PastRow(row["foreign_rev"] or 0, seen_ms, uncovered)


def _stamp(row: asyncpg.Record) -> Stamp:
    return Stamp(row["replica"], row["seq"], row["rev"], row["hlc"], row["rank"], row["epoch"])


def _own(author: Author) -> tuple[list[int], list[int]]:
    """The author's own dots as (replica, greatest seq); the server owns none."""
    own = {**author.own, **({author.replica: _ENDLESS} if author.replica else {})}
    return list(own), list(own.values())
