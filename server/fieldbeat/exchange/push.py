"""The push: a device's queued edits, each settled once and for all, in one transaction (docs/protocol.md, "Push").

The numbered comments are the steps of the protocol. A verdict is final; an outage settles nothing, so the device sends
the same again. A database error that one edit causes is traced to that edit, which alone is rejected.
"""

from uuid import UUID

import asyncpg

from fieldbeat import records
from fieldbeat.exchange import store
from fieldbeat.exchange.batch import Batch, record, results_of
from fieldbeat.exchange.devices import ratchet_token
from fieldbeat.exchange.identity import NotAnswered, authenticate, readable, recall_settled
from fieldbeat.exchange.model import Mutation, Problem, ProblemCode, Push, Pushed, Status
from fieldbeat.exchange.settlement import settle_fresh, units_of
from fieldbeat.exchange.wording import entries_for, lifted
from fieldbeat.kit import metrics
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.records.transaction import publish
from fieldbeat_sync.clock import to_ms

TRIES_MAX = 4
RETRY_AFTER_MS = 500

# What another transaction did in the same moment: nothing is wrong with the push.
_COLLISIONS = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
# The database is away: nothing was settled, and the same may be asked again.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server went away in the middle of an answer
    asyncpg.QueryCanceledError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    OSError,
    TimeoutError,
)
_POISON = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)


async def push(db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool = False) -> Pushed:
    """As `settle`, and counted."""
    pushed = await settle(db, actor, asked, key=key, push_only=push_only)
    metrics.PUSHES.labels(pushed.problem.code if pushed.problem else "none").inc()
    for result in pushed.results:
        metrics.MUTATIONS.labels(result.status).inc()
        if result.status == Status.REJECTED:
            metrics.REJECTIONS.labels(result.code).inc()
    return pushed


async def settle(db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool) -> Pushed:
    """Settles the mutations of `asked` in order of seq. With a `problem`, nothing was recorded.

    `push_only`: the user was deactivated; every mutation is rejected FORBIDDEN and parked. Locks: the device, then the
    records in (collection, id) order, their conflicts, and at the end the heads of the touched scopes.
    """
    asked = lifted(readable(asked))
    poison: set[UUID] = set()
    collisions = 0
    while True:
        try:
            return await _settle_once(db, actor, asked, key=key, push_only=push_only, poison=poison)
        except NotAnswered as refused:
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
        try:
            culprit = await _culprit(db, actor, asked, key=key, push_only=push_only, poison=poison)
        except (NotAnswered, *_COLLISIONS, *AWAY):
            return busy(asked)
        if not culprit:
            return busy(asked)
        poison |= {mutation.uuid for mutation in culprit}


async def _settle_once(
    db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool, poison: set[UUID], probe: bool = False
) -> Pushed:
    async with records.writing(db, actor.tenant_id) as tx:
        # Push 1: one push per device at a time.
        device = await store.lock_device(tx.conn, actor.tenant_id, asked.device_id)
        epoch, now = await store.epoch_and_now(tx.conn)
        tx.follow(to_ms(now))  # it may have waited for the device's push before
        # Push 2: is this the device that it says it is, and is it the only one?
        rotates = authenticate(device, actor, asked, epoch, now, key)
        assert device is not None
        batch = Batch(tx, actor, device, asked, device.last_hlc)
        # Push 3: what was settled before is answered from memory, never run twice.
        fresh = await recall_settled(batch, now)
        # Push 4: check, lock, merge, write.
        touched = await settle_fresh(batch, fresh, push_only=push_only or device.wiped_at is not None, poison=poison)
        await record(batch, rotates=rotates)
        if probe:
            await publish(tx)
            raise _RolledBack
    ratchet = ratchet_token(device.id, device.incarnation, device.ratchet + rotates, key=key)
    last_seq = max([device.last_seq, *batch.verdicts])
    return Pushed(last_seq, ratchet, now, tuple(results_of(batch)), entries_for(asked.schema_version, touched))


async def _culprit(
    db: Db, actor: Actor, asked: Push, *, key: bytes, push_only: bool, poison: set[UUID]
) -> list[Mutation]:
    """The first unit that the database cannot take, by halving; each probe is rolled back."""
    units = [unit for unit in units_of(asked.mutations) if not {each.uuid for each in unit} & poison]
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
        await _settle_once(db, actor, asked, key=key, push_only=push_only, poison=poison, probe=True)
    except _RolledBack:
        return True
    except _POISON:
        return False
    raise AssertionError("a probe is rolled back")


class _RolledBack(Exception):
    """Ends a probe: what it wrote is taken back."""


def busy(asked: Push) -> Pushed:
    """Settles nothing. The database's clock is out of reach, so the device is told its own time back."""
    problem = Problem(ProblemCode.BUSY, "The service is busy; send the same again.", retry_after_ms=RETRY_AFTER_MS)
    return Pushed(asked.acked_through, asked.ratchet, asked.device_now, problem=problem)


def _with_problem(asked: Push, refused: NotAnswered) -> Pushed:
    device = refused.device
    last_seq = device.last_seq if device and device.incarnation == asked.incarnation else 0
    return Pushed(last_seq, asked.ratchet, refused.now, problem=refused.problem)
