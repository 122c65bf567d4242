"""Who works when. Business hours are visible to everyone of the tenant; leave to oneself and to those above."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.worktime import rules, store
from fieldbeat.worktime.model import BusinessHours, KeptHours, Leave


async def business_hours_by_ids(conn: Conn, actor: Actor, ids: Collection[UUID]) -> dict[UUID, KeptHours]:
    """The business hours among `ids` that `actor` may see; the others are absent."""
    return await store.business_hours_by_ids(conn, actor.tenant_id, ids)


async def business_hours_page(
    conn: Conn, actor: Actor, *, after: tuple[str, UUID] | None, rows_max: int
) -> list[KeptHours]:
    """The company's business hours in the order of names, from behind `after` (name, id)."""
    return await store.business_hours_after(conn, actor.tenant_id, after, rows_max=rows_max)


async def default_hours(conn: Conn, tenant_id: UUID) -> BusinessHours | None:
    """The company's business hours, with its public holidays; None when it has none."""
    kept = await store.business_hours_of(conn, tenant_id)
    return rules.hours_of(kept[0].fields) if kept else None


async def hours_of_users(
    conn: Conn, tenant_id: UUID, user_ids: Collection[UUID], *, from_on: date, until_on: date
) -> dict[UUID, BusinessHours]:
    """When each of these people works: the hours that name him or else the default, less holidays and his leave.

    Leave counts on the local dates from `from_on` until `until_on` (exclusive). Empty when the company has no hours.
    """
    hours = rules.hours_by_user(await store.business_hours_of(conn, tenant_id), user_ids)
    away: dict[UUID, list[Leave]] = {}
    for leave in await store.leave_of_users(conn, tenant_id, user_ids, from_on, until_on):
        away.setdefault(leave.user_id, []).append(leave)
    return {id: rules.without_leave(own, away[id]) if id in away else own for id, own in hours.items()}


async def leaves_page(
    conn: Conn,
    actor: Actor,
    *,
    user_id: UUID | None,
    from_on: date,
    until_on: date,
    after: tuple[date, UUID] | None,
    rows_max: int,
) -> list[Leave]:
    """Leave that overlaps the days from `from_on` until `until_on`, of `user_id` or of everyone whom `actor` leads."""
    return await store.leave_after(conn, actor, user_id, from_on, until_on, after, rows_max=rows_max)
