"""The client side of the protocol: queueing, pushing, verdicts, and every problem code."""

from dataclasses import replace

import pytest

from fieldbeat_sync import answers
from fieldbeat_sync import device as kernel
from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.device import Device, Link, Push, Register, UnfitEdit, Wipe, Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.device import (
    LUNCH,
    NORTH,
    Bench,
    gone,
    named,
    page,
    problem,
    put,
    registration,
    row,
    settlement,
    state,
    verdict,
)

NOW = DeviceTime(1_800_000_000_000, 5.5, "boot")


def test_a_new_device_registers_then_pushes_then_takes_a_snapshot_and_pulls() -> None:
    bench = Bench(registered=False)
    bench.edit(op=Op.CREATE, name="Lunch")
    assert isinstance(bench.step(), Register)
    bench.registered(1)
    assert [edit.seq for edit in bench.push().edits] == [1]
    bench.pushed(settlement(verdict(bench.push().edits[0], rev=1), rows=[put(NORTH)]))
    assert bench.fills
    bench.began()
    bench.ended()
    assert bench.pulls
    bench.pulled(page(put(NORTH), scopes=[state(NORTH, (LUNCH, 1))], last_seq=1))
    assert bench.step() is None


def test_an_edit_keeps_the_rev_that_its_author_saw_whatever_he_queues_himself() -> None:
    bench = Bench(put(NORTH, rev=7))
    bench.edit(note="one")
    bench.edit(note="two")
    bench.edit(saw_rev=5, note="from a form opened earlier")
    bench.edit(named("unseen"), note="nothing seen")
    bench.edit(named("new"), Op.CREATE, name="New")
    assert [edit.base_rev for edit in bench.device.queue.values()] == [7, 7, 5, None, None]


def test_the_view_is_the_confirmed_row_with_the_queue_replayed_over_it() -> None:
    bench = Bench(put(NORTH, rev=3, tags=["old", "vip"], custom={"a": 1, "b": 2}))
    bench.edit(note="ring the bell", tags={"$add": ["new"], "$remove": ["old"]}, custom={"a": None, "c": 3})
    bench.edit(address={"city": "Lyon"}, status="ACTIVE")
    seen = bench.row()
    assert (seen["note"], seen["tags"], seen["custom"]) == ("ring the bell", ["new", "vip"], {"b": 2, "c": 3})
    assert seen["address"] == {"street": None, "city": "Lyon", "region": None, "postalCode": None, "country": None}
    assert (seen["status"], seen["rev"]) == ("ACTIVE", 3)
    assert bench.device.rows["account", LUNCH].row["tags"] == ["old", "vip"], "the confirmed row is untouched"


def test_a_row_that_was_sent_before_its_collection_gained_a_field_is_edited_all_the_same() -> None:
    older = put(NORTH)
    del older["row"]["tags"]
    bench = Bench(older)
    bench.edit(tags={"$add": ["new"]})
    assert bench.row()["tags"] == ["new"]


def test_what_no_server_would_take_does_not_show() -> None:
    bench = Bench(put(NORTH, tags=["a"]))
    bench.edit(note="never", ownerId=named("somebody"))
    bench.edit(tags=["a plain array on UPDATE"])
    bench.edit(nonsense=1)
    assert bench.row() == row(tags=["a"])


def test_a_deleted_record_is_not_shown_and_a_created_one_is() -> None:
    bench = Bench(put(NORTH))
    bench.edit(op=Op.DELETE)
    bench.edit(named("new"), Op.CREATE, name="New", tags=["b", "a"])
    assert bench.row() is None
    assert bench.row(named("new"))["tags"] == ["a", "b"]
    assert list(kernel.view_all(bench.device, "account")) == [named("new")]


def test_a_verdict_swaps_the_pending_edit_for_the_servers_row() -> None:
    bench = Bench(put(NORTH, rev=1))
    uuid = bench.edit(note="mine")
    later = bench.edit(phone="1")
    won = verdict(bench.push().edits[0], "CONFLICT", rev=4, conflictIds=[named("conflict")])
    bench.pushed(settlement(won, rows=[put(NORTH, rev=4, note="theirs")]))
    assert list(bench.device.queue) == [later]
    assert (bench.row()["note"], bench.row()["phone"], bench.row()["rev"]) == ("theirs", "1", 4)
    assert bench.device.settled[uuid].conflict_ids == (named("conflict"),)
    assert (bench.device.link.last_seq, bench.device.link.ratchet) == (1, "r2")


def test_a_rejected_edit_stays_readable_until_it_is_dismissed() -> None:
    bench = Bench(put(NORTH))
    uuid = bench.edit(note="x", ownerId=named("somebody"))
    refused = verdict(bench.push().edits[0], "REJECTED", code="FIELD_READ_ONLY", message="no", fields=["ownerId"])
    bench.pushed(settlement(refused, rows=[put(NORTH)]))
    [draft] = kernel.drafts(bench.device)
    assert (draft.code, draft.fields, draft.edit.patch) == (
        "FIELD_READ_ONLY",
        ("ownerId",),
        {"note": "x", "ownerId": named("somebody")},
    )
    bench.device.apply(kernel.dismiss(bench.device, uuid))
    assert kernel.drafts(bench.device) == ()


def test_a_duplicate_counts_as_its_original() -> None:
    bench = Bench(put(NORTH))
    lost, told = bench.edit(note="x"), bench.edit(tier="VIP")
    first, second = bench.push().edits
    bench.pushed(
        settlement(
            verdict(first, "DUPLICATE", original="MERGED", rev=2),
            verdict(second, "DUPLICATE", original="REJECTED", code="FIELD_READ_ONLY"),
        )
    )
    assert bench.device.settled[lost].status == "MERGED"
    assert bench.device.settled[told].status == "REJECTED"
    assert not bench.device.queue


def test_an_edit_made_while_a_push_is_under_way_stays_queued() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="first")
    push = bench.push()
    second = bench.edit(note="second")
    answer = settlement(verdict(push.edits[0], rev=2), rows=[put(NORTH, rev=2, note="first")])
    bench.device.apply(answers.pushed(bench.device, push, answer))
    assert list(bench.device.queue) == [second]
    assert (bench.seqs(), bench.row()["note"]) == ([2], "second")


def test_a_push_takes_whole_groups_within_both_limits() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="alone")
    bench.queue(*[Wish("account", LUNCH, Op.UPDATE, {"note": str(n)}) for n in range(3)], group=named("group"))
    bench.edit(note="last")
    link = bench.device.link
    for size, taken in ((5, 5), (4, 4), (3, 1), (1, 1)):
        bench.device.link = replace(link, batch_max=size)
        assert len(bench.push().edits) == taken
    bench.device.link = replace(link, limits=kernel.Limits(push_bytes_max=700))
    assert len(bench.push().edits) == 1


def test_a_group_and_an_edit_that_fit_no_push_are_refused_at_once() -> None:
    bench = Bench(put(NORTH))
    with pytest.raises(UnfitEdit):
        bench.edit(note="x" * (256 << 10))
    with pytest.raises(UnfitEdit):
        bench.queue(*[Wish("account", LUNCH, Op.UPDATE, {"note": "x"})] * 501, group=named("group"))
    assert not bench.device.queue


def test_too_large_halves_the_push_until_one_unit_gives_its_number_to_a_noop() -> None:
    bench = Bench(put(NORTH))
    uuids = [bench.edit(note=str(n)) for n in range(4)]
    sizes = []
    while len(bench.push().edits) > 1:
        sizes.append(len(bench.push().edits))
        bench.pushed(problem("TOO_LARGE"))
    assert sizes == [4, 2]
    bench.pushed(problem("TOO_LARGE"))
    assert bench.seqs() == [1, 2, 3, 4], "no hole"
    assert bench.push().edits[0].op is Op.NOOP
    assert [draft.edit.uuid for draft in kernel.drafts(bench.device)] == uuids[:1]
    bench.pushed(settlement(verdict(bench.push().edits[0])))
    assert len(bench.push().edits) == 3, "a success lifts the limit"


def test_busy_waits_and_settles_nothing() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="x")
    before = dict(bench.device.queue)
    delta = answers.pushed(bench.device, bench.push(), problem("BUSY", retryAfterMs=250))
    assert (delta.wait_ms, delta.queue, delta.link) == (250, {}, None)
    assert bench.device.queue == before


@pytest.mark.parametrize("code", ["DEVICE_UNKNOWN", "DEVICE_FORKED"])
def test_a_new_incarnation_numbers_the_queue_from_one_and_keeps_uuids_and_bases(code: str) -> None:
    bench = Bench(put(NORTH, rev=6))
    bench.edit(note="settled")
    bench.pushed(settlement(verdict(bench.push().edits[0], rev=7), rows=[put(NORTH, rev=7)]))
    uuids = [bench.edit(note="a"), bench.edit(note="b")]
    assert bench.seqs() == [2, 3]
    bench.pushed(problem(code))
    assert kernel.step_input(bench.device, Register(), NOW)["previous"] == {"incarnation": 1, "lastSeq": 1}
    bench.registered(2)
    assert [(edit.seq, edit.uuid, edit.base_rev) for edit in bench.push().edits] == [(1, uuids[0], 7), (2, uuids[1], 7)]
    assert (bench.device.link.incarnation, bench.device.link.last_seq) == (2, 0)


def test_a_sequence_gap_sends_again_what_the_server_has_lost() -> None:
    bench = Bench(put(NORTH))
    done = [bench.edit(note=str(n)) for n in range(3)]
    bench.pushed(settlement(*(verdict(edit, rev=2) for edit in bench.push().edits)))
    waiting = bench.edit(note="new")
    bench.pushed(problem("SEQUENCE_GAP", expectedSeq=2))
    bench.registered(2)
    assert [(edit.seq, edit.uuid) for edit in bench.push().edits] == [(1, done[1]), (2, done[2]), (3, waiting)]


def test_a_restored_database_gets_the_acknowledged_edits_again_and_its_lower_revs_count() -> None:
    bench = Bench(put(NORTH, rev=9, note="held"))
    done = bench.edit(note="done")
    bench.pushed(settlement(verdict(bench.push().edits[0], rev=10), rows=[put(NORTH, rev=10, note="done")]))
    waiting = bench.edit(note="waiting")
    bench.pushed(problem("EPOCH_CHANGED"))
    bench.registered(2)
    assert [(edit.seq, edit.uuid, edit.base_rev) for edit in bench.push().edits] == [
        (1, done, None),
        (2, waiting, None),
    ]
    assert bench.device.link.cursor is None
    bench.pushed(
        settlement(*(verdict(edit, rev=4) for edit in bench.push().edits), rows=[put(NORTH, rev=4, note="waiting")])
    )
    assert bench.row()["rev"] == 4


def test_a_device_that_registers_anyhow_learns_by_the_epoch_that_the_database_went_back() -> None:
    bench = Bench(put(NORTH, rev=9))
    done = bench.edit(note="done")
    bench.pushed(settlement(verdict(bench.push().edits[0], rev=10), rows=[put(NORTH, rev=10, note="done")]))
    waiting = bench.edit(note="waiting")
    bench.pushed(problem("DEVICE_FORKED"))
    bench.device.apply(answers.registered(bench.device, registration(2, epoch=2)))
    assert [(edit.seq, edit.uuid, edit.base_rev) for edit in bench.push().edits] == [
        (1, done, None),
        (2, waiting, None),
    ]
    assert (bench.device.link.cursor, bench.device.link.epoch, bench.device.settled) == (None, 2, {})


def test_a_server_that_has_forgotten_what_it_acknowledged_was_restored() -> None:
    bench = Bench(put(NORTH, rev=9))
    done = bench.edit(note="done")
    bench.pushed(settlement(verdict(bench.push().edits[0], rev=10), rows=[put(NORTH, rev=10, note="done")]))
    bench.pulled(page(last_seq=0))
    assert isinstance(bench.step(), Register)
    bench.device.apply(answers.registered(bench.device, registration(2, epoch=2)))
    assert [(edit.uuid, edit.base_rev) for edit in bench.push().edits] == [(done, None)]


def test_an_outdated_app_pulls_no_more_but_still_pushes() -> None:
    bench = Bench(put(NORTH))
    bench.pulled(problem("UPGRADE_REQUIRED"))
    assert bench.step() is None
    bench.device.apply(kernel.due(bench.device))
    assert bench.step() is None
    bench.edit(note="still pushed")
    assert isinstance(bench.step(), Push)


def test_a_wipe_hands_over_the_queue_first() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="parked at the server")
    bench.pulled(problem("DEVICE_WIPE"))
    refused = verdict(bench.push().edits[0], "REJECTED", code="FORBIDDEN")
    bench.pushed(settlement(refused))
    assert isinstance(bench.step(), Wipe)
    bench.device.apply(answers.wiped(bench.device))
    assert (bench.device.rows, bench.device.queue, bench.device.settled) == ({}, {}, {})
    assert bench.device.link == Link(named("install"), bench.device.schema.version, pull_due=False)


def test_a_wipe_that_refuses_even_the_queue_leaves_the_users_own_words() -> None:
    bench = Bench(put(NORTH))
    uuid = bench.edit(note="mine")
    bench.pushed(problem("DEVICE_WIPE"))
    assert bench.device.rows == {}
    assert list(bench.device.queue) == [uuid]


def test_a_store_that_is_behind_its_own_pushes_was_restored_and_registers_anew() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="seq 1")
    bench.pulled(page(more=True, last_seq=1))
    assert not isinstance(bench.step(), Register), "an answer was lost: the push is repeated"
    bench.pulled(page(more=True, last_seq=2))
    assert isinstance(bench.step(), Register)


def test_old_verdicts_are_forgotten_but_rejected_words_are_not() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="applied")
    bench.edit(tier="VIP")
    first, second = bench.push().edits
    bench.pushed(settlement(verdict(first, rev=2), verdict(second, "REJECTED", code="FIELD_READ_ONLY")))
    bench.edit(note="much later")
    later = {**settlement(verdict(bench.push().edits[0], rev=3)), "serverTime": "2026-05-12T08:00:00.000Z"}
    bench.pushed(later)
    assert [each.edit.seq for each in bench.device.settled.values()] == [2, 3]


def test_the_push_says_who_when_and_what() -> None:
    bench = Bench(put(NORTH, rev=2))
    bench.edit(note="x")
    sent = kernel.step_input(bench.device, bench.push(), NOW)
    assert {name: sent[name] for name in ("incarnation", "epoch", "ratchet", "ackedThrough", "deviceNow")} == {
        "incarnation": 1,
        "epoch": 1,
        "ratchet": "r1",
        "ackedThrough": 0,
        "deviceNow": "2027-01-15T08:00:00.000Z",
    }
    assert (sent["uptimeMs"], sent["bootId"]) == (5.5, "boot")
    assert sent["mutations"] == [
        {
            "seq": 1,
            "uuid": named("e1"),
            "at": "2027-01-15T08:00:00.001Z",
            "uptimeMs": None,
            "bootId": None,
            "collection": "account",
            "recordId": LUNCH,
            "op": "UPDATE",
            "baseRev": 2,
            "patch": {"note": "x"},
            "group": None,
        }
    ]


def test_an_edit_of_an_evicted_record_is_a_draft_and_is_pushed_all_the_same() -> None:
    bench = Bench(put(NORTH))
    uuid = bench.edit(note="on the way")
    bench.pulled(page(gone("EVICT", NORTH), more=True))
    assert bench.row() is None
    assert [(draft.edit.uuid, draft.code) for draft in kernel.drafts(bench.device)] == [(uuid, None)]
    assert [edit.uuid for edit in bench.push().edits] == [uuid]


def test_a_device_is_nothing_but_its_parts() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="x")
    device = bench.device
    again = Device(device.schema, device.link, dict(device.rows), dict(device.queue), dict(device.settled))
    assert kernel.next_step(again) == kernel.next_step(device)
