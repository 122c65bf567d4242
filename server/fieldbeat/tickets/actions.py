"""The verbs of tickets. Each looks whether the actor sees the ticket, decides, and records."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts import reads as accounts
from fieldbeat.accounts.model import AccountUnknown, ContactUnknown
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.reads import people_below, person_by_id
from fieldbeat.records import Change, Changed, Tx
from fieldbeat.tickets import reads, rules, store
from fieldbeat.tickets.model import (
    AssigneeUnknown,
    FilterUnknown,
    NotOffered,
    SavedFilter,
    Ticket,
    TicketUnknown,
    TooManyFilters,
)
from fieldbeat.tickets.replica import KEPT_MESSAGE, KEPT_TICKET, placed_tickets
from fieldbeat_sync.schema import Op


async def create_ticket(
    tx: Tx, actor: Actor, *, account_id: UUID, patch: Mapping[str, Any], id: UUID | None = None,
    at: datetime | None = None,
) -> Changed:  # fmt: skip
    """Opens a ticket at an account; the account's owner answers for it. `at`: when, if that was before now.

    Refuses NOT_FOUND (`accountId`, `contactId`), INVALID. Locks: the tenant's counter of tickets.
    """
    if account_id not in await accounts.accounts_by_ids(tx.conn, actor, [account_id]):
        raise AccountUnknown(fields=("accountId",))
    if patch.get("contactId"):
        await _check_contact(tx, UUID(patch["contactId"]), account_id, field="contactId")
    whole = {**patch, "accountId": str(account_id)}
    [placed] = await placed_tickets(tx.conn, actor, [whole])
    return await _change(tx, actor, Change(KEPT_TICKET, id or uuid7(), Op.CREATE, {**whole, **placed}, at=at))


async def update_ticket(
    tx: Tx, actor: Actor, *, ticket_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None,
    at: datetime | None = None,
) -> Changed:  # fmt: skip
    """Merges `patch` (wire values) into a ticket, its status too; what others changed since `base_rev` is not lost.

    Refuses NOT_FOUND and whatever the merge refuses: ILLEGAL_TRANSITION, FORBIDDEN (not your reopen) …
    """
    ticket = await _seen_ticket(tx, actor, ticket_id)
    if patch.get("contactId"):
        await _check_contact(tx, UUID(patch["contactId"]), ticket.account_id, field="contactId")
    return await _change(tx, actor, Change(KEPT_TICKET, ticket_id, Op.UPDATE, patch, base_rev, at))


async def add_message(
    tx: Tx, actor: Actor, *, ticket_id: UUID, body: str, public: bool, contact_id: UUID | None = None,
    id: UUID | None = None, at: datetime | None = None,
) -> Changed:  # fmt: skip
    """Says something about a ticket; with `contact_id` the customer said it, and a ticket that waits or is done opens.

    Refuses NOT_FOUND (`ticketId`, `onBehalfOfContactId`), INVALID.
    """
    ticket = await _seen_ticket(tx, actor, ticket_id, field="ticketId")
    patch: dict[str, Any] = {"ticketId": str(ticket_id), "body": body, "public": public}
    if contact_id is not None:
        await _check_contact(tx, contact_id, ticket.account_id, field="onBehalfOfContactId")
        patch["onBehalfOfContactId"] = str(contact_id)
    return await _change(tx, actor, Change(KEPT_MESSAGE, id or uuid7(), Op.CREATE, patch, at=at))


async def assign_ticket(tx: Tx, actor: Actor, *, ticket_id: UUID, assignee_id: UUID) -> Changed:
    """Gives a ticket to somebody: at once from above; who answers for it offers it, and goes on until that is accepted.

    Refuses NOT_FOUND (`id`, `assigneeId`), FORBIDDEN.
    """
    ticket = await _seen_ticket(tx, actor, ticket_id)
    person = await person_by_id(tx.conn, actor, assignee_id)
    if person is None or person.deactivated_at is not None:
        raise AssigneeUnknown(fields=("assigneeId",))
    patch = rules.handing_over(actor, ticket, assignee_id, people=await people_below(tx.conn, actor))
    return await _change(tx, actor, Change(KEPT_TICKET, ticket_id, Op.UPDATE, patch))


async def take_over(tx: Tx, actor: Actor, *, ticket_id: UUID) -> Changed:
    """Makes `actor` the one who answers for a ticket, whoever did; that he may, and that there is one, is the caller's
    to check."""
    patch = {"assigneeId": str(actor.user_id), "offeredToId": None}
    return await _change(tx, actor, Change(KEPT_TICKET, ticket_id, Op.UPDATE, patch))


async def answer_offer(tx: Tx, actor: Actor, *, ticket_id: UUID, accept: bool) -> Changed:
    """Takes a ticket that was offered, or declines it. Refuses NOT_FOUND, FORBIDDEN (it is not offered to him)."""
    ticket = await _seen_ticket(tx, actor, ticket_id)
    if ticket.offered_to_id != actor.user_id:
        raise NotOffered(fields=("id",))
    taken = {"assigneeId": str(actor.user_id)} if accept else {}
    return await _change(tx, actor, Change(KEPT_TICKET, ticket_id, Op.UPDATE, {**taken, "offeredToId": None}))


async def merge_tickets(tx: Tx, actor: Actor, *, ticket_id: UUID, into_id: UUID) -> Changed:
    """Ends a ticket in favour of another one of the same account, which shows the messages of both; numbers stay.

    What was merged into the first before goes along. Refuses NOT_FOUND, FORBIDDEN, INVALID (`intoId`).
    """
    ended = await _seen_ticket(tx, actor, ticket_id)
    into = await _seen_ticket(tx, actor, into_id, field="intoId")
    rules.check_may_merge(actor, ended, into)
    said = f"Goes on as number {into.number}"
    closing = {"mergedIntoId": str(into_id), "offeredToId": None, "status": "CLOSED", "cause": said, "solution": said}
    earlier = await store.merged_into(tx.conn, tx.tenant_id, [ticket_id])
    changes = [
        Change(KEPT_TICKET, ticket_id, Op.UPDATE, closing),
        *(Change(KEPT_TICKET, id, Op.UPDATE, {"mergedIntoId": str(into_id)}) for id in earlier[ticket_id]),
    ]
    return (await records.change(tx, actor, changes))[0]


async def save_filter(tx: Tx, actor: Actor, *, name: str, wanted: Mapping[str, Any]) -> SavedFilter:
    """Keeps a filter under a name, or replaces the one of that name. Refuses INVALID (`name`; too many)."""
    rules.check_filter_name(name)
    await store.lock_filters(tx.conn, actor)
    names = {each.name for each in await store.filters_of(tx.conn, actor)}
    if name not in names and len(names) >= rules.FILTERS_MAX:
        raise TooManyFilters
    return await store.save_filter(tx.conn, actor, SavedFilter(uuid7(), name, dict(wanted)))


async def delete_filter(tx: Tx, actor: Actor, filter_id: UUID) -> None:
    """Forgets a filter. Refuses NOT_FOUND."""
    if not await store.delete_filter(tx.conn, actor, filter_id):
        raise FilterUnknown(fields=("id",))


async def _change(tx: Tx, actor: Actor, wanted: Change) -> Changed:
    [changed] = await records.change(tx, actor, [wanted])
    return changed


async def _seen_ticket(tx: Tx, actor: Actor, ticket_id: UUID, *, field: str = "id") -> Ticket:
    found = (await reads.tickets_by_ids(tx.conn, actor, [ticket_id])).get(ticket_id)
    if found is None:
        raise TicketUnknown(fields=(field,))
    return found


async def _check_contact(tx: Tx, contact_id: UUID, account_id: UUID, *, field: str) -> None:
    if not await store.is_contact_at(tx.conn, tx.tenant_id, contact_id, account_id):
        raise ContactUnknown("There is no such contact at the ticket's account.", fields=(field,))
