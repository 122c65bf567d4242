"""What a plan holds, what became of its rows, and what may be refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.refusal import Invalid, NotFound, Refusal

COST = "cost"  # of a part, beside its fields in what is remembered of its row: [since which day, amount]


class Fault(NamedTuple):
    """Why one row was not imported, or, as a `remark`, what of it was not. `line` counts from 1, the header's."""

    file: str
    line: int
    field: str
    message: str
    remark: bool = False


class RowFault(Exception):
    """One row cannot be imported; (field, message)."""


class Ref(NamedTuple):
    """Names a row of this source by its own key, until it is known which record it became."""

    collection: str
    key: str


class Named(NamedTuple):
    """A row that another one refers to: in which line, as what."""

    line: int
    field: str
    ref: Ref


@dataclass(frozen=True)
class Planned:
    """One row to settle: what the source says of one record, in wire fields, and in `refs` what it says of other rows.

    `holder` and `from_on` of a territory: who is assigned to it, when it is added; `cost` and `from_on` of a part.
    """

    collection: str
    key: str
    file: str
    line: int
    fields: Mapping[str, Any]
    refs: Mapping[str, Ref] = field(default_factory=dict)
    holder: Ref | None = None
    from_on: date | None = None
    cost: float | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What is remembered of the row, to know the next time whether the source says something else."""
        cost = {COST: [str(self.from_on), self.cost]} if self.cost is not None else {}
        return {**self.fields, **{name: list(ref) for name, ref in self.refs.items()}, **cost}

    @property
    def named(self) -> Iterator[Named]:
        """The rows that it refers to."""
        yield from (Named(self.line, name, ref) for name, ref in self.refs.items())
        if self.holder:
            yield Named(self.line, "holder", self.holder)

    @property
    def weight(self) -> int:
        """How much of a transaction it takes."""
        return 1


@dataclass(frozen=True)
class Word:
    """What was said about a ticket; `refs`: by whom (`authorId`), or by which contact, where that is known."""

    body: str
    public: bool
    by_customer: bool
    refs: Mapping[str, Ref] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One change in a ticket's past: what is written at an instant, in wire fields, and what was said then."""

    line: int
    at: datetime
    patch: Mapping[str, Any]
    refs: Mapping[str, Ref] = field(default_factory=dict)
    word: Word | None = None


@dataclass(frozen=True)
class PlannedTicket(Planned):
    """The past of one ticket, in the order of time; the first turn opens it. `number` None: it gets the next one.

    What is remembered of it are the digests of its turns: a past that begins with those goes on.
    """

    turns: tuple[Turn, ...] = ()
    number: int | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What is remembered of it."""
        return {**super().said, "turns": [_digest(turn) for turn in self.turns]}

    @property
    def named(self) -> Iterator[Named]:
        """Its account, and the people of every turn."""
        yield from super().named
        for turn in self.turns:
            refs = {**turn.refs, **(turn.word.refs if turn.word else {})}
            yield from (Named(turn.line, name, ref) for name, ref in refs.items())

    @property
    def weight(self) -> int:
        """Its turns."""
        return len(self.turns)


@dataclass(frozen=True)
class Plan:
    """Everything that an import will settle, in order: nobody before his manager, no contact before its account."""

    source: str
    content_hash: bytes
    rows: tuple[Planned, ...]
    faults: tuple[Fault, ...]

    def count(self, collection: str) -> int:
        """How many rows of a collection it holds."""
        return sum(row.collection == collection for row in self.rows)


class Kept(NamedTuple):
    """What an earlier import made of a source's row: the record, its rev then, and what the source said."""

    record_id: UUID
    rev: int
    said: dict[str, Any]


class Settled(NamedTuple):
    """What became of one row. `before` None: the record was added; else what `said` replaced."""

    place: int
    row: Planned
    record_id: UUID
    rev: int
    before: dict[str, Any] | None


@dataclass(frozen=True)
class Batch:
    """One run of an import, as far as it has come."""

    id: UUID
    source: str
    content_hash: bytes
    rows_total: int
    position: int
    added: int
    changed: int
    unchanged: int
    refused: int
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


@dataclass
class Tally:
    """What a run did, by the row."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    passwords: list[tuple[str, str]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Rows that were not imported."""
        return len({(fault.file, fault.line) for fault in self.faults if not fault.remark})

    def take(self, did: "Tally") -> None:
        """Adds what a part of the run did."""
        self.added += did.added
        self.changed += did.changed
        self.unchanged += did.unchanged
        self.faults += did.faults
        self.passwords += did.passwords


@dataclass(frozen=True)
class Imported:
    """The end of a run: the batch and what it did. A resumed run counts what it did itself; the batch counts all."""

    batch_id: UUID
    resumed_at: int
    tally: Tally


class Left(NamedTuple):
    """A record that undoing a batch left as it is, and why."""

    collection: str
    key: str
    record_id: UUID
    why: str


@dataclass
class Undone:
    """What undoing a batch did."""

    removed: int = 0
    restored: int = 0
    left: list[Left] = field(default_factory=list)


def _digest(turn: Turn) -> str:
    told = (turn.at, sorted(turn.patch.items()), sorted(turn.refs.items()))
    word = turn.word and (turn.word.body, turn.word.public, turn.word.by_customer, sorted(turn.word.refs.items()))
    return blake2b(repr((told, word)).encode(), digest_size=8).hexdigest()


class MappingInvalid(Invalid):
    """The mapping cannot be read."""


class BrokenFile(Refusal):
    """A file is broken; nothing was imported."""

    code = "BROKEN_FILE"

    def __init__(self, file: str, line: int, why: str) -> None:
        self.file, self.line = file, line
        super().__init__(f"{file}, line {line}: {why}. Nothing was imported.")


class BatchUnknown(NotFound):
    """There is no such import."""


class BatchUndone(Refusal):
    """This import was undone already."""

    code = "DELETED"


class TenantUnclear(NotFound):
    """Name the company with --tenant: its id or its name."""
