"""A device that speaks to the exchange itself: it numbers mutations and keeps its ratchet, and knows nothing else."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson

from fieldbeat.exchange import devices, pull, push
from fieldbeat.exchange.model import Mutation, Platform, Previous, Pull, Pulled, Push, Pushed, Registering
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_sync.schema import Op
from fieldbeat_testing.world import Person

KEY = b"k" * 32


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
    skew: timedelta = field(default_factory=timedelta)

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

    def create(self, collection: str, patch: Any, *, record_id: UUID | None = None, **more: Any) -> Mutation:
        """A CREATE under a new id."""
        return self.mutation(Op.CREATE, collection, record_id or uuid7(), patch, **more)

    def delete(self, collection: str, record_id: object, *, base_rev: int | None) -> Mutation:
        """A DELETE by a device that had seen `base_rev`."""
        return self.mutation(Op.DELETE, collection, record_id, base_rev=base_rev)

    async def push(self, *mutations: Mutation, ratchet: str | None = None, **more: Any) -> Pushed:
        """Sends mutations and keeps the ratchet of the answer."""
        asked = Push(
            device_id=self.device_id,
            incarnation=self.incarnation,
            epoch=self.epoch,
            ratchet=ratchet or self.ratchet,
            schema_version=1,
            device_now=datetime.now(UTC) + self.skew,
            acked_through=self.acked,
            mutations=mutations,
        )
        answer = await push.push(self.db, self.person.actor, replace(asked, **more), key=KEY, push_only=self.push_only)
        if answer.problem is None:
            self.ratchet, self.acked = answer.ratchet, answer.last_seq
        return answer

    async def page(self, *, limit: int = 500, cursor: str | None = None) -> Pulled:
        """One page of a pull, from the cursor that it holds."""
        asked = Pull(self.device_id, self.incarnation, 1, cursor or self.cursor, limit)
        return await pull.pull(self.db, self.person.actor, asked, key=KEY)

    async def pull(self, *, limit: int = 500) -> Any:
        """Pulls to the end: all changes, parsed, with the last page's scopes."""
        changes: list[dict[str, Any]] = []
        while True:
            page = await self.page(limit=limit)
            assert page.problem is None, page.problem
            changes += orjson.loads(page.changes)
            self.cursor = page.cursor
            if not page.has_more:
                return SimpleNamespace(changes=changes, scopes=page.scopes, last_seq=page.last_seq)


async def registered(
    db: Db, person: Person, *, install_id: UUID | None = None, previous: Previous | None = None
) -> Pusher:
    """A newly registered device of a person."""
    install = install_id or uuid7()
    asked = Registering(install, Platform.ANDROID, schema_version=1, name="phone", app_version="1", previous=previous)
    made = await devices.register_device(db, person.actor, asked, key=KEY)
    return Pusher(db, person, made.device_id, install, made.incarnation, made.epoch, made.ratchet)
