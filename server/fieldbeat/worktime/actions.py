"""Setting business hours, and entering and cancelling leave."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Invalid
from fieldbeat.worktime import rules, store
from fieldbeat.worktime.model import KeptHours, Leave, LeaveUnknown, PersonUnknown
from fieldbeat.worktime.replica import KEPT_BUSINESS_HOURS
from fieldbeat_sync.schema import Op

HOURS_MAX = 200  # of a company


async def set_business_hours(
    tx: records.Tx, actor: Actor, *, patch: Mapping[str, Any], hours_id: UUID | None = None, base_rev: int | None = None
) -> KeptHours:
    """Makes business hours, or changes those with this id; `patch` has the collection's fields, what is absent stays.

    The company's first are its default; made the default, or naming people, they take that from the others.
    Refuses FORBIDDEN (not an administrator), INVALID, `records.ChangeRefused`. Locks: the tenant's business hours.
    """
    rules.check_may_set_hours(actor)
    await store.lock_business_hours(tx.conn, actor.tenant_id)
    others = {each.id: each for each in await store.business_hours_of(tx.conn, actor.tenant_id)}
    before = others.pop(hours_id, None) if hours_id else None
    if before is None and len(others) >= HOURS_MAX:
        raise Invalid(f"A company has at most {HOURS_MAX} business hours.")
    written = rules.wanted_fields(before.fields if before else None, patch, is_first=not others)
    rules.hours_of({**(before.fields if before else {}), **written})
    await _check_people(tx, actor, written.get("userIds", ()))
    given_up = [
        records.Change(KEPT_BUSINESS_HOURS, id, Op.UPDATE, less)
        for id, less in rules.giving_way(others.values(), written)
    ]
    if given_up:
        await records.change(tx, actor, given_up)
    id = before.id if before else hours_id or uuid7()
    op = Op.UPDATE if before else Op.CREATE
    await records.change(tx, actor, [records.Change(KEPT_BUSINESS_HOURS, id, op, written, base_rev)])
    return (await store.business_hours_by_ids(tx.conn, actor.tenant_id, [id]))[id]


async def set_leave(tx: records.Tx, actor: Actor, leave: Leave) -> Leave:
    """Enters a leave, or replaces the person's leave with this id.

    Refuses NOT_FOUND (the person, or the id is of another's leave), FORBIDDEN (neither he nor above him), INVALID.
    """
    rules.check_leave(leave.from_on, leave.until_on)
    if not await store.known_people(tx.conn, actor.tenant_id, [leave.user_id]):
        raise PersonUnknown(fields=("userId",))
    rules.check_may_enter_leave(leave.user_id, await store.people_under(tx.conn, actor))
    if not await store.put_leave(tx.conn, actor, leave):
        raise LeaveUnknown(fields=("id",))
    return leave


async def cancel_leave(tx: records.Tx, actor: Actor, leave_id: UUID) -> Leave:
    """Takes a leave back. Refuses NOT_FOUND. Locks: the leave."""
    leave = await store.lock_leave(tx.conn, actor, leave_id)
    if leave is None:
        raise LeaveUnknown(fields=("id",))
    await store.drop_leave(tx.conn, actor.tenant_id, leave_id)
    return leave


async def _check_people(tx: records.Tx, actor: Actor, ids: Collection[str]) -> None:
    wanted = {UUID(id) for id in ids}
    if wanted and await store.known_people(tx.conn, actor.tenant_id, wanted) != wanted:
        raise PersonUnknown(fields=("userIds",))
