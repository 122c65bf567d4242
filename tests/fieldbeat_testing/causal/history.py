"""Causal histories of one record: who wrote what, having seen which other writes, and every order they may arrive in.

What is kept of an edit is the *set of writes that its author had seen*; `base_rev` is not kept, because it is a number
of one arrival order. In a star that set is always a prefix of the server's order and the device's own edits, so an edit
forbids certain arrivals: nothing that it had not seen may come before a foreign write that it had.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldbeat_sync.schema import Collection, Op, Role

CREATE = 0
ROLES = (Role.ADMIN, Role.REP, Role.SUPERVISOR, Role.REP, Role.SUPERVISOR)


@dataclass(frozen=True)
class Made:
    """One edit as it was made. `device` 0 is the server; `known` are the own earlier edits that the device remembers.

    `at_ms` is the true time, `effective_ms` the one to merge by: the same but in wild histories. `own` as in `Author`.
    """

    id: int
    device: int
    op: Op
    patch: Mapping[str, Any]
    saw: frozenset[int]
    known: frozenset[int]
    at_ms: int
    effective_ms: int
    replica: int = 0
    seq: int = 0
    own: Mapping[int, int] = field(default_factory=dict)

    @property
    def role(self) -> Role:
        """The role of its author."""
        return ROLES[self.device]


@dataclass(frozen=True)
class History:
    """The edits by id (0 is the CREATE), and the order in which they first arrived.

    In a wild history effective times have nothing to do with true ones: hopeless clocks, years apart, running back.
    """

    collection: Collection
    made: tuple[Made, ...]
    first_arrival: tuple[int, ...]
    wild: bool = False

    def pulled(self, made: Made) -> set[int]:
        """What its author can only have seen by a pull: the writes of others, and own deletes (see `script`)."""
        return {each for each in made.saw if each not in made.known or self.made[each].op is Op.DELETE}


def arrivals(history: History, rng: random.Random, *, limit: int = 12) -> list[tuple[int, ...]]:
    """The causal orders in which the edits may arrive, the first one included: all, or `limit` drawn at random."""
    first = _predecessors(history)
    orders = {history.first_arrival}
    every = list(_all_orders(first, limit + 1))
    if len(every) <= limit:
        return sorted(orders.union(every))
    for _ in range(limit):
        orders.add(_one_order(first, rng))
    return sorted(orders)


def _predecessors(history: History) -> dict[int, set[int]]:
    """For each edit, the edits that must arrive before it."""
    ids = range(len(history.made))
    first: dict[int, set[int]] = {each: set(history.made[each].saw) | ({CREATE} if each else set()) for each in ids}
    for made in history.made[1:]:
        # Within one replica the order is fixed; the server writes at once, so after it comes what was made later.
        for later in history.made[made.id + 1 :]:
            if later.replica == made.replica or (made.device == 0 and later.at_ms > made.at_ms):
                first[later.id].add(made.id)
        for pulled in history.pulled(made):
            for unseen in set(ids) - made.saw:
                first[unseen].add(pulled)
    return first


def _all_orders(first: Mapping[int, set[int]], limit: int) -> Iterator[tuple[int, ...]]:
    found = 0

    def extend(placed: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        nonlocal found
        if len(placed) == len(first):
            found += 1
            yield placed
            return
        for each in _ready(first, placed):
            if found < limit:
                yield from extend((*placed, each))

    yield from extend(())


def _one_order(first: Mapping[int, set[int]], rng: random.Random) -> tuple[int, ...]:
    placed: tuple[int, ...] = ()
    while len(placed) < len(first):
        placed = (*placed, rng.choice(_ready(first, placed)))
    return placed


def _ready(first: Mapping[int, set[int]], placed: Sequence[int]) -> list[int]:
    before = set(placed)
    return [each for each in first if each not in before and first[each] <= before]
