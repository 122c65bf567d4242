"""One typed function per query; no decisions."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__)


class Placed(NamedTuple):
    """A visit of an account that moves."""

    id: UUID
    status: str


async def lock_visits_of_account(conn: Conn, tenant_id: UUID, account_id: UUID) -> list[Placed]:
    """All visits of an account, deleted ones too. Locks them in the order of their ids."""
    rows = await conn.fetch(SQL["lock_visits_of_account"], tenant_id, account_id)
    return [Placed(**dict(row)) for row in rows]


async def reps_of_plans(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """By plan."""
    return {row["id"]: row["rep_id"] for row in await conn.fetch(SQL["reps_of_plans"], tenant_id, ids)}
