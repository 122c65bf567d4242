"""States: legality by the state that was seen; then the greatest (epoch, rank, time), and a reopen starts an epoch."""

from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.merge import Past
from fieldbeat_sync.mutation import Version
from fieldbeat_testing.causal.cast import ANNA, BORIS, CLARA, after, change, created, edit, refused, rules, taken

ACCOUNT = SCHEMA.collections["account"]


def test_the_higher_state_wins_though_it_was_set_earlier() -> None:
    for first, second, rule in (
        (edit(ANNA, 1, minute=30, stage="STARTED"), edit(BORIS, 1, minute=5, stage="SKIPPED"), "HIGHER_STATE_WINS"),
        (edit(BORIS, 1, minute=5, stage="SKIPPED"), edit(ANNA, 1, minute=30, stage="STARTED"), "LOWER_STATE_ABSORBED"),
    ):
        verdict = taken(change(after(change(created(), first)), second, Past(foreign_rev=2)))
        assert verdict.record.row["stage"] == "SKIPPED"
        assert [clash.loser.value for clash in verdict.clashes] == ["STARTED"]
        assert rules(verdict) == {"stage": rule}


def test_between_states_of_one_rank_the_later_move_wins() -> None:
    record = after(change(created(), edit(ANNA, 1, minute=30, mood="GOOD")))
    verdict = taken(change(record, edit(BORIS, 1, minute=5, mood="POOR"), Past(foreign_rev=2)))
    assert verdict.record.row["mood"] == "GOOD"
    assert rules(verdict) == {"mood": "EARLIER_LOSES"}


def test_a_reopen_beats_an_ordinary_move_that_did_not_know_it() -> None:
    done = after(change(created(stage="STARTED"), edit(ANNA, 1, minute=1, stage="DONE")))
    reopened = after(change(done, edit(CLARA, 2, minute=2, stage="STARTED")))
    assert reopened.stamps["stage"][4:] == (1, 1)
    seen = Version("DONE", done.stamps["stage"])
    verdict = taken(change(reopened, edit(BORIS, 2, minute=9, stage="DONE"), Past(3, versions={"stage": [seen]})))
    assert verdict.record.row["stage"] == "STARTED"
    assert rules(verdict) == {"stage": "LOWER_STATE_ABSORBED"}
    again = taken(change(reopened, edit(BORIS, 3, minute=9, stage="DONE"), Past(foreign_rev=3)))
    assert again.record.row["stage"] == "DONE"
    assert again.record.stamps["stage"][4:] == (3, 1)


def test_only_those_who_may_can_reopen() -> None:
    done = after(change(created(stage="SKIPPED"), edit(ANNA, 1, note="x")))
    refusal = refused(change(done, edit(ANNA, 2, seq=2, stage="PLANNED")))
    assert (refusal.code, refusal.fields) == ("FORBIDDEN", ("stage",))
    assert taken(change(done, edit(CLARA, 2, stage="PLANNED"))).record.row["stage"] == "PLANNED"
    assert taken(change(created(mood="OVER"), edit(ANNA, 1, mood="FAIR"))).record.row["mood"] == "FAIR"


def test_legality_is_judged_by_the_state_that_was_seen_not_by_the_one_that_stands() -> None:
    started = after(change(created(), edit(ANNA, 1, minute=1, stage="STARTED")))
    refusal = refused(change(started, edit(BORIS, 1, minute=2, stage="DONE")))
    assert (refusal.code, refusal.fields) == ("ILLEGAL_TRANSITION", ("stage",))
    assert taken(change(started, edit(BORIS, 2, minute=2, stage="DONE"))).record.row["stage"] == "DONE"
    skipped = after(change(started, edit(CLARA, 2, minute=3, stage="SKIPPED")))
    own = Version("STARTED", started.stamps["stage"])
    allowed = taken(change(skipped, edit(ANNA, 1, seq=2, stage="DONE"), Past(3, versions={"stage": [own]})))
    assert allowed.record.row["stage"] == "DONE"


def test_one_illegal_move_refuses_the_whole_edit() -> None:
    assert refused(change(created(), edit(ANNA, 1, note="kept?", stage="DONE"))).code == "ILLEGAL_TRANSITION"


def test_naming_the_state_that_one_sees_is_always_allowed() -> None:
    record = created(stage="SKIPPED")
    verdict = taken(change(record, edit(ANNA, 1, stage="SKIPPED")))
    assert verdict.record.row["stage"] == "SKIPPED"
    assert verdict.record.stamps["stage"][4:] == (2, 0)


def test_an_account_starts_as_a_prospect_and_only_a_supervisor_takes_it_back() -> None:
    account = created(ACCOUNT, name="Lonesome Pine")
    assert account.row["status"] == "PROSPECT"
    closed = after(change(account, edit(ANNA, 1, status="CLOSED"), collection=ACCOUNT))
    back = edit(ANNA, 2, seq=2, status="ACTIVE")
    assert refused(change(closed, back, collection=ACCOUNT)).code == "FORBIDDEN"
    assert after(change(closed, edit(CLARA, 2, status="ACTIVE"), collection=ACCOUNT)).row["status"] == "ACTIVE"


def test_consent_may_be_taken_back_by_whoever_may_write() -> None:
    contact = SCHEMA.collections["contact"]
    account_id = "00000000-0000-0000-0000-000000000001"
    denied = created(contact, accountId=account_id, name="Ivo", consent="DENIED")
    assert after(change(denied, edit(ANNA, 1, consent="GRANTED"), collection=contact)).row["consent"] == "GRANTED"
