"""What was really done, noted where it was done: every edit with all that its author had seen."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldbeat_sync.schema import Op

RecordId = tuple[str, str]  # collection, id


@dataclass(frozen=True)
class Made:
    """An edit as its user made it.

    `before`: every earlier edit in the past of the phone's store, across backups. `base_rev`: the rev of the row that
    his phone showed (None: none). `children`: of a DELETE, the records below it that he could see.
    """

    uuid: str
    phone: str
    who: str
    collection: str
    record_id: str
    op: Op
    patch: Mapping[str, Any] | None
    base_rev: int | None
    group: str | None
    at_ms: int
    before: frozenset[str]
    children: frozenset[str] = frozenset()
    skew_ms: int = 0
    boot_id: str | None = None

    @property
    def about(self) -> RecordId:
        """The record that it edits."""
        return (self.collection, self.record_id)


@dataclass
class Ledger:
    """`dropped`: edits of stores that were overwritten by a backup. `office`: base revs of writes at desks, by rev.

    `sent`: the base rev that an edit travelled with, by its dot and uuid. `restored`: the database went back in time.
    """

    made: dict[str, Made] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    office: dict[tuple[RecordId, int], int] = field(default_factory=dict)
    sent: dict[tuple[int, int, str], int | None] = field(default_factory=dict)
    restored: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def find(self, what: str) -> None:
        """Something that must not be."""
        self.wrong.append(what)
