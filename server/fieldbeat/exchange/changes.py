"""Records as they change, told while somebody waits: the poke says when to look, the feed says at what.

What is told is what he sees at that moment, read in the snapshot that found it. A poke that was lost costs latency and
nothing else: without one, too, the feed is looked at now and then, from where the last look ended.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TypeAlias, TypeVar
from uuid import UUID

import structlog

from fieldbeat.exchange import store
from fieldbeat.exchange.poke import Pokes, wakings
from fieldbeat.exchange.push import AWAY
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db

ENTRIES_A_SCOPE_MAX = 200  # of one look; where there are more, the next follows at once

log = structlog.stdlib.get_logger(__name__)

RowT = TypeVar("RowT")
Read: TypeAlias = Callable[[Conn, Actor, Sequence[UUID]], Awaitable[Mapping[UUID, RowT]]]
Looked: TypeAlias = tuple[dict[str, int], list[RowT], bool]


async def changed(
    db: Db, pokes: Pokes, whose: Callable[[], Awaitable[Actor]], collection: str, read: Read[RowT]
) -> AsyncGenerator[list[RowT], None]:
    """The rows of a collection that have changed, whenever some have, from now on; `read` reads them in sight.

    `whose` says at each look who asks, and ends the telling by refusing. In a scope that he gains, what was there
    before is not told.
    """
    actor = await whose()
    async with db.reading(actor.tenant_id) as conn:
        seen = _seen(await store.changes(conn, actor, {}, collection, entries_max=0))
    async with aclosing(wakings(db, pokes, actor, frozenset(seen), at_once=True)) as woken:
        async for _ in woken:
            more = True
            while more:
                try:
                    seen, rows, more = await _look(db, await whose(), seen, collection, read)
                except AWAY as away:  # looked at again from the same place
                    log.warning("changes not looked at", error=repr(away))
                    break
                if rows:
                    yield rows


async def _look(db: Db, actor: Actor, seen: Mapping[str, int], collection: str, read: Read[RowT]) -> Looked[RowT]:
    """How far the feed was looked at, the rows behind `seen`, and whether there may be more."""
    async with db.reading(actor.tenant_id) as conn:
        parts = await store.changes(conn, actor, seen, collection, entries_max=ENTRIES_A_SCOPE_MAX)
        ids = list(dict.fromkeys(id for part in parts for id in part.ids))
        found = await read(conn, actor, ids) if ids else {}
    more = any(part.entries == ENTRIES_A_SCOPE_MAX for part in parts)
    return _seen(parts), [found[id] for id in ids if id in found], more


def _seen(parts: Sequence[store.ChangedPart]) -> dict[str, int]:
    return {part.scope_id: part.seq for part in parts}
