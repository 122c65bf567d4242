"""Registers and groups: the later edit stands, the other is kept, and what was seen is superseded."""

from dataclasses import replace
from typing import Any

import pytest

from fieldbeat_sync.merge import Merge, Past
from fieldbeat_sync.mutation import Applied, Author, Conflicted, Edit, Merged, Rejected, Stamp, Version
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op, Role
from fieldbeat_testing.causal.cast import (
    ANNA,
    BORIS,
    NINE_MS,
    SERVER,
    after,
    change,
    created,
    edit,
    refused,
    rules,
    taken,
)


def two(first: Edit, second: Edit) -> tuple[Record, Merge]:
    """A record after both edits, and how the second fared."""
    record = after(change(created(note="as it was"), first))
    verdict = taken(change(record, second, Past(foreign_rev=record.rev)))
    return verdict.record, verdict


def test_the_later_of_two_offline_edits_stands_whichever_arrives_first() -> None:
    early, late = edit(ANNA, 1, minute=10, note="closed on Mondays"), edit(BORIS, 1, minute=20, note="ask for Ivo")
    for first, second, won in ((early, late, True), (late, early, False)):
        record, verdict = two(first, second)
        assert record.row["note"] == "ask for Ivo"
        [clash] = verdict.clashes
        assert (clash.field, clash.policy) == ("note", "register")
        assert (clash.winner.value, clash.loser.value) == ("ask for Ivo", "closed on Mondays")
        assert (clash.winner.stamp.replica, clash.loser.stamp.replica) == (2, 1)
        assert rules(verdict) == {"note": "LATER_WINS" if won else "EARLIER_LOSES"}
        assert isinstance(verdict.outcome, Conflicted)
        assert record.rev == 3  # a losing edit counts, too


def test_edits_of_different_fields_are_merged_without_a_conflict() -> None:
    record, verdict = two(edit(ANNA, 1, note="new"), edit(BORIS, 1, code="C-7"))
    assert (record.row["note"], record.row["code"]) == ("new", "C-7")
    assert verdict.outcome == Merged()


def test_an_edit_of_what_nobody_else_changed_is_applied() -> None:
    verdict = taken(change(created(), edit(ANNA, 1, note="mine"), Past(foreign_rev=1)))
    assert verdict.outcome == Applied()
    assert rules(verdict) == {"note": "SUPERSEDES"}


def test_one_who_has_seen_a_value_replaces_it_though_his_clock_is_behind() -> None:
    record = after(change(created(), edit(ANNA, 1, minute=300, note="by Anna")))
    verdict = taken(change(record, edit(BORIS, 2, minute=10, note="by Boris"), Past(foreign_rev=2)))
    assert verdict.record.row["note"] == "by Boris"
    assert not verdict.clashes
    assert verdict.writes[0].stamp.hlc == record.stamps["note"].hlc + 1


def test_ones_own_newer_edit_replaces_the_own_older_one_without_any_pull() -> None:
    record = after(change(created(), edit(ANNA, 1, seq=1, minute=9, note="first")))
    verdict = taken(change(record, edit(ANNA, 1, seq=2, minute=8, note="second"), Past()))
    assert verdict.record.row["note"] == "second"
    assert verdict.outcome == Applied()


def test_edits_from_before_a_new_installation_are_ones_own_up_to_the_last_that_it_remembers() -> None:
    record = after(change(created(), edit(ANNA, 1, seq=5, minute=9, note="before")))
    remembers, forgot = (Author(9, Role.REP, {ANNA.replica: last}) for last in (5, 4))
    assert not taken(change(record, edit(remembers, 1, minute=10, note="now"))).clashes
    assert taken(change(record, edit(forgot, 1, minute=10, note="now"))).clashes


def test_two_windows_at_headquarters_are_judged_like_two_devices() -> None:
    record = after(change(created(), edit(SERVER, 1, seq=2, minute=9, note="one window")))
    verdict = taken(change(record, edit(SERVER, 1, seq=3, minute=10, note="other window"), Past(foreign_rev=2)))
    assert [clash.loser.value for clash in verdict.clashes] == ["one window"]


def test_equal_concurrent_values_are_no_conflict_and_the_greater_key_stands() -> None:
    for first, second in ((ANNA, BORIS), (BORIS, ANNA)):
        record, verdict = two(*(edit(who, 1, minute=10 * who.replica, note="same") for who in (first, second)))
        assert not verdict.clashes
        assert rules(verdict) == {"note": "EQUAL"}
        assert record.stamps["note"].replica == BORIS.replica


@pytest.mark.parametrize(
    ("one", "other"), [(True, 1), (False, 0), ([True], [1]), ({"a": True}, {"a": 1}), ([], {}), ("1", 1)]
)
def test_values_that_only_python_takes_for_equal_are_a_conflict(one: Any, other: Any) -> None:
    record = after(change(created(), edit(ANNA, 1, minute=1, answers={"opened": one})))
    verdict = taken(change(record, edit(BORIS, 1, minute=2, answers={"opened": other}), Past(foreign_rev=2)))
    assert [clash.field for clash in verdict.clashes] == ["answers.opened"]


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), ({"a": 1, "b": [None]}, {"b": [None], "a": 1.0})])
def test_values_that_json_takes_for_equal_are_no_conflict(one: Any, other: Any) -> None:
    record = after(change(created(), edit(ANNA, 1, minute=1, answers={"opened": one})))
    assert not taken(change(record, edit(BORIS, 1, minute=2, answers={"opened": other}), Past(foreign_rev=2))).clashes


def test_a_tie_in_time_is_broken_by_the_replica_whichever_arrives_first() -> None:
    for first, second in ((ANNA, BORIS), (BORIS, ANNA)):
        record, _ = two(edit(first, 1, minute=5, note=str(first)), edit(second, 1, minute=5, note=str(second)))
        assert record.stamps["note"].replica == 2


def test_a_group_stands_as_one_of_the_two_wrote_it() -> None:
    start = created(place={"street": "Lange Gasse 1", "city": "Graz"})
    record = after(change(start, edit(ANNA, 1, minute=10, place={"street": "Ring 5", "city": "Wien"})))
    verdict = taken(change(record, edit(BORIS, 1, minute=20, place={"city": "Linz"}), Past(foreign_rev=2)))
    whole = dict.fromkeys(("street", "city", "region", "postalCode", "country"))
    assert verdict.record.row["place"] == whole | {"city": "Linz"}
    assert verdict.clashes[0].loser.value == whole | {"street": "Ring 5", "city": "Wien"}
    assert verdict.clashes[0].policy == "group"


def test_each_key_of_a_keyed_field_is_a_register_of_its_own() -> None:
    record = after(
        change(created(answers={"shelf": 2}), edit(ANNA, 1, minute=1, answers={"shelf": 3, "price": "9,90"}))
    )
    verdict = taken(change(record, edit(BORIS, 1, minute=2, answers={"shelf": 4}), Past(foreign_rev=2)))
    assert verdict.record.row["answers"] == {"shelf": 4, "price": "9,90"}
    assert [(clash.field, clash.loser.value) for clash in verdict.clashes] == [("answers.shelf", 3)]


def test_a_key_that_becomes_null_goes_but_remembers_who_cleared_it() -> None:
    record = after(change(created(answers={"shelf": 2}), edit(ANNA, 1, minute=5, answers={"shelf": None})))
    assert record.row["answers"] == {}
    verdict = taken(change(record, edit(BORIS, 1, minute=4, answers={"shelf": 7}), Past(foreign_rev=2)))
    assert verdict.record.row["answers"] == {}
    assert verdict.clashes[0].loser.value == 7


def test_the_value_seen_comes_from_history_when_the_row_no_longer_holds_it() -> None:
    """Rule K: Anna saw a value stamped far ahead; her edit inherits its key though Boris' value stands now."""
    seen = Version("seen", Stamp(7, 1, 2, (NINE_MS << 16) + 100))
    standing = Stamp(2, 1, 3, (NINE_MS << 16) + 101)
    record = Record(3, {**created().row, "note": "by Boris"}, created().created, NINE_MS, {"note": standing})
    verdict = taken(change(record, edit(ANNA, 2, note="by Anna"), Past(foreign_rev=3, versions={"note": [seen]})))
    assert verdict.writes[0].stamp.hlc == seen.stamp.hlc + 1 == standing.hlc
    assert verdict.record.row["note"] == "by Boris"  # same time, and 2 is the greater replica


def test_an_edit_is_not_older_than_what_it_had_seen_nor_than_its_authors_previous_one() -> None:
    late = edit(ANNA, 1, minute=0, note="x")
    floored = taken(change(created(), late, Past(floor_ms=NINE_MS + 7)))
    assert floored.writes[0].stamp.hlc == (NINE_MS + 7) << 16
    following = replace(late, after_hlc=(NINE_MS + 9) << 16)
    assert taken(change(created(), following)).writes[0].stamp.hlc == ((NINE_MS + 9) << 16) + 1


def test_what_does_not_exist_cannot_be_changed_and_what_exists_cannot_be_created() -> None:
    assert refused(change(None, edit(ANNA, 1, note="x"))).code == "NOT_FOUND"  # type: ignore[arg-type]
    assert refused(change(None, edit(ANNA, 1, op=Op.DELETE))).code == "NOT_FOUND"  # type: ignore[arg-type]
    again = refused(change(created(), edit(ANNA, 0, op=Op.CREATE, note="x")))
    assert again == Rejected("UNIQUE", "A record with this id exists.", ("id",))
