"""A device without a phone around it, and the server's answers in short."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from fieldbeat_sync import answers, filling, scope
from fieldbeat_sync import device as kernel
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.catalogue.customers import account
from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.device import Device, Link, Pull, Push, Register, Snapshot, Wish
from fieldbeat_sync.schema import Op

NAMES = UUID("00000000-0000-4000-8000-000000000000")
NORTH, EAST = "territory:north", "territory:east"
SERVER_TIME = "2026-05-04T08:00:00.000Z"


def named(name: str) -> str:
    """The same id for the same name, always."""
    return str(uuid5(NAMES, name))


LUNCH = named("lunch")


def row(record_id: str = LUNCH, rev: int = 1, **fields: Any) -> dict[str, Any]:
    """An account's row with these fields, the rest by default."""
    return {"id": record_id, "rev": rev, **account.blank, "name": "Lunch", **fields}


def put(scope_id: str, record_id: str = LUNCH, rev: int = 1, **fields: Any) -> dict[str, Any]:
    """A PUT entry of an account."""
    return {
        "scope": scope_id,
        "collection": "account",
        "id": record_id,
        "kind": "PUT",
        "rev": rev,
        "row": row(record_id, rev, **fields),
        "clock": {"1": rev},
    }


def gone(kind: str, scope_id: str, record_id: str | None = LUNCH, rev: int = 1) -> dict[str, Any]:
    """A DELETE or EVICT entry; without a record id the whole scope is lost."""
    collection = "account" if record_id else None
    return {"scope": scope_id, "collection": collection, "id": record_id, "kind": kind, "rev": rev}


def state(scope_id: str, *revs: tuple[str, int]) -> dict[str, Any]:
    """What the server says that a scope holds: accounts by id and rev."""
    checksum = scope.checksum(scope.row_hash("account", record_id, rev) for record_id, rev in revs)
    return {"id": scope_id, "head": "1", "rows": len(revs), "checksum": checksum}


def page(
    *changes: Mapping[str, Any],
    scopes: Iterable[Mapping[str, Any]] = (),
    resync: Iterable[str] = (),
    more: bool = False,
    last_seq: int = 0,
    problem: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An answer to a pull."""
    return {
        "cursor": "c",
        "hasMore": more,
        "lastSeq": last_seq,
        "serverTime": SERVER_TIME,
        "changes": list(changes),
        "resyncScopes": list(resync),
        "scopes": list(scopes),
        "problem": problem,
    }


def block(scope_id: str, *rows: Mapping[str, Any], resume: str = "t") -> dict[str, Any]:
    """A line of a snapshot with these accounts."""
    columns = list(rows[0])
    values = [[each[name] for name in columns] for each in rows]
    clocks = [{"1": each["rev"]} for each in rows]
    return {
        "scope": scope_id, "collection": "account", "columns": columns, "rows": values, "clocks": clocks,
        "resume": resume,
    }  # fmt: skip


def verdict(edit: Any, status: str = "APPLIED", **parts: Any) -> dict[str, Any]:
    """One `SyncResult`."""
    blank: dict[str, Any] = {
        "original": None,
        "rev": None,
        "conflictIds": [],
        "existingId": None,
        "code": None,
        "message": None,
        "fields": [],
    }
    return {**blank, "seq": edit.seq, "uuid": edit.uuid, "status": status, **parts}


def settlement(
    *results: Mapping[str, Any], rows: Iterable[Mapping[str, Any]] = (), ratchet: str = "r2"
) -> dict[str, Any]:
    """An answer to a push that settled something."""
    return {
        "lastSeq": max((each["seq"] for each in results), default=0),
        "ratchet": ratchet,
        "serverTime": SERVER_TIME,
        "results": list(results),
        "rows": list(rows),
        "problem": None,
    }


def problem(code: str, **parts: Any) -> dict[str, Any]:
    """An answer to a push or a pull that settled nothing."""
    told = {"code": code, "message": "", "expectedSeq": None, "retryAfterMs": None, **parts}
    return {**page(), **settlement(), "problem": told}


def registration(incarnation: int = 1, epoch: int = 1) -> dict[str, Any]:
    """An answer to a registration."""
    bounds = {"pushMutationsMax": 500, "pushBytesMax": 1 << 20, "mutationBytesMax": 256 << 10, "pullRowsMax": 1000}
    return {
        "deviceId": named("device"),
        "incarnation": incarnation,
        "epoch": epoch,
        "ratchet": "r1",
        "serverTime": SERVER_TIME,
        "limits": bounds,
    }


class Bench:
    """A device on the bench: edits are numbered e1, e2 …, answers are given by hand."""

    def __init__(self, *changes: Mapping[str, Any], registered: bool = True) -> None:
        self.device = Device(SCHEMA, Link(named("install"), SCHEMA.version))
        self.edits = 0
        if registered:
            self.device.apply(answers.registered(self.device, registration()))
        if changes:
            self.pulled(page(*changes, more=True))

    def edit(self, record_id: str = LUNCH, op: Op = Op.UPDATE, *, saw_rev: int | None = None, **patch: Any) -> str:
        """Queue one edit and return its uuid."""
        return self.queue(Wish("account", record_id, op, patch, saw_rev))[0]

    def queue(self, *wishes: Wish, group: str | None = None) -> list[str]:
        """Queue edits and return their uuids."""
        uuids = [named(f"e{self.edits + n}") for n in range(1, len(wishes) + 1)]
        self.edits += len(wishes)
        made = DeviceTime(1_800_000_000_000 + self.edits)
        self.device.apply(kernel.enqueue(self.device, wishes, uuids=uuids, made=made, group=group))
        return uuids

    def step(self) -> kernel.Step | None:
        """What the device wants to do."""
        return kernel.next_step(self.device)

    def push(self) -> Push:
        """The push that the device wants to make."""
        step = self.step()
        assert isinstance(step, Push)
        return step

    def pushed(self, answer: Mapping[str, Any]) -> None:
        """The server answers the push that the device wants to make."""
        self.device.apply(answers.pushed(self.device, self.push(), answer))

    def pulled(self, answer: Mapping[str, Any]) -> None:
        """The server answers a pull."""
        self.device.apply(answers.pulled(self.device, answer))

    def began(self, resume: str = "t0") -> None:
        """The first line of a snapshot, or of the rest of one."""
        self.streamed({"asOf": "a", "scopes": {}, "resume": resume})

    def streamed(self, *lines: Mapping[str, Any]) -> None:
        """These lines of a snapshot come."""
        for line in lines:
            self.device.apply(filling.took(self.device, line))

    def ended(self) -> None:
        """The last line of a snapshot."""
        self.streamed({"done": True, "counts": {}, "cursor": "c"})

    def registered(self, incarnation: int) -> None:
        """The server gives a new incarnation."""
        assert isinstance(self.step(), Register)
        self.device.apply(answers.registered(self.device, registration(incarnation)))

    def row(self, record_id: str = LUNCH) -> Any:
        """The account as the user sees it."""
        return kernel.view(self.device, "account", record_id)

    def held(self) -> dict[str, tuple[str, ...]]:
        """The scopes of every confirmed row, by id."""
        return {key[1]: tuple(sorted(held.scopes)) for key, held in self.device.rows.items()}

    def seqs(self) -> list[int]:
        """The numbers in the queue."""
        return [edit.seq for edit in self.device.queue.values()]

    @property
    def pulls(self) -> bool:
        """Whether the next step is a pull."""
        return isinstance(self.step(), Pull)

    @property
    def fills(self) -> bool:
        """Whether the next step is a snapshot, or the rest of one."""
        return isinstance(self.step(), Snapshot)
