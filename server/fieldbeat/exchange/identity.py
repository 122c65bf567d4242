"""Is the device that pushes the one it says, and the only one? And which of its mutations are settled already?

A phone restored from a backup presents an older ratchet or other content under a settled number: it is a fork, and
registers anew. Its edits keep their uuids, so none of them counts twice.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from fieldbeat.exchange import store
from fieldbeat.exchange.batch import Batch, has_payload, repeat
from fieldbeat.exchange.devices import ratchet_token
from fieldbeat.exchange.model import Device, Mutation, Problem, ProblemCode, Push
from fieldbeat.kit.actor import Actor
from fieldbeat_sync import limits

# A patch that goes deeper than this and than JSON's encoder is replaced by a note, and refused as no object.
DEPTH_MAX = 100
_BOTTOMLESS = "(nested too deeply to be read)"


class NotAnswered(Exception):
    """Leaves the transaction with a problem: nothing is recorded."""

    def __init__(self, problem: Problem, device: Device | None, now: datetime) -> None:
        super().__init__(problem.code)
        self.problem, self.device, self.now = problem, device, now


def authenticate(device: Device | None, actor: Actor, asked: Push, epoch: int, now: datetime, key: bytes) -> bool:
    """Whether the ratchet rotates. Raises `NotAnswered`."""

    def refuse(code: ProblemCode, message: str, **more: int) -> None:
        raise NotAnswered(Problem(code, message, **more), device, now)

    if len(asked.mutations) > limits.PUSH_MUTATIONS_MAX:
        refuse(ProblemCode.TOO_LARGE, f"A push may hold {limits.PUSH_MUTATIONS_MAX} mutations; send fewer.")
    if sum(map(_bytes, asked.mutations)) > limits.PUSH_BYTES_MAX:
        refuse(ProblemCode.TOO_LARGE, f"A push may have {limits.PUSH_BYTES_MAX} bytes; send fewer mutations.")
    if device is None or device.user_id != actor.user_id:
        raise NotAnswered(Problem(ProblemCode.DEVICE_UNKNOWN, "Register this device first."), None, now)
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


def readable(asked: Push) -> Push:
    """The push without patches that nothing could write down: such an edit is refused like any other bad one."""
    if not any(_is_bottomless(each.patch) for each in asked.mutations):
        return asked
    bounded = (replace(each, patch=_BOTTOMLESS) if _is_bottomless(each.patch) else each for each in asked.mutations)
    return replace(asked, mutations=tuple(bounded))


def _is_bottomless(patch: Any) -> bool:
    try:
        orjson.dumps(patch)
    except TypeError:
        level = [patch]
        for _ in range(DEPTH_MAX):
            level = [inner for each in level for inner in _inside(each)]
        return bool(level)
    return False


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _bytes(mutation: Mutation) -> int:
    try:
        return len(orjson.dumps(mutation.sent.patch))
    except TypeError:
        return len(json.dumps(mutation.sent.patch))


async def recall_settled(batch: Batch, now: datetime) -> list[Mutation]:
    """Answers known mutations from memory and returns those with new numbers; some of these may be decided, too."""
    conn, tenant_id, device = batch.tx.conn, batch.actor.tenant_id, batch.device
    old = [each for each in batch.push.mutations if each.seq <= device.last_seq]
    new = [each for each in batch.push.mutations if each.seq > device.last_seq]
    known = await store.settled_by_seq(conn, tenant_id, device.incarnation, [each.seq for each in old]) if old else {}
    for mutation in old:
        verdict = known.get(mutation.seq)
        if verdict is None or verdict.uuid != mutation.uuid or not has_payload(mutation, verdict.payload_hash):
            message = f"Mutation {mutation.seq} was settled with another content; register anew."
            raise NotAnswered(Problem(ProblemCode.DEVICE_FORKED, message), device, now)
        batch.duplicates[mutation.seq] = verdict
    uuids = [each.uuid for each in new]
    before = await store.settled_by_uuid(conn, tenant_id, device.user_id, uuids) if new else {}
    for mutation in new:
        if mutation.uuid in before:
            repeat(batch, mutation, before[mutation.uuid])
    return new
