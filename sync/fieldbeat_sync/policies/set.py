"""Add-wins sets: each element keeps the dots of its live adds, at most one per replica.

A remove kills the dots that its author had seen; an add first kills those and then leaves its own. An add that the
remover had not seen therefore survives. Source: Shapiro et al., OR-set, with dots for tags.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from fieldbeat_sync import limits
from fieldbeat_sync.values import BadValue, ValueType


class AddDot(NamedTuple):
    """One live add of an element: its dot and the record's rev that it made."""

    replica: int
    seq: int
    rev: int


_SIDES = frozenset({"$add", "$remove"})
Elements: TypeAlias = Mapping[str, tuple[AddDot, ...]]


class Delta(NamedTuple):
    """What a patch adds and removes; disjoint, sorted."""

    add: tuple[str, ...]
    remove: tuple[str, ...]


def parse(value: Any, kind: ValueType, *, creating: bool) -> Delta:
    """The delta in a patch: `{"$add": […], "$remove": […]}`, or on CREATE a plain array. Raises `BadValue`."""
    if creating and isinstance(value, list):
        value = {"$add": value}
    if not isinstance(value, dict) or not value or not value.keys() <= _SIDES:
        raise BadValue('must be {"$add": […], "$remove": […]}')
    add, remove = _elements(value.get("$add", ()), kind), _elements(value.get("$remove", ()), kind)
    if add and remove and set(add) & set(remove):
        raise BadValue("must not add and remove the same element")
    return Delta(add, remove)


def settle(
    elements: Elements, delta: Delta, *, dot: AddDot, saw: Callable[[AddDot], bool]
) -> dict[str, tuple[AddDot, ...]]:
    """The elements with their live dots after `delta`, written by `dot`, whose author `saw` some of the dots."""
    after = dict(elements)
    for element in delta.remove:
        left = tuple(held for held in after.get(element, ()) if not saw(held))
        if left:
            after[element] = left
        else:
            after.pop(element, None)
    for element in delta.add:
        # The server owns no dots, yet who has seen its newest add has seen them all: one a replica is enough.
        left = tuple(held for held in after.get(element, ()) if held.replica != dot.replica and not saw(held))
        after[element] = (*left, dot)
    return after


def _elements(value: Any, kind: ValueType) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise BadValue("$add and $remove must be arrays")
    if len(value) > limits.SET_ELEMENTS_MAX:
        raise BadValue(f"must add or remove at most {limits.SET_ELEMENTS_MAX} elements at once")
    return tuple(sorted({kind.check(element) for element in value})) if value else ()
