"""One typed function per query; no decisions."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.parts.model import CostSaid, Part, PartCost, PartFilter, PartStatus

SQL = load(__file__)


async def parts_by_ids(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> list[Part]:
    """Those that there are."""
    return [_part(row) for row in await conn.fetch(SQL["parts_by_ids"], tenant_id, ids)]


async def parts_page(
    conn: Conn, tenant_id: UUID, wanted: PartFilter, *, patterns: Sequence[str], after: tuple[str, UUID] | None,
    rows_max: int,
) -> list[Part]:  # fmt: skip
    """One page in the order of names."""
    rows = await conn.fetch(
        SQL["parts_page"], tenant_id, patterns, list(wanted.statuses) or None, *(after or (None, None)), rows_max
    )
    return [_part(row) for row in rows]


async def part_of_sku(conn: Conn, tenant_id: UUID, sku: str) -> UUID | None:
    """Which part has it."""
    found: UUID | None = await conn.fetchval(SQL["part_of_sku"], tenant_id, sku)
    return found


async def set_costs(conn: Conn, actor: Actor, costs: Sequence[CostSaid]) -> list[PartCost]:
    """Inserts them, or replaces what was said of the same days; of each part one."""
    columns = [list(column) for column in zip(*costs, strict=True)]
    rows = await conn.fetch(SQL["set_costs"], actor.tenant_id, actor.user_id, *columns)
    return [PartCost(**dict(row)) for row in rows]


async def costs_of_part(
    conn: Conn, tenant_id: UUID, part_id: UUID, *, before: date | None, rows_max: int
) -> list[PartCost]:
    """The newest day first."""
    rows = await conn.fetch(SQL["costs_of_part"], tenant_id, part_id, before, rows_max)
    return [PartCost(**dict(row)) for row in rows]


def _part(row: asyncpg.Record) -> Part:
    return Part(**{**dict(row), "status": PartStatus(row["status"])})
