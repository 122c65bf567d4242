"""The lines of an opened snapshot: what its reader needs today, then scope after scope, from chunks or row by row.

Each batch is read in a short transaction of its own; what holds all of it together is the cursor at the end.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import orjson

from fieldbeat.exchange import chunks
from fieldbeat.exchange import snapshot_store as kept
from fieldbeat.exchange.chunks import START
from fieldbeat.exchange.pull import cursor_purpose
from fieldbeat.exchange.snapshot import At, Snapshot, resume_token
from fieldbeat.exchange.snapshot_store import Place
from fieldbeat.exchange.today import read_today
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.seal import seal
from fieldbeat.territories.reads import scopes_held
from fieldbeat_sync import cursor as cursors
from fieldbeat_sync import versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.cursor import Position

BATCH_BYTES_MAX = 2 << 20  # of chunks in memory at once
BATCH_CHUNKS_MAX = 64


@dataclass(frozen=True)
class Line:
    """One line in two parts, of which the first may be there as a zstd frame alone; `last` is always plain."""

    last: bytes
    first: bytes = b""
    frame: bytes | None = None


@dataclass(frozen=True)
class Sent:
    """Consecutive rows of one collection of one scope on their way out: a line without its end, plain or as a frame.

    `passed`: how many of today's rows were sent with it, when it is one of their lines.
    """

    scope_id: str
    place: Place
    rows: int
    passed: int = 0
    first: bytes = b""
    frame: bytes | None = None


async def batches(db: Db, snapshot: Snapshot, *, key: bytes) -> AsyncIterator[list[Line]]:
    """The lines, some at a time; no transaction is open while the caller has them. Each says how to resume after it."""
    at = snapshot.at
    left: Sequence[_Source] = _sources(snapshot)
    yield [_first_line(snapshot, key)]
    while left:
        at, sent, left = await _read(db, snapshot, at, left)
        lines = []
        for each in sent:
            at = _after(at, each)
            lines.append(await _line(each, snapshot, at, key))
        if lines:
            yield lines
    yield [Line(orjson.dumps({"done": True, "counts": at.counts, "cursor": _cursor(snapshot, at.lost, key)}) + b"\n")]


@dataclass(frozen=True)
class _Source:
    """A scope that is still to be read, from where on, and the head of its chunks if it is read from chunks."""

    scope_id: str
    after: Place
    head: int | None


def _sources(snapshot: Snapshot) -> list[_Source]:
    """What is left to be read, in order."""
    scopes = list(snapshot.as_of.scopes)
    begin = scopes.index(snapshot.at.scope_id)
    sources = [_Source(scope_id, START, snapshot.built.get(scope_id)) for scope_id in scopes[begin:]]
    return [replace(sources[0], after=snapshot.at.place), *sources[1:]]


async def _read(
    db: Db, snapshot: Snapshot, at: At, left: Sequence[_Source]
) -> tuple[At, list[Sent], Sequence[_Source]]:
    """Where the reader stands, without the scopes that he has lost; the next rows; and what is left then."""
    sent: list[Sent] = []
    async with db.reading(snapshot.actor.tenant_id) as conn:
        held = await scopes_held(conn, snapshot.actor)
        at = replace(at, lost=at.lost | {source.scope_id for source in left if source.scope_id not in held})
        left = [source for source in left if source.scope_id in held]
        if today := await _read_today(conn, snapshot, at, held):
            return at, today, left
        goes_on = True
        while left and goes_on:
            read = _read_rows if left[0].head is None else _read_chunks
            found, left, goes_on = await read(conn, snapshot, left)
            sent += found
    return replace(at, passed=len(snapshot.today)), sent, left


async def _read_today(conn: Conn, snapshot: Snapshot, at: At, held: frozenset[str]) -> list[Sent]:
    """The next of today's rows."""
    if at.passed == len(snapshot.today):
        return []
    found = await read_today(conn, snapshot.actor.tenant_id, snapshot.today, at.passed, held)
    return [Sent(line.scope_id, line.last, line.rows, passed, line.head) for line, passed in found]


async def _read_rows(
    conn: Conn, snapshot: Snapshot, left: Sequence[_Source]
) -> tuple[list[Sent], Sequence[_Source], bool]:
    """From scopes without chunks, as far as they stand together, less today's rows; whether more fits in this batch."""
    together = list(takewhile(lambda source: source.head is None, left))
    behind = [(source.scope_id, source.after) for source in together]
    rows = await kept.live_rows(
        conn, snapshot.actor.tenant_id, behind, bytes_max=chunks.BYTES_MAX, rows_max=chunks.ROWS_MAX
    )
    was_sent = frozenset(snapshot.today)
    new = chunks.render([row for row in rows if row.key not in was_sent])
    found = [Sent(line.scope_id, line.last, line.rows, first=line.head) for line in new]
    if len(rows) < chunks.ROWS_MAX and sum(len(row.doc.encode()) for row in rows) < chunks.BYTES_MAX:
        return found, left[len(together) :], True
    last = rows[-1]
    reached = [source.scope_id for source in together].index(last.scope_id)
    return found, [replace(left[reached], after=Place(last.collection, last.record_id)), *left[reached + 1 :]], False


async def _read_chunks(
    conn: Conn, snapshot: Snapshot, left: Sequence[_Source]
) -> tuple[list[Sent], Sequence[_Source], bool]:
    """From one scope with chunks. Where they are gone meanwhile, what is missing is read as it is."""
    source, rest = left[0], left[1:]
    assert source.head is not None
    found = await kept.chunks(
        conn,
        snapshot.actor.tenant_id,
        source.scope_id,
        source.head,
        source.after,
        version=SCHEMA.version,
        bytes_max=BATCH_BYTES_MAX,
        rows_max=BATCH_CHUNKS_MAX,
    )
    if not found:
        return [], [replace(source, head=None), *rest], True
    sent = [
        Sent(source.scope_id, Place(each.collection, each.last_id), each.live_rows, frame=each.frame) for each in found
    ]
    is_last = found[-1].n + 1 == found[-1].of
    return sent, rest if is_last else [replace(source, after=sent[-1].place), *rest], False


def _after(at: At, sent: Sent) -> At:
    """How far the reader has come with these rows as well."""
    counts = {**at.counts, sent.place.collection: at.counts.get(sent.place.collection, 0) + sent.rows}
    if sent.passed:
        return replace(at, counts=counts, passed=sent.passed)
    return replace(at, counts=counts, scope_id=sent.scope_id, place=sent.place)


async def _line(sent: Sent, snapshot: Snapshot, at: At, key: bytes) -> Line:
    tail = orjson.dumps({"today": _has_today(snapshot, at), "resume": resume_token(snapshot, at, key)})
    last = b"," + tail[1:] + b"\n"
    if sent.place.collection not in versions.changed_since(snapshot.version):
        return Line(last, sent.first, sent.frame)
    return Line(last, await asyncio.to_thread(_reworded, sent, snapshot.version))


def _has_today(snapshot: Snapshot, at: At) -> bool:
    return at.passed == len(snapshot.today)


def _reworded(sent: Sent, version: int) -> bytes:
    return chunks.lowered(version, chunks.expanded(sent.frame) if sent.frame else sent.first)


def _first_line(snapshot: Snapshot, key: bytes) -> Line:
    first = {
        "asOf": _cursor(snapshot, frozenset(), key),
        "scopes": orjson.Fragment(snapshot.scopes),
        "today": _has_today(snapshot, snapshot.at),
        "resume": resume_token(snapshot, snapshot.at, key),
    }
    return Line(orjson.dumps(first) + b"\n")


def _cursor(snapshot: Snapshot, lost: frozenset[str], key: bytes) -> str:
    """A lost scope is read from nothing if it was gained again, and else evicted."""
    scopes = {id_: Position(0) if id_ in lost else at for id_, at in snapshot.as_of.scopes.items()}
    packed = cursors.encode(replace(snapshot.as_of, scopes=scopes))
    return seal(cursor_purpose(snapshot.actor.tenant_id, snapshot.actor.user_id), packed, key)
