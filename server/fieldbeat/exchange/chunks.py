"""Rows of a scope as lines of a snapshot, and the compressed lines that the worker builds of large shared scopes.

A line is stored without its end: the token by which its reader goes on after it is his own, so it is added, as a zstd
frame of its own, when the line is sent. Frames one behind the other are one stream (RFC 8878 section 3.1).
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import zstandard

from fieldbeat.exchange import snapshot_store as store
from fieldbeat.exchange.snapshot_store import LiveRow, Place, ScopeAt
from fieldbeat.kit.db import Conn, Db
from fieldbeat_sync import versions
from fieldbeat_sync.catalogue import SCHEMA

ROWS_MAX = 500  # of a line
BYTES_MAX = 1 << 20  # of the documents of a line; a single larger one still is a line
LEVEL = 3
BUILT_FROM_ROWS = 500  # smaller scopes are read as they are
MOVED_MIN = 500  # entries behind which a set is built anew (or a tenth of the scope, if that is more)
KEPT_FOR = timedelta(hours=1)  # an old set, for those who read it when it was replaced
SETS_A_RUN_MAX = 20
_RAW_BYTES_MAX = 1_000  # more is worth compressing

START = Place("", UUID(int=0))


class Rendered(NamedTuple):
    """Consecutive rows of one collection of one scope, as a line without its end."""

    scope_id: str
    last: Place
    rows: int
    head: bytes


def render(rows: Sequence[LiveRow]) -> Iterator[Rendered]:
    """The lines of rows that stand in order: a line ends where the scope or the collection does."""
    for (scope_id, collection), own in groupby(rows, key=attrgetter("scope_id", "collection")):
        yield _line(scope_id, collection, list(own))


def compressed(content: bytes) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(content)


def framed(content: bytes) -> bytes:
    """A few bytes as a zstd frame that holds them as they are: one raw block (RFC 8878 section 3.1.1)."""
    size = len(content)
    if not size or size > _RAW_BYTES_MAX:
        return compressed(content)
    # The descriptor says that one segment holds all, and that its size stands in one byte, or in two, less 256.
    stated = b"\x20" + size.to_bytes(1, "little") if size < 256 else b"\x60" + (size - 256).to_bytes(2, "little")
    return zstandard.FRAME_HEADER + stated + (size << 3 | 1).to_bytes(3, "little") + content


def expanded(frame: bytes) -> bytes:
    """What `compressed` was given."""
    return zstandard.ZstdDecompressor().decompress(frame)


def lowered(version: int, head: bytes) -> bytes:
    """A line without its end in the words of an older app."""
    line = orjson.loads(head + b"}")
    columns, rows = versions.lower_block(version, line["collection"], line["columns"], line["rows"])
    return orjson.dumps({**line, "columns": columns, "rows": rows})[:-1]


async def rebuild_stale(db: Db) -> int:
    """Builds the sets of large shared scopes, of any tenant, that are missing or out of date; returns how many."""
    async with db.unscoped() as conn:
        stale = await store.stale_snapshots(
            conn,
            version=SCHEMA.version,
            rows_min=BUILT_FROM_ROWS,
            moved_min=MOVED_MIN,
            scopes_max=SETS_A_RUN_MAX,
        )
    for tenant_id, scope_id in stale:
        await build(db, tenant_id, scope_id)
    return len(stale)


async def build(db: Db, tenant_id: UUID, scope_id: str) -> int | None:
    """Builds the set of a scope as it stands now and returns its head; None when nothing was ever published to it.

    One repeatable-read snapshot is read, a line at a time; the set is served once its last chunk is written.
    """
    async with db.reading(tenant_id) as conn:
        at = await store.scope_state(conn, tenant_id, scope_id)
        if at is None:
            return None
        count = await _build_chunks(db, conn, tenant_id, scope_id, at)
    async with db.writing(tenant_id) as conn:
        await store.add_set(conn, tenant_id, scope_id, at, version=SCHEMA.version, chunk_count=count)
        await store.drop_older(conn, tenant_id, scope_id, at.head, version=SCHEMA.version, kept_for=KEPT_FOR)
    return at.head


async def _build_chunks(db: Db, conn: Conn, tenant_id: UUID, scope_id: str, at: ScopeAt) -> int:
    n, after = 0, START
    while rows := await store.live_rows(conn, tenant_id, [(scope_id, after)], bytes_max=BYTES_MAX, rows_max=ROWS_MAX):
        for line in render(rows):
            frame = await asyncio.to_thread(compressed, line.head)
            async with db.writing(tenant_id) as write:
                await store.add_chunk(
                    write, tenant_id, scope_id, at.head, n, line.last, frame, version=SCHEMA.version, rows=line.rows
                )
            n, after = n + 1, line.last
    return n


def _line(scope_id: str, collection: str, rows: Sequence[LiveRow]) -> Rendered:
    entries = [orjson.loads("{" + row.doc + "}") for row in rows]
    columns = _columns(collection, [entry["row"] for entry in entries])
    body = {
        "scope": scope_id,
        "collection": collection,
        "columns": columns,
        "rows": [[entry["row"].get(name) for name in columns] for entry in entries],
        "clocks": [entry["clock"] for entry in entries],
    }
    return Rendered(scope_id, Place(collection, rows[-1].record_id), len(rows), orjson.dumps(body)[:-1])


def _columns(collection: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    """The declared fields, and behind them what only a newer version of the server knows."""
    declared = ["id", "rev", *SCHEMA.collections[collection].by_name]
    known = set(declared)
    return declared + sorted({name for row in rows for name in row if name not in known})
