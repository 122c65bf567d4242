"""New mutations are settled here: admitted, merged in memory unit by unit, then written together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fieldbeat.accounts.replica import prepare_create
from fieldbeat.exchange import store
from fieldbeat.exchange.admission import Admission, admission, malformed, references
from fieldbeat.exchange.batch import Batch, keep_verdict, to_ms
from fieldbeat.exchange.model import Device, Mutation
from fieldbeat.exchange.registry import KEPT
from fieldbeat.exchange.rows import rows_of
from fieldbeat.kit.refusal import Refusal
from fieldbeat.records import Kept
from fieldbeat.records.model import Given, Settled, Task
from fieldbeat.records.working import WorkingSet, lock, recall, save
from fieldbeat.territories.reads import scopes_held, scopes_lost
from fieldbeat_sync import clock, cursor
from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.mutation import Applied, Author, Edit, Rejected
from fieldbeat_sync.schema import Op


async def settle_fresh(batch: Batch, fresh: Sequence[Mutation], *, push_only: bool, poison: set[UUID]) -> bytes:
    """Settles new mutations in memory, saves what changed, and returns the rows that the push touched."""
    twins = _first_of_each_uuid(batch, fresh)
    readable = {each.seq: malformed(each) if each.op is not Op.NOOP else None for each in twins}
    wanted = list(_wanted(batch, readable))
    author = await _author(batch)
    given = _given(batch.device)
    working = await lock(batch.tx, author, wanted, given=given)
    held, lost = await scopes_held(batch.tx.conn, batch.actor), await scopes_lost(batch.tx.conn, batch.actor)
    gate = await admission(batch.tx, batch.actor, batch.device.id, wanted, held=held, lost=lost)
    tasks = {each.seq: _task(batch, each, author) for each in twins if _has_task(each, readable)}
    tasks = await _with_server_values(batch, tasks)
    await recall(working, list(tasks.values()))
    for unit in units_of(twins):
        _settle_unit(batch, working, gate, unit, readable, tasks, push_only=push_only, poison=poison)
    await _hide_unseen_holders(batch, held)
    await save(working)
    return rows_of(working, gate)


def _first_of_each_uuid(batch: Batch, fresh: Sequence[Mutation]) -> list[Mutation]:
    """The new mutations without those whose uuid stands earlier in the same push: these are refused."""
    seen: set[UUID] = set()
    firsts = []
    for mutation in fresh:
        if mutation.uuid in seen:
            batch.repeats.add(mutation.seq)
            keep_verdict(
                batch, mutation, Settled(Rejected("INVALID", "This uuid stands twice in the push.", ("uuid",)))
            )
        else:
            firsts.append(mutation)
        seen.add(mutation.uuid)
    return firsts


def _has_task(mutation: Mutation, readable: Mapping[int, Rejected | None]) -> bool:
    return mutation.op is not Op.NOOP and readable[mutation.seq] is None


def _wanted(batch: Batch, readable: Mapping[int, Rejected | None]) -> Iterator[tuple[Kept, UUID]]:
    """Every record that the push names, also by what it refers to: all are locked and shown in the answer."""
    for mutation in batch.push.mutations:
        kept = KEPT.get(mutation.collection)
        if kept is None or mutation.op is Op.NOOP or readable.get(mutation.seq) is not None:
            continue
        yield kept, mutation.record_id
        for _, key in references(kept, mutation):
            yield KEPT[key.collection], key.id


async def _author(batch: Batch) -> Author:
    own = await store.own_dots(batch.tx.conn, batch.actor.tenant_id, batch.device.incarnation)
    return Author(batch.device.incarnation, batch.actor.role, own)


def _given(device: Device) -> Given:
    """What the device was given by its last completed pull: what a delete of its can have seen."""
    if device.given is None or device.given_at is None:
        return Given()
    positions = cursor.decode(device.given).scopes
    return Given({scope_id: at.seq for scope_id, at in positions.items()}, round(device.given_at.timestamp() * 1000))


def _task(batch: Batch, mutation: Mutation, author: Author) -> Task:
    asked = batch.push
    sent = DeviceTime(to_ms(asked.device_now), asked.uptime_ms, asked.boot_id)
    made = DeviceTime(to_ms(mutation.at), mutation.uptime_ms, mutation.boot_id)
    edit = Edit(
        op=mutation.op,
        seq=mutation.seq,
        base_rev=mutation.base_rev or 0,
        patch=mutation.patch if mutation.op is not Op.DELETE else {},
        author=author,
        received_ms=batch.tx.at_ms,
        age_ms=clock.age_ms(made=made, sent=sent),
    )
    return Task(KEPT[mutation.collection], mutation.record_id, edit, batch.actor.user_id, batch.device.id)


async def _with_server_values(batch: Batch, tasks: Mapping[int, Task]) -> dict[int, Task]:
    """A device's new account belongs to its author and lives in his primary territory."""
    if not any(_opens_account(task) for task in tasks.values()):
        return dict(tasks)
    try:
        values: Mapping[str, Any] = await prepare_create(batch.tx.conn, batch.actor)
    except Refusal as refused:
        homeless = Rejected(refused.code, refused.message, refused.fields)
        for seq in [seq for seq, task in tasks.items() if _opens_account(task)]:
            _reject_at_seq(batch, seq, homeless)
        return {seq: task for seq, task in tasks.items() if not _opens_account(task)}
    return {
        seq: replace(task, edit=replace(task.edit, server_values=values)) if _opens_account(task) else task
        for seq, task in tasks.items()
    }


def _opens_account(task: Task) -> bool:
    return task.kept.schema.name == "account" and task.edit.op is Op.CREATE


def _reject_at_seq(batch: Batch, seq: int, rejected: Rejected) -> None:
    mutation = next(each for each in batch.push.mutations if each.seq == seq)
    keep_verdict(batch, mutation, Settled(rejected))


def units_of(mutations: Sequence[Mutation]) -> Iterator[list[Mutation]]:
    """Single mutations, and groups as they stand together."""
    unit: list[Mutation] = []
    for mutation in mutations:
        if unit and (mutation.group is None or mutation.group != unit[0].group):
            yield unit
            unit = []
        unit.append(mutation)
    if unit:
        yield unit


def _settle_unit(
    batch: Batch,
    working: WorkingSet,
    gate: Admission,
    unit: Sequence[Mutation],
    readable: Mapping[int, Rejected | None],
    tasks: Mapping[int, Task],
    *,
    push_only: bool,
    poison: set[UUID],
) -> None:
    """All of a unit, or none: a group whose member fails is taken back, and its other members are DEPENDENCY."""
    mark, hlc = working.mark(), batch.hlc
    settled: dict[int, Settled] = {}
    failed: Mutation | None = None
    for mutation in unit:
        verdict = _try(batch, working, gate, mutation, readable, tasks, push_only=push_only, poison=poison)
        settled[mutation.seq] = verdict
        if isinstance(verdict.outcome, Rejected):
            failed = mutation
            break
        batch.hlc = max(batch.hlc, verdict.hlc)
    if failed is not None:
        working.reset(mark)
        batch.hlc = hlc
        for mutation in unit:
            if mutation is not failed:
                settled[mutation.seq] = Settled(_dependency(failed))
    for mutation in unit:
        keep_verdict(batch, mutation, settled[mutation.seq])
        if mutation.op is Op.CREATE:
            rejected = isinstance(settled[mutation.seq].outcome, Rejected)
            (gate.rejected_creates.add if rejected else gate.rejected_creates.discard)(mutation.record_id)


def _try(
    batch: Batch,
    working: WorkingSet,
    gate: Admission,
    mutation: Mutation,
    readable: Mapping[int, Rejected | None],
    tasks: Mapping[int, Task],
    *,
    push_only: bool,
    poison: set[UUID],
) -> Settled:
    """What becomes of one mutation, in memory."""
    if push_only:
        return Settled(Rejected("FORBIDDEN", "You no longer work here; the edit is kept for those who lead."))
    if mutation.uuid in poison:
        return Settled(Rejected("INVALID", "The edit cannot be stored."))
    refused = readable[mutation.seq]
    if refused:
        return Settled(refused)
    if mutation.op is Op.NOOP:
        return Settled(Applied())
    known = batch.verdicts.get(mutation.seq)
    if known is not None:
        return Settled(Rejected(known.code or "INVALID", known.message or "", known.fields))
    not_admitted = gate.check(working, mutation)
    if not_admitted:
        return Settled(not_admitted)
    task = tasks[mutation.seq]
    record = working.records.get(task.key)
    if record is not None and task.edit.base_rev > record.rev:
        message = f"baseRev {task.edit.base_rev} is above the record's rev {record.rev}."
        return Settled(Rejected("INVALID", message, ("baseRev",)))
    return working.settle(replace(task, edit=replace(task.edit, after_hlc=batch.hlc)))


async def _hide_unseen_holders(batch: Batch, held: frozenset[str]) -> None:
    """The holder of a unique value is named only to those who may see it."""
    named = {seq: verdict for seq, verdict in batch.verdicts.items() if verdict.existing_id}
    keys = [(each.collection, each.existing_id) for each in named.values() if each.existing_id]
    standings = await store.standings(batch.tx.conn, batch.actor.tenant_id, keys, held) if keys else {}
    for seq, verdict in named.items():
        kinds = standings.get((verdict.collection, verdict.existing_id or verdict.uuid), {}).values()
        if set(kinds) <= {"EVICT"}:
            batch.verdicts[seq] = replace(verdict, existing_id=None)


def _dependency(failed: Mutation) -> Rejected:
    return Rejected("DEPENDENCY", f"Mutation {failed.seq} of the same group was rejected.")
