"""Version vectors and dots: what has been seen of a record, and which write is meant.

A dot names one write; a version vector is the set of all writes up to a counter per replica. On the wire and in the
merge the vector is compressed to one integer (`baseRev`, docs/protocol.md); the full vector is what `clock` shows and
the oracle that the compressed form is tested against.
Source: Preguiça, Baquero, Almeida et al., dotted version vectors, arXiv 1011.5808.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple


class Dot(NamedTuple):
    """The `counter`-th write of a replica; counters start at 1."""

    replica: int
    counter: int


class Order(Enum):
    """How two version vectors stand to each other."""

    EQUAL = "equal"
    BEFORE = "before"
    AFTER = "after"
    CONCURRENT = "concurrent"


class VersionVector(Mapping[int, int]):
    """Immutable; a replica that is absent counts as 0."""

    __slots__ = ("_counters",)

    def __init__(self, counters: Mapping[int, int] | None = None) -> None:
        self._counters = {replica: counter for replica, counter in (counters or {}).items() if counter > 0}

    @classmethod
    def of(cls, dots: Iterable[tuple[int, int]]) -> "VersionVector":
        """The smallest vector that holds every one of `dots`."""
        counters: dict[int, int] = {}
        for replica, counter in dots:
            if counter > counters.get(replica, 0):
                counters[replica] = counter
        return cls(counters)

    def __getitem__(self, replica: int) -> int:
        return self._counters[replica]

    def __iter__(self) -> Iterator[int]:
        return iter(self._counters)

    def __len__(self) -> int:
        return len(self._counters)

    def __hash__(self) -> int:
        return hash(frozenset(self._counters.items()))

    def __repr__(self) -> str:
        return f"VersionVector({self._counters!r})"

    def holds(self, dot: Dot) -> bool:
        """Whether the write is among those seen."""
        return self._counters.get(dot.replica, 0) >= dot.counter

    def dominates(self, other: "VersionVector") -> bool:
        """Whether everything that `other` has seen is seen here, too (equal vectors dominate each other)."""
        mine = self._counters
        return all(mine.get(replica, 0) >= counter for replica, counter in other._counters.items())

    def compare(self, other: "VersionVector") -> Order:
        """Where this vector stands relative to `other`."""
        above, below = self.dominates(other), other.dominates(self)
        if above:
            return Order.EQUAL if below else Order.AFTER
        return Order.BEFORE if below else Order.CONCURRENT

    def merge(self, other: "VersionVector") -> "VersionVector":
        """The least vector that dominates both."""
        counters = dict(self._counters)
        for replica, counter in other._counters.items():
            if counter > counters.get(replica, 0):
                counters[replica] = counter
        return VersionVector(counters)

    def with_dot(self, dot: Dot) -> "VersionVector":
        """This vector after it has also seen `dot` and all before it of that replica."""
        return self.merge(VersionVector({dot.replica: dot.counter}))
