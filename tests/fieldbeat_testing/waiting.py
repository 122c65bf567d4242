"""Transactions that wait for one another."""

import asyncio
from typing import Any

from fieldbeat.kit.db import Conn

WITHIN_S = 10
# What the sessions of other roles wait for is not shown to the owner; who holds them up is.
_SOMEBODY_WAITS = """
select exists (select from pg_stat_activity
               where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0)
"""


async def until_it_waits(owner: Conn, task: asyncio.Future[Any]) -> None:
    """Until somebody in the database of `owner` waits for a lock, or the task is done."""
    async with asyncio.timeout(WITHIN_S):
        while not task.done() and not await owner.fetchval(_SOMEBODY_WAITS):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
