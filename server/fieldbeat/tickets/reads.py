"""Tickets as an actor may see them: at accounts in his territories, his, offered to him; and so for those below him."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.accounts.rules import patterns_of, words_of
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.pages import by_page
from fieldbeat.tickets import clock_store, part_store, rules, store
from fieldbeat.tickets.model import (
    PageOfAsset,
    PageOfTicket,
    SavedFilter,
    Ticket,
    TicketFilter,
    TicketMessage,
    TicketPart,
    TicketQueue,
)
from fieldbeat.tickets.promise import Clock, SlaMetric, SlaPolicy, TermsKey
from fieldbeat.tickets.terms import AROUND_THE_CLOCK
from fieldbeat.worktime.model import BusinessHours
from fieldbeat.worktime.rules import hours_of

EVERY = TicketFilter()


async def tickets_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Ticket]:
    """The tickets among `ids` that `actor` may see; the others are absent, not refused."""
    return {one.id: one for one in await store.tickets_by_ids(conn, actor, ids)}


async def search_tickets(
    conn: Conn, actor: Actor, *, wanted: TicketFilter = EVERY, queue: TicketQueue | None = None,
    below_number: int | None = None, rows_max: int,
) -> list[Ticket]:  # fmt: skip
    """One page of the tickets that `actor` may see, newest number first. Refuses INVALID (`queue`)."""
    narrowed, words = rules.narrowed(wanted, queue, actor), words_of(wanted.search)
    if wanted.search and not words:
        return []
    return await store.tickets_page(
        conn, actor, narrowed, patterns=patterns_of(words), below_number=below_number, rows_max=rows_max
    )


async def messages_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, TicketMessage]:
    """The messages among `ids` whose ticket `actor` may see; the others are absent."""
    return {one.id: one for one in await store.messages_by_ids(conn, actor, ids)}


async def messages_of_tickets(
    conn: Conn, actor: Actor, pages: Sequence[PageOfTicket]
) -> dict[PageOfTicket, list[TicketMessage]]:
    """Pages of what is said, the oldest first, merged tickets' too; empty for a ticket that `actor` does not see."""
    return by_page(pages, await store.messages_page(conn, actor, pages))


async def parts_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, TicketPart]:
    """The used parts among `ids` whose ticket `actor` may see; the others are absent."""
    return {one.id: one for one in await part_store.parts_by_ids(conn, actor, ids)}


async def parts_of_tickets(
    conn: Conn, actor: Actor, pages: Sequence[PageOfTicket]
) -> dict[PageOfTicket, list[TicketPart]]:
    """Pages of what was used, the oldest first, by merged tickets too; empty for a ticket that `actor` does not see."""
    return by_page(pages, await part_store.parts_page(conn, actor, pages))


async def tickets_of_assets(conn: Conn, actor: Actor, pages: Sequence[PageOfAsset]) -> dict[PageOfAsset, list[Ticket]]:
    """Pages of the tickets about assets that `actor` may see, the greatest number first."""
    return by_page(pages, await store.tickets_of_assets(conn, actor, pages))


async def tickets_merged_into(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, list[Ticket]]:
    """For each of these tickets those that were merged into it and that `actor` may see."""
    merged = await store.merged_into(conn, actor.tenant_id, ids)
    known = await tickets_by_ids(conn, actor, [id for each in merged.values() for id in each])
    return {into: [known[id] for id in each if id in known] for into, each in merged.items()}


async def clocks_of_tickets(
    conn: Conn, actor: Actor, ids: Sequence[UUID]
) -> dict[UUID, list[tuple[Clock, BusinessHours | None]]]:
    """The clocks of the tickets that `actor` may see, by metric, the newest first; with the hours of those that run."""
    kept = await clock_store.clocks_seen(conn, actor, ids)
    keys = {each.clock.terms for each in kept if each.clock.runs and each.clock.terms}
    rows = await clock_store.terms_by_keys(conn, actor.tenant_id, keys) if keys else []
    hours = {
        TermsKey(row["policy_id"], row["version"], row["hours_rev"]): hours_of(row["hours"])
        if row["hours"]
        else AROUND_THE_CLOCK
        for row in rows
    }
    order = list(SlaMetric)
    found: dict[UUID, list[tuple[Clock, BusinessHours | None]]] = {id: [] for id in ids}
    for each in sorted(kept, key=lambda one: order.index(one.clock.metric)):
        found[each.ticket_id].append((each.clock, hours.get(each.clock.terms) if each.clock.terms else None))
    return found


async def policies_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, SlaPolicy]:
    """The policies among `ids`; everyone of the company may know them."""
    return await clock_store.policies_by_ids(conn, actor.tenant_id, ids)


async def policies_page(conn: Conn, actor: Actor, *, after: tuple[int, UUID] | None, rows_max: int) -> list[SlaPolicy]:
    """The company's policies in the order in which they are tried."""
    return await clock_store.policies_after(conn, actor.tenant_id, after, rows_max=rows_max)


async def recalculation(conn: Conn, actor: Actor) -> clock_store.Recalculation | None:
    """How far the company's clocks have been reckoned anew since its policies or hours changed last."""
    return await clock_store.recalculation(conn, actor.tenant_id)


async def filters_of(conn: Conn, actor: Actor) -> list[SavedFilter]:
    """What `actor` keeps, by name."""
    return await store.filters_of(conn, actor)
