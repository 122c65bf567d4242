"""One typed function per query; no decisions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.on_call.model import KeptRota

SQL = load(__file__)


class InCharge(NamedTuple):
    """A rota with those of its people who are away at an instant."""

    id: UUID
    territory_id: UUID | None
    fields: Mapping[str, Any]
    away: list[UUID]


async def lock_rotas(conn: Conn, tenant_id: UUID) -> None:
    """To the end of the transaction."""
    await conn.execute(SQL["lock_rotas"], str(tenant_id))


async def rotas_by_ids(conn: Conn, tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, KeptRota]:
    """Those that exist."""
    return {row["id"]: KeptRota(**dict(row)) for row in await conn.fetch(SQL["rotas_by_ids"], tenant_id, list(ids))}


async def rotas_after(conn: Conn, tenant_id: UUID, after: tuple[str, UUID] | None, *, rows_max: int) -> list[KeptRota]:
    """One page in the order of names."""
    rows = await conn.fetch(SQL["rotas_after"], tenant_id, *(after or (None, None)), rows_max)
    return [KeptRota(**dict(row)) for row in rows]


async def rota_of_territory(conn: Conn, tenant_id: UUID, territory_id: UUID | None) -> UUID | None:
    """Of the company as a whole for None."""
    found: UUID | None = await conn.fetchval(SQL["rota_of_territory"], tenant_id, territory_id)
    return found


async def working_people(conn: Conn, tenant_id: UUID, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the company among `ids` who have not left."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["working_people"], tenant_id, list(ids)))


async def rotas_in_charge(conn: Conn, tenant_id: UUID, territory_ids: Collection[UUID], at: datetime) -> list[InCharge]:
    """The rotas of these territories, and the company's own."""
    rows = await conn.fetch(SQL["rotas_in_charge"], tenant_id, list(territory_ids), at)
    return [InCharge(**dict(row)) for row in rows]
