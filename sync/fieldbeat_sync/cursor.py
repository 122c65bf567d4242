"""How far a device has come: per scope the last feed number it was given. Opaque on the wire and signed by the server.

A scope that is being read from nothing remembers the horizon it began under, so that garbage collected below that
horizon does not send it back to nothing again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec


class Position(NamedTuple):
    """`seq`: the last entry given. `horizon`: what the scope's horizon was when reading it from nothing began."""

    seq: int
    horizon: int = 0


@dataclass(frozen=True)
class Cursor:
    """Bound to the database's epoch; the server binds it to tenant and user when it signs it."""

    epoch: int
    scopes: Mapping[str, Position] = field(default_factory=dict)


def encode(cursor: Cursor) -> bytes:
    """The cursor in MessagePack."""
    return msgspec.msgpack.encode([cursor.epoch, cursor.scopes])


def decode(packed: bytes) -> Cursor:
    """The cursor of `encode`. Raises `ValueError` on anything else."""
    try:
        epoch, scopes = msgspec.msgpack.decode(packed, type=tuple[int, dict[str, Position]])
    except (msgspec.MsgspecError, UnicodeDecodeError) as broken:
        raise ValueError("not a cursor") from broken
    return Cursor(epoch, scopes)
