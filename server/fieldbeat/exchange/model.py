"""What travels between a device and the server, by the contract's names."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fieldbeat_sync.schema import Op


class Platform(StrEnum):
    """What a device runs on."""

    IOS = "IOS"
    ANDROID = "ANDROID"
    WEB = "WEB"
    OTHER = "OTHER"


class Status(StrEnum):
    """The verdict of one mutation."""

    APPLIED = "APPLIED"
    MERGED = "MERGED"
    CONFLICT = "CONFLICT"
    REJECTED = "REJECTED"
    DUPLICATE = "DUPLICATE"


class Choice(StrEnum):
    """How a conflict is resolved."""

    KEEP_WINNER = "KEEP_WINNER"
    TAKE_LOSER = "TAKE_LOSER"
    SET_VALUE = "SET_VALUE"


class ProblemCode(StrEnum):
    """Why a whole push or pull was not answered; nothing was recorded."""

    DEVICE_UNKNOWN = "DEVICE_UNKNOWN"
    DEVICE_FORKED = "DEVICE_FORKED"
    DEVICE_WIPE = "DEVICE_WIPE"
    SEQUENCE_GAP = "SEQUENCE_GAP"
    EPOCH_CHANGED = "EPOCH_CHANGED"
    UPGRADE_REQUIRED = "UPGRADE_REQUIRED"
    TOO_LARGE = "TOO_LARGE"
    BUSY = "BUSY"
    CURSOR_INVALID = "CURSOR_INVALID"


@dataclass(frozen=True)
class Problem:
    """Told to the device instead of an answer; docs/protocol.md says what it does on each code."""

    code: ProblemCode
    message: str
    expected_seq: int | None = None
    retry_after_ms: int | None = None


@dataclass(frozen=True)
class Previous:
    """An earlier incarnation that the install continues, with the last seq that its own store knows to be settled."""

    incarnation: int
    last_seq: int


@dataclass(frozen=True)
class Registering:
    """What an install says of itself."""

    install_id: UUID
    platform: Platform
    schema_version: int
    name: str | None = None
    app_version: str | None = None
    push_token: str | None = None
    previous: Previous | None = None


@dataclass(frozen=True)
class Registered:
    """A device with its new incarnation."""

    device_id: UUID
    incarnation: int
    epoch: int
    ratchet: str
    server_time: datetime


@dataclass(frozen=True)
class Mutation:
    """One queued edit. `uuid` is its identity for ever, `seq` its number in this incarnation."""

    seq: int
    uuid: UUID
    at: datetime
    collection: str
    record_id: UUID
    op: Op
    base_rev: int | None = None
    patch: Any = None
    group: UUID | None = None
    uptime_ms: float | None = None
    boot_id: str | None = None
    as_sent: "Mutation | None" = None  # where an older app said it in other words

    @property
    def sent(self) -> "Mutation":
        """The edit in the words of the app that sent it."""
        return self.as_sent or self


@dataclass(frozen=True)
class Push:
    """A batch of mutations, with the device's clocks when it was sent."""

    device_id: UUID
    incarnation: int
    epoch: int
    ratchet: str
    schema_version: int
    device_now: datetime
    acked_through: int
    mutations: tuple[Mutation, ...]
    uptime_ms: float | None = None
    boot_id: str | None = None


@dataclass(frozen=True)
class Result:
    """The verdict of one mutation; `original` is the first verdict of a DUPLICATE."""

    seq: int
    uuid: UUID
    status: Status
    original: Status | None = None
    rev: int | None = None
    conflict_ids: tuple[UUID, ...] = ()
    existing_id: UUID | None = None
    code: str | None = None
    message: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pushed:
    """The answer to a push; `rows` is JSON of entries shaped like a pull's changes."""

    last_seq: int
    ratchet: str
    server_time: datetime
    results: tuple[Result, ...] = ()
    rows: bytes = b"[]"
    problem: Problem | None = None


@dataclass(frozen=True)
class Pull:
    """A request for what has changed since `cursor` (None: everything)."""

    device_id: UUID
    incarnation: int
    schema_version: int
    cursor: str | None = None
    limit: int = 500


@dataclass(frozen=True)
class ScopeState:
    """What the device holds of a scope once the checkpoint is complete."""

    id: str
    head: int
    rows: int
    checksum: str


@dataclass(frozen=True)
class Pulled:
    """One page of a pull; `changes` is JSON."""

    cursor: str
    has_more: bool
    last_seq: int
    server_time: datetime
    changes: bytes = b"[]"
    resync_scopes: tuple[str, ...] = ()
    scopes: tuple[ScopeState, ...] | None = None
    problem: Problem | None = None


@dataclass(frozen=True)
class Device:
    """A device's row."""

    id: UUID
    install_id: UUID
    user_id: UUID
    platform: str
    name: str | None
    app_version: str | None
    schema_version: int
    incarnation: int
    last_seq: int
    last_hlc: int
    ratchet: int
    wiped_at: datetime | None
    registered_at: datetime
    seen_at: datetime
    given: bytes | None
    given_at: datetime | None


@dataclass(frozen=True)
class Verdict:
    """A mutation as it was settled, kept by (user, uuid)."""

    uuid: UUID
    device_id: UUID
    replica: int
    seq: int
    collection: str
    record_id: UUID
    op: str
    payload_hash: bytes
    status: str
    at: datetime
    rev: int | None = None
    conflict_ids: tuple[UUID, ...] = ()
    existing_id: UUID | None = None
    code: str | None = None
    message: str | None = None
    fields: tuple[str, ...] = ()
    patch: str | None = None


@dataclass(frozen=True)
class SyncActor:
    """A person as history names him."""

    id: UUID
    name: str | None


@dataclass(frozen=True)
class ConflictSide:
    """One value of a conflict."""

    value: Any
    at: datetime
    replica: int
    actor: SyncActor | None


@dataclass(frozen=True)
class ConflictView:
    """A conflict as its readers see it."""

    id: UUID
    rev: int
    collection: str
    record_id: UUID
    field: str
    policy: str
    status: str
    winner: ConflictSide
    loser: ConflictSide
    created_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True)
class Rejection:
    """A rejected mutation with its parked payload: `patch` is JSON text, `position` where it stands in the list."""

    uuid: UUID
    collection: str
    record_id: UUID
    op: str
    patch: str | None
    code: str
    message: str
    fields: tuple[str, ...]
    at: datetime
    settled_at: datetime
    position: tuple[datetime, int, int]
    user: SyncActor
    device: SyncActor


@dataclass(frozen=True)
class FieldWrite:
    """One write of a field, as history keeps it. `at` is its effective time, `rule` why it won or lost."""

    value: Any
    rev: int
    at: datetime
    applied_at: datetime
    replica: int
    actor: SyncActor
    outcome: str
    rule: str
