"""Sets: an add that the remover had not seen survives. Counters: increments add up."""

import pytest

from fieldbeat_sync.codec import encode_stamps
from fieldbeat_sync.merge import Past
from fieldbeat_sync.mutation import Applied, Author, Merged
from fieldbeat_sync.policies.set import AddDot
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Field, Policy, Role
from fieldbeat_sync.values import Number, Text
from fieldbeat_testing.causal.cast import ANNA, BORIS, SERVER, after, change, created, edit, taken


def test_adds_of_two_phones_are_both_there() -> None:
    record = after(change(created(tags=["old"]), edit(ANNA, 1, tags={"$add": ["vip"]})))
    verdict = taken(change(record, edit(BORIS, 1, tags={"$add": ["kiosk"], "$remove": ["old"]}), Past(foreign_rev=2)))
    assert verdict.record.row["tags"] == ["kiosk", "vip"]
    assert verdict.outcome == Merged()


@pytest.mark.parametrize("remover_first", [False, True])
def test_an_add_that_the_remover_had_not_seen_survives(remover_first: bool) -> None:
    start = created(tags=["vip"])
    both = [edit(ANNA, 1, tags={"$add": ["vip"]}), edit(BORIS, 1, tags={"$remove": ["vip"]})]
    first, second = reversed(both) if remover_first else both
    assert after(change(after(change(start, first)), second)).row["tags"] == ["vip"]


def test_a_remove_takes_away_what_was_seen_and_nothing_else() -> None:
    record = after(change(created(tags=["vip", "kiosk"]), edit(ANNA, 1, tags={"$remove": ["vip", "never there"]})))
    assert record.row["tags"] == ["kiosk"]
    added = after(change(record, edit(BORIS, 1, tags={"$add": ["vip"]})))
    unseen = taken(change(added, edit(ANNA, 2, seq=2, tags={"$remove": ["vip"]})))
    assert unseen.record.row["tags"] == ["kiosk", "vip"]
    assert after(change(unseen.record, edit(ANNA, 4, seq=3, tags={"$remove": ["vip"]}))).row["tags"] == ["kiosk"]


def test_a_phone_may_remove_what_it_added_itself_before_any_pull() -> None:
    record = after(change(created(), edit(ANNA, 1, seq=1, tags={"$add": ["typo"]})))
    verdict = taken(change(record, edit(ANNA, 1, seq=2, tags={"$remove": ["typo"]})))
    assert verdict.record.row["tags"] == []
    assert verdict.outcome == Applied()


def test_an_element_keeps_one_live_add_a_replica() -> None:
    record = created()
    for seq in range(1, 20):
        for author in (ANNA, BORIS):
            record = after(change(record, edit(author, 1, seq=seq, tags={"$add": ["vip"]})))
    assert [dot.replica for dot in record.dots["tags"]["vip"]] == [1, 2]


def test_a_form_at_headquarters_that_is_saved_again_and_again_leaves_one_live_add() -> None:
    """The server owns none of its dots, so it does not see its own add; the newest of them decides as all would."""
    record = created()
    for _ in range(50):
        record = after(change(record, edit(SERVER, 1, seq=record.rev + 1, tags={"$add": ["vip"]})))
    assert record.dots["tags"]["vip"] == (AddDot(0, 51, 51),)
    assert len(encode_stamps(record)) < 60


def test_an_add_that_has_seen_all_others_replaces_them() -> None:
    record = created()
    for replica in range(10, 40):
        record = after(change(record, edit(Author(replica, Role.REP), 1, tags={"$add": ["vip"]})))
    assert len(record.dots["tags"]["vip"]) == 30
    record = after(change(record, edit(ANNA, record.rev, tags={"$add": ["vip"]})))
    assert record.dots["tags"]["vip"] == (AddDot(ANNA.replica, 1, 32),)


def test_elements_of_the_create_cost_nothing_until_they_are_touched() -> None:
    record: Record = created(tags=["a", "b", "c"])
    assert record.dots == {}
    assert after(change(record, edit(ANNA, 1, tags={"$remove": ["b"]}))).dots == {"tags": {}}


def test_increments_of_two_phones_add_up() -> None:
    record = after(change(created(visits=10), edit(ANNA, 1, visits={"$inc": 2})))
    verdict = taken(change(record, edit(BORIS, 1, visits={"$inc": -3}), Past(foreign_rev=2)))
    assert verdict.record.row["visits"] == 9
    assert verdict.outcome == Merged()
    assert [(write.value, write.outcome) for write in verdict.writes] == [({"$inc": -3}, "ADDED")]


@pytest.mark.parametrize("kind", [Number(), Text()])
def test_a_counter_of_fractions_cannot_be_declared(kind: Number | Text) -> None:
    """Sums of fractions depend on their order: (0.1 + 0.2) + 0.3 is not 0.1 + (0.2 + 0.3)."""
    with pytest.raises(ValueError, match="whole numbers"):
        Field("litres", Policy.COUNTER, kind)
