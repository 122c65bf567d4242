"""What is stored of a record comes back the same, and stays small."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.clock import pack
from fieldbeat_sync.codec import decode_record, encode_stamps, render
from fieldbeat_sync.mutation import Author, Edit, Stamp
from fieldbeat_sync.policies.set import AddDot
from fieldbeat_sync.record import Record, clock
from fieldbeat_sync.schema import Op, Policy, Role
from fieldbeat_testing.causal.cast import ANNA, BORIS, NINE_MS, after, change, created, edit
from fieldbeat_testing.causal.probe import PROBE

BYTES_PER_FIELD_MAX = 60

counters = st.integers(0, (1 << 63) - 1)
created_stamps = st.builds(Stamp, counters, counters, st.just(1), counters, st.just(0), st.just(0))
stamps = st.builds(Stamp, counters, counters, counters, counters, st.integers(0, 9), st.integers(0, 1 << 20))
add_dots = st.builds(AddDot, counters, counters, counters)
names = st.sampled_from([each.name for each in PROBE.fields])
records = st.builds(
    Record,
    rev=counters,
    row=st.just({"note": "x"}),
    created=created_stamps,
    changed_ms=counters,
    stamps=st.dictionaries(names, stamps),
    dots=st.dictionaries(
        st.just("tags"), st.dictionaries(st.text(max_size=5), st.tuples(add_dots), min_size=1), max_size=1
    ),
    deletes=st.lists(stamps, max_size=3).map(tuple),
)


@given(records)
def test_a_record_comes_back_as_it_was_stored(record: Record) -> None:
    again = decode_record(rev=record.rev, row=record.row, stamps=encode_stamps(record), changed_ms=record.changed_ms)
    assert again == record
    assert all(type(stamp) is Stamp for stamp in (*again.stamps.values(), *again.deletes))


def test_empty_tails_are_not_stored() -> None:
    assert len(encode_stamps(created())) < 20
    record = after(change(created(), edit(ANNA, 1, op=Op.DELETE)))
    loaded = decode_record(rev=2, row=record.row, stamps=encode_stamps(record), changed_ms=0)
    assert loaded.deletes == record.deletes


def test_an_edited_field_costs_less_than_60_bytes_even_in_a_large_and_old_company() -> None:
    """Invariant 23: replica and mutation numbers in the billions, a record edited a million times."""
    for collection in (*SCHEMA.collections.values(), PROBE):
        plain = Record(1, collection.blank, Stamp(1 << 31, 1 << 31, 1, pack(NINE_MS)), NINE_MS)
        for field in collection.fields:
            if field.policy is not Policy.SET:
                edited = Record(
                    1 << 20,
                    plain.row,
                    plain.created,
                    NINE_MS,
                    {field.name: Stamp(1 << 31, 1 << 31, 1 << 20, pack(NINE_MS, 9), 3, 1 << 10)},
                )
                assert len(encode_stamps(edited)) - len(encode_stamps(plain)) <= BYTES_PER_FIELD_MAX


def test_stamps_do_not_grow_with_edits_or_devices() -> None:
    """Invariant 23: a hundred devices that know nothing of each other, five edits each, against one device and one."""

    def size(devices: int, edits: int) -> int:
        record = created()
        for device in range(devices):
            for seq in range(1, edits + 1):
                record = after(change(record, everything(Author(1_000 + device, Role.SUPERVISOR), seq)))
        return len(encode_stamps(record))

    def everything(author: Author, seq: int) -> Edit:
        patch: dict[str, Any] = {"note": f"{author.replica} {seq}", "mood": "GOOD", "visits": {"$inc": 1}}
        return edit(author, 1, seq=1_000 + seq, minute=seq, **patch, place={"city": "Graz"}, answers={"shelf": seq})

    assert size(100, 5) <= size(1, 1) + 2 * 5  # the rev takes two bytes more in each stamp


def test_live_adds_of_an_element_grow_with_concurrent_devices_only_until_one_has_seen_them() -> None:
    record = created()
    for device in range(100):
        record = after(change(record, edit(Author(1_000 + device, Role.REP), 1, tags={"$add": ["vip"]})))
    assert len(record.dots["tags"]["vip"]) == 100
    seen = after(change(record, edit(BORIS, record.rev, tags={"$add": ["vip"]})))
    assert len(encode_stamps(seen)) < 50


def test_a_row_travels_with_its_id_its_rev_and_the_vector_of_what_stands() -> None:
    record = after(change(created(author=ANNA, note="old"), edit(BORIS, 1, seq=4, tags={"$add": ["vip"]})))
    entry = orjson.loads("{" + render(record, PROBE, "some-id") + "}")
    assert entry["rev"] == 2
    assert entry["row"] == {"id": "some-id", "rev": 2, **record.row}
    assert entry["clock"] == {"1": 1, "2": 4}


def test_the_vector_counts_the_newest_standing_write_of_each_replica() -> None:
    record = created(author=ANNA)
    for seq in (2, 3):
        record = after(change(record, edit(ANNA, 1, seq=seq, note=str(seq))))
    assert dict(clock(record, PROBE)) == {1: 3}
