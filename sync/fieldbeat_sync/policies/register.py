"""Registers, groups, unique keys and references: one value stands, the one with the greatest key.

A group is a register over a whole object, so its members never mix. Source: docs/protocol.md, "Merge".
"""

from typing import Any, NamedTuple

from fieldbeat_sync.mutation import Version, new_tuple


class Settled(NamedTuple):
    """What stands after a write, whether the write won, and the loser to keep (None: nothing concurrent was lost)."""

    standing: Version
    won: bool
    loser: Version | None
    rule: str


def settle(standing: Version, incoming: Version, *, seen: bool) -> Settled:
    """Meets the standing value with an incoming one; `seen` says whether the incoming edit had seen it.

    The key of an edit is greater than that of every value it had seen, so the comparison alone decides; being
    concurrent only tells whether a value was lost that nobody meant to replace. Equal values lose nothing.
    """
    won = incoming.stamp.key > standing.stamp.key
    winner, other = (incoming, standing) if won else (standing, incoming)
    loser, rule = None, "SUPERSEDES"
    if not seen and same(winner.value, other.value):
        rule = "EQUAL"
    elif not seen:
        loser, rule = other, "LATER_WINS" if won else "EARLIER_LOSES"
    return new_tuple(Settled, (winner, won, loser, rule))


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    return bool(one == other) and _same_flags(one, other)


def _same_flags(one: Any, other: Any) -> bool:
    """Whether two values that Python takes for equal have true and false at the same places."""
    if isinstance(one, dict):
        return all(_same_flags(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return all(map(_same_flags, one, other))
    return isinstance(one, bool) == isinstance(other, bool)
