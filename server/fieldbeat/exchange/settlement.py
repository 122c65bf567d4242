"""New mutations are settled here: admitted, merged in memory unit by unit, then written together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fieldbeat.exchange import store
from fieldbeat.exchange.admission import Admission, admission, malformed, references
from fieldbeat.exchange.batch import Batch, borrow, effective, keep_verdict, made, payload_hash, repeat
from fieldbeat.exchange.model import Device, Mutation, Status
from fieldbeat.exchange.registry import KEPT
from fieldbeat.exchange.rows import rows_of
from fieldbeat.kit.refusal import Refusal
from fieldbeat.records import Kept
from fieldbeat.records.loading import lock, recall
from fieldbeat.records.model import Given, Key, Settled, Task
from fieldbeat.records.saving import save
from fieldbeat.records.working import WorkingSet
from fieldbeat.territories.reads import scopes_held, scopes_lost
from fieldbeat_sync import cursor
from fieldbeat_sync.clock import to_ms
from fieldbeat_sync.mutation import Applied, Author, Edit, Rejected
from fieldbeat_sync.schema import Op

_LEFT = Rejected("FORBIDDEN", "You no longer work here; the edit is kept for those who lead.")
_TORN = Rejected("INVALID", "The members of a group must follow one another.", ("group",))


@dataclass(frozen=True)
class Settlement:
    """The new mutations of a push with all that is needed to settle them in memory.

    `refused`: why one cannot be read. `twins`: one whose uuid and content stand earlier in the same push, by that one's
    seq. `poison`: edits that the database could not take. `push_only`: their author may only hand them in.
    """

    batch: Batch
    working: WorkingSet
    gate: Admission
    refused: Mapping[int, Rejected]
    tasks: Mapping[int, Task]
    twins: Mapping[int, int]
    push_only: bool
    poison: set[UUID]


async def settle_fresh(batch: Batch, new: Sequence[Mutation], *, push_only: bool, poison: set[UUID]) -> bytes:
    """Settles new mutations in memory, saves what changed, and returns the rows that the push touched."""
    twins = _twins(batch, new)
    fresh = [each for each in new if each.seq not in batch.verdicts and each.seq not in twins]
    refused = {each.seq: why for each in fresh if each.op is not Op.NOOP and (why := malformed(each))}
    torn = _torn_groups(batch.push.mutations)
    refused |= {each.seq: _TORN for each in fresh if each.group in torn}
    wanted = list(_wanted(batch, refused))
    author = await _author(batch)
    working = await lock(batch.tx, author, wanted, given=_given(batch.device))
    held, lost = await scopes_held(batch.tx.conn, batch.actor), await scopes_lost(batch.tx.conn, batch.actor)
    if push_only:
        held, lost = frozenset(), {**dict.fromkeys(held, batch.tx.at), **lost}  # who may only hand in sees nothing
    gate = await admission(working, batch.actor, batch.device.id, wanted, held=held, lost=lost)
    readable = [each for each in fresh if each.op is not Op.NOOP and each.seq not in refused]
    tasks = await _with_server_values(batch, {each.seq: _task(batch, each, author) for each in readable}, refused)
    await recall(working, list(tasks.values()))
    settlement = Settlement(batch, working, gate, refused, tasks, twins, push_only, poison)
    for unit in units_of(new):
        _settle_unit(settlement, unit)
    await _hide_unseen_holders(batch, working, held)
    await save(working)
    return rows_of(working, gate)


def _twins(batch: Batch, new: Sequence[Mutation]) -> dict[int, int]:
    """Which mutations repeat an earlier one of the same push; one that only borrows a uuid is refused."""
    firsts: dict[UUID, Mutation] = {}
    twins = {}
    for mutation in new:
        first = firsts.setdefault(mutation.uuid, mutation)
        if first is mutation or mutation.seq in batch.verdicts:
            continue
        if payload_hash(first) == payload_hash(mutation):
            twins[mutation.seq] = first.seq
        else:
            borrow(batch, mutation)
    return twins


def _wanted(batch: Batch, refused: Mapping[int, Rejected]) -> Iterator[tuple[Kept, UUID]]:
    """Every record that the push names, also by what it refers to: all are locked and shown in the answer."""
    for mutation in batch.push.mutations:
        kept = KEPT.get(mutation.collection)
        if kept is None or mutation.op is Op.NOOP:
            continue
        yield kept, mutation.record_id
        if mutation.seq not in refused:
            for _, keys in references(kept, mutation):
                yield from ((KEPT[key.collection], key.id) for key in keys)


async def _author(batch: Batch) -> Author:
    own = await store.own_dots(batch.tx.conn, batch.actor.tenant_id, batch.device.incarnation)
    for first in (batch.duplicates[seq] for seq in batch.repeats & batch.duplicates.keys()):
        own[first.replica] = max(first.seq, own.get(first.replica, 0))
    return Author(batch.device.incarnation, batch.actor.role, own, str(batch.actor.user_id))


def _given(device: Device) -> Given:
    """What the device was given by its last completed pull: what a delete of its can have seen."""
    if device.given is None or device.given_at is None:
        return Given()
    positions = cursor.decode(device.given).scopes
    return Given({scope_id: at.seq for scope_id, at in positions.items()}, to_ms(device.given_at))


def _task(batch: Batch, mutation: Mutation, author: Author) -> Task:
    age_ms, timing = made(batch, mutation)
    edit = Edit(
        op=mutation.op,
        seq=mutation.seq,
        base_rev=mutation.base_rev or 0,
        patch=mutation.patch if mutation.op is not Op.DELETE else {},
        author=author,
        received_ms=batch.tx.at_ms,
        age_ms=age_ms,
        timing=timing,
    )
    return Task(KEPT[mutation.collection], mutation.record_id, edit, batch.actor.user_id, batch.device.id)


async def _with_server_values(batch: Batch, tasks: Mapping[int, Task], refused: dict[int, Rejected]) -> dict[int, Task]:
    """What the server adds to what a device creates, an account's owner say; where it cannot, the CREATE is refused."""
    prepared = dict(tasks)
    creating = {seq: task for seq, task in tasks.items() if task.edit.op is Op.CREATE and task.kept.prepare}
    for kept in {task.kept.schema.name: task.kept for task in creating.values()}.values():
        own = {seq: task for seq, task in creating.items() if task.kept is kept}
        assert kept.prepare is not None  # as chosen above
        values = await kept.prepare(batch.tx.conn, batch.actor, [task.edit.patch for task in own.values()])
        for (seq, task), value in zip(own.items(), values, strict=True):
            if isinstance(value, Refusal):
                refused[seq] = Rejected(value.code, value.message, value.fields)
            else:
                prepared[seq] = replace(task, edit=replace(task.edit, server_values=value))
    return prepared


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


def _torn_groups(mutations: Sequence[Mutation]) -> set[UUID]:
    """Groups whose members do not follow one another: all or none cannot be kept for them."""
    runs = Counter(unit[0].group for unit in units_of(mutations))
    return {group for group, count in runs.items() if group is not None and count > 1}


def _settle_unit(settlement: Settlement, unit: Sequence[Mutation]) -> None:
    """All of a unit, or none: a group whose member fails is taken back, and its other members are DEPENDENCY."""
    batch, working, gate = settlement.batch, settlement.working, settlement.gate
    mark, hlc = working.mark(), batch.hlc
    settled: dict[int, Settled] = {}
    failed: Mutation | None = None
    for mutation in unit:
        if _was_rejected(settlement, mutation):
            failed = mutation
        elif mutation.seq not in batch.verdicts and mutation.seq not in settlement.twins:
            settled[mutation.seq] = _try(settlement, mutation)
            failed = mutation if isinstance(settled[mutation.seq].outcome, Rejected) else None
            batch.hlc = max(batch.hlc, settled[mutation.seq].hlc)
        if failed:
            break
    if failed:
        working.reset(mark)
        batch.hlc = hlc
    for mutation in unit:
        if mutation.seq not in batch.verdicts:
            _keep(settlement, mutation, settled.get(mutation.seq), failed)
        if mutation.op is Op.CREATE:
            rejected = batch.verdicts[mutation.seq].status == Status.REJECTED
            (gate.rejected_creates.add if rejected else gate.rejected_creates.discard)(mutation.record_id)


def _was_rejected(settlement: Settlement, mutation: Mutation) -> bool:
    """Whether the mutation was rejected before its turn: in an earlier push, or earlier in this one."""
    seq = settlement.twins.get(mutation.seq, mutation.seq)
    known = settlement.batch.verdicts.get(seq)
    return known is not None and known.status == Status.REJECTED


def _keep(settlement: Settlement, mutation: Mutation, settled: Settled | None, failed: Mutation | None) -> None:
    """Keeps the verdict of one member of a unit that stands, or that was taken back because of `failed`."""
    batch = settlement.batch
    first = settlement.twins.get(mutation.seq)
    if first is not None and first in batch.verdicts:
        repeat(batch, mutation, batch.verdicts[first])
    elif settled is not None and (failed is None or mutation is failed or settlement.push_only):
        keep_verdict(batch, mutation, settled)
    elif failed is not None:
        rejected = _LEFT if settlement.push_only else _dependency(failed)
        keep_verdict(batch, mutation, Settled(rejected))


def _try(settlement: Settlement, mutation: Mutation) -> Settled:
    """What becomes of one mutation, in memory."""
    batch, working = settlement.batch, settlement.working
    if settlement.push_only:
        return Settled(_LEFT)
    if mutation.uuid in settlement.poison:
        return Settled(Rejected("INVALID", "The edit cannot be stored."))
    if mutation.seq in settlement.refused:
        return Settled(settlement.refused[mutation.seq])
    if mutation.op is Op.NOOP:
        return Settled(Applied())
    made_at = effective(batch, mutation)
    not_admitted = settlement.gate.check(working, mutation, made_at=made_at)
    if not_admitted:
        return Settled(not_admitted)
    task = settlement.tasks[mutation.seq]
    record = working.records.get(task.key)
    if record is not None and task.edit.base_rev > record.rev:
        message = f"baseRev {task.edit.base_rev} is above the record's rev {record.rev}."
        return Settled(Rejected("INVALID", message, ("baseRev",)))
    return working.settle(task, after_hlc=batch.hlc)


async def _hide_unseen_holders(batch: Batch, working: WorkingSet, held: frozenset[str]) -> None:
    """The holder of a unique value is named only to those who may see it."""
    named = {seq: verdict for seq, verdict in batch.verdicts.items() if verdict.existing_id}
    keys = [(each.collection, each.existing_id) for each in named.values() if each.existing_id]
    standings = await store.standings(batch.tx.conn, batch.actor.tenant_id, keys, held) if keys else {}
    for seq, verdict in named.items():
        key = Key(verdict.collection, verdict.existing_id or verdict.uuid)
        just_made = key in working.records and key not in working.before
        if not just_made and set(standings.get(key, {}).values()) <= {"EVICT"}:
            batch.verdicts[seq] = replace(verdict, existing_id=None)


def _dependency(failed: Mutation) -> Rejected:
    return Rejected("DEPENDENCY", f"Mutation {failed.seq} of the same group was rejected.")
