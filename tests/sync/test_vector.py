"""Version vectors are a lattice: what has been seen, compared and joined."""

from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync.vector import Dot, Order, VersionVector

vectors = st.dictionaries(st.integers(0, 4), st.integers(0, 4), max_size=5).map(VersionVector)
dots = st.builds(Dot, st.integers(0, 4), st.integers(1, 4))

OPPOSITE = {Order.BEFORE: Order.AFTER, Order.AFTER: Order.BEFORE, Order.EQUAL: Order.EQUAL}


def test_two_phones_that_saw_different_writes_are_concurrent() -> None:
    anna, boris = VersionVector({1: 2}), VersionVector({1: 1, 2: 1})
    assert anna.compare(boris) is Order.CONCURRENT
    assert anna.merge(boris) == VersionVector({1: 2, 2: 1})
    assert anna.merge(boris).compare(anna) is Order.AFTER


def test_an_absent_replica_counts_as_zero() -> None:
    assert VersionVector({1: 0}) == VersionVector()
    assert hash(VersionVector({1: 0})) == hash(VersionVector())
    assert dict(VersionVector({3: 0, 2: 5})) == {2: 5}
    assert VersionVector({2: 5}).compare(VersionVector({2: 5, 9: 0})) is Order.EQUAL


def test_a_dot_is_held_from_its_counter_on() -> None:
    seen = VersionVector({7: 3})
    assert seen.holds(Dot(7, 1))
    assert seen.holds(Dot(7, 3))
    assert not seen.holds(Dot(7, 4))
    assert not seen.holds(Dot(8, 1))


@given(vectors, vectors)
def test_comparing_both_ways_gives_opposite_answers(one: VersionVector, other: VersionVector) -> None:
    assert other.compare(one) is OPPOSITE.get(one.compare(other), Order.CONCURRENT)
    assert (one.compare(other) is Order.EQUAL) == (one == other)


@given(vectors, vectors)
def test_dominating_is_holding_every_dot(one: VersionVector, other: VersionVector) -> None:
    every = [Dot(replica, n + 1) for replica, counter in other.items() for n in range(counter)]
    assert one.dominates(other) == all(one.holds(dot) for dot in every)


@given(vectors, vectors, vectors)
def test_merging_is_the_least_upper_bound(one: VersionVector, other: VersionVector, third: VersionVector) -> None:
    both = one.merge(other)
    assert both.dominates(one)
    assert both.dominates(other)
    if third.dominates(one) and third.dominates(other):
        assert third.dominates(both)
    assert both == other.merge(one)
    assert one.merge(one) == one
    assert both.merge(third) == one.merge(other.merge(third))


@given(vectors, vectors, vectors)
def test_dominating_is_transitive(one: VersionVector, other: VersionVector, third: VersionVector) -> None:
    if one.dominates(other) and other.dominates(third):
        assert one.dominates(third)


@given(st.lists(dots), dots)
def test_the_vector_of_dots_holds_each_of_them(seen: list[Dot], dot: Dot) -> None:
    vector = VersionVector.of(seen)
    assert all(vector.holds(each) for each in seen)
    assert vector.with_dot(dot) == VersionVector.of([*seen, dot])
