"""A device takes a snapshot: whole lines alone count, a stream that breaks goes on, and the pull behind it heals."""

from dataclasses import replace

import pytest

from fieldbeat_sync import answers, filling
from fieldbeat_sync import device as kernel
from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.device import Limits, Snapshot, Wipe
from fieldbeat_sync.schema import Op
from fieldbeat_testing.device import (
    EAST,
    LUNCH,
    NORTH,
    Bench,
    block,
    gone,
    named,
    page,
    problem,
    put,
    row,
    settlement,
    state,
    verdict,
)

TEA = named("tea")
NOW = DeviceTime(1_800_000_000_000)


def test_a_stream_that_breaks_off_goes_on_behind_its_last_whole_line() -> None:
    bench = Bench()
    assert kernel.step_input(bench.device, Snapshot(), NOW)["resume"] is None
    bench.began("t0")
    bench.streamed(block(NORTH, row(rev=3), resume="t1"))
    assert kernel.step_input(bench.device, Snapshot(), NOW)["resume"] == "t1"
    assert bench.fills
    bench.began("t1")
    assert bench.device.rows["account", LUNCH].stale == frozenset()
    bench.streamed(block(NORTH, row(TEA, 2), resume="t2"))
    bench.ended()
    bench.pulled(page(scopes=[state(NORTH, (LUNCH, 3), (TEA, 2))]))
    assert (bench.held(), bench.step()) == ({LUNCH: (NORTH,), TEA: (NORTH,)}, None)
    assert bench.device.link.resume is None


def test_a_stream_that_begins_anew_leaves_nothing_of_the_one_before() -> None:
    bench = Bench()
    bench.began()
    bench.streamed(block(NORTH, row()))
    bench.device.apply(filling.refused(bench.device, "SNAPSHOT_EXPIRED", None))
    assert kernel.step_input(bench.device, Snapshot(), NOW)["resume"] is None
    bench.began()
    bench.streamed(block(NORTH, row(TEA)))
    bench.ended()
    bench.pulled(page(scopes=[state(NORTH, (TEA, 1))]))
    assert (bench.held(), bench.device.link.resyncs) == ({TEA: (NORTH,)}, 0)


def test_what_a_push_brought_meanwhile_is_newer_than_the_stream() -> None:
    bench = Bench()
    bench.began()
    bench.edit(note="new")
    [edit] = bench.push().edits
    bench.pushed(settlement(verdict(edit, rev=5), rows=[put(NORTH, rev=5, note="new")]))
    bench.streamed(block(EAST, row(rev=4, note="old")))
    assert (bench.row()["note"], bench.held()) == ("new", {LUNCH: (EAST, NORTH)})


def test_what_the_user_has_deleted_does_not_come_back_with_the_stream() -> None:
    bench = Bench(put(NORTH, rev=4))
    bench.edit(op=Op.DELETE)
    [edit] = bench.push().edits
    bench.pushed(settlement(verdict(edit, rev=5), rows=[gone("DELETE", NORTH, rev=5)]))
    bench.pulled(problem("CURSOR_INVALID"))
    bench.began()
    bench.streamed(block(NORTH, row(rev=4)))
    assert bench.row() is None
    bench.streamed(block(NORTH, row(rev=6)))  # somebody's edit has brought it back
    assert bench.row()["rev"] == 6


@pytest.mark.parametrize(("rows_max", "fills"), [(1, True), (2, False)])
def test_a_large_resync_is_a_snapshot_and_a_small_one_is_not(rows_max: int, fills: bool) -> None:
    bench = Bench(put(NORTH), put(NORTH, TEA), put(EAST, named("diner")))
    bench.device.link = replace(bench.device.link, limits=Limits(pull_rows_max=rows_max))
    bench.pulled(page(put(NORTH), resync=[NORTH], more=True))
    assert bench.fills is fills


def test_a_resync_behind_a_snapshot_is_pulled_page_by_page() -> None:
    bench = Bench(put(NORTH), put(NORTH, TEA))
    bench.device.link = replace(bench.device.link, limits=Limits(pull_rows_max=1))
    bench.pulled(problem("CURSOR_INVALID"))
    bench.began()
    bench.streamed(block(NORTH, row(), row(TEA)))
    bench.ended()
    bench.pulled(page(put(NORTH), resync=[NORTH], more=True))
    assert bench.pulls
    bench.pulled(page(put(NORTH, TEA), scopes=[state(NORTH, (LUNCH, 1), (TEA, 1))]))
    assert (bench.step(), bench.device.link.filled) == (None, False)


def test_a_snapshot_that_does_not_agree_is_followed_by_pages() -> None:
    bench = Bench()
    bench.began()
    bench.ended()
    bench.pulled(page(scopes=[state(NORTH, (LUNCH, 1))]))
    assert (bench.device.link.cursor, bench.pulls) == (None, True)


def test_each_refusal_has_one_consequence_and_none_of_them_costs_an_edit() -> None:
    for code, means in {
        "NOT_FOUND": "register_due",
        "FORBIDDEN": "wipe_due",
        "UPGRADE_REQUIRED": "upgrade_required",
    }.items():
        bench = Bench()
        bench.edit(op=Op.CREATE, name="New")
        bench.device.apply(filling.refused(bench.device, code, None))
        assert getattr(bench.device.link, means), code
        assert len(bench.device.queue) == 1
        assert not isinstance(bench.step(), Wipe)
    bench = Bench()
    assert filling.refused(bench.device, None, 4_000).wait_ms == 4_000
    assert filling.refused(bench.device, "UNHEARD_OF", None).wait_ms == kernel.BUSY_WAIT_MS


def test_a_restored_database_ends_the_stream() -> None:
    bench = Bench()
    bench.began()
    bench.streamed(block(NORTH, row(rev=9)))
    bench.pulled(problem("EPOCH_CHANGED"))
    assert (bench.device.link.resume, bench.device.link.register_due) == (None, True)
    bench.device.apply(answers.registered(bench.device, {**_registration(), "epoch": 2}))
    bench.began()
    bench.streamed(block(NORTH, row(rev=4)))
    assert bench.row()["rev"] == 4


def _registration() -> dict[str, object]:
    bounds = {"pushMutationsMax": 5, "pushBytesMax": 1 << 20, "mutationBytesMax": 256 << 10, "pullRowsMax": 10}
    return {"deviceId": named("device"), "incarnation": 2, "ratchet": "r", "limits": bounds}
