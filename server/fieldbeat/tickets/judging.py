"""What tickets and messages may name, how many parts a ticket may have used: judged in every push and verb alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.accounts.store import accounts_of_contacts
from fieldbeat.assets.store import accounts_of_assets
from fieldbeat.kit.db import Conn
from fieldbeat.records.model import Judgement, Look, Named, as_id
from fieldbeat_sync.mutation import Rejected


class _Placed(NamedTuple):
    """A field that names a record of the ticket's account, and what tells at which account such records are."""

    field: str
    collection: str
    what: str
    accounts_of: Callable[[Conn, UUID, Sequence[UUID]], Awaitable[dict[UUID, UUID]]]


ASSET = _Placed("assetId", "asset", "an asset", accounts_of_assets)
CONTACT = _Placed("contactId", "contact", "a contact", accounts_of_contacts)
CUSTOMER = CONTACT._replace(field="onBehalfOfContactId")


async def judge_tickets(conn: Conn, tenant_id: UUID, rows: Named, patches: Named) -> Judgement:
    """What judges edits of tickets: asset and contact are of the ticket's account, else INVALID, naming the field.

    One statement each for all that name one; one that was made in the same transaction is there, too.
    """
    assets = await _accounts(conn, tenant_id, ASSET, patches)
    contacts = await _accounts(conn, tenant_id, CONTACT, patches)

    def judge(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
        account_id = as_id(row.get("accountId", patch.get("accountId")))
        elsewhere = _elsewhere(ASSET, patch, account_id, assets, look)
        return elsewhere or _elsewhere(CONTACT, patch, account_id, contacts, look)

    return judge


async def judge_messages(conn: Conn, tenant_id: UUID, rows: Named, patches: Named) -> Judgement:
    """What judges messages: who is said to have said it is at the ticket's account, else INVALID.

    One statement for all that name a contact; the ticket is locked as their parent.
    """
    contacts = await _accounts(conn, tenant_id, CUSTOMER, patches)

    def judge(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
        ticket_id = as_id(patch.get("ticketId"))
        ticket = look("ticket", ticket_id) if ticket_id else None
        return _elsewhere(CUSTOMER, patch, as_id(ticket["accountId"]) if ticket else None, contacts, look)

    return judge


async def _accounts(conn: Conn, tenant_id: UUID, placed: _Placed, patches: Named) -> dict[UUID, UUID]:
    """At which accounts the records are that patches name."""
    ids = sorted({id for each in patches if (id := as_id(each.get(placed.field)))})
    return await placed.accounts_of(conn, tenant_id, ids) if ids else {}


def _elsewhere(
    placed: _Placed, patch: Mapping[str, Any], account_id: UUID | None, accounts: Mapping[UUID, UUID], look: Look
) -> Rejected | None:
    """Refuses what is not at the ticket's account."""
    named = as_id(patch.get(placed.field))
    if named is None:
        return None
    made = look(placed.collection, named)
    if account_id is not None and account_id == (as_id(made["accountId"]) if made else accounts.get(named)):
        return None
    return Rejected("INVALID", f"{placed.field} must name {placed.what} of the ticket's account", (placed.field,))


async def judge_parts(conn: Conn, tenant_id: UUID, rows: Named, patches: Named) -> Judgement:
    """What judges edits of used parts: no more are taken back than were used, else INVALID (`quantity`)."""
    return _judge_quantity


def _judge_quantity(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
    said = patch.get("quantity", 0)
    change = said["$inc"] if isinstance(said, Mapping) else said
    if row.get("quantity", 0) + change >= (0 if row else 1):
        return None
    return Rejected("INVALID", "quantity is at least 1, and at least 0 when some are taken back", ("quantity",))
