"""A customer changes hands: his assets, open visits and tickets go with him, what was done stays with who did it. What
hangs on them, messages, used parts and attachments, is where they are."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts import actions as accounts
from fieldbeat.assets import store as assets
from fieldbeat.assets.replica import KEPT_ASSET
from fieldbeat.attachments.replica import KEPT_ATTACHMENT, attachments_of
from fieldbeat.kit.actor import Actor
from fieldbeat.records import Change, Changed, Kept, Tx
from fieldbeat.territories.reads import territory_scope
from fieldbeat.tickets import store as tickets
from fieldbeat.tickets.replica import KEPT_MESSAGE, KEPT_TICKET, KEPT_TICKET_PART
from fieldbeat.visits import store as visits
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat_sync.schema import Op

# A visit under way is being done by who is there.
OPEN_VISITS = frozenset({"PLANNED", "EN_ROUTE"})
DONE_TICKETS = frozenset({"RESOLVED", "CLOSED"})


async def reassign_account(
    tx: Tx, actor: Actor, *, account_id: UUID, owner_id: UUID, territory_id: UUID | None = None
) -> Changed:
    """Gives an account to another owner, with its open visits and tickets; all of them move to its new territory.

    Refuses as `accounts.actions.reassign_account`. Locks: the account, its contacts, assets, tickets,
    used parts, visits, then attachments.
    """
    changed = await accounts.reassign_account(
        tx, actor, account_id=account_id, owner_id=owner_id, territory_id=territory_id
    )
    its_assets = await assets.lock_assets_of_account(tx.conn, tx.tenant_id, account_id)
    its_tickets = await tickets.lock_tickets_of_account(tx.conn, tx.tenant_id, account_id)
    of_tickets = await tickets.lock_dependants(tx.conn, tx.tenant_id, [each.id for each in its_tickets])
    its_visits = await visits.lock_visits_of_account(tx.conn, tx.tenant_id, account_id)
    left, entered = (territory_scope((row or changed.row)["territoryId"]) for row in (changed.before, changed.row))
    holders = [account_id, *its_assets, *(each.id for each in its_tickets), *(each.id for each in its_visits)]
    dependants = [
        *its_assets,
        *(id for each in its_tickets for id in (each.id, *of_tickets[each.id])),
        *(each.id for each in its_visits),
        *(id for ids in (await attachments_of(tx, holders)).values() for id in ids),
    ]
    moving = (KEPT_ASSET, KEPT_TICKET, KEPT_MESSAGE, KEPT_TICKET_PART, KEPT_VISIT, KEPT_ATTACHMENT)
    collections = [kept.schema.name for kept in moving]
    await records.move(tx, left=left, entered=entered, record_ids=dependants, collections=collections)
    await _hand_over(tx, actor, KEPT_TICKET, {"assigneeId": str(owner_id)},
                     [each.id for each in its_tickets if each.status not in DONE_TICKETS])  # fmt: skip
    await _hand_over(tx, actor, KEPT_VISIT, {"repId": str(owner_id)},
                     [each.id for each in its_visits if each.status in OPEN_VISITS])  # fmt: skip
    return changed


async def _hand_over(tx: Tx, actor: Actor, kept: Kept, patch: dict[str, str], ids: Sequence[UUID]) -> None:
    if ids:
        await records.change(tx, actor, [Change(kept, id, Op.UPDATE, patch) for id in ids])
