"""What a device holds and why: scopes as reasons, eviction, resync, checksums."""

from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync import answers
from fieldbeat_sync import device as kernel
from fieldbeat_sync.holdings import Tally, tallies
from fieldbeat_sync.schema import Op
from fieldbeat_testing.device import (
    EAST,
    LUNCH,
    NORTH,
    Bench,
    gone,
    named,
    page,
    problem,
    put,
    settlement,
    state,
    verdict,
)

TEA = named("tea")


def test_a_row_with_two_reasons_stays_until_the_last_is_gone() -> None:
    bench = Bench(put(NORTH), put(EAST))
    bench.pulled(page(gone("EVICT", NORTH), more=True))
    assert bench.held() == {LUNCH: (EAST,)}
    bench.pulled(page(gone("EVICT", NORTH), more=True))
    assert bench.held() == {LUNCH: (EAST,)}, "an eviction by a reason that it no longer has does nothing"
    bench.pulled(page(gone("EVICT", EAST), more=True))
    assert bench.held() == {}


def test_a_lost_scope_is_taken_from_every_row_at_once() -> None:
    bench = Bench(put(NORTH), put(NORTH, TEA), put(EAST))
    bench.pulled(page(gone("EVICT", NORTH, None), more=True))
    assert bench.held() == {LUNCH: (EAST,)}


def test_a_delete_takes_the_row_in_every_scope() -> None:
    bench = Bench(put(NORTH), put(EAST))
    bench.pulled(page(gone("DELETE", EAST, rev=2), more=True))
    assert bench.held() == {}


def test_an_older_row_adds_its_scope_but_does_not_replace_a_newer_one() -> None:
    bench = Bench(put(NORTH, rev=5, note="newer"))
    bench.pulled(page(put(EAST, rev=4, note="older"), more=True))
    assert bench.held() == {LUNCH: (EAST, NORTH)}
    assert (bench.row()["note"], bench.row()["rev"]) == ("newer", 5)


def test_a_record_that_moves_leaves_one_scope_and_enters_the_other_in_any_order() -> None:
    for changes in ((gone("EVICT", NORTH), put(EAST, rev=2)), (put(EAST, rev=2), gone("EVICT", NORTH))):
        bench = Bench(put(NORTH))
        bench.pulled(page(*changes, more=True))
        assert bench.held() == {LUNCH: (EAST,)}


def test_a_resync_drops_at_its_end_what_did_not_come_again_and_keeps_the_queue() -> None:
    bench = Bench(put(NORTH), put(NORTH, TEA), put(EAST, TEA))
    uuid = bench.edit(note="queued")
    bench.pulled(page(resync=[NORTH], more=True))
    assert bench.held() == {LUNCH: (NORTH,), TEA: (EAST, NORTH)}, "nothing goes before the checkpoint is complete"
    bench.pulled(page(scopes=[state(NORTH), state(EAST, (TEA, 1))]))
    assert bench.held() == {TEA: (EAST,)}
    assert list(bench.device.queue) == [uuid]


def test_what_comes_again_in_a_later_page_of_a_resync_stays() -> None:
    bench = Bench(put(NORTH), put(NORTH, TEA))
    bench.pulled(page(put(NORTH, rev=2), resync=[NORTH], more=True))
    bench.pulled(page(put(NORTH, TEA), scopes=[state(NORTH, (LUNCH, 2), (TEA, 1))]))
    assert bench.held() == {LUNCH: (NORTH,), TEA: (NORTH,)}


def test_an_invalid_cursor_reads_everything_anew() -> None:
    bench = Bench(put(NORTH), put(EAST, TEA))
    bench.pulled(problem("CURSOR_INVALID"))
    assert bench.device.link.cursor is None
    assert bench.fills
    bench.began()
    bench.ended()
    bench.pulled(page(put(NORTH), scopes=[state(NORTH, (LUNCH, 1))]))
    assert bench.held() == {LUNCH: (NORTH,)}


def test_a_wrong_checksum_reads_everything_anew_and_a_lasting_one_does_not_loop() -> None:
    bench = Bench(put(NORTH, rev=1), put(NORTH, TEA))
    truth = [state(NORTH, (LUNCH, 2))]
    bench.pulled(page(scopes=truth))
    assert (bench.device.link.cursor, bench.device.link.resyncs, bench.pulls) == (None, 1, True)
    for _ in range(answers.RESYNCS_MAX):
        bench.pulled(page(put(NORTH, rev=1), scopes=truth))
    assert bench.step() is None
    bench.device.apply(kernel.due(bench.device))
    bench.pulled(page(put(NORTH, rev=2), scopes=truth))
    assert (bench.device.link.resyncs, bench.held(), bench.step()) == (0, {LUNCH: (NORTH,)}, None)


def test_what_is_read_anew_is_taken_even_where_the_server_has_gone_back_in_time() -> None:
    bench = Bench(put(NORTH, rev=9, note="of a time that is gone"))
    bench.pulled(page(scopes=[state(NORTH, (LUNCH, 4))]))
    assert bench.device.link.cursor is None
    bench.pulled(page(put(NORTH, rev=4, note="as it is"), scopes=[state(NORTH, (LUNCH, 4))]))
    assert (bench.row()["note"], bench.device.link.resyncs) == ("as it is", 0)


def test_a_scope_that_the_server_does_not_name_is_not_held() -> None:
    bench = Bench(put(NORTH), put(EAST, TEA))
    bench.pulled(page(scopes=[state(NORTH, (LUNCH, 1))]))
    assert bench.device.link.resyncs == 1


def test_the_checksum_is_the_one_of_the_contract() -> None:
    revs = [(named(str(n)), n) for n in range(1, 40)]
    bench = Bench(*(put(NORTH, record_id, rev) for record_id, rev in revs))
    total = sum(int(sha256(f"account:{record_id}:{rev}".encode()).hexdigest()[:16], 16) for record_id, rev in revs)
    told = {"id": NORTH, "head": "9", "rows": 39, "checksum": format(total % 2**64, "016x")}
    bench.pulled(page(scopes=[told]))
    assert (bench.device.link.resyncs, bench.step()) == (0, None)


def test_the_rows_of_a_push_carry_their_scope_like_any_change() -> None:
    bench = Bench(put(NORTH))
    bench.edit(note="x")
    bench.pushed(settlement(verdict(bench.push().edits[0], rev=2), rows=[put(EAST, rev=2), gone("EVICT", NORTH)]))
    assert bench.held() == {LUNCH: (EAST,)}


ids = st.sampled_from([LUNCH, TEA])
scopes = st.sampled_from([NORTH, EAST])
entries = st.one_of(
    st.builds(put, scopes, ids, st.integers(1, 9)),
    st.builds(gone, st.just("EVICT"), scopes, st.one_of(st.none(), ids)),
    st.builds(gone, st.just("DELETE"), scopes, ids),
)


def reasons(changes: list[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The rules of the contract, told a second time and plainly."""
    held: dict[str, set[str]] = {LUNCH: set(), TEA: set()}
    for change in changes:
        if change["kind"] == "PUT":
            held[change["id"]].add(change["scope"])
        elif change["kind"] == "DELETE":
            held[change["id"]].clear()
        else:
            for record_id in held if change["id"] is None else [change["id"]]:
                held[record_id].discard(change["scope"])
    return {record_id: tuple(sorted(by)) for record_id, by in held.items() if by}


@given(st.lists(entries, max_size=12), st.lists(st.integers(0, 12), max_size=3))
def test_where_the_pages_are_cut_changes_nothing(changes: list[Mapping[str, Any]], cuts: list[int]) -> None:
    bench = Bench()
    edges = [0, *sorted(cuts), len(changes)]
    for start, end in pairwise(edges):
        bench.pulled(page(*changes[start:end], more=True))
    assert bench.held() == reasons(changes)


@given(st.lists(entries, max_size=12), st.lists(entries, max_size=12))
def test_a_resync_from_nothing_equals_the_feed(before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]) -> None:
    bench, fresh = Bench(*before), Bench()
    fresh.pulled(page(*after, more=True))
    truth = [
        {"id": scope, "head": "1", "rows": tally.rows, "checksum": tally.checksum}
        for scope, tally in tallies_of(fresh).items()
    ]
    bench.pulled(page(resync=[NORTH, EAST], more=True))
    bench.pulled(page(*after, scopes=truth))
    assert bench.held() == fresh.held()


def tallies_of(bench: Bench) -> dict[str, Tally]:
    """What the bench's device holds by scope."""
    return tallies(bench.device.rows.values())


patches = st.one_of(
    st.fixed_dictionaries({"note": st.sampled_from(["a", "b", "c"])}),
    st.fixed_dictionaries({"tags": st.fixed_dictionaries({"$add": st.just(["x"]), "$remove": st.just(["y"])})}),
    st.fixed_dictionaries({"tags": st.fixed_dictionaries({"$add": st.just(["y"])})}),
    st.fixed_dictionaries(
        {"custom": st.dictionaries(st.sampled_from(["k", "l"]), st.one_of(st.none(), st.just(1)), min_size=1)}
    ),
)


@given(st.lists(patches, max_size=8), st.integers(0, 8))
def test_settling_a_part_of_the_queue_does_not_change_what_the_user_sees(edits: list[Any], settled: int) -> None:
    """Alone with the server, a phone shows the same before and after its edits are acknowledged."""
    bench, server = Bench(put(NORTH)), Bench(put(NORTH))
    for patch in edits:
        bench.edit(op=Op.UPDATE, **patch)
    shown = {**bench.row(), "rev": 0}
    for patch in edits[:settled]:
        server.edit(op=Op.UPDATE, **patch)
    if edits[:settled]:
        taken = bench.push().edits[:settled]
        rows = [put(NORTH, rev=1 + len(taken)) | {"row": {**server.row(), "rev": 1 + len(taken)}}]
        bench.pushed(settlement(*(verdict(edit) for edit in taken), rows=rows))
    assert {**bench.row(), "rev": 0} == shown
