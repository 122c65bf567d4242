"""The poke over GraphQL: a subscription that says "pull now" and nothing else."""

from collections.abc import AsyncGenerator
from uuid import UUID

import strawberry

from fieldbeat.exchange import poke
from fieldbeat_graphql.context import Info


@strawberry.type(description="Pull now. It does not say what has changed.")
class SyncPoke:
    pull: bool = strawberry.field(default=True, description="Always true.")


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description="When to pull: the first change at once, a burst behind it as one. Subscribe first, then pull."
    )
    async def sync_poke(self, info: Info, device_id: UUID) -> AsyncGenerator[SyncPoke, None]:
        ctx = info.context
        async for _ in poke.listen(ctx.db, ctx.pokes, ctx.actor, device_id):
            yield SyncPoke()
