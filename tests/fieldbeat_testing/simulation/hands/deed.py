"""What deeds have in common."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

from fieldbeat_testing.simulation.handset import Handset

Deed: TypeAlias = Callable[[Handset, Random, str], tuple[str, ...]]
Shown: TypeAlias = Mapping[str, Any]

HOT = 4  # of every collection: on these phones meet


def shown(handset: Handset, draw: Random, collection: str) -> Shown | None:
    """A record that the phone shows, mostly the same few; None when it shows none."""
    rows = handset.phone.rows(collection)
    return rows[draw.choice(sorted(rows)[:HOT])] if rows else None


def new_id(draw: Random) -> str:
    """An id for a new record."""
    return str(UUID(int=draw.getrandbits(128), version=4))


def instant(handset: Handset, *, ahead_ms: int = 0) -> str:
    """The right time, whatever the phone's calendar says: what a user enters himself."""
    return datetime.fromtimestamp((handset.watch.hours.now_ms + ahead_ms) / 1000, UTC).isoformat()
