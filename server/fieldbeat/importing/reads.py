"""What was imported."""

from uuid import UUID

from fieldbeat.importing import store
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db


async def demo_tenant(db: Db) -> UUID | None:
    """The demo company, once it was founded."""
    async with db.unscoped() as conn:
        return await store.demo_tenant(conn)


async def is_imported(db: Db, actor: Actor, source: str) -> bool:
    """Whether a finished import of `source` stands in the actor's company."""
    async with db.reading(actor.tenant_id) as conn:
        return await store.is_imported(conn, actor.tenant_id, source)
