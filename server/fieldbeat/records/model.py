"""What a change is, what comes of it, and what a capability tells about a collection that it keeps."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.refusal import Refusal
from fieldbeat_sync import scope
from fieldbeat_sync.mutation import Edit, Outcome, Rejected, Timing
from fieldbeat_sync.schema import Collection, Op

if TYPE_CHECKING:
    from fieldbeat.records.transaction import Tx

Row: TypeAlias = dict[str, Any]
ScopesOf: TypeAlias = Callable[[Conn, UUID, Mapping[UUID, Row]], Awaitable[dict[UUID, frozenset[str]]]]
Prepare: TypeAlias = Callable[
    [Conn, Actor, Sequence[Mapping[str, Any]]], Awaitable[Sequence[Mapping[str, Any] | Refusal]]
]
# A record as it stands in the transaction, by its collection and id, if the transaction holds it.
Look: TypeAlias = Callable[[str, UUID], Mapping[str, Any] | None]
# What judges an edit by its record's row and its patch; and what reads, set-wise, what all rows, and all patches, name.
Judgement: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any], Look], Rejected | None]
Named: TypeAlias = Sequence[Mapping[str, Any]]
Judge: TypeAlias = Callable[[Conn, UUID, Named, Named], Awaitable[Judgement]]
FollowUp: TypeAlias = Callable[["Tx", Actor, "Sequence[Saved]"], Awaitable[None]]


class Key(NamedTuple):
    """Names a record within its tenant; records are locked in the order of their keys."""

    collection: str
    id: UUID


class Saved(NamedTuple):
    """One record as a transaction has just written it; a row is None where there was none, or where it is deleted."""

    record_id: UUID
    before: Row | None
    after: Row | None
    rev: int
    writes: tuple["Wrote", ...] = ()  # its history in this transaction


@dataclass(frozen=True)
class Kept:
    """A collection as the server keeps it: its table, and in which scopes each of its rows lives.

    `scopes` answers for many rows at once (tenant, rows by id). A record can only move when one of `scope_fields`
    changes. `parent` keeps the collection that the schema's parent field refers to. `prepare` gives what the server
    adds to CREATEs of devices, or why it cannot, one for each patch. `follow_up` does, in the same transaction and
    whoever wrote, what must follow from written records; it refuses nothing. `judge` has the last word on an edit that
    the merge takes, by other records.
    """

    schema: Collection
    table: str
    scopes: ScopesOf
    scope_fields: tuple[str, ...] = ()
    parent: "Kept | None" = None
    prepare: Prepare | None = None
    follow_up: FollowUp | None = None
    judge: Judge | None = None

    def parent_of(self, op: Op, patch: Mapping[str, Any]) -> "Key | None":
        """The record that a mutation keeps alive: a CREATE its parent, if it names one."""
        if self.parent is None or self.schema.parent is None or op is not Op.CREATE:
            return None
        named = as_id(patch.get(self.schema.parent))
        return Key(self.parent.schema.name, named) if named else None


@dataclass(frozen=True)
class Change:
    """One change of one record by a verb of the server; `base_rev` None is the rev at execution.

    `at`: when it took place, if that was before now, and `timing`, how that is known. `corrects`: see
    `Edit`.
    """

    kept: Kept
    record_id: UUID
    op: Op
    patch: Mapping[str, Any]
    base_rev: int | None = None
    at: datetime | None = None
    timing: Timing = Timing.SERVER
    corrects: bool = False


@dataclass(frozen=True)
class Changed:
    """The record after the change; `before` is its row as it was locked, None when there was none."""

    record_id: UUID
    rev: int
    row: Row
    before: Row | None
    outcome: Outcome
    conflict_ids: tuple[UUID, ...]


class ChangeRefused(Refusal):
    """The change was refused; nothing was written."""

    def __init__(self, rejected: Rejected, *, existing_id: UUID | None = None) -> None:
        super().__init__(rejected.message, fields=rejected.fields)
        self.code: str = rejected.code  # type: ignore[misc]  # one refusal for every code of the merge
        self.existing_id = existing_id


@dataclass(frozen=True)
class Task:
    """An edit on its way into a record: from a device's mutation or from a verb."""

    kept: Kept
    record_id: UUID
    edit: Edit
    actor_id: UUID
    device_id: UUID | None = None

    @cached_property
    def key(self) -> Key:
        """The record that it edits."""
        return Key(self.kept.schema.name, self.record_id)

    @property
    def parent(self) -> Key | None:
        """The record that its CREATE keeps alive."""
        return self.kept.parent_of(self.edit.op, self.edit.patch)


@dataclass(frozen=True)
class Given:
    """Up to which feed number an author was given each scope, and when; None of `seqs`: he sees everything as it is."""

    seqs: Mapping[str, int] | None = field(default_factory=dict)
    at_ms: int = 0


class Settled(NamedTuple):
    """The verdict of one task in memory: the outcome, the record's rev, its conflicts, the edit's hybrid time."""

    outcome: Outcome
    rev: int | None = None
    conflict_ids: tuple[UUID, ...] = ()
    existing_id: UUID | None = None
    hlc: int = 0


class Wrote(NamedTuple):
    """One row of history to write."""

    key: Key
    field: str
    value: Any
    rev: int
    replica: int
    seq: int
    hlc: int
    rank: int
    epoch: int
    outcome: str
    rule: str
    actor_id: UUID
    device_id: UUID | None
    timing: str
    base_rev: int  # what its author had seen


class Entry(NamedTuple):
    """What the feed of one scope says about one record. `was_rev`: the rev that was live there before, if any."""

    scope_id: str
    collection: str
    record_id: UUID
    kind: str
    rev: int
    doc: str | None
    was_rev: int | None

    @property
    def live_rows(self) -> int:
        """By how much the entry changes the scope's count of live rows."""
        return (self.kind == "PUT") - (self.was_rev is not None)

    @property
    def checksum(self) -> int:
        """By how much it changes the scope's checksum (before the modulus)."""
        after = scope.row_hash(self.collection, self.record_id, self.rev) if self.kind == "PUT" else 0
        before = scope.row_hash(self.collection, self.record_id, self.was_rev) if self.was_rev is not None else 0
        return after - before


@dataclass(frozen=True)
class Conflict:
    """A losing value that is kept for a human; `fields` is its wire row, `record_rev` the rev it arose with.

    The hybrid times tell the writes of both values from others of the same rev; they are not stored. With `loser_seq`
    the loser's dot is whole; 0: no edit wrote it.
    """

    id: UUID
    rev: int
    fields: Row
    winner_replica: int
    loser_replica: int
    record_rev: int
    winner_rev: int
    loser_rev: int
    created_at: datetime
    winner_hlc: int = 0
    loser_hlc: int = 0
    loser_seq: int = 0

    @cached_property
    def about(self) -> Key:
        """The record whose field lost a value."""
        return Key(self.fields["collection"], UUID(self.fields["recordId"]))


def as_id(value: Any) -> UUID | None:
    """What a phone wrote as an id, if it is one."""
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        return None
