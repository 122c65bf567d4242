"""Transactions that wait for one another."""

import asyncio
from typing import Any

from fieldbeat.kit.db import Conn

_SOMEBODY_WAITS = """
select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')
"""


async def until_it_waits(owner: Conn, task: asyncio.Future[Any]) -> None:
    """Until somebody in the database of `owner` waits for a lock, or the task is done."""
    for _ in range(1_000):
        if task.done() or await owner.fetchval(_SOMEBODY_WAITS):
            return
        await asyncio.sleep(0.01)
