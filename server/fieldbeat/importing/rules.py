"""Pure decisions of an import: what changed between two states of a source, and what may be undone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from fieldbeat.importing.model import Planned
from fieldbeat_sync.schema import Collection, Policy

CHUNK_ROWS = 500
CHUNK_PEOPLE = 20  # each costs a password hash, and heads of scopes are not held that long


def chunks(rows: Sequence[Planned], *, begin: int) -> Iterator[tuple[int, list[Planned]]]:
    """Rows of one collection, few enough for one transaction, with the place of the first."""
    place = begin
    for collection, group in groupby(rows[begin:], key=lambda row: row.collection):
        for portion in _portions(group, CHUNK_PEOPLE if collection == "user" else CHUNK_ROWS):
            yield place, portion
            place += len(portion)


def _portions(rows: Iterable[Planned], weight_max: int) -> Iterator[list[Planned]]:
    """Rows of so much weight together, or one that alone has more."""
    portion: list[Planned] = []
    weight = 0
    for row in rows:
        if portion and weight + row.weight > weight_max:
            yield portion
            portion, weight = [], 0
        portion.append(row)
        weight += row.weight
    if portion:
        yield portion


def difference(collection: Collection, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The patch from what a source said to what it says; what it says no more is cleared, sets change by element."""
    patch: dict[str, Any] = {}
    for each in collection.fields:
        old, new = before.get(each.name), now.get(each.name)
        if old == new:
            continue
        if each.policy is Policy.SET:
            old, new = set(old or ()), set(new or ())
            patch[each.name] = {"$add": sorted(new - old), "$remove": sorted(old - new)}
        elif each.keyed:
            old, new = old or {}, new or {}
            patch[each.name] = {key: new.get(key) for key in {*old, *new} if old.get(key) != new.get(key)}
        else:
            patch[each.name] = new
    return patch
