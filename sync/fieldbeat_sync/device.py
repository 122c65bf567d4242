"""The client side of the protocol: confirmed rows, a queue of edits, and what to do with every answer.

A device is a value, a step is the request that it wants to make next, and an answer becomes a `Delta` that its store
writes in one transaction. There is no I/O here and nothing is remembered between steps but the device itself, so a
phone that is killed at any point goes on from its store.
Source: protocol, "Push", "Devices", "Changes" (docs/protocol.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fieldbeat_sync import limits
from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.holdings import Held, Key
from fieldbeat_sync.replay import Row, replay
from fieldbeat_sync.schema import Op, Schema
from fieldbeat_sync.sequence import Pending, mutation_bytes, mutation_input, next_push, rfc3339

BUSY_WAIT_MS = 1_000  # where the server does not say how long


class UnfitEdit(ValueError):
    """An edit that no push could carry: too large, or a group that does not fit one push."""


@dataclass(frozen=True)
class Limits:
    """What the server told at registration (`SyncLimits`)."""

    push_mutations_max: int = limits.PUSH_MUTATIONS_MAX
    push_bytes_max: int = limits.PUSH_BYTES_MAX
    mutation_bytes_max: int = limits.MUTATION_BYTES_MAX
    pull_rows_max: int = limits.PULL_ROWS_MAX


@dataclass(frozen=True)
class Link:
    """How the device stands with the server; one value, replaced as a whole."""

    install_id: str
    schema_version: int
    platform: str = "OTHER"
    name: str | None = None
    app_version: str = "1"
    owner: str | None = None  # whose edits these are; another person gets a store of his own
    device_id: str | None = None
    incarnation: int | None = None
    epoch: int = 0
    ratchet: str = ""
    last_seq: int = 0  # the newest number that this store knows to be acknowledged
    limits: Limits = Limits()
    cursor: str | None = None
    resume: str | None = None  # of a snapshot that broke off: all before it is on disk
    usable: bool = False  # what its user needs today is there, even if the rest is still on its way
    filled: bool = False  # by a snapshot since the last checkpoint: a second one would bring no more
    register_due: bool = True
    pull_due: bool = True
    upgrade_required: bool = False  # nothing is pulled until the app is newer; pushing goes on
    wipe_due: bool = False  # the rows go once the queue has been handed over
    batch_max: int | None = None  # a smaller push, after TOO_LARGE
    resyncs: int = 0  # checkpoints in a row that did not agree with the server


@dataclass(frozen=True)
class Settled:
    """An edit with its verdict. A rejected one is a draft: its payload stays readable until it is dismissed."""

    edit: Pending
    incarnation: int
    status: str
    at_ms: int  # the server's time of the answer
    rev: int | None = None
    code: str | None = None
    message: str | None = None
    fields: tuple[str, ...] = ()
    conflict_ids: tuple[str, ...] = ()
    existing_id: str | None = None


@dataclass
class Device:
    """All that a phone keeps, by record, by edit and by verdict."""

    schema: Schema
    link: Link
    rows: dict[Key, Held] = field(default_factory=dict)
    queue: dict[str, Pending] = field(default_factory=dict)  # by uuid, in order of seq
    settled: dict[str, Settled] = field(default_factory=dict)  # by uuid

    def apply(self, delta: "Delta") -> None:
        """Take over what the store has written."""
        _overlay(self.rows, delta.rows)
        _overlay(self.queue, delta.queue)
        _overlay(self.settled, delta.settled)
        if any(delta.queue.values()):
            self.queue = dict(sorted(self.queue.items(), key=lambda item: item[1].seq))
        self.link = delta.link or self.link


@dataclass(frozen=True)
class Delta:
    """What one step changes, to be written in one transaction; None under a key means that it goes."""

    rows: Mapping[Key, Held | None] = field(default_factory=dict)
    queue: Mapping[str, Pending | None] = field(default_factory=dict)
    settled: Mapping[str, Settled | None] = field(default_factory=dict)
    link: Link | None = None
    wait_ms: int = 0  # before the next step
    problem: str | None = None  # the code, when the answer settled nothing


@dataclass(frozen=True)
class Register:
    """Ask for a new incarnation."""


@dataclass(frozen=True)
class Push:
    """Send these edits; all of them or none are answered."""

    edits: tuple[Pending, ...]


@dataclass(frozen=True)
class Snapshot:
    """Ask for everything as a stream, or for the rest of one. Each line is for `filling.took`."""


@dataclass(frozen=True)
class Pull:
    """Ask for what changed since the cursor."""


@dataclass(frozen=True)
class Wipe:
    """Drop everything: the server has ordered it and the queue is empty. The answer is `wiped(device)`."""


Step = Register | Push | Snapshot | Pull | Wipe


@dataclass(frozen=True)
class Draft:
    """What the user wrote and no row shows: rejected, or queued for a record that the device no longer holds."""

    edit: Pending
    code: str | None  # None: still queued
    message: str | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """One edit that the user makes. `saw_rev` is the rev on his screen where that is older than the row held now."""

    collection: str
    record_id: str
    op: Op
    patch: Mapping[str, Any] | None = None
    saw_rev: int | None = None


def enqueue(
    device: Device, wishes: Sequence[Wish], *, uuids: Sequence[str], made: DeviceTime, group: str | None = None
) -> Delta:
    """Queue edits behind all others; those of one `group` take effect all or none. Raises `UnfitEdit`.

    An edit's base is the confirmed row that the user saw: his own queued edits do not raise it.
    """
    first = 1 + (next(reversed(device.queue.values())).seq if device.queue else device.link.last_seq)
    edits = tuple(
        Pending(
            first + place, uuid, made, wish.collection, wish.record_id, wish.op, _base(device, wish), wish.patch, group
        )
        for place, (wish, uuid) in enumerate(zip(wishes, uuids, strict=True))
    )
    _check_size(device.link.limits, edits, grouped=group is not None)
    return Delta(queue={edit.uuid: edit for edit in edits})


def next_step(device: Device) -> Step | None:
    """What to do now: register if need be, push all that is queued, then pull; None when nothing is left to do.

    Without a cursor everything comes: by a snapshot, or by pages where the rows of one did not agree with the server.
    """
    link = device.link
    if link.register_due:
        return Register()
    if device.queue:
        size = min(link.batch_max or link.limits.push_mutations_max, link.limits.push_mutations_max)
        return Push(next_push(tuple(device.queue.values()), mutations_max=size, bytes_max=link.limits.push_bytes_max))
    if link.wipe_due:
        return Wipe()
    if not link.pull_due:
        return None
    return Pull() if link.cursor or link.filled or link.resyncs else Snapshot()


def step_input(device: Device, step: Step, now: DeviceTime) -> dict[str, Any]:
    """The GraphQL input of a step; of a snapshot the parameters."""
    link = device.link
    if isinstance(step, Register):
        previous = None if link.incarnation is None else {"incarnation": link.incarnation, "lastSeq": link.last_seq}
        return {
            "installId": link.install_id,
            "platform": link.platform,
            "name": link.name,
            "appVersion": link.app_version,
            "schemaVersion": link.schema_version,
            "previous": previous,
        }
    if isinstance(step, Snapshot):
        return {"deviceId": link.device_id, "schemaVersion": link.schema_version, "resume": link.resume}
    caller = {"deviceId": link.device_id, "incarnation": link.incarnation, "schemaVersion": link.schema_version}
    if isinstance(step, Push):
        return {
            **caller,
            "epoch": link.epoch,
            "ratchet": link.ratchet,
            "deviceNow": rfc3339(now.wall_ms),
            "uptimeMs": now.uptime_ms,
            "bootId": now.boot_id,
            "ackedThrough": link.last_seq,
            "mutations": [mutation_input(edit) for edit in step.edits],
        }
    return {**caller, "cursor": link.cursor, "limit": link.limits.pull_rows_max}


def view(device: Device, collection: str, record_id: str) -> Row | None:
    """The record as its user sees it: the confirmed row with the queued edits over it."""
    held = device.rows.get((collection, record_id))
    return replay(
        device.schema.collections[collection], held.row if held else None, _edits_of(device, collection, record_id)
    )


def view_all(device: Device, collection: str) -> dict[str, Row]:
    """Every record of a collection as its user sees it, by id."""
    edits: dict[str, list[Pending]] = {key[1]: [] for key in device.rows if key[0] == collection}
    for edit in device.queue.values():
        if edit.collection == collection:
            edits.setdefault(edit.record_id, []).append(edit)
    declared = device.schema.collections[collection]
    shown = {
        record_id: replay(declared, held.row if (held := device.rows.get((collection, record_id))) else None, pending)
        for record_id, pending in sorted(edits.items())
    }
    return {record_id: row for record_id, row in shown.items() if row is not None}


def drafts(device: Device) -> tuple[Draft, ...]:
    """What the user wrote and no row shows, oldest first."""
    rejected = tuple(
        Draft(each.edit, each.code, each.message, each.fields)
        for each in device.settled.values()
        if each.status == "REJECTED"
    )
    return rejected + tuple(Draft(edit, None, None) for edit in device.queue.values() if _hidden(device, edit))


def dismiss(device: Device, uuid: str) -> Delta:
    """Forget a rejected edit that its author has read."""
    return Delta(settled={uuid: None} if uuid in device.settled else {})


def due(device: Device) -> Delta:
    """Ask for a pull: at the start of a sync, and on a poke."""
    return Delta(link=replace(device.link, pull_due=not device.link.upgrade_required))


def _overlay(target: dict[Any, Any], changed: Mapping[Any, Any]) -> None:
    for key, value in changed.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value


def _base(device: Device, wish: Wish) -> int | None:
    if wish.op is Op.CREATE:
        return None
    held = device.rows.get((wish.collection, wish.record_id))
    return wish.saw_rev if wish.saw_rev is not None else held.rev or None if held else None


def _check_size(bounds: Limits, edits: Sequence[Pending], *, grouped: bool) -> None:
    sizes = [mutation_bytes(edit) for edit in edits]
    if max(sizes, default=0) > bounds.mutation_bytes_max:
        raise UnfitEdit(f"an edit may have {bounds.mutation_bytes_max} bytes, this one has {max(sizes)}")
    if grouped and (len(edits) > bounds.push_mutations_max or sum(sizes) > bounds.push_bytes_max):
        raise UnfitEdit(f"a group must fit one push: {bounds.push_mutations_max} edits, {bounds.push_bytes_max} bytes")


def _edits_of(device: Device, collection: str, record_id: str) -> Iterator[Pending]:
    return (edit for edit in device.queue.values() if (edit.collection, edit.record_id) == (collection, record_id))


def _hidden(device: Device, edit: Pending) -> bool:
    if edit.op not in (Op.CREATE, Op.UPDATE) or (edit.collection, edit.record_id) in device.rows:
        return False
    return all(other.op is not Op.CREATE for other in _edits_of(device, edit.collection, edit.record_id))
