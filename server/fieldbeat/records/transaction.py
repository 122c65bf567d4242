"""A writing transaction: it gathers what the feed must say and publishes it as its last step.

Publishing last keeps the heads of the scopes locked for the shortest time and makes feed order commit order
(docs/decisions/0004-feed.md).
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fieldbeat.kit.db import Conn, Db
from fieldbeat.records import feed_store, store
from fieldbeat.records.activity import Activity
from fieldbeat.records.model import Entry
from fieldbeat_sync.clock import instant_of, pack, to_ms


@dataclass
class Tx:
    """One transaction of one tenant; `at` is the database's clock at its beginning.

    `touched`: the scopes whose devices are told to pull once it has committed. `activities`: what the team is told.
    """

    conn: Conn
    tenant_id: UUID
    at: datetime
    entries: dict[tuple[str, str, UUID], Entry] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    activities: list[Activity] = field(default_factory=list)

    @property
    def at_ms(self) -> int:
        """`at` in Unix milliseconds."""
        return to_ms(self.at)

    def follow(self, ms: int) -> None:
        """Takes place after what was applied at `ms`: who waited for a lock began before it was let go."""
        if ms > self.at_ms:
            self.at = instant_of(pack(ms))

    def announce(self, entry: Entry) -> None:
        """Notes an entry; a later one about the same record in the same scope replaces it."""
        key = entry[:3]
        earlier = self.entries.get(key)
        self.entries[key] = entry._replace(was_rev=earlier.was_rev) if earlier else entry


@asynccontextmanager
async def writing(db: Db, tenant_id: UUID) -> AsyncIterator[Tx]:
    """A writing transaction that publishes what was announced, then commits; any exception rolls all of it back.

    Locks: records in the order of their keys, then conflicts, then at the end the heads of the touched scopes in order.
    """
    async with db.writing(tenant_id) as conn:
        tx = Tx(conn, tenant_id, await store.now(conn))
        yield tx
        await publish(tx)
    if db.poke is not None and tx.touched:
        db.poke(tenant_id, frozenset(tx.touched))


async def publish(tx: Tx) -> None:
    """Writes the announced entries to the feed, and what the team is told. Nothing else may be written after it."""
    by_scope: dict[str, list[Entry]] = defaultdict(list)
    for entry in tx.entries.values():
        by_scope[entry.scope_id].append(entry)
    if by_scope:
        await feed_store.publish(tx.conn, tx.tenant_id, by_scope)
    tx.touched |= by_scope.keys()
    tx.entries.clear()
    if tx.activities:
        await feed_store.write_activities(tx.conn, tx.tenant_id, tx.activities)
    tx.activities.clear()


async def move(
    tx: Tx, *, left: str | None, entered: str | None, record_ids: Sequence[UUID], collections: Sequence[str],
    standing_in: str | None = None,
) -> None:  # fmt: skip
    """Dependants follow a record from one scope to another, with the conflicts about all of `record_ids`.

    `record_ids` may name the moved record itself, for its conflicts; only records of `collections` are moved.
    `standing_in` is a scope in which all of them stand and stay, where they leave none.
    """
    source = standing_in or left
    if source is None or left == entered:
        return
    standing = await feed_store.entries_in_scope(tx.conn, tx.tenant_id, source, collections, record_ids)
    ids = {*record_ids, *await _conflicts_entering(tx, source, record_ids)}
    for known in [*standing, *_entering(tx, source, ids, {(each[0], each[1]) for each in standing})]:
        key = (known.collection, known.record_id)
        pending = (tx.entries.get((scope_id, *key)) for scope_id in (entered, source) if scope_id)
        now = next((entry for entry in pending if entry and entry.kind != "EVICT"), known)
        was_rev = known.rev if known.kind == "PUT" else None
        if left is not None:
            tx.announce(Entry(left, known.collection, known.record_id, "EVICT", now.rev, None, was_rev))
        if entered is not None:
            tx.announce(Entry(entered, known.collection, known.record_id, now.kind, now.rev, now.doc, None))


async def _conflicts_entering(tx: Tx, scope_id: str, record_ids: Sequence[UUID]) -> frozenset[UUID]:
    """The conflicts about some records, where this very transaction brings any into a scope."""
    if any(entry.collection == "conflict" and entry.scope_id == scope_id for entry in tx.entries.values()):
        return await feed_store.conflicts_about(tx.conn, tx.tenant_id, record_ids)
    return frozenset()


def _entering(tx: Tx, scope_id: str, ids: Set[UUID], known: Set[tuple[str, UUID]]) -> list[feed_store.Standing]:
    """What this very transaction brings into a scope, of some records."""
    return [
        feed_store.Standing(entry.collection, entry.record_id, entry.kind, entry.rev, entry.doc)
        for entry in tx.entries.values()
        if entry.scope_id == scope_id and entry.record_id in ids and entry.kind != "EVICT"
        and (entry.collection, entry.record_id) not in known
    ]  # fmt: skip
