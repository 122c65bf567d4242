"""The snapshot: everything that a device may hold; then it pulls from the snapshot's cursor (docs/protocol.md,
"Snapshot"). Here it is opened, anew or where a token says; `stream.py` sends it.

The heads are fixed first, the rows are read after, each batch in a short transaction of its own. A row that changed
meanwhile stands behind its scope's head, so the pull delivers it, whichever state of it the stream has caught: reading
needs no lock and no long transaction, and a scope may as well come from chunks that were built at an earlier head, when
the cursor says that head. What the reader needs today comes before all scopes (`today.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import orjson

from fieldbeat.exchange import snapshot_store as kept
from fieldbeat.exchange.chunks import START
from fieldbeat.exchange.pull import scope_order
from fieldbeat.exchange.push import AWAY
from fieldbeat.exchange.snapshot_store import Asking, Place, RowKey, Shelf
from fieldbeat.exchange.today import opened, todays_rows
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


class SnapshotExpired(Refusal):
    """This snapshot cannot be resumed any more; start again."""

    code = "SNAPSHOT_EXPIRED"


class SchemaTooOld(Refusal):
    """The server does not speak this schema version any more; update the app."""

    code = "UPGRADE_REQUIRED"


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


def resume_token(snapshot: Snapshot, at: At, key: bytes) -> str:
    """What a reader who has come to `at` shows to go on from there."""
    place = (at.scope_id, at.place.collection, at.place.record_id.bytes)
    packed = msgspec.msgpack.encode([snapshot.stream_id.bytes, *place, at.passed, at.counts, at.lost])
    return seal(_purpose(snapshot.actor), packed, key)


@contextmanager
def telling_outages() -> Iterator[None]:
    """Makes a database that is away an `Outage`: nothing was promised, try again."""
    try:
        yield
    except AWAY as away:
        raise Outage from away


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
    scopes, stream_id = orjson.dumps(states).decode(), uuid7()
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


def _purpose(actor: Actor) -> str:
    return f"sync-snapshot:{actor.tenant_id}:{actor.user_id}"
