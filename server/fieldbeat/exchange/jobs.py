"""What the worker does for the sync in its own time. Each run is bounded; what is left waits for the next."""

from fieldbeat.exchange import chunks, garbage, tombstones
from fieldbeat.kit.db import Db


async def build_snapshots(db: Db) -> int:
    """Chunks of large shared scopes, where they are missing or out of date; returns how many sets were built."""
    return await chunks.rebuild_stale(db)


async def collect_garbage(db: Db) -> int:
    """Old entries of what is gone, and tombstones of long ago; returns how many entries and rows went."""
    return await garbage.collect(db) + await tombstones.collect_tombstones(db)
