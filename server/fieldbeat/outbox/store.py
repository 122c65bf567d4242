"""The outbox's statements."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.outbox.model import DueEffect, Effect

SQL = load(__file__)


async def due_effects(conn: Conn, *, kinds: Sequence[str], effects_max: int) -> list[DueEffect]:
    """What is due in any tenant, oldest first."""
    return [DueEffect(**row) for row in await conn.fetch(SQL["due_effects"], kinds, effects_max)]


async def work_lag(conn: Conn) -> tuple[float, float]:
    """For how many seconds the oldest due effect and due step have waited."""
    row = await conn.fetchrow(SQL["work_lag"])
    assert row is not None  # an aggregate has a row
    return row["outbox_s"], row["steps_s"]


async def claim_effect(conn: Conn, effect_id: UUID) -> Effect | None:
    """The effect, locked until the transaction ends; None when somebody else has it or had it."""
    row = await conn.fetchrow(SQL["claim_effect"], effect_id)
    return Effect(**row) if row else None


async def settle_effect(conn: Conn, effect_id: UUID) -> None:
    """Note that the effect was performed."""
    await conn.execute(SQL["settle_effect"], effect_id)


async def put_off_effect(conn: Conn, effect_id: UUID) -> None:
    """Note that performing it failed: it is due later."""
    await conn.execute(SQL["put_off_effect"], effect_id)


async def add_effect(
    conn: Conn, tenant_id: UUID, effect_id: UUID, *, cause: UUID, effect: str, payload: dict[str, Any]
) -> None:
    """Write an effect down, unless its cause has written it before."""
    await conn.execute(SQL["add_effect"], tenant_id, effect_id, cause, effect, payload)
