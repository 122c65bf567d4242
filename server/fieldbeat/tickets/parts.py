"""The verbs of the parts that tickets used: noting, counting on or back, taking out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.parts import reads as catalogue
from fieldbeat.parts.model import PartUnknown
from fieldbeat.records import Change, Changed, Tx
from fieldbeat.tickets import reads
from fieldbeat.tickets.model import DeletingUseNotYours, TicketPart, TicketPartUnknown, TicketUnknown
from fieldbeat.tickets.replica import KEPT_TICKET_PART
from fieldbeat_sync.schema import LEADS, Op


async def add_part(
    tx: Tx, actor: Actor, *, ticket_id: UUID, part_id: UUID, patch: Mapping[str, Any], id: UUID | None = None,
    at: datetime | None = None,
) -> Changed:  # fmt: skip
    """Notes that a ticket used so many units of a part, retired ones too. `at`: when, if that was before now.

    Refuses NOT_FOUND (`ticketId`, `partId`), INVALID (`quantity`).
    """
    if ticket_id not in await reads.tickets_by_ids(tx.conn, actor, [ticket_id]):
        raise TicketUnknown(fields=("ticketId",))
    if part_id not in await catalogue.parts_by_ids(tx.conn, actor, [part_id]):
        raise PartUnknown(fields=("partId",))
    whole = {**patch, "ticketId": str(ticket_id), "partId": str(part_id)}
    return await _change(tx, actor, Change(KEPT_TICKET_PART, id or uuid7(), Op.CREATE, whole, at=at))


async def update_part(
    tx: Tx, actor: Actor, *, used_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """Merges `patch` into the use of a part; quantities add up. Refuses NOT_FOUND, INVALID (`quantity`)."""
    await _seen(tx, actor, used_id)
    return await _change(tx, actor, Change(KEPT_TICKET_PART, used_id, Op.UPDATE, patch, base_rev))


async def delete_part(tx: Tx, actor: Actor, *, used_id: UUID, base_rev: int | None = None) -> Changed:
    """Takes out a use that never was. Refuses NOT_FOUND, FORBIDDEN (neither his nor from above), DELETED."""
    used = await _seen(tx, actor, used_id)
    if actor.role not in LEADS and actor.user_id != used.author_id:
        raise DeletingUseNotYours(fields=("id",))
    return await _change(tx, actor, Change(KEPT_TICKET_PART, used_id, Op.DELETE, {}, base_rev))


async def _seen(tx: Tx, actor: Actor, used_id: UUID) -> TicketPart:
    found = (await reads.parts_by_ids(tx.conn, actor, [used_id])).get(used_id)
    if found is None:
        raise TicketPartUnknown(fields=("id",))
    return found


async def _change(tx: Tx, actor: Actor, wanted: Change) -> Changed:
    [changed] = await records.change(tx, actor, [wanted])
    return changed
