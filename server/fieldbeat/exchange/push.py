"""The push: a device's queued edits, each settled once and for all, in one transaction (docs/protocol.md, "Push").

The numbered comments are the steps of the protocol. A verdict is final; an outage settles nothing, so the device sends
the same again. A database error that one edit causes is traced to that edit, which alone is rejected.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from fieldbeat import records
from fieldbeat.accounts.replica import prepare_create
from fieldbeat.exchange import store
from fieldbeat.exchange.admission import Admission, admission, malformed, references
from fieldbeat.exchange.devices import ratchet_token
from fieldbeat.exchange.model import Device, Mutation, Problem, ProblemCode, Push, Pushed, Result, Status, Verdict
from fieldbeat.exchange.registry import KEPT
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.refusal import Refusal
from fieldbeat.records import Kept, Tx
from fieldbeat.records.model import Given, Key, Settled, Task
from fieldbeat.records.working import WorkingSet, lock, recall, save
from fieldbeat.territories.reads import scopes_held, scopes_lost
from fieldbeat_sync import clock, codec, cursor, limits
from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.mutation import Applied, Author, Conflicted, Edit, Merged, Outcome, Rejected
from fieldbeat_sync.schema import Op

TRIES_MAX = 4
RETRY_AFTER_MS = 500

# What another transaction did in the same moment: nothing is wrong with the push.
_COLLISIONS = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
# The database is away: nothing was settled, and the same push may be sent again.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.QueryCanceledError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    OSError,
    TimeoutError,
)
_POISON = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)


class _Refused(Exception):
    """Leaves the transaction with a problem: nothing is recorded."""

    def __init__(self, problem: Problem, device: Device | None, now: datetime) -> None:
        super().__init__(problem.code)
        self.problem, self.device, self.now = problem, device, now


@dataclass
class _Batch:
    """A push under way: its device, the verdicts so far, and the hybrid time that the next edit must exceed."""

    tx: Tx
    actor: Actor
    device: Device
    push: Push
    hlc: int
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    repeats: set[int] = field(default_factory=set)
    duplicates: dict[int, Verdict] = field(default_factory=dict)


async def push(db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool = False) -> Pushed:
    """Settles the mutations of `asked` in order of seq. With a `problem`, nothing was recorded.

    `push_only`: the user was deactivated; every mutation is rejected FORBIDDEN and parked. Locks: the device, then the
    records in (collection, id) order, their conflicts, and at the end the heads of the touched scopes.
    """
    poison: set[UUID] = set()
    collisions = 0
    while True:
        try:
            return await _settle_once(db, actor, asked, key=key, push_only=push_only, poison=poison)
        except _Refused as refused:
            return _with_problem(asked, refused)
        except AWAY:
            return busy(asked)
        except _COLLISIONS as collision:
            collisions += 1
            if collisions < TRIES_MAX:
                continue
            if not isinstance(collision, asyncpg.UniqueViolationError):
                return busy(asked)
        except _POISON:
            pass
        # Push 6: roll back and search for the culprit; a group is one unit.
        culprit = await _culprit(db, actor, asked, key=key, push_only=push_only, poison=poison)
        if not culprit:
            return busy(asked)
        poison |= {mutation.uuid for mutation in culprit}


async def _settle_once(db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool, poison: set[UUID]) -> Pushed:
    async with records.writing(db, actor.tenant_id) as tx:
        # Push 1: one push per device at a time.
        device = await store.lock_device(tx.conn, actor.tenant_id, asked.device_id)
        epoch, now = await store.epoch_and_now(tx.conn)
        # Push 2: is this the device that it says it is, and is it the only one?
        rotates = _authenticate(device, actor, asked, epoch, now, key)
        assert device is not None
        batch = _Batch(tx, actor, device, asked, device.last_hlc)
        # Push 3: what was settled before is answered from memory, never run twice.
        fresh = await _recall_settled(batch, now)
        # Push 4: check, lock, merge, write.
        touched = await _settle_fresh(batch, fresh, push_only=push_only or device.wiped_at is not None, poison=poison)
        await _record(batch, rotates=rotates)
    ratchet = ratchet_token(device.id, device.incarnation, device.ratchet + rotates, key=key)
    last_seq = max([device.last_seq, *batch.verdicts])
    return Pushed(last_seq, ratchet, now, tuple(_results(batch)), touched)


def _authenticate(device: Device | None, actor: Actor, asked: Push, epoch: int, now: datetime, key: bytes) -> bool:
    """Whether the ratchet rotates. Raises `_Refused`."""

    def refuse(code: ProblemCode, message: str, **more: int) -> None:
        raise _Refused(Problem(code, message, **more), device, now)

    if len(asked.mutations) > limits.PUSH_MUTATIONS_MAX:
        refuse(ProblemCode.TOO_LARGE, f"A push may hold {limits.PUSH_MUTATIONS_MAX} mutations; send fewer.")
    if device is None or device.user_id != actor.user_id:
        raise _Refused(Problem(ProblemCode.DEVICE_UNKNOWN, "Register this device first."), None, now)
    if asked.epoch != epoch:
        refuse(ProblemCode.EPOCH_CHANGED, "The database was restored; register anew.")
    if asked.incarnation != device.incarnation:
        refuse(ProblemCode.DEVICE_FORKED, "This incarnation was retired; register anew.")
    tokens = [ratchet_token(device.id, device.incarnation, device.ratchet - back, key=key) for back in (0, 1)]
    if asked.ratchet not in tokens:
        refuse(ProblemCode.DEVICE_FORKED, "Another copy of this device has pushed since; register anew.")
    expected = device.last_seq + 1
    for n, mutation in enumerate(asked.mutations):
        if mutation.seq > expected or (n and mutation.seq != asked.mutations[n - 1].seq + 1) or mutation.seq < 1:
            refuse(ProblemCode.SEQUENCE_GAP, f"Expected mutation {expected}.", expected_seq=expected)
        expected = max(expected, mutation.seq + 1)
    return asked.ratchet == tokens[0]


async def _recall_settled(batch: _Batch, now: datetime) -> list[Mutation]:
    """Answers known mutations from memory and returns the new ones."""
    conn, tenant_id, device = batch.tx.conn, batch.actor.tenant_id, batch.device
    old = [each for each in batch.push.mutations if each.seq <= device.last_seq]
    new = [each for each in batch.push.mutations if each.seq > device.last_seq]
    known = await store.settled_by_seq(conn, tenant_id, device.incarnation, [each.seq for each in old]) if old else {}
    for mutation in old:
        verdict = known.get(mutation.seq)
        if verdict is None or (verdict.uuid, verdict.payload_hash) != (mutation.uuid, payload_hash(mutation)):
            message = f"Mutation {mutation.seq} was settled with another content; register anew."
            raise _Refused(Problem(ProblemCode.DEVICE_FORKED, message), device, now)
        batch.duplicates[mutation.seq] = verdict
    uuids = [each.uuid for each in new]
    before = await store.settled_by_uuid(conn, tenant_id, device.user_id, uuids) if new else {}
    fresh = []
    for mutation in new:
        first = before.get(mutation.uuid)
        if first is None:
            fresh.append(mutation)
        else:
            _repeat(batch, mutation, first)
    return fresh


def _repeat(batch: _Batch, mutation: Mutation, first: Verdict) -> None:
    """A uuid that was settled under another number: the same edit again, or another one that borrows its name."""
    batch.repeats.add(mutation.seq)
    if first.payload_hash == payload_hash(mutation):
        batch.verdicts[mutation.seq] = replace(first, seq=mutation.seq, replica=batch.device.incarnation)
        batch.duplicates[mutation.seq] = first
    else:
        taken = Rejected("INVALID", "This uuid names another edit.", ("uuid",))
        _verdict(batch, mutation, Settled(taken))


async def _settle_fresh(batch: _Batch, fresh: Sequence[Mutation], *, push_only: bool, poison: set[UUID]) -> bytes:
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
    for unit in _units(twins):
        _settle_unit(batch, working, gate, unit, readable, tasks, push_only=push_only, poison=poison)
    await _hide_unseen_holders(batch, held)
    await save(working)
    return _rows(working, gate)


def _first_of_each_uuid(batch: _Batch, fresh: Sequence[Mutation]) -> list[Mutation]:
    """The new mutations without those whose uuid stands earlier in the same push: these are refused."""
    seen: set[UUID] = set()
    firsts = []
    for mutation in fresh:
        if mutation.uuid in seen:
            batch.repeats.add(mutation.seq)
            _verdict(batch, mutation, Settled(Rejected("INVALID", "This uuid stands twice in the push.", ("uuid",))))
        else:
            firsts.append(mutation)
        seen.add(mutation.uuid)
    return firsts


def _has_task(mutation: Mutation, readable: Mapping[int, Rejected | None]) -> bool:
    return mutation.op is not Op.NOOP and readable[mutation.seq] is None


def _wanted(batch: _Batch, readable: Mapping[int, Rejected | None]) -> Iterator[tuple[Kept, UUID]]:
    """Every record that the push names, also by what it refers to: all are locked and shown in the answer."""
    for mutation in batch.push.mutations:
        kept = KEPT.get(mutation.collection)
        if kept is None or mutation.op is Op.NOOP or readable.get(mutation.seq) is not None:
            continue
        yield kept, mutation.record_id
        for _, key in references(kept, mutation):
            yield KEPT[key.collection], key.id


async def _author(batch: _Batch) -> Author:
    own = await store.own_dots(batch.tx.conn, batch.actor.tenant_id, batch.device.incarnation)
    return Author(batch.device.incarnation, batch.actor.role, own)


def _given(device: Device) -> Given:
    """What the device was given by its last completed pull: what a delete of its can have seen."""
    if device.given is None or device.given_at is None:
        return Given()
    positions = cursor.decode(device.given).scopes
    return Given({scope_id: at.seq for scope_id, at in positions.items()}, round(device.given_at.timestamp() * 1000))


def _task(batch: _Batch, mutation: Mutation, author: Author) -> Task:
    asked = batch.push
    sent = DeviceTime(_ms(asked.device_now), asked.uptime_ms, asked.boot_id)
    made = DeviceTime(_ms(mutation.at), mutation.uptime_ms, mutation.boot_id)
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


async def _with_server_values(batch: _Batch, tasks: Mapping[int, Task]) -> dict[int, Task]:
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


def _reject_at_seq(batch: _Batch, seq: int, rejected: Rejected) -> None:
    mutation = next(each for each in batch.push.mutations if each.seq == seq)
    _verdict(batch, mutation, Settled(rejected))


def _units(mutations: Sequence[Mutation]) -> Iterator[list[Mutation]]:
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
    batch: _Batch,
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
        _verdict(batch, mutation, settled[mutation.seq])
        if mutation.op is Op.CREATE:
            rejected = isinstance(settled[mutation.seq].outcome, Rejected)
            (gate.rejected_creates.add if rejected else gate.rejected_creates.discard)(mutation.record_id)


def _try(
    batch: _Batch,
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


async def _hide_unseen_holders(batch: _Batch, held: frozenset[str]) -> None:
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


def _verdict(batch: _Batch, mutation: Mutation, settled: Settled) -> None:
    outcome = settled.outcome
    rejected = outcome if isinstance(outcome, Rejected) else None
    batch.verdicts[mutation.seq] = Verdict(
        uuid=mutation.uuid,
        device_id=batch.device.id,
        replica=batch.device.incarnation,
        seq=mutation.seq,
        collection=_storable(mutation.collection),
        record_id=mutation.record_id,
        op=mutation.op,
        payload_hash=payload_hash(mutation),
        status=_status(outcome),
        at=clock.instant_of(settled.hlc) if settled.hlc else _effective(batch, mutation),
        rev=settled.rev,
        conflict_ids=settled.conflict_ids,
        existing_id=settled.existing_id,
        code=rejected.code if rejected else None,
        message=_storable(rejected.message) if rejected else None,
        fields=tuple(map(_storable, rejected.fields)) if rejected else (),
        patch=_escaped(mutation.patch) if rejected else None,
    )


def _status(outcome: Outcome) -> Status:
    match outcome:
        case Applied():
            return Status.APPLIED
        case Merged():
            return Status.MERGED
        case Conflicted():
            return Status.CONFLICT
        case _:
            return Status.REJECTED


def _effective(batch: _Batch, mutation: Mutation) -> datetime:
    asked = batch.push
    sent = DeviceTime(_ms(asked.device_now), asked.uptime_ms, asked.boot_id)
    age = clock.age_ms(made=DeviceTime(_ms(mutation.at), mutation.uptime_ms, mutation.boot_id), sent=sent)
    return datetime.fromtimestamp(clock.effective_ms(received_ms=batch.tx.at_ms, age_ms=age, floor_ms=0) / 1000, UTC)


async def _record(batch: _Batch, *, rotates: bool) -> None:
    """Keeps the verdicts and moves the device on."""
    conn, device = batch.tx.conn, batch.device
    verdicts = [batch.verdicts[seq] for seq in sorted(batch.verdicts)]
    if verdicts:
        repeats = [verdict.seq in batch.repeats for verdict in verdicts]
        await store.settle(conn, batch.actor.tenant_id, device, verdicts, repeats)
    skew_ms = _ms(batch.push.device_now) - batch.tx.at_ms
    await store.advance_device(
        conn,
        batch.actor.tenant_id,
        device,
        last_seq=max([device.last_seq, *batch.verdicts]),
        hlc=batch.hlc,
        ratchet=device.ratchet + rotates,
        skew_ms=skew_ms if abs(skew_ms) > clock.SKEW_MS_MAX else None,
        schema_version=batch.push.schema_version,
    )


def _results(batch: _Batch) -> Iterator[Result]:
    for mutation in batch.push.mutations:
        first = batch.duplicates.get(mutation.seq)
        verdict = first or batch.verdicts[mutation.seq]
        yield Result(
            seq=mutation.seq,
            uuid=mutation.uuid,
            status=Status.DUPLICATE if first else Status(verdict.status),
            original=Status(first.status) if first else None,
            rev=verdict.rev,
            conflict_ids=verdict.conflict_ids,
            existing_id=verdict.existing_id,
            code=verdict.code,
            message=verdict.message,
            fields=verdict.fields,
        )


def _rows(working: WorkingSet, gate: Admission) -> bytes:
    """Every record that the push named, as its author may see it now."""
    entries = [_row(working, gate, key) for key in sorted(working.records)]
    return ("[" + ",".join(entry for entry in entries if entry) + "]").encode()


def _row(working: WorkingSet, gate: Admission, key: Key) -> str | None:
    record = working.records[key]
    standing = gate.standings.get(key, {})
    held = sorted(
        scope_id
        for scope_id in {*standing, *(entry[0] for entry in working.tx.entries if entry[1:] == tuple(key))}
        if scope_id in gate.held and _kind(working, standing, scope_id, key) != "EVICT"
    )
    gone = sorted(scope_id for scope_id in standing if scope_id not in held)
    if not held and not gone:
        return None
    kind = ("PUT" if record.alive else "DELETE") if held else "EVICT"
    head = {"scope": (held or gone)[0], "collection": key.collection, "id": str(key.id), "kind": kind}
    tail = f'"rev":{record.rev}'
    if kind == "PUT":
        tail = codec.render(record, working.kept[key.collection].schema, str(key.id))
    return orjson.dumps(head)[:-1].decode() + "," + tail + "}"


def _kind(working: WorkingSet, standing: Mapping[str, str], scope_id: str, key: Key) -> str:
    announced = working.tx.entries.get((scope_id, key.collection, key.id))
    return announced.kind if announced else standing.get(scope_id, "EVICT")


async def _culprit(
    db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool, poison: set[UUID]
) -> list[Mutation]:
    """The first unit that the database cannot take, by halving; each probe is rolled back."""
    units = [unit for unit in _units(asked.mutations) if not {each.uuid for each in unit} & poison]
    low, high = 0, len(units)
    while low < high:
        middle = (low + high) // 2
        skipped = poison | {each.uuid for unit in units[middle + 1 :] for each in unit}
        if await _is_taken(db, actor, asked, key=key, push_only=push_only, poison=skipped):
            low = middle + 1
        else:
            high = middle
    return units[low] if low < len(units) else []


async def _is_taken(db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool, poison: set[UUID]) -> bool:
    try:
        async with records.writing(db, actor.tenant_id) as tx:
            device = await store.lock_device(tx.conn, actor.tenant_id, asked.device_id)
            assert device is not None
            batch = _Batch(tx, actor, device, asked, device.last_hlc)
            fresh = await _recall_settled(batch, tx.at)
            await _settle_fresh(batch, fresh, push_only=push_only, poison=poison)
            raise _RolledBack
    except _RolledBack:
        return True
    except _POISON:
        return False


class _RolledBack(Exception):
    """Ends a probe: what it wrote is taken back."""


def busy(asked: Push) -> Pushed:
    """Settles nothing. The database's clock is out of reach, so the device is told its own time back."""
    problem = Problem(ProblemCode.BUSY, "The service is busy; send the same again.", retry_after_ms=RETRY_AFTER_MS)
    return Pushed(asked.acked_through, asked.ratchet, asked.device_now, problem=problem)


def _with_problem(asked: Push, refused: _Refused) -> Pushed:
    device = refused.device
    last_seq = device.last_seq if device and device.incarnation == asked.incarnation else 0
    return Pushed(last_seq, asked.ratchet, refused.now, problem=refused.problem)


def payload_hash(mutation: Mutation) -> bytes:
    """Names the content of an edit: collection, record, op and patch."""
    content = [mutation.collection, str(mutation.record_id), mutation.op, mutation.patch]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()


def _escaped(patch: Any) -> str:
    """JSON in ASCII: it also holds what jsonb cannot."""
    return json.dumps(patch)


def _storable(text: str) -> str:
    """Text from a device as it may be shown: what PostgreSQL cannot hold is escaped, and it is cut."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()[:500]


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
