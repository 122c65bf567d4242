"""The pull: what changed in the device's scopes since its cursor, one page at a time (docs/protocol.md, "Pull").

One repeatable-read snapshot answers all of it: who the actor is to whom, heads, entries and the device's last seq, so
that the rows of one transaction appear in one checkpoint and an own edit is never seen absent.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from fieldbeat.exchange.model import Problem, ProblemCode, Pull, Pulled, ScopeState
from fieldbeat.exchange.page import Asking, Chunk, Head, Reader, note_given, read_page
from fieldbeat.exchange.push import AWAY
from fieldbeat.exchange.wording import entries_for
from fieldbeat.kit import metrics
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.seal import SealBroken, seal, unseal
from fieldbeat.people.model import Standing, Unauthenticated
from fieldbeat.people.sessions import signed_in_by
from fieldbeat.people.tokens import Claims
from fieldbeat.visits.sightings import note_sent, placed_in
from fieldbeat_sync import cursor as cursors
from fieldbeat_sync import limits, scope, versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.cursor import Cursor, Position
from fieldbeat_sync.schema import Role

RETRY_AFTER_MS = 1_000

_NO_EPOCH = 0


@dataclass(frozen=True)
class _Page:
    """The page, and the cursor that it ends at."""

    chunks: list[Chunk]
    lost: list[str]
    resynced: list[str]
    after: Cursor
    has_more: bool


async def pull(db: Db, actor: Actor, asked: Pull, *, key: bytes) -> Pulled:
    """One page of changes. A `problem` means that nothing was answered."""
    return await _pull(db, Reader(actor.tenant_id, actor.user_id, role=actor.role), None, asked, key)


async def pull_by_claims(db: Db, claims: Claims, asked: Pull, *, key: bytes) -> Pulled:
    """One page for the bearer of a token, whose session is read with it. Refuses (`Unauthenticated`)."""
    reader = Reader(claims.tenant_id, claims.user_id, family_id=claims.family_id)
    return await _pull(db, reader, claims, asked, key)


async def _pull(db: Db, reader: Reader, claims: Claims | None, asked: Pull, key: bytes) -> Pulled:
    pulled = await _answered(db, reader, claims, asked, key)
    metrics.PULLS.labels(pulled.problem.code if pulled.problem else "none").inc()
    return pulled


async def _answered(db: Db, reader: Reader, claims: Claims | None, asked: Pull, key: bytes) -> Pulled:
    try:
        return await _answer(db, reader, claims, asked, key)
    except AWAY:
        busy = Problem(ProblemCode.BUSY, "The service is busy; ask the same again.", retry_after_ms=RETRY_AFTER_MS)
        # The database's clock is out of reach; a problem's time is read by nobody.
        return _problem(busy, asked, None, datetime.now(UTC))


async def _answer(db: Db, reader: Reader, claims: Claims | None, asked: Pull, key: bytes) -> Pulled:
    purpose, limit = cursor_purpose(reader.tenant_id, reader.user_id), _limit(asked.limit)
    before = _open(asked.cursor, purpose, key)
    since = before.scopes if before else {}
    about, chunks = await read_page(db, reader, asked, since, entries_max=limit if before else 0)
    if claims is not None and signed_in_by(claims, about.session).push_only:
        raise Unauthenticated
    device, heads = about.device, about.scopes
    problem = _refuse(device, reader, asked) or _outdated(before, about.epoch)
    if problem or device is None or heads is None:
        return _problem(problem, asked, device, about.now)
    assert before is not None, "it would be CURSOR_INVALID"
    page = _page(replace(before, epoch=about.epoch), heads, chunks, limit=limit)
    if page is None:
        message = "This replica is behind the cursor; try again."
        behind = Problem(ProblemCode.BUSY, message, retry_after_ms=RETRY_AFTER_MS)
        return _problem(behind, asked, device, about.now)
    await _note_places(db, reader, about.session, page.chunks)
    packed = cursors.encode(page.after)
    if not page.has_more and (page.chunks or not device.was_given):
        await note_given(db, reader, asked, packed, about.now)
    return Pulled(
        cursor=seal(purpose, packed, key),
        has_more=page.has_more,
        last_seq=device.last_seq,
        server_time=about.now,
        changes=entries_for(asked.schema_version, _render(page)),
        resync_scopes=tuple(page.resynced),
        scopes=None if page.has_more else tuple(map(_state, heads)),
    )


async def _note_places(db: Db, reader: Reader, session: Standing | None, chunks: list[Chunk]) -> None:
    """Before they leave for who leads others; a rep is sent his work."""
    if (session.role if session else reader.role) == Role.REP:
        return
    found = [placed_in(_entries(chunk)) for chunk in chunks if chunk.marked]
    if visit_ids := frozenset().union(*found):
        async with db.writing(reader.tenant_id) as conn:
            await note_sent(conn, reader.user_id, visit_ids)


def _entries(chunk: Chunk) -> Any:
    return orjson.loads("".join(("[", *chunk.rendered(), "]")))


def cursor_purpose(tenant_id: UUID, user_id: UUID) -> str:
    """What a cursor is sealed for: one person of one tenant."""
    return f"sync-cursor:{tenant_id}:{user_id}"


def scope_order(scope_id: str) -> tuple[bool, bool, str]:
    """Sorts scopes: what everything refers to first, then what is one's own, then the rest."""
    return scope_id != scope.TENANT, not scope_id.startswith("user:"), scope_id


def _page(before: Cursor, heads: list[Head], chunks: list[Chunk], *, limit: int) -> _Page | None:
    """None when the cursor is ahead of the database that answers."""
    positions = {each.id: before.scopes.get(each.id, Position(0, each.horizon)) for each in heads}
    if any(positions[each.id].seq > each.head for each in heads):
        return None
    resynced = [each for each in heads if _is_below_horizon(positions[each.id], each)]
    positions |= {each.id: Position(0, each.horizon) for each in resynced}
    reached = {chunk.scope_id: chunk.seq for chunk in chunks}
    short = any(max(positions[each.id].seq, reached.get(each.id, 0)) < each.head for each in heads)
    has_more = short and sum(chunk.entries for chunk in chunks) >= limit
    for each in heads:
        position = positions[each.id]
        seq = max(position.seq, reached.get(each.id, 0)) if has_more else each.head
        positions[each.id] = Position(seq, position.horizon if seq < position.horizon else 0)
    lost = sorted(before.scopes.keys() - positions.keys())
    return _Page(chunks, lost, [each.id for each in resynced], replace(before, scopes=positions), has_more)


def _is_below_horizon(position: Position, head: Head) -> bool:
    """Whether deletions that the device has not seen may have been collected; not while it reads from nothing.

    The statement of the page begins such a scope at 0 by the same rule.
    """
    return position.seq < head.horizon and position.horizon < head.horizon


def _refuse(device: Asking | None, reader: Reader, asked: Pull) -> Problem | None:
    if device is None or device.user_id != reader.user_id:
        return Problem(ProblemCode.DEVICE_UNKNOWN, "This device is not registered under this user; register it.")
    if device.wiped_at is not None:
        return Problem(ProblemCode.DEVICE_WIPE, "This device was wiped; remove its data.")
    if device.incarnation != asked.incarnation:
        return Problem(ProblemCode.DEVICE_FORKED, "This incarnation was retired; register anew.")
    if not versions.is_served(asked.schema_version):
        spoken = f"schema versions {versions.OLDEST_SERVED} to {SCHEMA.version}"
        return Problem(ProblemCode.UPGRADE_REQUIRED, f"The server speaks {spoken}; update the app.")
    return None


def _open(token: str | None, purpose: str, key: bytes) -> Cursor | None:
    """The cursor, of no epoch yet when there is none; None when it was not issued for this purpose."""
    if token is None:
        return Cursor(_NO_EPOCH)
    try:
        return cursors.decode(unseal(purpose, token, key))
    except (SealBroken, ValueError):
        return None


def _outdated(before: Cursor | None, epoch: int) -> Problem | None:
    if before is None:
        return Problem(ProblemCode.CURSOR_INVALID, "This cursor was not issued to this user; pull from nothing.")
    if before.epoch not in (epoch, _NO_EPOCH):
        return Problem(ProblemCode.EPOCH_CHANGED, "The database was restored; register anew and pull from nothing.")
    return None


def _problem(problem: Problem | None, asked: Pull, device: Asking | None, now: datetime) -> Pulled:
    last_seq = device.last_seq if device and device.incarnation == asked.incarnation else 0
    return Pulled(asked.cursor or "", False, last_seq, now, problem=problem)


def _render(page: _Page) -> bytes:
    gone = [(orjson.dumps(_eviction(scope_id)).decode(),) for scope_id in page.lost]
    parts = [part for entries in (*gone, *(each.rendered() for each in page.chunks)) for part in (",", *entries)]
    return "".join(("[", *parts[1:], "]")).encode()


def _eviction(scope_id: str) -> dict[str, Any]:
    """The whole scope was lost: it is no reason for any row any more."""
    return {"scope": scope_id, "collection": None, "id": None, "kind": "EVICT", "rev": 0}


def _state(head: Head) -> ScopeState:
    return ScopeState(head.id, head.head, head.rows, scope.digits(head.checksum))


def _limit(asked: int) -> int:
    return min(max(asked, 1), limits.PULL_ROWS_MAX)
