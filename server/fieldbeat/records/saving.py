"""What changed in a transaction is written once, set-wise, and announced; the heads of scopes come last."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.records import activity, store
from fieldbeat.records.conflicts import named, new_sides
from fieldbeat.records.loading import scopes_of
from fieldbeat.records.model import Conflict, Entry, Key, Saved, Wrote
from fieldbeat.records.transaction import Tx
from fieldbeat.records.working import WorkingSet
from fieldbeat_sync import codec
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Policy


async def save(working: WorkingSet) -> None:
    """Writes what changed, set-wise, and announces it."""
    tx = working.tx
    changed = {key: record for key, record in working.records.items() if record is not working.before.get(key)}
    for collection in sorted({key.collection for key in changed}):
        own = {key.id: record for key, record in changed.items() if key.collection == collection}
        freed = _freed(working, collection, own)
        if freed:
            await store.set_aside(tx.conn, tx.tenant_id, working.kept[collection], freed, tx.at)
        await store.save_records(tx.conn, tx.tenant_id, working.kept[collection], own, tx.at)
    if working.wrote:
        await store.write_history(tx.conn, tx.tenant_id, working.wrote, tx.at)
    conflicts = [each for each in working.conflicts.values() if each is not working.opened_before.get(each.id)]
    written = await _save_conflicts(tx, conflicts)
    await _announce(working, changed, written)
    opened = [each for each in written if each.id not in working.opened_before and each.fields["status"] == "OPEN"]
    tx.activities += activity.opened(opened, working.author)
    await _follow_up(working, changed)


def _freed(working: WorkingSet, collection: str, own: Mapping[UUID, Record]) -> list[UUID]:
    """Records whose unique value is taken over by another one that is saved with them."""
    freed = []
    for declared in working.kept[collection].schema.fields:
        if declared.policy is Policy.UNIQUE:
            before = {id_: _holds(working.before.get(Key(collection, id_)), declared.name) for id_ in own}
            after = {id_: _holds(record, declared.name) for id_, record in own.items()}
            taken = {after[id_] for id_ in own if after[id_] != before[id_]}
            freed += [id_ for id_ in own if before[id_] not in (None, after[id_]) and before[id_] in taken]
    return sorted(set(freed))


def _holds(record: Record | None, name: str) -> Any:
    """The value of a unique field that the record holds; a dead one holds none."""
    return record.row[name] if record is not None and record.alive else None


async def _save_conflicts(tx: Tx, conflicts: Sequence[Conflict]) -> list[Conflict]:
    """Writes conflicts with the names of both writers, read from the history that has just been written."""
    if not conflicts:
        return []
    writes = {write: None for each in conflicts for write in new_sides(each).values()}
    writers = await store.writers(tx.conn, tx.tenant_id, list(writes)) if writes else {}
    told = [named(each, writers) for each in conflicts]
    await store.save_conflicts(tx.conn, tx.tenant_id, told, tx.at)
    return told


async def _announce(working: WorkingSet, changed: Mapping[Key, Record], conflicts: Sequence[Conflict]) -> None:
    about = {each.about for each in conflicts}
    now = await scopes_of(working, {key: working.records[key] for key in {*changed, *about}})
    moved = {key: working.before[key] for key in changed if _may_have_moved(working, key)}
    then = await scopes_of(working, moved)
    for key, record in changed.items():
        _announce_record(working, key, record, then.get(key, now[key]), now[key])
    for each in conflicts:
        earlier = working.opened_before.get(each.id)
        doc = codec.entry_tail(each.rev, {"id": str(each.id), "rev": each.rev, **each.fields}, {0: each.rev})
        for scope_id in sorted(now[each.about]):
            was = earlier.rev if earlier and scope_id in then.get(each.about, now[each.about]) else None
            working.tx.announce(Entry(scope_id, "conflict", each.id, "PUT", each.rev, doc, was))


def _announce_record(working: WorkingSet, key: Key, record: Record, then: frozenset[str], now: frozenset[str]) -> None:
    before = working.before.get(key)
    was_rev = before.rev if before is not None and before.alive else None
    kind = "PUT" if record.alive else "DELETE"
    doc = codec.render(record, working.kept[key.collection].schema, str(key.id)) if record.alive else None
    for scope_id in sorted(now):
        was = was_rev if scope_id in then else None
        working.tx.announce(Entry(scope_id, key.collection, key.id, kind, record.rev, doc, was))
    if before is not None:
        for scope_id in sorted(then - now):
            working.tx.announce(Entry(scope_id, key.collection, key.id, "EVICT", record.rev, None, was_rev))


def _may_have_moved(working: WorkingSet, key: Key) -> bool:
    before, after = working.before.get(key), working.records[key]
    fields = working.kept[key.collection].scope_fields
    return before is not None and any(before.row[name] != after.row[name] for name in fields)


async def _follow_up(working: WorkingSet, changed: Mapping[Key, Record]) -> None:
    """What must follow from what was written, a collection at a time."""
    for collection in sorted({key.collection for key in changed}):
        follow_up = working.kept[collection].follow_up
        if follow_up is not None:
            actor = Actor(working.tx.tenant_id, UUID(working.author.user_id), working.author.role)
            own = {key: record for key, record in changed.items() if key.collection == collection}
            writes: dict[Key, list[Wrote]] = defaultdict(list)
            for wrote in working.wrote:
                writes[wrote.key].append(wrote)
            saved = [_saved(working.before.get(key), key, own[key], writes[key]) for key in own]
            await follow_up(working.tx, actor, saved)


def _saved(before: Record | None, key: Key, after: Record, writes: Sequence[Wrote]) -> Saved:
    was, now = (dict(each.row) if each is not None and each.alive else None for each in (before, after))
    return Saved(key.id, was, now, after.rev, tuple(writes))
