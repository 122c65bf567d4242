"""Notes of who was shown where a rep was, for what shows it elsewhere than at the visit: history, conflicts, the sync.

Each is written in a transaction before the places leave, that of the reading itself where there is one.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.visits import place_store
from fieldbeat.visits.model import ReadVia
from fieldbeat_sync.catalogue.visits import visit

SHOWN_IN = frozenset({visit.name, "conflict"})  # collections whose rows may say where somebody was
_PROOFS = ("checkIn", "checkOut")


async def note_shown(conn: Conn, actor: Actor, values: Iterable[tuple[str, UUID, Any]], via: ReadVia) -> None:
    """`actor` is shown these values of records (collection, id): a note of each visit that has a place among them."""
    ids = {id for collection, id, value in values if collection == visit.name and _says_where(value)}
    if ids:
        await place_store.note_places(conn, actor.user_id, ids, via)


async def note_sent(conn: Conn, reader_id: UUID, visit_ids: Iterable[UUID]) -> None:
    """A device of this person is sent the places of these visits: one note for each rep."""
    await place_store.note_places_sent(conn, reader_id, list(visit_ids))


async def note_all_sent(conn: Conn, actor: Actor) -> None:
    """A device of `actor` is sent the places of all visits that he may see: one note for each rep."""
    await place_store.note_all_places_sent(conn, actor)


def placed_in(entries: Iterable[Mapping[str, Any]]) -> frozenset[UUID]:
    """The visits whose places stand in entries of the feed."""
    told = (_told(entry) for entry in entries if entry["kind"] == "PUT" and entry["collection"] in SHOWN_IN)
    return frozenset(UUID(id) for id, values in told if any(map(_says_where, values)))


def _told(entry: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """The record that an entry is about, and the values that it shows of it."""
    row = entry["row"]
    if entry["collection"] == visit.name:
        return entry["id"], (row,)
    return row["recordId"], (row["winner"]["value"], row["loser"]["value"])


def _says_where(value: Any) -> bool:
    """Whether a proof, or a row or patch with proofs, has coordinates."""
    if not isinstance(value, Mapping):
        return False
    return value.get("latitude") is not None or any(_says_where(value.get(name)) for name in _PROOFS)
