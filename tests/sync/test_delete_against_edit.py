"""Delete against edit: the edit wins, and the delete is kept as a conflict."""

from fieldbeat_sync.merge import Past, revive
from fieldbeat_sync.mutation import Conflicted, Stamp
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op
from fieldbeat_testing.causal.cast import (
    ANNA,
    BORIS,
    CLARA,
    SERVER,
    after,
    change,
    created,
    edit,
    refused,
    rules,
    taken,
)


def deleted(record: Record | None = None, *, base_rev: int = 1) -> Record:
    return after(change(record or created(), edit(CLARA, base_rev, minute=5, op=Op.DELETE)))


def test_a_delete_by_one_who_has_seen_everything_deletes() -> None:
    verdict = taken(change(created(), edit(CLARA, 1, op=Op.DELETE)))
    assert not verdict.record.alive
    assert verdict.record.rev == 2
    assert rules(verdict) == {"*": "DELETES"}


def test_an_edit_that_had_not_seen_the_delete_revives_the_record() -> None:
    verdict = taken(change(deleted(), edit(ANNA, 1, minute=1, note="still here"), Past(foreign_rev=2)))
    assert verdict.record.alive
    assert verdict.record.row["note"] == "still here"
    [clash] = verdict.clashes
    assert (clash.field, clash.policy, clash.loser.value) == ("*", "delete", {"deleted": True})
    assert clash.loser.stamp.replica == CLARA.replica
    assert isinstance(verdict.outcome, Conflicted)


def test_a_delete_that_had_not_seen_an_edit_loses_to_it() -> None:
    record = after(change(created(), edit(ANNA, 1, note="still here")))
    verdict = taken(change(record, edit(CLARA, 1, op=Op.DELETE), Past(foreign_rev=2, uncovered=record.stamps["note"])))
    assert verdict.record.alive
    assert verdict.record.rev == 3
    assert rules(verdict) == {"*": "EDIT_BEATS_DELETE"}
    assert [(clash.field, clash.loser.stamp.replica) for clash in verdict.clashes] == [("*", CLARA.replica)]


def test_an_edit_that_had_seen_the_delete_is_refused() -> None:
    assert refused(change(deleted(), edit(ANNA, 2, note="too late"))).code == "DELETED"
    assert refused(change(deleted(), edit(CLARA, 1, seq=2, note="own delete"))).code == "DELETED"
    assert refused(change(deleted(), edit(ANNA, 2, op=Op.DELETE))).code == "DELETED"


def test_two_deletes_that_did_not_know_each_other_are_both_kept_when_an_edit_revives() -> None:
    twice = after(change(deleted(), edit(ANNA, 1, op=Op.DELETE)))
    assert len(twice.deletes) == 2
    verdict = taken(change(twice, edit(BORIS, 1, note="still here"), Past(foreign_rev=3)))
    assert verdict.record.alive
    assert [clash.loser.stamp.replica for clash in verdict.clashes] == [CLARA.replica, ANNA.replica]


def test_a_losing_value_revives_all_the_same() -> None:
    record = deleted(after(change(created(), edit(ANNA, 1, minute=50, note="later"))), base_rev=2)
    verdict = taken(change(record, edit(BORIS, 1, minute=1, note="earlier"), Past(foreign_rev=3)))
    assert verdict.record.alive
    assert verdict.record.row["note"] == "later"
    assert sorted(clash.field for clash in verdict.clashes) == ["*", "note"]


def test_a_write_of_server_fields_alone_revives_nothing() -> None:
    """Contract 5: writes of X fields bump the rev but keep nothing alive."""
    verdict = taken(change(deleted(), edit(SERVER, 1, seq=3, tier="ADMIN"), Past(foreign_rev=2)))
    assert not verdict.record.alive
    assert not verdict.clashes
    assert verdict.record.rev == 3
    assert verdict.record.row["tier"] == "ADMIN"
    revived = taken(change(deleted(), edit(SERVER, 1, seq=3, tier="ADMIN", note="and more"), Past(foreign_rev=2)))
    assert revived.record.alive


def test_a_child_revives_its_parent() -> None:
    verdict = revive(deleted(), edit(ANNA, 1, op=Op.CREATE))
    assert verdict is not None
    assert verdict.record.alive
    assert verdict.record.rev == 3
    assert [clash.field for clash in verdict.clashes] == ["*"]


def test_a_child_leaves_a_living_parent_as_it_is() -> None:
    assert revive(created(), edit(ANNA, 1, op=Op.CREATE)) is None


def test_a_child_that_the_delete_had_not_seen_keeps_its_parent_alive() -> None:
    child = Stamp(ANNA.replica, 1, 1, 1)
    assert after(change(created(), edit(CLARA, 1, op=Op.DELETE), Past(uncovered=child))).alive
