"""State machines: the key of a move is (epoch, rank, hlc), inherited from the state that the edit had seen.

A move to a higher or equal rank is ordinary; one to a lower rank is a reopen and starts a new epoch, so that a reopen
beats every ordinary move made without knowing it. Source: docs/protocol.md, "States".
"""

from collections.abc import Mapping
from typing import Any

from fieldbeat_sync.mutation import Author, Rejected, Stamp, Version
from fieldbeat_sync.policies import register
from fieldbeat_sync.schema import Machine


def judge(
    machine: Machine, seen: str, target: str, *, author: Author, row: Mapping[str, Any], name: str
) -> Rejected | None:
    """Why the move is not allowed from the state that was seen, or None. `row` tells who holds the record."""
    if not machine.allows(seen, target):
        return Rejected("ILLEGAL_TRANSITION", f"{name} cannot go from {seen} to {target}", (name,))
    role = author.role
    if target != seen and role not in machine.moved_by.get(target, (role,)):
        return Rejected("FORBIDDEN", f"{name} cannot be set to {target} by a {role.lower()}", (name,))
    if machine.is_reopen(seen, target):
        reopen = machine.reopening(seen, target)
        holds = reopen.holder is not None and row[reopen.holder] == author.user_id
        if role not in reopen.by and not holds:
            return Rejected(
                "FORBIDDEN", f"{name} cannot be taken back from {seen} to {target} by a {role.lower()}", (name,)
            )
    return None


def keyed(stamp: Stamp, machine: Machine, seen: Version | None, target: str) -> Stamp:
    """`stamp` with the move's rank and epoch. `seen` None: nothing was seen, so it starts from the initial state."""
    from_state = seen.value if seen else machine.initial
    epoch = seen.stamp.epoch if seen else 0
    return Stamp(*stamp[:4], machine.ranks[target], epoch + machine.is_reopen(from_state, target))


def settle(standing: Version, incoming: Version, *, seen: bool) -> register.Settled:
    """As a register, with the rule named by what decided: the rank or, between equal ranks, the time."""
    settled = register.settle(standing, incoming, seen=seen)
    same = standing.stamp[4:] == incoming.stamp[4:]
    if settled.loser is None or same:
        return settled
    return settled._replace(rule="HIGHER_STATE_WINS" if settled.won else "LOWER_STATE_ABSORBED")
