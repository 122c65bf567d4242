"""How a record's stamps are stored (MessagePack, some 30 bytes an edited field) and how its row travels (JSON).

Size matters here: the stamps of a row never grow with the number of edits or devices, only with its fields. Each custom
key counts as a field, also after it was cleared: an edit of any age may still come that had not seen the clearing, and
without the stamp it would be taken for one that had.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson
from msgspec import Struct

from fieldbeat_sync.mutation import Stamp, new_tuple
from fieldbeat_sync.policies.set import AddDot
from fieldbeat_sync.record import Record, clock
from fieldbeat_sync.schema import Collection


class Stored(Struct, array_like=True):
    """A record's stamps as they are stored, empty tails cut; `created` is (replica, seq, hlc), for its rev is 1."""

    created: tuple[int, int, int]
    stamps: dict[str, Stamp] = {}
    dots: dict[str, dict[str, tuple[AddDot, ...]]] = {}
    deletes: tuple[Stamp, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Stored).decode


def encode_stamps(record: Record) -> bytes:
    """The stamps of `record`: [created, {field: stamp}, {set: {element: dots}}, deletes], empty tails cut."""
    replica, seq, _, hlc, _, _ = record.created
    created = (replica, seq, hlc)
    if not (record.dots or record.deletes):
        return _encode((created, record.stamps) if record.stamps else (created,))
    dots = {name: held for name, held in record.dots.items() if held}
    parts = [created, record.stamps, dots, record.deletes]
    while not parts[-1]:
        parts.pop()
    return _encode(parts)


def decode_record(*, rev: int, row: Mapping[str, Any], stamps: bytes, changed_ms: int) -> Record:
    """The record of a stored row and its stamps."""
    stored = _decode(stamps)
    replica, seq, hlc = stored.created
    created = new_tuple(Stamp, (replica, seq, 1, hlc, 0, 0))
    return Record(rev, row, created, changed_ms, stored.stamps, stored.dots, stored.deletes)


def render(record: Record, collection: Collection, record_id: str) -> str:
    """The tail of a PUT entry of a record."""
    return entry_tail(record.rev, {"id": record_id, "rev": record.rev, **record.row}, clock(record, collection))


def entry_tail(rev: int, row: Mapping[str, Any], vector: Mapping[int, int]) -> str:
    """What an entry says after its key: `"rev":…,"row":{…},"clock":{…}`."""
    body = {"rev": rev, "row": row, "clock": {str(replica): counter for replica, counter in vector.items()}}
    return orjson.dumps(body)[1:-1].decode()
