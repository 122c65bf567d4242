"""The pull: what changed in the device's scopes since its cursor, one page at a time (docs/protocol.md, "Pull").

One repeatable-read snapshot answers all of it: who the actor is to whom, heads, entries and the device's last seq, so
that the rows of one transaction appear in one checkpoint and an own edit is never seen absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from fieldbeat.exchange import store
from fieldbeat.exchange.model import Device, Problem, ProblemCode, Pull, Pulled, ScopeState
from fieldbeat.exchange.push import AWAY
from fieldbeat.exchange.wording import entries_for
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.seal import SealBroken, seal, unseal
from fieldbeat.territories.reads import scopes_held
from fieldbeat_sync import cursor as cursors
from fieldbeat_sync import limits, scope, versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.cursor import Cursor, Position

RETRY_AFTER_MS = 1_000

_NOTHING_YET = store.Head(0, 0, 0, 0)


@dataclass(frozen=True)
class _Page:
    """The page, and the cursor that it ends at."""

    chunks: list[store.Chunk]
    lost: list[str]
    resynced: list[str]
    after: Cursor
    has_more: bool


async def pull(db: Db, actor: Actor, asked: Pull, *, key: bytes) -> Pulled:
    """One page of changes. A `problem` means that nothing was answered."""
    try:
        return await _answer(db, actor, asked, key=key)
    except AWAY:
        busy = Problem(ProblemCode.BUSY, "The service is busy; ask the same again.", retry_after_ms=RETRY_AFTER_MS)
        # The database's clock is out of reach; a problem's time is read by nobody.
        return _problem(busy, asked, None, datetime.now(UTC))


async def _answer(db: Db, actor: Actor, asked: Pull, *, key: bytes) -> Pulled:
    async with db.reading(actor.tenant_id) as conn:
        epoch, now = await store.epoch_and_now(conn)
        device = await store.device_by_id(conn, actor.tenant_id, asked.device_id)
        problem = _refuse(device, actor, asked)
        if problem or device is None:
            return _problem(problem, asked, device, now)
        before = _open(asked.cursor, actor, epoch, key)
        if isinstance(before, Problem):
            return _problem(before, asked, device, now)
        held = await scopes_held(conn, actor)
        heads = await store.heads(conn, actor.tenant_id, held)
        page = await _page(conn, actor, before, sorted(held, key=scope_order), heads, limit=_limit(asked.limit))
        if page is None:
            message = "This replica is behind the cursor; try again."
            behind = Problem(ProblemCode.BUSY, message, retry_after_ms=RETRY_AFTER_MS)
            return _problem(behind, asked, device, now)
    packed = cursors.encode(page.after)
    if not page.has_more and (page.chunks or device.given is None):
        await _note_given(db, actor, device, packed, now)
    return Pulled(
        cursor=seal(cursor_purpose(actor), packed, key),
        has_more=page.has_more,
        last_seq=device.last_seq,
        server_time=now,
        changes=entries_for(asked.schema_version, _render(page)),
        resync_scopes=tuple(page.resynced),
        scopes=None if page.has_more else _states(held, heads),
    )


def cursor_purpose(actor: Actor) -> str:
    """What a cursor is sealed for: one person of one tenant."""
    return f"sync-cursor:{actor.tenant_id}:{actor.user_id}"


def scope_order(scope_id: str) -> tuple[bool, bool, str]:
    """Sorts scopes: what everything refers to first, then what is one's own, then the rest."""
    return scope_id != scope.TENANT, not scope_id.startswith("user:"), scope_id


async def _page(
    conn: Conn, actor: Actor, before: Cursor, held: list[str], heads: Mapping[str, store.Head], *, limit: int
) -> _Page | None:
    """None when the cursor is ahead of the database that answers."""
    positions = {
        scope_id: before.scopes.get(scope_id, Position(0, _head(heads, scope_id).horizon)) for scope_id in held
    }
    if any(position.seq > _head(heads, scope_id).head for scope_id, position in positions.items()):
        return None
    resynced = [scope_id for scope_id in held if _is_below_horizon(positions[scope_id], _head(heads, scope_id))]
    positions |= {scope_id: Position(0, heads[scope_id].horizon) for scope_id in resynced}
    behind = {scope_id: at.seq for scope_id, at in positions.items() if at.seq < _head(heads, scope_id).head}
    chunks = await store.changes(conn, actor.tenant_id, behind, entries_max=limit) if behind else []
    has_more = sum(chunk.entries for chunk in chunks) >= limit and _is_short(behind, chunks, heads)
    reached = {chunk.scope_id: chunk.seq for chunk in chunks}
    for scope_id, position in positions.items():
        seq = max(position.seq, reached.get(scope_id, 0)) if has_more else _head(heads, scope_id).head
        positions[scope_id] = Position(seq, position.horizon if seq < position.horizon else 0)
    lost = sorted(before.scopes.keys() - positions.keys())
    return _Page(chunks, lost, resynced, replace(before, scopes=positions), has_more)


def _is_below_horizon(position: Position, head: store.Head) -> bool:
    """Whether deletions that the device has not seen may have been collected; not while it reads from nothing."""
    return position.seq < head.horizon and position.horizon < head.horizon


def _is_short(behind: Mapping[str, int], chunks: list[store.Chunk], heads: Mapping[str, store.Head]) -> bool:
    reached = {chunk.scope_id: chunk.seq for chunk in chunks}
    return any(reached.get(scope_id, 0) < heads[scope_id].head for scope_id in behind)


def _refuse(device: Device | None, actor: Actor, asked: Pull) -> Problem | None:
    if device is None or device.user_id != actor.user_id:
        return Problem(ProblemCode.DEVICE_UNKNOWN, "This device is not registered under this user; register it.")
    if device.wiped_at is not None:
        return Problem(ProblemCode.DEVICE_WIPE, "This device was wiped; remove its data.")
    if device.incarnation != asked.incarnation:
        return Problem(ProblemCode.DEVICE_FORKED, "This incarnation was retired; register anew.")
    if not versions.is_served(asked.schema_version):
        spoken = f"schema versions {versions.OLDEST_SERVED} to {SCHEMA.version}"
        return Problem(ProblemCode.UPGRADE_REQUIRED, f"The server speaks {spoken}; update the app.")
    return None


def _open(token: str | None, actor: Actor, epoch: int, key: bytes) -> Cursor | Problem:
    if token is None:
        return Cursor(epoch)
    try:
        cursor = cursors.decode(unseal(cursor_purpose(actor), token, key))
    except (SealBroken, ValueError):
        return Problem(ProblemCode.CURSOR_INVALID, "This cursor was not issued to this user; pull from nothing.")
    if cursor.epoch != epoch:
        return Problem(ProblemCode.EPOCH_CHANGED, "The database was restored; register anew and pull from nothing.")
    return cursor


def _problem(problem: Problem | None, asked: Pull, device: Device | None, now: datetime) -> Pulled:
    last_seq = device.last_seq if device and device.incarnation == asked.incarnation else 0
    return Pulled(asked.cursor or "", False, last_seq, now, problem=problem)


async def _note_given(db: Db, actor: Actor, device: Device, packed: bytes, now: datetime) -> None:
    async with db.writing(actor.tenant_id) as conn:
        await conn.execute("set local synchronous_commit = off")
        await store.note_given(conn, actor.tenant_id, device, packed, now)


def _render(page: _Page) -> bytes:
    gone = [orjson.dumps(_eviction(scope_id)).decode() for scope_id in page.lost]
    return ("[" + ",".join([*gone, *(chunk.body for chunk in page.chunks)]) + "]").encode()


def _eviction(scope_id: str) -> dict[str, Any]:
    """The whole scope was lost: it is no reason for any row any more."""
    return {"scope": scope_id, "collection": None, "id": None, "kind": "EVICT", "rev": 0}


def _states(held: frozenset[str], heads: Mapping[str, store.Head]) -> tuple[ScopeState, ...]:
    found = {scope_id: _head(heads, scope_id) for scope_id in sorted(held, key=scope_order)}
    return tuple(ScopeState(id_, head.head, head.rows, scope.digits(head.checksum)) for id_, head in found.items())


def _head(heads: Mapping[str, store.Head], scope_id: str) -> store.Head:
    return heads.get(scope_id, _NOTHING_YET)


def _limit(asked: int) -> int:
    return min(max(asked, 1), limits.PULL_ROWS_MAX)
