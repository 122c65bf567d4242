"""Counters: increments add up, each counted once by its dot (the push never applies one twice)."""

from typing import Any

from fieldbeat_sync.values import BadValue, ValueType


def parse(value: Any, kind: ValueType, *, creating: bool) -> float | int:
    """The increment in a patch: `{"$inc": n}`, or on CREATE a plain number. Raises `BadValue`."""
    if isinstance(value, dict):
        if set(value) != {"$inc"}:
            raise BadValue('must be {"$inc": number}')
        value = value["$inc"]
    elif not creating:
        raise BadValue('must be {"$inc": number}')
    checked: float | int = kind.check(value)
    return checked


def settle(standing: float | int, increment: float | int) -> float | int:
    """The sum."""
    return standing + increment
