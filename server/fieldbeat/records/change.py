"""Changes by online verbs: the same lock, merge and feed as a phone's edits, as replica 0 with the dot (0, rev)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.records import store
from fieldbeat.records.loading import lock, recall
from fieldbeat.records.model import Change, Changed, ChangeRefused, Kept, Key, Row, Settled, Task
from fieldbeat.records.saving import save
from fieldbeat.records.transaction import Tx
from fieldbeat.records.working import WorkingSet
from fieldbeat_sync.clock import to_ms
from fieldbeat_sync.mutation import Author, Edit, Rejected
from fieldbeat_sync.schema import Role


async def change(tx: Tx, actor: Actor, changes: Sequence[Change], *, resolving: UUID | None = None) -> list[Changed]:
    """Applies `changes` in order, all or none; the number of statements does not grow with theirs.

    `resolving` is the conflict that they settle. Refuses (`ChangeRefused`) with the code of the merge. Rights on the
    record are the caller's to check. Locks: the records in (collection, id) order, then their open conflicts.
    """
    author = Author(0, actor.role, user_id=str(actor.user_id))
    working = await lock(tx, author, [wanted for each in changes for wanted in _records(each)])
    tasks = [_task(working, actor, each) for each in changes]
    await recall(working, tasks)
    resolved = working.conflicts.pop(resolving, None) if resolving else None
    settled = [_settle(working, task, each) for task, each in zip(tasks, changes, strict=True)]
    if resolved:
        working.close(resolved, "RESOLVED")
    await _save(working)
    return [_changed(working, task, verdict) for task, verdict in zip(tasks, settled, strict=True)]


async def rewrite_conflicts(
    tx: Tx, kept: Kept, record_ids: Sequence[UUID], *, fields: Sequence[str], rewrite: Callable[[Row], Row]
) -> None:
    """Rewrites what conflicts about some fields keep, settled ones too, where `rewrite` changes it.

    Locks: the records in order, then all of their conflicts about these fields.
    """
    working = await lock(tx, Author(0, Role.ADMIN), [(kept, id) for id in record_ids])
    found = await store.conflicts_of_fields(tx.conn, tx.tenant_id, kept.schema.name, record_ids, fields)
    rewritten = {each.id: replace(each, rev=each.rev + 1, fields=rewrite(each.fields)) for each in found}
    changed = {each.id: each for each in found if rewritten[each.id].fields != each.fields}
    conflicts = {id: rewritten[id] for id in changed}
    await save(replace(working, conflicts=conflicts, opened_before=changed))


async def close_conflict(tx: Tx, kept: Kept, record_id: UUID, conflict_id: UUID) -> None:
    """Closes a conflict as resolved where nothing of the record has to change. Locks: the record, then the conflict."""
    working = await lock(tx, Author(0, Role.ADMIN), [(kept, record_id)])
    if conflict_id in working.conflicts:
        working.close(working.conflicts[conflict_id], "RESOLVED")
    await save(working)


def _records(change_: Change) -> list[tuple[Kept, UUID]]:
    kept, parent = change_.kept, change_.kept.parent_of(change_.op, change_.patch)
    own = [(kept, change_.record_id)]
    return [*own, (kept.parent, parent.id)] if kept.parent and parent else own


def _task(working: WorkingSet, actor: Actor, change_: Change) -> Task:
    record = working.before.get(Key(change_.kept.schema.name, change_.record_id))
    base_rev = change_.base_rev if change_.base_rev is not None else record.rev if record else 0
    made_ms = min(to_ms(change_.at), working.tx.at_ms) if change_.at else working.tx.at_ms
    edit = Edit(
        change_.op, 0, base_rev, change_.patch, working.author, received_ms=made_ms, server=True,
        timing=change_.timing, corrects=change_.corrects,
    )  # fmt: skip
    return Task(change_.kept, change_.record_id, edit, actor.user_id)


def _settle(working: WorkingSet, task: Task, change_: Change) -> Settled:
    record = working.records.get(task.key)
    rev = record.rev if record else 0
    if change_.base_rev is not None and not 0 <= change_.base_rev <= rev:
        message = f"baseRev {change_.base_rev} is not one of the record's revs: it has {rev}."
        raise ChangeRefused(Rejected("INVALID", message, ("baseRev",)))
    base_rev = rev if change_.base_rev is None else change_.base_rev
    verdict = working.settle(replace(task, edit=replace(task.edit, seq=rev + 1, base_rev=base_rev)))
    if isinstance(verdict.outcome, Rejected):
        raise ChangeRefused(verdict.outcome, existing_id=verdict.existing_id)
    return verdict


async def _save(working: WorkingSet) -> None:
    try:
        await save(working)
    except asyncpg.UniqueViolationError as taken:
        raise ChangeRefused(Rejected("UNIQUE", "Another record has just taken this value.")) from taken


def _changed(working: WorkingSet, task: Task, verdict: Settled) -> Changed:
    record, before = working.records[task.key], working.before.get(task.key)
    row_before = dict(before.row) if before else None
    return Changed(task.record_id, record.rev, dict(record.row), row_before, verdict.outcome, verdict.conflict_ids)
