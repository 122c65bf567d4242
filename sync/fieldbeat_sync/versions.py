"""Schema versions: the words of an older app become the current ones, and back (docs/protocol.md, "Schema versions").

Server and merge know the current version alone. What an older app sends is lifted before it is looked at, what it is
sent is lowered, both at the edge and here in full. A version may add fields and rename them; a field that would take
another type, or a group another member, gets a new name instead: so nothing is ever lost on the way down or up.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.schema import Collection, Schema

OLDEST = 1  # whose words are still understood: a push of any age is read
OLDEST_SERVED = 1  # an older app is told UPGRADE_REQUIRED on pull

# Marks a name that the sender's version does not have, so that the checks refuse it like any other unknown name.
_LATER = " of a later version"


@dataclass(frozen=True)
class Shift:
    """What a version changed in one collection: fields `renamed` (old name to new) and `added`."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    added: frozenset[str] = frozenset()


# By the version that brought them. A step that was released never changes.
STEPS: Mapping[int, Mapping[str, Shift]] = {
    2: {
        "contact": Shift({"title": "jobTitle"}, frozenset({"preferredChannel"})),
        "user": Shift(added=frozenset({"skills"})),
    },
}


@dataclass(frozen=True)
class Wording:
    """A collection in the words of an older version: its names by the current ones, and the reverse."""

    lowered: Mapping[str, str]  # every field that the version has
    lifted: Mapping[str, str]
    current: frozenset[str]

    def lift(self, name: str) -> str:
        """The current name of a field, or of one key of a keyed one; what is no field stays what it is."""
        head, dot, key = name.partition(".")
        known = self.lifted.get(head)
        return (known or (head + _LATER if head in self.current else head)) + dot + key

    def lower(self, name: str) -> str:
        """The version's name of a field; one that the version does not have keeps its own."""
        head, dot, key = name.removesuffix(_LATER).partition(".")
        return (head if name.endswith(_LATER) else self.lowered.get(head, head)) + dot + key


def is_served(version: int) -> bool:
    """Whether an app of this version may pull."""
    return OLDEST_SERVED <= version <= SCHEMA.version


def changed_since(version: int) -> frozenset[str]:
    """The collections whose rows differ from those of `version`; none for the current one and for unknown newer ones.

    Conflicts name a field of the record that they are about, so they differ as soon as anything does.
    """
    wordings = _wordings(version)
    return frozenset({*wordings, "conflict"}) if wordings else frozenset()


def schema_of(version: int) -> Schema:
    """All collections as `version` knows them."""
    wordings = _wordings(version)
    return Schema(
        version,
        {
            name: _lowered(collection, wordings[name]) if name in wordings else collection
            for name, collection in SCHEMA.collections.items()
        },
    )


def lift_patch(version: int, collection: str, patch: Mapping[str, Any]) -> Mapping[str, Any]:
    """A patch of an app of `version` in current words. Only names change: what it does not name stays untouched."""
    wording = _wordings(version).get(collection)
    return {wording.lift(name): value for name, value in patch.items()} if wording else patch


def lift_row(version: int, collection: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row as an app of `version` holds it, in current words; fields that it never knew have their default."""
    if collection == "conflict":
        return {**row, "field": lift_name(version, row["collection"], row["field"])}
    wording = _wordings(version).get(collection)
    if wording is None:
        return row
    told = {name: value for name, value in row.items() if name not in wording.lifted}
    known = {wording.lifted[name]: value for name, value in row.items() if name in wording.lifted}
    return {**told, **SCHEMA.collections[collection].blank, **known}


def lower_row(version: int, collection: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A current row in the words of `version`, without the fields that it does not have."""
    if collection == "conflict":
        return {**row, "field": lower_name(version, row["collection"], row["field"])}
    wording = _wordings(version).get(collection)
    if wording is None:
        return row
    return {
        wording.lowered.get(name, name): value
        for name, value in row.items()
        if name in wording.lowered or name not in wording.current
    }


def lower_entry(version: int, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry of `changes`, or of a push's `rows`, in the words of `version`."""
    if "row" not in entry:
        return entry
    return {**entry, "row": lower_row(version, entry["collection"], entry["row"])}


def lower_block(
    version: int, collection: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[list[str], list[list[Any]]]:
    """Current rows as lists under `columns`, in the words of `version`."""
    lowered = [lower_row(version, collection, dict(zip(columns, row, strict=True))) for row in rows]
    known = list(lower_row(version, collection, dict.fromkeys(columns, ""))) if collection != "conflict" else [*columns]
    return known, [[row[name] for name in known] for row in lowered]


def lift_name(version: int, collection: str, name: str) -> str:
    """The current name of a field that `version` calls `name`."""
    wording = _wordings(version).get(collection)
    return wording.lift(name) if wording else name


def lower_name(version: int, collection: str, name: str) -> str:
    """What `version` calls a field, or its current name where it has none."""
    wording = _wordings(version).get(collection)
    return wording.lower(name) if wording else name


def lower_text(version: int, collection: str, text: str) -> str:
    """A sentence about fields of a collection, with the names of `version`."""
    wording = _wordings(version).get(collection)
    if wording is None:
        return text
    renamed = "|".join(re.escape(new) for new, old in wording.lowered.items() if new != old)
    later = re.escape(_LATER)
    return re.sub(rf"\b(?:{renamed})\b(?!{later})", lambda found: wording.lower(found[0]), text) if renamed else text


def current_name(collection: str, name: str) -> str:
    """The current name of a field that any version has called `name`; what is a field today is meant as it stands."""
    head = name.partition(".")[0]
    declared = SCHEMA.collections.get(collection)
    if declared is None or head in declared.by_name:
        return name
    lifted = (lift_name(version, collection, name) for version in reversed(range(OLDEST, SCHEMA.version)))
    return next((each for each in lifted if each != name), name)


def tellings(collection: str, patch: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """How each version says the current `patch`, where it can: the same edit, sent before or after an update."""
    yield patch
    for version in range(OLDEST, SCHEMA.version):
        wording = _wordings(version).get(collection)
        if wording is not None:
            told = {wording.lower(name): value for name, value in patch.items()}
            if lift_patch(version, collection, told) == patch:
                yield told


@cache
def _wordings(version: int) -> Mapping[str, Wording]:
    """The collections that changed after `version`; one that is older than all is taken for the oldest."""
    later = [STEPS[step] for step in range(max(version, OLDEST) + 1, SCHEMA.version + 1)]
    return {name: wording_of(name, later) for name in sorted({name for step in later for name in step})}


def wording_of(collection: str, later: Iterable[Mapping[str, Shift]]) -> Wording:
    """The words of a collection before the steps `later`, oldest first."""
    current = frozenset(SCHEMA.collections[collection].by_name)
    lowered = {name: name for name in current}
    for step in reversed(tuple(later)):
        shift = step.get(collection, Shift())
        old = {new: name for name, new in shift.renamed.items()}
        lowered = {name: old.get(then, then) for name, then in lowered.items() if then not in shift.added}
    return Wording(lowered, {then: name for name, then in lowered.items()}, current)


def _lowered(collection: Collection, wording: Wording) -> Collection:
    fields = tuple(
        replace(each, name=wording.lowered[each.name]) for each in collection.fields if each.name in wording.lowered
    )
    parent = collection.parent and wording.lowered[collection.parent]
    return replace(collection, fields=fields, parent=parent)


_missing = set(range(OLDEST + 1, SCHEMA.version + 1)) - STEPS.keys()
if _missing:
    raise LookupError(f"no step leads to version {', '.join(map(str, sorted(_missing)))}")
