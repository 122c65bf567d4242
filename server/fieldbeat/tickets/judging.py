"""What tickets and messages may name, how many parts a ticket may have used: judged in every push and verb alike."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldbeat.accounts.store import accounts_of_contacts
from fieldbeat.assets.store import accounts_of_assets
from fieldbeat.kit.db import Conn
from fieldbeat.records.model import Judgement, Look, Named, as_id
from fieldbeat_sync.mutation import Rejected

_A = {"asset": "an asset", "contact": "a contact"}


async def judge_tickets(conn: Conn, tenant_id: UUID, rows: Named, patches: Named) -> Judgement:
    """What judges edits of tickets: asset and contact are of the ticket's account, else INVALID, naming the field.

    One statement each for all that name one; one that was made in the same transaction is there, too.
    """
    assets, contacts = _ids(patches, "assetId"), _ids(patches, "contactId")
    asset_accounts = await accounts_of_assets(conn, tenant_id, assets) if assets else {}
    contact_accounts = await accounts_of_contacts(conn, tenant_id, contacts) if contacts else {}

    def judge(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
        account_id = as_id(row.get("accountId", patch.get("accountId")))
        return _elsewhere(patch, "assetId", "asset", account_id, asset_accounts, look) or _elsewhere(
            patch, "contactId", "contact", account_id, contact_accounts, look
        )

    return judge


async def judge_messages(conn: Conn, tenant_id: UUID, rows: Named, patches: Named) -> Judgement:
    """What judges messages: who is said to have said it is at the ticket's account, else INVALID.

    One statement for all that name a contact; the ticket is locked as their parent.
    """
    contacts = _ids(patches, "onBehalfOfContactId")
    accounts = await accounts_of_contacts(conn, tenant_id, contacts) if contacts else {}

    def judge(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
        ticket_id = as_id(patch.get("ticketId"))
        ticket = look("ticket", ticket_id) if ticket_id else None
        account_id = as_id(ticket["accountId"]) if ticket else None
        return _elsewhere(patch, "onBehalfOfContactId", "contact", account_id, accounts, look)

    return judge


def _ids(patches: Named, field: str) -> list[UUID]:
    return sorted({id for each in patches if (id := as_id(each.get(field)))})


def _elsewhere(
    patch: Mapping[str, Any],
    field: str,
    collection: str,
    account_id: UUID | None,
    accounts: Mapping[UUID, UUID],
    look: Look,
) -> Rejected | None:
    """Refuses what is not at the ticket's account."""
    named = as_id(patch.get(field))
    if named is None:
        return None
    made = look(collection, named)
    if account_id is not None and account_id == (as_id(made["accountId"]) if made else accounts.get(named)):
        return None
    return Rejected("INVALID", f"{field} must name {_A[collection]} of the ticket's account", (field,))


async def judge_parts(conn: Conn, tenant_id: UUID, rows: Named, patches: Named) -> Judgement:
    """What judges edits of used parts: no more are taken back than were used, else INVALID (`quantity`)."""
    return _judge_quantity


def _judge_quantity(row: Mapping[str, Any], patch: Mapping[str, Any], look: Look) -> Rejected | None:
    said = patch.get("quantity", 0)
    change = said["$inc"] if isinstance(said, Mapping) else said
    if row.get("quantity", 0) + change >= (0 if row else 1):
        return None
    return Rejected("INVALID", "quantity is at least 1, and at least 0 when some are taken back", ("quantity",))
