"""One record as the merge sees it: the row, and of every standing value the stamp of the write that set it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from fieldbeat_sync.mutation import Stamp, Version, new_tuple
from fieldbeat_sync.policies.set import AddDot, Elements
from fieldbeat_sync.schema import Collection, Field, Policy
from fieldbeat_sync.vector import VersionVector


@dataclass(init=False, repr=False, eq=False, match_args=False)  # for `replace` alone: all else is the Struct's
class Record(Struct, frozen=True):
    """Its `rev`, its row by wire names, and its stamps. What was never edited inherits the stamp of the CREATE.

    `dots` holds, per set field, the live add-dots of elements that the CREATE did not bring. `deletes` are those in
    force; the record is alive while there is none. `changed_ms` is when its newest write was applied.
    """

    rev: int
    row: Mapping[str, Any]
    created: Stamp
    changed_ms: int
    stamps: Mapping[str, Stamp] = {}
    dots: Mapping[str, Elements] = {}
    deletes: tuple[Stamp, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether no delete is in force."""
        return not self.deletes


def value_of(row: Mapping[str, Any], name: str) -> Any:
    """The value of a field, or of one key of a keyed field (`custom.<key>`)."""
    head, dot, key = name.partition(".")
    return row[head].get(key) if dot else row[head]


def with_value(row: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The row with one field set; a key of a keyed field that becomes null goes."""
    if "." not in name:
        return {**row, name: value}
    head, _, key = name.partition(".")
    keyed = {**row[head], key: value}
    return {**row, head: {k: v for k, v in keyed.items() if v is not None}}


def standing(record: Record, name: str, field: Field) -> Version:
    """The standing value of a register, group or state with its stamp."""
    row = record.row
    value = row[name] if name in row else value_of(row, name)
    stamp = record.stamps.get(name)
    if stamp is None:
        stamp = record.created if field.machine is None else inherited(record.created, field, value)
    return Version(value, stamp)


def inherited(created: Stamp, field: Field, value: Any) -> Stamp:
    """The stamp of a value that came with the CREATE."""
    return created if field.machine is None else created._replace(rank=field.machine.ranks[value])


def elements(record: Record, name: str) -> dict[str, tuple[AddDot, ...]]:
    """The elements of a set with their live add-dots."""
    known = record.dots.get(name, {})
    from_create = _dot_of_create(record)
    return {element: known.get(element, from_create) for element in record.row[name]}


def own_dots(record: Record, held: Elements) -> Elements:
    """What `dots` keeps of a set's elements: all but those that have the dot of the CREATE alone."""
    from_create = _dot_of_create(record)
    return {element: dots for element, dots in held.items() if dots != from_create}


def _dot_of_create(record: Record) -> tuple[AddDot, ...]:
    return (new_tuple(AddDot, record.created[:3]),)


def clock(record: Record, collection: Collection) -> VersionVector:
    """The version vector of the values that stand in the row: at most one counter per field and set element."""
    dots = [record.created[:2], *(stamp[:2] for stamp in record.stamps.values())]
    for name, held in record.dots.items():
        if collection.by_name[name].policy is Policy.SET:
            dots += [dot[:2] for own in held.values() for dot in own]
    return VersionVector.of(dots)
