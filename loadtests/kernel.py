"""How many records a second one core merges, and what sync metadata costs: `python loadtests/kernel.py [SECONDS]`.

One record is what a push does for each mutation, without the database: decode the stored row and its stamps, compare
the contexts, merge the patch, encode both. Beside it stands the ceiling: the same decoded and encoded, nothing merged.
"""

import sys
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import Any

import msgspec
import orjson

from fieldbeat_sync import codec
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.clock import pack
from fieldbeat_sync.merge import Merge, Past, merge
from fieldbeat_sync.mutation import Author, Edit
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op, Role

ACCOUNT = SCHEMA.collections["account"]
RECORD_ID = "018f0000-0000-7000-8000-000000000001"
NOON_MS = 1_800_000_000_000
SERVER, ANNA, BORIS = Author(0, Role.ADMIN), Author(70_001, Role.REP), Author(70_002, Role.REP)
SLICE_S = 0.004  # of processor time: short enough that on a shared machine some slices are undisturbed
IN_A_ROW = 10

NOTE = {"note": "asks for the new price list"}
OTHER_NOTE = {"note": "has the price list"}
TAGS = {"tags": {"$add": ["kiosk"]}}
FORM: Mapping[str, Any] = {
    "note": "asks for the new price list",
    "phone": "+43 316 123456",
    "status": "ACTIVE",
    "address": {"street": "Lange Gasse 1", "city": "Graz", "country": "AT"},
    "custom": {"shelf": 3},
}
OTHER_FORM: Mapping[str, Any] = {
    "note": "has the price list",
    "phone": "+43 316 654321",
    "status": "INACTIVE",
    "address": {"street": "Lange Gasse 7", "city": "Graz", "country": "AT"},
    "custom": {"shelf": 4},
}


def edit(author: Author, base_rev: int, patch: Mapping[str, Any], *, seq: int = 90_000, minutes: int = 0) -> Edit:
    """An edit pushed at noon; `minutes` old."""
    return Edit(
        Op.UPDATE, seq, base_rev, patch, author, NOON_MS, minutes * 60_000, pack(NOON_MS - 10**7), author is SERVER
    )


def taken(record: Record | None, by: Edit, past: Past) -> Record:
    """The record after an edit that takes effect."""
    merged = merge(ACCOUNT, record, by, past)
    assert isinstance(merged, Merge), merged
    return merged.record


def imported() -> Record:
    """An account as the import leaves it."""
    create = Edit(Op.CREATE, 1, 0, {"name": "Lonesome Pine Restaurant", "tags": ["imported"]}, SERVER, NOON_MS - 10**8)
    return taken(None, create, Past())


def per_second(once: Callable[[], object], seconds: float) -> tuple[float, float]:
    """How often `once` runs a second of processor time: in the median slice, and in the least disturbed one."""
    count, rates, spent = 1, list[float](), 0.0
    while spent < seconds:
        started = process_time()
        for _ in range(count):
            once()
        took = process_time() - started
        if took < SLICE_S and not rates:
            count *= 2
        else:
            rates.append(count / took)
            spent += took
    return median(rates), max(rates)


def whole(record: Record, by: Edit, past: Past) -> Callable[[], object]:
    """One mutation from the stored row and stamps to those to store."""
    stamps, row, rev = codec.encode_stamps(record), orjson.dumps(record.row), record.rev

    def once() -> tuple[bytes, bytes]:
        stored = codec.decode_record(rev=rev, row=orjson.loads(row), stamps=stamps, changed_ms=NOON_MS)
        merged = merge(ACCOUNT, stored, by, past)
        return orjson.dumps(merged.record.row), codec.encode_stamps(merged.record)  # type: ignore[union-attr]

    return once


def stamps_alone(record: Record, by: Edit, past: Past) -> Callable[[], object]:
    """The same for a row that the driver has decoded, which is what sync adds to a write."""
    stamps, row, rev = codec.encode_stamps(record), record.row, record.rev

    def once() -> bytes:
        stored = codec.decode_record(rev=rev, row=row, stamps=stamps, changed_ms=NOON_MS)
        merged = merge(ACCOUNT, stored, by, past)
        return codec.encode_stamps(merged.record)  # type: ignore[union-attr]

    return once


def in_a_row(record: Record, by: Edit, past: Past) -> Callable[[], object]:
    """A push that edits one record several times: decoded once, encoded once."""
    stamps, row, rev = codec.encode_stamps(record), orjson.dumps(record.row), record.rev

    def once() -> tuple[bytes, bytes]:
        after = codec.decode_record(rev=rev, row=orjson.loads(row), stamps=stamps, changed_ms=NOON_MS)
        for _ in range(IN_A_ROW):
            after = merge(ACCOUNT, after, by, past).record  # type: ignore[union-attr]
        return orjson.dumps(after.row), codec.encode_stamps(after)

    return once


def ceiling(record: Record) -> Callable[[], object]:
    """The decoders and encoders alone, both written in C."""
    stamps, row = codec.encode_stamps(record), orjson.dumps(record.row)
    decode, encode = msgspec.msgpack.Decoder(codec.Stored).decode, msgspec.msgpack.Encoder().encode

    def once() -> tuple[bytes, bytes]:
        return orjson.dumps(orjson.loads(row)), encode(decode(stamps))

    return once


def main(seconds: float) -> None:
    """Prints the figures."""
    plain = imported()
    edited = taken(plain, edit(ANNA, 1, FORM, minutes=9), Past())
    unseen = Past(foreign_rev=2)
    cases = {
        "one register, all seen, never edited before": (plain, edit(ANNA, 1, NOTE), Past(foreign_rev=1)),
        "one register, all seen, five fields edited before": (edited, edit(BORIS, 2, NOTE), unseen),
        "one register, concurrent: a conflict": (edited, edit(BORIS, 1, OTHER_NOTE, minutes=5), unseen),
        "one set element, concurrent": (edited, edit(BORIS, 1, TAGS), unseen),
        "five fields, all concurrent: five conflicts": (edited, edit(BORIS, 1, OTHER_FORM, minutes=5), unseen),
    }
    print("records/s on one core, median slice (best slice)")
    print("decode row and stamps, compare, merge, encode both")
    for name, case in cases.items():
        show(name, whole(*case), seconds)
    show("the ceiling, never edited before", ceiling(plain), seconds)
    show("the ceiling, five fields edited before", ceiling(edited), seconds)
    print("decode stamps, compare, merge, encode stamps")
    for name, case in cases.items():
        show(name, stamps_alone(*case), seconds)
    print(f"{IN_A_ROW} edits of one record in one push, edits/s")
    show("one register, all seen", in_a_row(plain, edit(ANNA, 1, NOTE), Past(foreign_rev=1)), seconds, times=IN_A_ROW)
    print("parts of it")
    stamps, row, seen = codec.encode_stamps(edited), orjson.dumps(edited.row), edit(BORIS, 2, NOTE)
    parts: Mapping[str, Callable[[], object]] = {
        "decode the row": lambda: orjson.loads(row),
        "encode the row": lambda: orjson.dumps(edited.row),
        "decode stamps of five fields": lambda: codec.decode_record(rev=2, row=edited.row, stamps=stamps, changed_ms=0),
        "encode stamps of five fields": lambda: codec.encode_stamps(edited),
        "merge alone, one register, seen": lambda: merge(ACCOUNT, edited, seen, unseen),
        "render the row for the feed": lambda: codec.render(edited, ACCOUNT, RECORD_ID),
    }
    for name, part in parts.items():
        show(name, part, seconds)
    show_bytes(plain)


def show(name: str, once: Callable[[], object], seconds: float, *, times: int = 1) -> None:
    """Prints one rate."""
    usual, best = per_second(once, seconds)
    print(f"  {usual * times:>10,.0f}  ({best * times:>9,.0f})  {name}")


def show_bytes(plain: Record) -> None:
    """Prints what stamps cost."""
    print("bytes of stamps, the field's name included")
    print(f"  {len(codec.encode_stamps(plain)):>10}  a record that was never edited")
    for field, value in {**FORM, **TAGS}.items():
        more = len(codec.encode_stamps(taken(plain, edit(ANNA, 1, {field: value}), Past())))
        print(f"  {more - len(codec.encode_stamps(plain)):>10}  {field} edited")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.5)
