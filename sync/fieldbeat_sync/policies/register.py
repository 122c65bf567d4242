"""Registers, groups, unique keys and references: one value stands, the one with the greatest key.

A group is a register over a whole object, so its members never mix. Source: docs/protocol.md, "Merge".
"""

from typing import NamedTuple

from fieldbeat_sync.mutation import Version


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
    if seen:
        return Settled(winner, won, None, "SUPERSEDES")
    if winner.value == other.value:
        return Settled(winner, won, None, "EQUAL")
    return Settled(winner, won, other, "LATER_WINS" if won else "EARLIER_LOSES")
