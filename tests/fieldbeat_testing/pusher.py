"""A device that speaks to the exchange itself: it numbers mutations, keeps its ratchet, cursor and rows, and no more.

Every pull that it ends is compared with the server's counts and checksums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from fieldbeat.exchange import devices, pull, push
from fieldbeat.exchange.model import (
    Mutation,
    Platform,
    Previous,
    Pull,
    Pulled,
    Push,
    Pushed,
    Registering,
    Result,
    ScopeState,
)
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_sync.holdings import Held, Key, Shelf, mismatches
from fieldbeat_sync.schema import Op
from fieldbeat_testing.world import Person

KEY = b"k" * 32
PAGES_MAX = 500


class Checkpoint(NamedTuple):
    """A completed pull: all of its changes, and what the last page said."""

    changes: list[dict[str, Any]]
    scopes: Sequence[ScopeState]
    last_seq: int
    resynced: list[str]
    pages: int


@dataclass
class Pusher:
    """One incarnation of one install."""

    db: Db
    person: Person
    device_id: UUID
    install_id: UUID
    incarnation: int
    epoch: int
    ratchet: str
    seq: int = 0
    acked: int = 0
    cursor: str | None = None
    push_only: bool = False
    schema_version: int = 1  # the words of docs and contract; 2 is current
    skew: timedelta = field(default_factory=timedelta)
    held: dict[Key, Held] = field(default_factory=dict)

    def mutation(self, op: Op, collection: str, record_id: object, patch: Any = None, **more: Any) -> Mutation:
        """The next mutation, made now."""
        self.seq += 1
        made = Mutation(
            self.seq, uuid7(), datetime.now(UTC) + self.skew, collection, UUID(str(record_id)), op, patch=patch
        )
        return replace(made, **more)

    def update(self, collection: str, record_id: object, patch: Any, *, base_rev: int | None, **more: Any) -> Mutation:
        """An UPDATE by a device that had seen `base_rev`."""
        return self.mutation(Op.UPDATE, collection, record_id, patch, base_rev=base_rev, **more)

    def create(self, collection: str, patch: Any, *, record_id: object = None, **more: Any) -> Mutation:
        """A CREATE under a new id."""
        return self.mutation(Op.CREATE, collection, record_id or uuid7(), patch, **more)

    def delete(self, collection: str, record_id: object, *, base_rev: int | None, **more: Any) -> Mutation:
        """A DELETE by a device that had seen `base_rev`."""
        return self.mutation(Op.DELETE, collection, record_id, base_rev=base_rev, **more)

    async def push(self, *mutations: Mutation, ratchet: str | None = None, **more: Any) -> Pushed:
        """Sends mutations and keeps the ratchet of the answer."""
        asked = replace(self.asking(*mutations, ratchet=ratchet), **more)
        answer = await push.push(self.db, self.person.actor, asked, key=KEY, push_only=self.push_only)
        if answer.problem is None:
            self.ratchet, self.acked = answer.ratchet, answer.last_seq
        return answer

    def asking(self, *mutations: Mutation, ratchet: str | None = None) -> Push:
        """The push as it would be sent now."""
        return Push(
            device_id=self.device_id,
            incarnation=self.incarnation,
            epoch=self.epoch,
            ratchet=ratchet or self.ratchet,
            schema_version=self.schema_version,
            device_now=datetime.now(UTC) + self.skew,
            acked_through=self.acked,
            mutations=mutations,
        )

    async def said(self, *mutations: Mutation) -> list[str]:
        """Sends mutations; only the verdicts."""
        return verdicts(await self.push(*mutations))

    async def page(self, *, limit: int = 500, cursor: str | None = None) -> Pulled:
        """One page of a pull, from the cursor that it holds."""
        asked = Pull(self.device_id, self.incarnation, self.schema_version, cursor or self.cursor, limit)
        return await pull.pull(self.db, self.person.actor, asked, key=KEY)

    async def pull(self, *, limit: int = 500) -> Checkpoint:
        """Pulls to the end, takes all changes, and holds what the server says that it should."""
        changes: list[dict[str, Any]] = []
        resynced: list[str] = []
        pages = 0
        while True:
            page = await self.page(limit=limit)
            assert page.problem is None, page.problem
            self.take(page)
            changes += orjson.loads(page.changes)
            resynced += page.resync_scopes
            self.cursor = page.cursor
            pages += 1
            assert pages < PAGES_MAX, "the pull never ends"
            if not page.has_more:
                assert page.scopes is not None
                assert mismatches(self.held.values(), [vars(each) for each in page.scopes]) == ()
                return Checkpoint(changes, page.scopes, page.last_seq, resynced, pages)

    def take(self, page: Pulled) -> None:
        """Takes the changes of one page into what it holds."""
        shelf = Shelf(self.held)
        shelf.mark_stale(page.resync_scopes)
        for change in orjson.loads(page.changes):
            shelf.take(change)
        if not page.has_more:
            shelf.drop_stale()
        self.held = {each.key: each for each in shelf.all()}

    def row(self, record_id: object, collection: str = "account") -> Mapping[str, Any] | None:
        """The row that it holds."""
        held = self.held.get((collection, str(record_id)))
        return held.row if held else None

    def conflicts(self) -> list[Mapping[str, Any]]:
        """The rows of the conflicts that it holds."""
        return [each.row for each in self.held.values() if each.collection == "conflict"]


def verdict(result: Result) -> str:
    """A verdict in words: `APPLIED`, `REJECTED FORBIDDEN`, `DUPLICATE CONFLICT`."""
    status = result.status.value
    first = result.original.value if result.original else None
    return " ".join(word for word in (status, first, result.code) if word)


def verdicts(answer: Pushed) -> list[str]:
    """The verdicts of a push; a problem instead of them is an error."""
    assert answer.problem is None, answer.problem
    return [verdict(each) for each in answer.results]


def rows(answer: Pushed) -> dict[str, dict[str, Any]]:
    """The entries of a push's rows by record id; each record stands there once."""
    entries = orjson.loads(answer.rows)
    found = {each["id"]: each for each in entries}
    assert len(found) == len(entries)
    return found


async def registered(
    db: Db, person: Person, *, install_id: UUID | None = None, previous: Previous | None = None
) -> Pusher:
    """A newly registered device of a person."""
    install = install_id or uuid7()
    asked = Registering(install, Platform.ANDROID, schema_version=1, name="phone", app_version="1", previous=previous)
    made = await devices.register_device(db, person.actor, asked, key=KEY)
    return Pusher(db, person, made.device_id, install, made.incarnation, made.epoch, made.ratchet)


async def registered_again(pusher: Pusher, *, last_seq: int | None = None) -> Pusher:
    """The same install anew: it continues itself, up to the last seq that it knows to be acknowledged."""
    previous = Previous(pusher.incarnation, pusher.acked if last_seq is None else last_seq)
    made = await registered(pusher.db, pusher.person, install_id=pusher.install_id, previous=previous)
    made.cursor, made.held, made.skew = pusher.cursor, dict(pusher.held), pusher.skew
    return made
