"""The records of a transaction are locked together, and what their merge needs is read set-wise.

A push of a hundred mutations costs the dozen statements of one online verb.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldbeat.records import store
from fieldbeat.records.model import Given, Kept, Key, Task
from fieldbeat.records.transaction import Tx
from fieldbeat.records.working import WorkingSet
from fieldbeat_sync.merge import history_needed
from fieldbeat_sync.mutation import Author
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op, Policy


async def lock(
    tx: Tx, author: Author, wanted: Sequence[tuple[Kept, UUID]], *, given: Given | None = None
) -> WorkingSet:
    """Locks records and reads their open conflicts; `given` is what a device was given when it last pulled.

    Locks: records in (collection, id) order, then their open conflicts by id.
    """
    kept = {each.schema.name: each for each, _ in wanted}
    keys = sorted({Key(each.schema.name, id_) for each, id_ in wanted})
    before = await _lock(tx, kept, keys)
    tx.follow(max((record.changed_ms for record in before.values()), default=0))
    found = await store.open_conflicts(tx.conn, tx.tenant_id, list(before)) if before else []
    known = {each.id: each for each in found}
    return WorkingSet(tx, kept, author, before, dict(before), dict(known), given or Given(None), known)


async def recall(working: WorkingSet, tasks: Sequence[Task]) -> None:
    """Reads what history and unique keys tell about `tasks`, set-wise; nothing when every edit had seen its record."""
    await _load_history(working, tasks)
    await _load_holders(working, tasks)
    await _load_judges(working, tasks)


async def scopes_of(working: WorkingSet, records: Mapping[Key, Record]) -> dict[Key, frozenset[str]]:
    """The scopes in which each of these records is, as it stands here."""
    rows: dict[str, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for key, record in records.items():
        rows[key.collection][key.id] = dict(record.row)
    found: dict[Key, frozenset[str]] = {}
    for collection, own in rows.items():
        scopes = await working.kept[collection].scopes(working.tx.conn, working.tx.tenant_id, own)
        found |= {Key(collection, id_): scopes[id_] for id_ in own}
    return found


async def _lock(tx: Tx, kept: Mapping[str, Kept], keys: Sequence[Key]) -> dict[Key, Record]:
    ids: dict[str, list[UUID]] = defaultdict(list)
    for key in keys:
        ids[key.collection].append(key.id)
    locked: dict[Key, Record] = {}
    for collection, wanted in ids.items():
        stored = await store.lock_records(tx.conn, tx.tenant_id, kept[collection], wanted)
        locked |= {Key(collection, id_): each.record for id_, each in stored.items()}
    return locked


async def _load_history(working: WorkingSet, tasks: Sequence[Task]) -> None:
    stale: dict[tuple[Key, int, bool], None] = {}
    wanted: dict[tuple[Key, str, int], None] = {}
    for task in tasks:
        record = working.before.get(task.key)
        if record is not None and (task.edit.base_rev < record.rev or task.edit.op is Op.DELETE):
            stale[working.stale(task)] = None
            needed = history_needed(task.kept.schema, record, task.edit)
            wanted |= dict.fromkeys((task.key, name, task.edit.base_rev) for name in needed)
    tx, author = working.tx, working.author
    if stale:
        deleted = {
            task.key: working.before[task.key]
            for task in tasks
            if task.edit.op is Op.DELETE and task.key in working.before
        }
        scopes = sorted(frozenset().union(*(await scopes_of(working, deleted)).values()))
        edits = [store.Stale(*each) for each in stale]
        rows = await store.pasts(tx.conn, tx.tenant_id, author, edits, scopes=scopes, given=working.given)
        working.pasts = dict(zip(stale, rows, strict=True))
    if wanted:
        for key, name, version in await store.versions(tx.conn, tx.tenant_id, author, list(wanted)):
            working.versions.setdefault(key, {}).setdefault(name, []).append(version)


async def _load_holders(working: WorkingSet, tasks: Sequence[Task]) -> None:
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for task in tasks:
        for kept, key, patched in _may_take(task):
            record = working.before.get(key)
            for declared in kept.schema.fields:
                if declared.policy is Policy.UNIQUE:
                    held = record.row[declared.name] if record and not record.alive else None
                    texts = (patched.get(declared.name), held)
                    wanted[key.collection, declared.name].update(text for text in texts if isinstance(text, str))
    tx = working.tx
    for (collection, name), values in wanted.items():
        if values:
            holders = await store.unique_holders(tx.conn, tx.tenant_id, working.kept[collection], name, sorted(values))
            working.holders |= {(collection, name, value): id_ for value, id_ in holders.items()}


def _may_take(task: Task) -> Iterator[tuple[Kept, Key, Mapping[str, Any]]]:
    """The records that may take unique values by an edit: its own by its patch, and a parent that it brings back."""
    yield task.kept, task.key, task.edit.patch
    if task.kept.parent and task.parent:
        yield task.kept.parent, task.parent, {}


async def _load_judges(working: WorkingSet, tasks: Sequence[Task]) -> None:
    for kept in {task.kept.schema.name: task.kept for task in tasks if task.kept.judge}.values():
        own = [task for task in tasks if task.kept is kept]
        rows = [record.row for task in own if (record := working.records.get(task.key))]
        assert kept.judge is not None  # as chosen above
        patches = [task.edit.patch for task in own]
        working.judges[kept.schema.name] = await kept.judge(working.tx.conn, working.tx.tenant_id, rows, patches)
