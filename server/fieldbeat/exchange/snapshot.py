"""The snapshot: everything that a device may hold, as a stream of lines; then it pulls from the snapshot's cursor
(docs/protocol.md, "Snapshot").

The heads are fixed first, the rows are read after, each batch in a short transaction of its own. A row that changed
meanwhile stands behind its scope's head, so the pull delivers it, whichever state of it the stream has caught: reading
needs no lock and no long transaction, and a scope may as well come from chunks that were built at an earlier head, when
the cursor says that head. What the reader needs today comes before all scopes (`today.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

import msgspec
import orjson

from fieldbeat.exchange import chunks
from fieldbeat.exchange import snapshot_store as kept
from fieldbeat.exchange.chunks import START
from fieldbeat.exchange.pull import cursor_purpose, scope_order
from fieldbeat.exchange.push import AWAY
from fieldbeat.exchange.snapshot_store import Asking, Place, RowKey, Shelf
from fieldbeat.exchange.today import opened, read_today, todays_rows
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Forbidden, NotFound, Outage, Refusal
from fieldbeat.kit.seal import SealBroken, seal, unseal
from fieldbeat.territories.reads import scopes_held
from fieldbeat.visits.sightings import note_all_sent
from fieldbeat_sync import cursor as cursors
from fieldbeat_sync import scope, versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.cursor import Cursor, Position
from fieldbeat_sync.schema import Role

RESUMABLE_FOR = timedelta(hours=24)
BATCH_BYTES_MAX = 2 << 20  # of chunks in memory at once
BATCH_CHUNKS_MAX = 64


class SnapshotExpired(Refusal):
    """This snapshot cannot be resumed any more; start again."""

    code = "SNAPSHOT_EXPIRED"


class SchemaTooOld(Refusal):
    """The server does not speak this schema version any more; update the app."""

    code = "UPGRADE_REQUIRED"


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


@dataclass(frozen=True)
class At:
    """How far a reader has come: the scope, the place in it, how many rows of each collection he was sent.

    `passed`: how many of today's rows he was sent. `lost`: scopes that were not sent to their end, as he had lost them
    by then.
    """

    scope_id: str
    place: Place = START
    passed: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()

    def after(self, sent: Sent) -> "At":
        """He has these rows as well."""
        collection = sent.place.collection
        counts = {**self.counts, collection: self.counts.get(collection, 0) + sent.rows}
        if sent.passed:
            return replace(self, counts=counts, passed=sent.passed)
        return replace(self, counts=counts, scope_id=sent.scope_id, place=sent.place)


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that was opened: what it promises, in whose words, and from where on it is sent.

    `today`: the rows that are sent first. `built`: scopes that are sent by chunks, with the heads of these.
    """

    actor: Actor
    version: int
    stream_id: UUID
    as_of: Cursor
    scopes: str
    today: Sequence[RowKey]
    built: Mapping[str, int]
    at: At


async def open_snapshot(
    db: Db, actor: Actor, device_id: UUID, *, resume: str | None, version: int | None = None, key: bytes
) -> Snapshot:
    """Fixes what the device will be sent, or finds what it was being sent. `version`: another than it registered with.

    Refuses NOT_FOUND (no device of the actor), FORBIDDEN (wiped), UPGRADE_REQUIRED, SNAPSHOT_EXPIRED.
    """
    async with db.writing(actor.tenant_id) as conn:
        asking = await kept.device_that_asks(conn, actor.tenant_id, device_id)
        if asking is None or asking.user_id != actor.user_id or not asking.incarnation:
            raise NotFound(fields=("deviceId",))
        if asking.wiped_at is not None:
            raise Forbidden("This device was wiped; remove its data.")
        version = asking.schema_version if version is None else version
        if not versions.is_served(version):
            raise SchemaTooOld
        at = _resumed(asking, actor, resume, key) if resume is not None else None
        held = await scopes_held(conn, actor)
        shelves = await kept.shelves(conn, actor.tenant_id, held, version=SCHEMA.version)
        if at is not None:
            return _going_on(asking, actor, version, shelves, at)
        return await _begun(conn, asking, actor, version, device_id, sorted(held, key=scope_order), shelves)


@contextmanager
def telling_outages() -> Iterator[None]:
    """Makes a database that is away an `Outage`: nothing was promised, try again."""
    try:
        yield
    except AWAY as away:
        raise Outage from away


async def batches(db: Db, snapshot: Snapshot, *, key: bytes) -> AsyncIterator[list[Line]]:
    """The lines, some at a time; no transaction is open while the caller has them. Each says how to resume after it."""
    at = snapshot.at
    left: Sequence[_Source] = _sources(snapshot)
    yield [_first_line(snapshot, key)]
    while left:
        at, sent, left = await _read(db, snapshot, at, left)
        lines = []
        for each in sent:
            at = at.after(each)
            lines.append(await _line(each, snapshot, at, key))
        if lines:
            yield lines
    yield [Line(_dump({"done": True, "counts": at.counts, "cursor": _cursor(snapshot, at.lost, key)}) + b"\n")]


@dataclass(frozen=True)
class _Source:
    """A scope that is still to be read, from where on, and the head of its chunks if it is read from chunks."""

    scope_id: str
    after: Place
    head: int | None


async def _begun(
    conn: Conn,
    asking: Asking,
    actor: Actor,
    version: int,
    device_id: UUID,
    held: Sequence[str],
    shelves: Mapping[str, Shelf],
) -> Snapshot:
    heads = {scope_id: _promised(shelves[scope_id]) for scope_id in held if scope_id in shelves}
    positions = {scope_id: Position(heads[scope_id][0] if scope_id in heads else 0) for scope_id in held}
    as_of = Cursor(asking.epoch, positions)
    states = {
        scope_id: {"head": str(head), "rows": rows, "checksum": scope.digits(int(checksum))}
        for scope_id, (head, rows, checksum) in heads.items()
    }
    scopes, stream_id = _dump(states).decode(), uuid7()
    today = await todays_rows(conn, actor, held, now=asking.now)
    if actor.role is not Role.REP:
        await note_all_sent(conn, actor)
    await kept.begin_stream(conn, actor.tenant_id, device_id, stream_id, cursors.encode(as_of), scopes, today)
    built = {scope_id: shelf.built_head for scope_id, shelf in shelves.items() if shelf.built_head is not None}
    return Snapshot(actor, version, stream_id, as_of, scopes, today, built, At(held[0]))


def _promised(shelf: Shelf) -> tuple[int, int, Any]:
    if shelf.built_head is None or shelf.built_rows is None:
        return shelf.head, shelf.live_rows, shelf.checksum
    return shelf.built_head, shelf.built_rows, shelf.built_checksum


def _going_on(asking: Asking, actor: Actor, version: int, shelves: Mapping[str, Shelf], at: At) -> Snapshot:
    assert asking.stream_id is not None
    assert asking.as_of is not None
    assert asking.scopes is not None
    assert asking.today is not None
    as_of = cursors.decode(asking.as_of)
    # Chunks of the promised head, if they are there still; else the rows are read as they are now.
    built = {
        scope_id: as_of.scopes[scope_id].seq
        for scope_id, shelf in shelves.items()
        if shelf.built_head is not None and scope_id in as_of.scopes
    }
    return Snapshot(actor, version, asking.stream_id, as_of, asking.scopes, opened(asking.today), built, at)


def _resumed(asking: Asking, actor: Actor, token: str, key: bytes) -> At:
    try:
        packed = unseal(_purpose(actor), token, key)
        stream_id, scope_id, collection, record_id, passed, counts, lost = msgspec.msgpack.decode(
            packed, type=tuple[bytes, str, str, bytes, int, dict[str, int], frozenset[str]]
        )
    except (SealBroken, msgspec.MsgspecError):
        raise SnapshotExpired from None
    if asking.stream_id is None or asking.as_of is None or asking.started_at is None:
        raise SnapshotExpired
    if stream_id != asking.stream_id.bytes or asking.now - asking.started_at > RESUMABLE_FOR:
        raise SnapshotExpired
    if cursors.decode(asking.as_of).epoch != asking.epoch:
        raise SnapshotExpired
    return At(scope_id, Place(collection, UUID(bytes=record_id)), passed, counts, lost)


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


async def _line(sent: Sent, snapshot: Snapshot, at: At, key: bytes) -> Line:
    tail = _dump({"today": _has_today(snapshot, at), "resume": _token(snapshot, at, key)})
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
        "resume": _token(snapshot, snapshot.at, key),
    }
    return Line(_dump(first) + b"\n")


def _cursor(snapshot: Snapshot, lost: frozenset[str], key: bytes) -> str:
    """A lost scope is read from nothing if it was gained again, and else evicted."""
    scopes = {id_: Position(0) if id_ in lost else at for id_, at in snapshot.as_of.scopes.items()}
    packed = cursors.encode(replace(snapshot.as_of, scopes=scopes))
    return seal(cursor_purpose(snapshot.actor.tenant_id, snapshot.actor.user_id), packed, key)


def _token(snapshot: Snapshot, at: At, key: bytes) -> str:
    place = (at.scope_id, at.place.collection, at.place.record_id.bytes)
    packed = msgspec.msgpack.encode([snapshot.stream_id.bytes, *place, at.passed, at.counts, at.lost])
    return seal(_purpose(snapshot.actor), packed, key)


def _purpose(actor: Actor) -> str:
    return f"sync-snapshot:{actor.tenant_id}:{actor.user_id}"


def _dump(value: object) -> bytes:
    return orjson.dumps(value)
