"""How late the service is."""

from typing import NamedTuple

from fieldbeat.kit.db import Db
from fieldbeat.outbox import store


class Lag(NamedTuple):
    """For how many seconds the oldest due effect, and the oldest due step of a ticket's clock, have waited."""

    outbox_s: float
    steps_s: float


async def work_lag(db: Db) -> Lag:
    """Over all tenants; 0 where nothing waits."""
    async with db.unscoped() as conn:
        return Lag(*await store.work_lag(conn))
