"""How many records a second one core merges, and what sync metadata costs: `python loadtests/kernel.py [SECONDS]`.

One record is what the server does for each mutation of a push, without the database: decode the stamps, compare the
contexts, merge the patch, encode the stamps.
"""

import sys
from collections.abc import Callable, Mapping
from time import process_time
from typing import Any

from fieldbeat_sync import codec
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.clock import pack
from fieldbeat_sync.merge import Merge, Past, merge
from fieldbeat_sync.mutation import Author, Edit
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op, Role

ACCOUNT = SCHEMA.collections["account"]
NOON_MS = 1_800_000_000_000
SERVER, ANNA, BORIS = Author(0, Role.ADMIN), Author(70_001, Role.REP), Author(70_002, Role.REP)
BATCH = 500

NOTE = {"note": "asks for the new price list"}
TAGS = {"tags": {"$add": ["kiosk"]}}
FORM: Mapping[str, Any] = {
    "note": "asks for the new price list",
    "phone": "+43 316 123456",
    "status": "ACTIVE",
    "address": {"street": "Lange Gasse 1", "city": "Graz", "country": "AT"},
    "custom": {"shelf": 3},
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


def per_second(once: Callable[[], object], seconds: float) -> float:
    """How often `once` runs a second, the best of three."""
    rates = []
    for _ in range(3):
        started, count = process_time(), 0
        while (spent := process_time() - started) < seconds / 3:
            for _ in range(BATCH):
                once()
            count += BATCH
        rates.append(count / spent)
    return max(rates)


def push_of(record: Record, by: Edit, past: Past) -> Callable[[], bytes]:
    """What the server does for one mutation: decode, compare, merge, encode."""
    stamps, row, rev = codec.encode_stamps(record), record.row, record.rev

    def once() -> bytes:
        stored = codec.decode_record(rev=rev, row=row, stamps=stamps, changed_ms=NOON_MS)
        return codec.encode_stamps(taken(stored, by, past))

    return once


def main(seconds: float) -> None:
    """Prints the figures."""
    plain = imported()
    edited = taken(plain, edit(ANNA, 1, FORM, minutes=9), Past())
    unseen = Past(foreign_rev=2)
    cases = {
        "one register, nothing concurrent": push_of(plain, edit(ANNA, 1, NOTE), Past(foreign_rev=1)),
        "one register, seen, five fields edited before": push_of(edited, edit(BORIS, 2, NOTE), unseen),
        "one register, concurrent: a conflict": push_of(edited, edit(BORIS, 1, NOTE), unseen),
        "one set element, concurrent": push_of(edited, edit(BORIS, 1, TAGS), unseen),
        "a form of five fields, all concurrent": push_of(edited, edit(BORIS, 1, FORM, minutes=5), unseen),
    }
    print("decode + compare + merge + encode, records/s on one core")
    for name, push in cases.items():
        print(f"  {per_second(push, seconds):>10,.0f}  {name}")
    stamps = codec.encode_stamps(edited)
    print("parts of it, per second")
    parts: Mapping[str, Callable[[], object]] = {
        "decode stamps of five fields": lambda: codec.decode_record(rev=2, row=edited.row, stamps=stamps, changed_ms=0),
        "encode stamps of five fields": lambda: codec.encode_stamps(edited),
        "merge alone, one register, seen": lambda: merge(ACCOUNT, edited, edit(BORIS, 2, NOTE), unseen),
        "render the row for the feed": lambda: codec.render(edited, ACCOUNT, "018f0000-0000-7000-8000-000000000001"),
    }
    for name, part in parts.items():
        print(f"  {per_second(part, seconds):>10,.0f}  {name}")
    print("bytes of stamps, the field's name included")
    print(f"  {len(codec.encode_stamps(plain)):>10}  a record that was never edited")
    for field, value in {**FORM, **TAGS}.items():
        more = len(codec.encode_stamps(taken(plain, edit(ANNA, 1, {field: value}), Past())))
        print(f"  {more - len(codec.encode_stamps(plain)):>10}  {field} edited")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
