"""The page of a pull as PostgreSQL gives it: one statement, one snapshot, rendered entries that are never parsed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

import msgspec

from fieldbeat.exchange.model import Pull
from fieldbeat.kit import sql
from fieldbeat.kit.db import Db
from fieldbeat.people.model import Standing
from fieldbeat.visits.sightings import SHOWN_IN
from fieldbeat_sync.cursor import Position

SQL = sql.load(__file__, filename="page.sql")


@dataclass(frozen=True)
class Reader:
    """Who asks. With a `family_id`, his session is looked up and his role read with the page; else `role` is his."""

    tenant_id: UUID
    user_id: UUID
    role: str | None = None
    family_id: UUID | None = None


class Head(NamedTuple):
    """A scope that the reader holds, with what a device that has come to its head must hold of it."""

    id: str
    head: int
    rows: int
    checksum: int
    horizon: int


class Asking(msgspec.Struct, frozen=True):
    """The device that asks; `was_given`: it has completed a pull before."""

    user_id: UUID
    incarnation: int
    last_seq: int
    wiped_at: datetime | None
    was_given: bool


class About(msgspec.Struct, frozen=True):
    """What stands around the page; `scopes` None: the device or the session may not read."""

    epoch: int
    now: datetime
    session: Standing | None
    device: Asking | None
    scopes: list[Head] | None


class Chunk(NamedTuple):
    """Consecutive entries of one scope: how the first begins (after the end of another), then all that follows.

    `marked`: some may say where somebody was.
    """

    scope_id: str
    seq: int
    entries: int
    head: str
    body: str
    marked: bool

    def rendered(self) -> tuple[str, ...]:
        """The entries as they travel, joined by commas."""
        return self.head[2:], self.body, "}"


_MARKED = sorted(SHOWN_IN)
_decode = msgspec.json.Decoder(About).decode


async def read_page(
    db: Db, reader: Reader, asked: Pull, since: Mapping[str, Position], *, entries_max: int
) -> tuple[About, list[Chunk]]:
    """What changed in the reader's scopes behind `since`, scope after scope in the order of `About.scopes`."""
    rows = await db.rows(
        SQL["page"],
        reader.tenant_id,
        reader.user_id,
        reader.family_id,
        reader.role,
        asked.device_id,
        asked.incarnation,
        list(since),
        [at.seq for at in since.values()],
        [at.horizon for at in since.values()],
        entries_max,
        _MARKED,
    )
    rows.sort(key=itemgetter("n"))
    return _decode(rows[0]["about"]), [Chunk(*row[1:7]) for row in rows[1:]]


async def note_given(db: Db, reader: Reader, asked: Pull, cursor: bytes, at: datetime) -> None:
    """Notes what a completed pull was answered with."""
    await db.rows(SQL["note_given"], reader.tenant_id, asked.device_id, asked.incarnation, cursor, at)
