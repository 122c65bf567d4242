"""How an effect to come is written down."""

from typing import Any
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.kit.ids import uuid7
from fieldbeat.outbox import store


async def announce(conn: Conn, tenant_id: UUID, *, cause: UUID, effect: str, payload: dict[str, Any]) -> None:
    """The worker performs the effect once this transaction has committed; the same of one cause only once."""
    await store.add_effect(conn, tenant_id, uuid7(), cause=cause, effect=effect, payload=payload)
