"""Plans as an actor may see them: his own; a supervisor those of everyone below; an administrator all."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.days import rules, store, today_store
from fieldbeat.days.model import DayProfile, Kept, VisitRule
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.people.reads import people_below
from fieldbeat.people.store import people_by_ids
from fieldbeat.tickets.model import UNDONE
from fieldbeat.worktime.reads import hours_of_users


async def plans_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """The plans among `ids` that `actor` may see; the others are absent."""
    found = await store.plans_by_ids(conn, actor.tenant_id, ids, await people_below(conn, actor))
    return {plan.id: plan for plan in found}


async def plans_page(
    conn: Conn, actor: Actor, *, rep_id: UUID | None, status: str | None, after: tuple[date, UUID] | None, rows_max: int
) -> list[Kept]:
    """Plans newest first, of `rep_id` or of everyone whom `actor` leads, from behind `after` (from, id)."""
    people = await people_below(conn, actor)
    reps = people & {rep_id} if rep_id else people
    return await store.plans_page(conn, actor.tenant_id, reps, status=status, after=after, rows_max=rows_max)


async def day_profile(conn: Conn, actor: Actor, user_id: UUID) -> DayProfile | None:
    """Where a person's days begin, for himself and for who leads him."""
    if user_id not in await people_below(conn, actor):
        return None
    return await store.day_profile(conn, actor.tenant_id, user_id)


async def visit_rules(conn: Conn, actor: Actor, account_ids: Sequence[UUID]) -> dict[UUID, VisitRule]:
    """What the accounts among these that `actor` may see ask of their visits; one without a rule is absent."""
    seen = await accounts_by_ids(conn, actor, account_ids)
    return await store.visit_rules(conn, actor.tenant_id, seen)


async def needed_first(conn: Conn, actor: Actor, *, now: datetime, rows_max: int) -> list[today_store.Needed]:
    """What `actor` needs to begin to work, the most needed first: his visits of today and his overdue tickets, with
    accounts, contacts, forms and plans. Whether he may see all of it is for the caller to ask."""
    return await today_store.needed_first(conn, actor.tenant_id, actor.user_id, UNDONE, now, rows_max=rows_max)


async def zone_of(conn: Conn, tenant_id: UUID, rep_id: UUID, from_on: date, until_on: date) -> ZoneInfo:
    """The time zone by which a rep's days are planned."""
    hours = await hours_of_users(conn, tenant_id, [rep_id], from_on=from_on, until_on=until_on)
    [person] = await people_by_ids(conn, tenant_id, [rep_id])
    return ZoneInfo(rules.clock_of(person.time_zone, hours[rep_id].time_zone if rep_id in hours else None))
