"""The catalogue, which everyone of the company sees, and what parts cost, which supervisors and administrators see."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from fieldbeat.accounts.rules import patterns_of, words_of
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.parts import store
from fieldbeat.parts.model import Part, PartCost, PartFilter
from fieldbeat_sync.schema import LEADS

EVERY = PartFilter()


async def parts_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Part]:
    """The parts among `ids`; others are absent."""
    return {one.id: one for one in await store.parts_by_ids(conn, actor.tenant_id, ids)}


async def search_parts(
    conn: Conn, actor: Actor, *, wanted: PartFilter = EVERY, after: tuple[str, UUID] | None = None, rows_max: int
) -> list[Part]:
    """One page of the catalogue, by name."""
    words = words_of(wanted.search)
    if wanted.search and not words:
        return []
    return await store.parts_page(
        conn, actor.tenant_id, wanted, patterns=patterns_of(words), after=after, rows_max=rows_max
    )


async def costs_of_part(
    conn: Conn, actor: Actor, part_id: UUID, *, before: date | None = None, rows_max: int
) -> list[PartCost]:
    """One page of what a part costs, the newest day first; a representative sees none of it."""
    if actor.role not in LEADS:
        return []
    return await store.costs_of_part(conn, actor.tenant_id, part_id, before=before, rows_max=rows_max)
