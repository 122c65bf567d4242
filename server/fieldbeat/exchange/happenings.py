"""Activities as they happen: the poke says when to look, their time at what.

An activity has the time of its transaction's last statement, so one that is seen late is late by no more than a commit:
each look goes back by `SETTLES` and leaves out what it has told. Who goes on from an activity is told anew what came as
shortly before it; its id says so.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from fieldbeat import records
from fieldbeat.activity.model import SETTLES, TeamActivity
from fieldbeat.activity.reads import activities_since
from fieldbeat.exchange.poke import Pokes, wakings
from fieldbeat.exchange.push import AWAY
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.territories.reads import scopes_held

ROWS_MAX = 200  # of one read; where there are more, the next follows at once

log = structlog.stdlib.get_logger(__name__)

Whose = Callable[[], Awaitable[Actor]]


@dataclass
class Watch:
    """From when on the next look is taken, and what of that was told already."""

    since: datetime
    told: dict[UUID, datetime] = field(default_factory=dict)

    def take(self, rows: Sequence[TeamActivity]) -> list[TeamActivity]:
        """What of these was not told yet; from now on it was."""
        new = [row for row in rows if row.id not in self.told]
        self.told |= {row.id: row.at for row in new}
        return new

    def settle(self, looked_at: datetime) -> None:
        """What has settled by the last look needs no look any more."""
        self.since = max(self.since, looked_at - SETTLES)
        self.told = {id: at for id, at in self.told.items() if at > self.since}


async def activities(
    db: Db, pokes: Pokes, whose: Whose, *, after: datetime | None
) -> AsyncGenerator[list[TeamActivity], None]:
    """What happens among the people whom somebody leads, from now on or from `after` on.

    `whose` says at each look who asks, and ends the telling by refusing.
    """
    actor = await whose()
    async with db.reading(actor.tenant_id) as conn:
        held, now = await scopes_held(conn, actor), await records.now(conn)
    watch = Watch((after or now) - SETTLES)
    if after is None:
        async for rows in _look(db, actor, watch):  # what is there already was not asked for
            watch.take([row for row in rows if row.at <= now])
    async with aclosing(wakings(db, pokes, actor, held, at_once=True)) as woken:
        async for _ in woken:
            try:
                async for rows in _look(db, await whose(), watch):
                    if new := watch.take(rows):
                        yield new
            except AWAY as away:  # looked at again from the same place
                log.warning("activities not looked at", error=repr(away))


async def _look(db: Db, actor: Actor, watch: Watch) -> AsyncIterator[Sequence[TeamActivity]]:
    """Page by page what there is since the last look."""
    async with db.reading(actor.tenant_id) as conn:
        looked_at = await records.now(conn)
    position, full = (watch.since, UUID(int=0)), True
    while full:
        async with db.reading(actor.tenant_id) as conn:
            rows = await activities_since(conn, actor, after=position, rows_max=ROWS_MAX)
        yield rows
        full = len(rows) == ROWS_MAX
        position = (rows[-1].at, rows[-1].id) if rows else position
    watch.settle(looked_at)
