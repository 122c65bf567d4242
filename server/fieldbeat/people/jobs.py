"""What the worker does with failed attempts."""

from fieldbeat.kit.db import Db
from fieldbeat.people import store


async def forget_failures(db: Db) -> int:
    """Those that count no more; returns how many rows went."""
    async with db.unscoped() as conn:
        return await store.forget_old_failures(conn)
