"""What a device must send next: its queue of edits, numbered without holes and cut into pushes of whole groups.

Source: protocol, "Push" and "Devices" (docs/protocol.md).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.schema import Op

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pending:
    """One queued edit. `uuid` is its identity for good; `seq` is its number under the present incarnation."""

    seq: int
    uuid: str
    made: DeviceTime
    collection: str
    record_id: str
    op: Op
    base_rev: int | None
    patch: Mapping[str, Any] | None = None
    group: str | None = None


def mutation_input(edit: Pending) -> dict[str, Any]:
    """The edit as the wire names it (`SyncMutationInput`)."""
    return {
        "seq": edit.seq,
        "uuid": edit.uuid,
        "at": rfc3339(edit.made.wall_ms),
        "uptimeMs": edit.made.uptime_ms,
        "bootId": edit.made.boot_id,
        "collection": edit.collection,
        "recordId": edit.record_id,
        "op": edit.op.value,
        "baseRev": edit.base_rev,
        "patch": None if edit.patch is None else dict(edit.patch),
        "group": edit.group,
    }


def rfc3339(wall_ms: int) -> str:
    """Unix milliseconds as an RFC 3339 instant in UTC."""
    return (_EPOCH + timedelta(milliseconds=wall_ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mutation_bytes(edit: Pending) -> int:
    """The size of the edit on the wire, in bytes of UTF-8."""
    return len(json.dumps(mutation_input(edit), separators=(",", ":"), ensure_ascii=False).encode(errors="replace"))


def next_push(queue: Sequence[Pending], *, mutations_max: int, bytes_max: int) -> tuple[Pending, ...]:
    """The longest head of the queue within both limits that splits no group; never less than one unit."""
    taken: list[Pending] = []
    size = 0
    for unit in units(queue):
        size += sum(map(mutation_bytes, unit))
        if taken and (len(taken) + len(unit) > mutations_max or size > bytes_max):
            break
        taken.extend(unit)
    return tuple(taken)


def units(queue: Iterable[Pending]) -> Iterator[tuple[Pending, ...]]:
    """What is sent all or none: single edits, and contiguous groups."""
    for _, unit in groupby(queue, key=lambda edit: edit.group or edit.uuid):
        yield tuple(unit)


def renumber(queue: Iterable[Pending], *, after: int = 0) -> tuple[Pending, ...]:
    """The same edits in the same order with seq after + 1, after + 2 …; their uuids stay."""
    return tuple(replace(edit, seq=seq) for seq, edit in enumerate(queue, start=after + 1))
