"""How a record's stamps are stored (MessagePack, some 25 bytes an edited field) and how its row travels (JSON).

Size matters here: the stamps of a row never grow with the number of edits or devices, only with its fields.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson

from fieldbeat_sync.mutation import Stamp
from fieldbeat_sync.policies.set import AddDot
from fieldbeat_sync.record import Record, clock
from fieldbeat_sync.schema import Collection

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def encode_stamps(record: Record) -> bytes:
    """The stamps of `record`: [created, {field: stamp}, {set: {element: dots}}, deletes], empty tails cut."""
    created = (record.created.replica, record.created.seq, record.created.hlc)
    stamps = {name: _short(stamp) for name, stamp in record.stamps.items()}
    dots = {name: held for name, held in record.dots.items() if held}
    parts: list[Any] = [created, stamps, dots, [_short(stamp) for stamp in record.deletes]]
    while not parts[-1]:
        parts.pop()
    return _encode(parts)


def decode_record(*, rev: int, row: Mapping[str, Any], stamps: bytes, changed_ms: int) -> Record:
    """The record of a stored row and its stamps."""
    parts: list[Any] = _decode(stamps)
    created, fields, dots, deletes = parts + [{}, {}, []][len(parts) - 1 :]
    return Record(
        rev=rev,
        row=row,
        created=Stamp(created[0], created[1], 1, created[2]),
        changed_ms=changed_ms,
        stamps={name: Stamp(*stamp) for name, stamp in fields.items()},
        dots={name: {e: tuple(AddDot(*dot) for dot in own) for e, own in held.items()} for name, held in dots.items()},
        deletes=tuple(Stamp(*stamp) for stamp in deletes),
    )


def render(record: Record, collection: Collection, record_id: str) -> str:
    """The tail of a PUT entry of a record."""
    return entry_tail(record.rev, {"id": record_id, "rev": record.rev, **record.row}, clock(record, collection))


def entry_tail(rev: int, row: Mapping[str, Any], vector: Mapping[int, int]) -> str:
    """What an entry says after its key: `"rev":…,"row":{…},"clock":{…}`."""
    body = {"rev": rev, "row": row, "clock": {str(replica): counter for replica, counter in vector.items()}}
    return orjson.dumps(body)[1:-1].decode()


def _short(stamp: Stamp) -> tuple[int, ...]:
    return stamp if stamp.rank or stamp.epoch else stamp[:4]
