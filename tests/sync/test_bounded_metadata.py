"""Invariant 23: what sync keeps of a record depends on its fields, never on its age or on how many devices wrote it."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.clock import pack
from fieldbeat_sync.codec import encode_stamps
from fieldbeat_sync.merge import Merge, Past, merge
from fieldbeat_sync.mutation import Author, Edit
from fieldbeat_sync.record import Record
from fieldbeat_sync.schema import Op, Role
from fieldbeat_testing.causal.cast import NINE_MS, created

ACCOUNT = SCHEMA.collections["account"]
DEVICES, EDITS = 500, 20_000
FIRST_REPLICA, FIRST_SEQ = 70_000, 70_000  # a large company that is not new: numbers of three bytes
BYTES_PER_PART_MAX = 60
GAP_MS = 10 * 365 * 86_400_000 // EDITS
UNSEEN = (0, 0, 0, 1, 3, 30, 100)  # how many of the last edits an author had not seen

TAGS = tuple(f"tag {n}" for n in range(20))
CUSTOM = tuple(f"question {n}" for n in range(10))
STATUSES = ("PROSPECT", "ACTIVE", "INACTIVE", "CLOSED")


def change(rng: random.Random, name: str, edit: int) -> Any:
    """A new value of a field of the account."""
    return {
        "status": rng.choice(STATUSES),
        "kind": rng.choice(("OUTLET", "DEALER")),
        "tier": rng.choice(("VIP", "MAIN")),
        "address": {"city": f"city {edit}"},
        "location": {"latitude": rng.uniform(-80, 80), "longitude": 15.0},
        "tags": {rng.choice(("$add", "$remove")): rng.sample(TAGS, 2)},
        "custom": {rng.choice(CUSTOM): rng.choice((None, edit))},
        "ownerId": f"018f0000-0000-7000-8000-{edit:012}",
        "territoryId": f"018f0000-0000-7000-8000-{edit:012}",
    }.get(name, f"{name} {edit}")


def ten_years() -> Iterator[Record]:
    """An account after each of the edits; one in twenty is a verb at headquarters that writes a server field."""
    rng = random.Random(23)
    decided = [name for name in ACCOUNT.by_name if name in ("tier", "ownerId", "territoryId")]
    written = [name for name in ACCOUNT.by_name if name not in decided]
    record, seqs = created(ACCOUNT, name="Lonesome Pine", tags=list(TAGS[:3])), dict.fromkeys(range(DEVICES), FIRST_SEQ)
    for number in range(EDITS):
        device = rng.randrange(DEVICES)
        seqs[device] += 1
        server = number % 20 == 0
        names = rng.sample(decided if server else written, 1)
        patch: Mapping[str, Any] = {name: change(rng, name, number) for name in names}
        author = Author(0, Role.ADMIN) if server else Author(FIRST_REPLICA + device, Role.SUPERVISOR)
        seq = record.rev + 1 if server else seqs[device]
        now_ms = NINE_MS + number * GAP_MS
        base_rev = max(1, record.rev - rng.choice(UNSEEN))
        edit = Edit(Op.UPDATE, seq, base_rev, patch, author, now_ms, 0, pack(now_ms - GAP_MS), server)
        merged = merge(ACCOUNT, record, edit, Past(foreign_rev=record.rev))
        assert isinstance(merged, Merge), merged
        record = merged.record
        yield record


def parts(record: Record) -> int:
    """The CREATE, the fields and custom keys ever edited, the sets and their live adds."""
    adds = [len(dots) for held in record.dots.values() for dots in held.values()]
    return 1 + len(record.stamps) + len(record.dots) + sum(adds)


def test_stamps_are_as_small_after_ten_years_of_edits_by_500_devices_as_in_the_first_months() -> None:
    sizes = []
    for number, record in enumerate(ten_years()):
        if number % 10 == 0:
            sizes.append(len(encode_stamps(record)))
            assert sizes[-1] <= BYTES_PER_PART_MAX * parts(record)
    assert len(record.stamps) == len(ACCOUNT.by_name) - len(("tags", "custom")) + len(CUSTOM)
    assert max(sizes[-50:]) <= 1.25 * max(sizes[:50])  # 500 edits; the record's rev takes two bytes more in each stamp
