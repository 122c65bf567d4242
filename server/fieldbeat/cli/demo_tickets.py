"""What the demo company promises, what its customers have from it, and a dozen tickets in every state, placed in the
days before it was founded."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.actions import create_contact
from fieldbeat.accounts.reads import search_accounts
from fieldbeat.cli.demo_assets import KINDS, equip, stock_parts
from fieldbeat.cli.demo_on_call import COOLING
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.tickets.actions import add_message, create_ticket, update_ticket
from fieldbeat.tickets.parts import add_part
from fieldbeat.tickets.policies import create_policy
from fieldbeat.tickets.reads import policies_page

MINUTES = {"URGENT": (60, 480), "HIGH": (120, 960), "NORMAL": (240, 1920), "LOW": (480, 4800)}
PROMISE = {
    "name": "Every customer",
    "position": 1,
    "targets": [
        {"metric": metric, "priority": priority, "minutes": minutes}
        for priority, (first, resolved) in MINUTES.items()
        for metric, minutes in (("FIRST_RESPONSE", first), ("RESOLUTION", resolved))
    ],
}
# At once whoever is on call, then his leaders as well: it is tried before the other, and stands at night, too.
NIGHT_PROMISE = {
    "name": "Urgent, around the clock",
    "conditions": {"priorities": ["URGENT"]},
    "targets": [
        {"metric": metric, "priority": "URGENT", "minutes": minutes}
        for metric, minutes in zip(("FIRST_RESPONSE", "RESOLUTION"), MINUTES["URGENT"], strict=True)
    ],
    "steps": [
        {"percent": percent, "plusMinutes": 0, "levels": levels, "onCall": True, "onlyBusinessHours": False}
        for percent, levels in ((0, []), (75, [1]), (100, [1, 2]))
    ],
}
COOLER, SCALE, SHELF = (kind.name for kind in KINDS)
EQUIPPED = 30  # accounts
CLOSING = {"cause": "Worn seal", "solution": "Seal replaced"}


class Story(NamedTuple):
    """A ticket: opened so many hours ago, answered and then moved so many hours later; what it is about and needs."""

    subject: str
    kind: str
    priority: str
    hours_ago: int
    answered_after: int | None = None
    moves: tuple[tuple[int, dict[str, Any]], ...] = ()
    asks_again: bool = False
    about: str | None = None
    used: tuple[tuple[str, int], ...] = ()
    skills: tuple[str, ...] = ()


STORIES = (
    Story("The cooler leaks", "FAULT", "URGENT", 1, about=COOLER, skills=(COOLING,)),
    Story("More menus, please", "REQUEST", "LOW", 2),
    Story("Two crates were missing", "COMPLAINT", "HIGH", 30),
    Story(
        "The shelf is loose", "FAULT", "NORMAL", 26, 3, ((4, {"status": "OPEN"}),), about=SHELF, used=(("BOLT-M6", 8),)
    ),
    Story("Invoice with a wrong address", "COMPLAINT", "NORMAL", 50, 2, ((3, {"status": "PENDING_CUSTOMER"}),)),
    Story("A spare part is on its way", "FAULT", "HIGH", 70, 1, ((2, {"status": "PENDING_THIRD"}),), about=SCALE),
    Story("Refit after the holidays", "REQUEST", "LOW", 100, 5, ((6, {"status": "ON_HOLD"}),)),
    Story("Price label unreadable", "FAULT", "LOW", 120, 4, ((20, {"status": "RESOLVED", **CLOSING}),)),
    Story("Delivered too late", "COMPLAINT", "URGENT", 150, 12, ((60, {"status": "RESOLVED", **CLOSING}),)),
    Story(
        "The display flickers",
        "FAULT",
        "NORMAL",
        170,
        2,
        ((24, {"status": "RESOLVED"}),),
        asks_again=True,
        about=COOLER,
        used=(("LED-1M", 2),),
    ),
    Story("Sample of the new tea", "REQUEST", "NORMAL", 200, 3, ((30, {"status": "CLOSED", **CLOSING}),)),
    Story(
        "The door does not close",
        "FAULT",
        "HIGH",
        240,
        1,
        ((9, {"status": "CLOSED", **CLOSING}),),
        about=COOLER,
        used=(("SEAL-300", 1), ("HINGE-300", 2), ("GAS-R290", 120)),
    ),
)


async def open_tickets(db: Db, actor: Actor) -> None:
    """Makes the promise, the equipment and the tickets, unless the company has promised something already."""
    async with db.reading(actor.tenant_id) as conn:
        if await policies_page(conn, actor, after=None, rows_max=1):
            return
        accounts = [each.account.id for each in await search_accounts(conn, actor, rows_max=EQUIPPED)]
    async with records.writing(db, actor.tenant_id) as tx:
        await create_policy(tx, actor, patch=PROMISE)
        await create_policy(tx, actor, patch=NIGHT_PROMISE, around_the_clock=True)
        parts, assets = await stock_parts(tx, actor), await equip(tx, actor, accounts)
        for story, account_id in zip(STORIES, accounts, strict=False):
            asset_id = assets[account_id, story.about] if story.about else None
            await _tell(tx, actor, story, account_id, asset_id, parts)


async def _tell(
    tx: records.Tx, actor: Actor, story: Story, account_id: UUID, asset_id: UUID | None, parts: Mapping[str, UUID]
) -> None:
    begun: datetime = tx.at - timedelta(hours=story.hours_ago)
    patch = {"kind": story.kind, "subject": story.subject, "priority": story.priority, "tags": [story.kind.lower()]}
    patch |= {"requiredSkills": list(story.skills)}
    patch |= {"assetId": str(asset_id)} if asset_id else {}
    ticket_id = (await create_ticket(tx, actor, account_id=account_id, patch=patch, at=begun)).record_id
    if story.answered_after is not None:
        at = begun + timedelta(hours=story.answered_after)
        await add_message(tx, actor, ticket_id=ticket_id, body="We are looking into it.", public=True, at=at)
    for sku, quantity in story.used:
        at, use = begun + timedelta(hours=4), {"quantity": quantity}
        await add_part(tx, actor, ticket_id=ticket_id, part_id=parts[sku], patch=use, at=at)
    for hours, move in story.moves:
        await update_ticket(tx, actor, ticket_id=ticket_id, patch=move, at=begun + timedelta(hours=hours))
    if story.asks_again:
        contact = {"name": "The manager on duty"}
        contact_id = (await create_contact(tx, actor, account_id=account_id, patch=contact)).record_id
        await add_message(
            tx, actor, ticket_id=ticket_id, body="It began again.", public=True, contact_id=contact_id,
            at=tx.at - timedelta(hours=1),
        )  # fmt: skip
