"""What the worker does with activities. Each run is bounded; what is left waits for the next."""

from datetime import timedelta

from fieldbeat.activity import store
from fieldbeat.activity.model import KEPT_FOR
from fieldbeat.kit.db import Db

A_TENANT_MAX = 10_000  # rows of one transaction
TENANTS_MAX = 1_000


async def forget_activities(db: Db, *, older_than: timedelta = KEPT_FOR) -> int:
    """Activities of long ago go; returns how many rows. What was written stays in the records' history."""
    async with db.unscoped() as conn:
        tenants = await store.tenants_with_old_activities(conn, older_than, tenants_max=TENANTS_MAX)
    gone = 0
    for tenant_id in tenants:
        async with db.writing(tenant_id) as conn:
            gone += await store.forget_activities(conn, tenant_id, older_than, rows_max=A_TENANT_MAX)
    return gone
