"""A push under way: its device, the verdicts so far, and how a verdict is kept and told."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fieldbeat.exchange import store
from fieldbeat.exchange.model import Device, Mutation, Push, Result, Status, Verdict
from fieldbeat.exchange.wording import lowered, payloads
from fieldbeat.kit.actor import Actor
from fieldbeat.records import Tx
from fieldbeat.records.model import Settled
from fieldbeat_sync import clock
from fieldbeat_sync.clock import DeviceTime, to_ms
from fieldbeat_sync.mutation import Applied, Conflicted, Merged, Outcome, Rejected, Timing

UPTIME_MS_MAX = 1e13  # three centuries


@dataclass
class Batch:
    """A push under way: its device, the verdicts so far, and the hybrid time that the next edit must exceed."""

    tx: Tx
    actor: Actor
    device: Device
    push: Push
    hlc: int
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    repeats: set[int] = field(default_factory=set)
    duplicates: dict[int, Verdict] = field(default_factory=dict)
    times: dict[int, "Made"] = field(default_factory=dict)


class Made(NamedTuple):
    """How long before it was sent an edit was made, and how well that is known."""

    age_ms: int
    timing: Timing


def keep_verdict(batch: Batch, mutation: Mutation, settled: Settled) -> None:
    outcome = settled.outcome
    # Kept as it is told: in the words of the app that sent it, like the payload.
    version = batch.push.schema_version
    rejected = lowered(version, mutation.collection, outcome) if isinstance(outcome, Rejected) else None
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
        at=clock.instant_of(settled.hlc) if settled.hlc else effective(batch, mutation),
        rev=settled.rev,
        conflict_ids=settled.conflict_ids,
        existing_id=settled.existing_id,
        code=rejected.code if rejected else None,
        message=_storable(rejected.message) if rejected else None,
        fields=tuple(map(_storable, rejected.fields)) if rejected else (),
        patch=_escaped(mutation.sent.patch) if rejected else None,
    )


def repeat(batch: Batch, mutation: Mutation, first: Verdict) -> None:
    """A uuid that was settled under another number: the same edit again, or another one that borrows its name."""
    if not has_payload(mutation, first.payload_hash):
        borrow(batch, mutation)
        return
    batch.repeats.add(mutation.seq)
    again = replace(first, seq=mutation.seq, replica=batch.device.incarnation, patch=None)
    batch.verdicts[mutation.seq], batch.duplicates[mutation.seq] = again, first


def borrow(batch: Batch, mutation: Mutation) -> None:
    """The uuid names another edit already."""
    batch.repeats.add(mutation.seq)
    keep_verdict(batch, mutation, Settled(Rejected("INVALID", "This uuid names another edit.", ("uuid",))))


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


def made(batch: Batch, mutation: Mutation) -> Made:
    """When the edit was made, by the device's clocks."""
    known = batch.times.get(mutation.seq)
    if known is None:
        asked = batch.push
        then = _reading(mutation.at, mutation.uptime_ms, mutation.boot_id)
        sent = _reading(asked.device_now, asked.uptime_ms, asked.boot_id)
        timing = Timing.BOOT if clock.by_uptime(made=then, sent=sent) else Timing.DEVICE
        known = batch.times[mutation.seq] = Made(clock.age_ms(made=then, sent=sent), timing)
    return known


def _reading(at: datetime, uptime_ms: float | None, boot_id: str | None) -> DeviceTime:
    """A device's clocks; a time since boot that no device can have had is left out."""
    possible = uptime_ms is not None and 0 <= uptime_ms <= UPTIME_MS_MAX
    return DeviceTime(to_ms(at), uptime_ms if possible else None, boot_id)


def effective(batch: Batch, mutation: Mutation) -> datetime:
    """When the edit was made, by its age."""
    age = made(batch, mutation).age_ms
    return datetime.fromtimestamp(clock.effective_ms(received_ms=batch.tx.at_ms, age_ms=age, floor_ms=0) / 1000, UTC)


async def record(batch: Batch, *, rotates: bool) -> None:
    """Keeps the verdicts and moves the device on."""
    conn, device = batch.tx.conn, batch.device
    verdicts = [batch.verdicts[seq] for seq in sorted(batch.verdicts)]
    if verdicts:
        repeats = [verdict.seq in batch.repeats for verdict in verdicts]
        await store.settle(conn, batch.actor.tenant_id, device, verdicts, repeats)
    skew_ms = to_ms(batch.push.device_now) - batch.tx.at_ms
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


def results_of(batch: Batch) -> Iterator[Result]:
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


def payload_hash(mutation: Mutation) -> bytes:
    """Names the content of an edit: collection, record, op and patch."""
    content = [mutation.collection, str(mutation.record_id), mutation.op, mutation.sent.patch]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()


def has_payload(mutation: Mutation, known: bytes) -> bool:
    """Whether `known` names the content of this edit; an app that was updated meanwhile says it in other words."""
    return any(payload_hash(each) == known for each in payloads(mutation))


def _escaped(patch: Any) -> str:
    """JSON in ASCII: it also holds what jsonb cannot."""
    return json.dumps(patch)


def _storable(text: str) -> str:
    """Text from a device as it may be shown: what PostgreSQL cannot hold is escaped, and it is cut."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()[:500]
