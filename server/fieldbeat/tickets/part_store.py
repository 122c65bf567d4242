"""One typed function per query of the parts that tickets used; no decisions."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.tickets.model import PageOfTicket, TicketPart

SQL = load(__file__, filename="parts.sql")


async def parts_page(conn: Conn, actor: Actor, pages: Sequence[PageOfTicket]) -> list[tuple[PageOfTicket, TicketPart]]:
    """What was used, of each page."""
    after = [page.after or (None, None) for page in pages]
    rows = await conn.fetch(
        SQL["parts_page"], actor.user_id, actor.role, [page.ticket_id for page in pages],
        [page.rows_max for page in pages], [key[0] for key in after], [key[1] for key in after],
    )  # fmt: skip
    return [(pages[row["n"] - 1], _part(row)) for row in rows]


async def parts_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[TicketPart]:
    """Those whose ticket the actor may see."""
    return [_part(row) for row in await conn.fetch(SQL["parts_by_ids"], actor.user_id, actor.role, ids)]


def _part(row: asyncpg.Record) -> TicketPart:
    return TicketPart(**{name: row[name] for name in TicketPart.__dataclass_fields__})
