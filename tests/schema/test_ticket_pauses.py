"""Pauses that ought to be looked at: long ones, and late ones that repeat, while the customer says nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import create_contact
from fieldbeat.kit.db import Db
from fieldbeat.people.actions import update_user
from fieldbeat.tickets.actions import add_message, create_ticket, merge_tickets, update_ticket
from fieldbeat.tickets.policies import create_policy
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_testing.world import Person, World, settle

from .conftest import Callers

DOCUMENT = (Path(__file__).parents[2] / "graphql" / "operations" / "doubtful_pauses.graphql").read_text()
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC)
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
CLOSED = [(NOW.date() + timedelta(days=n)).isoformat() for n in range(-3, 2)]
Moves = tuple[tuple[float, str, Person], ...]


async def promise(db: Db, world: World) -> None:
    """Within ten days; urgent ones within ten hours; complaints within ten days of a company that has closed."""
    hours = {
        "timeZone": "UTC",
        "closed": CLOSED,
        "weekly": [{"weekday": day, "from": "00:00", "until": "24:00"} for day in DAYS],
    }
    targets = [
        {"metric": "RESOLUTION", "priority": priority, "minutes": minutes}
        for priority, minutes in (("NORMAL", 14_400), ("URGENT", 600))
    ]
    actor = world.adam.actor
    async with records.writing(db, world.tenant_id) as tx:
        closed = await set_business_hours(tx, actor, patch=hours)
        asked = {"name": "Closed", "position": 1, "conditions": {"kinds": ["COMPLAINT"]}, "targets": targets}
        await create_policy(tx, actor, patch={**asked, "businessHoursId": str(closed.id)})
        await create_policy(tx, actor, patch={"name": "All", "position": 2, "targets": targets}, around_the_clock=True)


@pytest.fixture
async def promised(db: Db, harbour: World) -> World:
    """The company with its promises."""
    await promise(db, harbour)
    return harbour


async def opened(
    db: Db, world: World, subject: str, moves: Moves, *, account: str | None = None, **fields: str
) -> UUID:
    """A fault opened 30 hours ago, with moves: hours ago, status, by whom."""
    patch = {"kind": "FAULT", "subject": subject, **fields}
    begun = NOW - (12 if fields.get("priority") else 30) * HOUR
    async with records.writing(db, world.tenant_id) as tx:
        made = await create_ticket(tx, world.adam.actor, account_id=UUID(account or world.lunch), patch=patch, at=begun)
        for ago, status, who in moves:
            await update_ticket(tx, who.actor, ticket_id=made.record_id, patch={"status": status}, at=NOW - ago * HOUR)
    return made.record_id


async def customer_said(db: Db, world: World, ticket_id: UUID, ago: float) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        ann = await create_contact(tx, world.adam.actor, account_id=UUID(world.lunch), patch={"name": "Ann"})
        await add_message(
            tx,
            world.adam.actor,
            ticket_id=ticket_id,
            body="And?",
            public=True,
            contact_id=ann.record_id,
            at=NOW - ago * HOUR,
        )


async def doubted(signed_in: Callers, who: Person, **asked: Any) -> list[Any]:
    found = await (await signed_in(who)).ask(DOCUMENT, asked)
    return [edge["node"] for edge in found["doubtfulPauses"]["edges"]]


def subjects(pauses: list[Any]) -> list[str]:
    return [each["ticket"]["subject"] for each in pauses]


async def test_a_long_pause_is_shown_until_the_customer_speaks(db: Db, promised: World, signed_in: Callers) -> None:
    nina, vera = promised.nina, promised.vera
    held = await opened(db, promised, "held", ((20, "ON_HOLD", nina),))
    handed_on = ((19, "PENDING_THIRD", nina), (1, "ON_HOLD", vera))  # it is one pause, and Nina's
    await opened(db, promised, "handed on", handed_on)
    await opened(db, promised, "short", ((15, "ON_HOLD", nina),))
    await opened(db, promised, "resumed", ((20, "ON_HOLD", nina), (10, "OPEN", nina), (5, "ON_HOLD", nina)))
    await opened(db, promised, "on a holiday", ((20, "ON_HOLD", nina),), kind="COMPLAINT")
    await opened(db, promised, "unpromised", ((20, "ON_HOLD", nina),), priority="LOW")
    answered = await opened(db, promised, "answered", ((20, "ON_HOLD", nina),))
    await customer_said(db, promised, answered, 21)
    shown = await doubted(signed_in, vera)
    assert subjects(shown) == ["held", "answered", "handed on"]
    assert {(each["pausedBy"]["name"], each["times"], *each["doubts"]) for each in shown} == {("Nina", 1, "LONG")}
    assert datetime.fromisoformat(shown[2]["since"]) == (NOW - 19 * HOUR).replace(
        microsecond=NOW.microsecond // 1000 * 1000
    )
    assert shown[0]["remainingMinutes"] == 14_400 - 600
    await customer_said(db, promised, answered, 1)
    child = await opened(db, promised, "merged", ((20, "ON_HOLD", nina),))
    async with records.writing(db, promised.tenant_id) as tx:
        await merge_tickets(tx, promised.adam.actor, ticket_id=child, into_id=held)
    await customer_said(db, promised, child, 2)
    assert subjects(await doubted(signed_in, vera)) == ["handed on"]
    assert subjects(await doubted(signed_in, vera, overMinutes=20 * 60)) == []
    assert "short" in subjects(await doubted(signed_in, vera, overMinutes=14 * 60))


async def test_a_pause_that_repeats_shortly_before_the_deadline_is_shown(
    db: Db, promised: World, signed_in: Callers
) -> None:
    nina = promised.nina
    late = ((11, "ON_HOLD", nina), (9, "OPEN", nina), (0.5, "PENDING_THIRD", nina))  # 9.5 of ten hours are over
    await opened(db, promised, "late", late, priority="URGENT")
    await opened(db, promised, "once", ((2.5, "ON_HOLD", nina),), priority="URGENT")
    early = ((11, "ON_HOLD", nina), (9, "OPEN", nina), (3, "ON_HOLD", nina))
    await opened(db, promised, "early", early, priority="URGENT")
    overdue = ((11.9, "ON_HOLD", nina), (11.8, "OPEN", nina), (0.5, "ON_HOLD", nina))
    await opened(db, promised, "overdue", overdue, priority="URGENT")
    [shown] = await doubted(signed_in, promised.vera)
    assert (shown["ticket"]["subject"], shown["doubts"], shown["times"], shown["remainingMinutes"]) == (
        "late", ["LATE"], 2, 30,
    )  # fmt: skip


async def test_those_who_lead_see_their_own_page_by_page(db: Db, promised: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    await promise(db, rival)
    for world, subject in ((promised, "first"), (promised, "second"), (rival, "theirs")):
        await opened(db, world, subject, ((20, "ON_HOLD", world.nina),))
    await opened(db, promised, "south", ((18, "ON_HOLD", promised.otto),), account=promised.diner)
    vera = await signed_in(promised.vera)
    first = (await vera.ask(DOCUMENT, {"first": 2}))["doubtfulPauses"]
    rest = (await vera.ask(DOCUMENT, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["doubtfulPauses"]
    shown = [edge["node"] for part in (first, rest) for edge in part["edges"]]
    assert subjects(shown) == ["first", "second", "south"]
    assert not rest["pageInfo"]["hasNextPage"]
    assert subjects(await doubted(signed_in, rival.adam)) == ["theirs"]
    async with records.writing(db, promised.tenant_id) as tx:
        await update_user(tx, promised.adam.actor, user_id=promised.otto.id, changes={"manager_id": None})
    assert subjects(await doubted(signed_in, promised.vera)) == ["first", "second"]
    nina = await signed_in(promised.nina)
    for caller, minutes, reason in ((nina, 60, "FORBIDDEN"), (vera, 0, "INVALID"), (vera, 1_000_001, "INVALID")):
        answer = (await caller.post(DOCUMENT, {"overMinutes": minutes})).json()
        assert answer["errors"][0]["extensions"]["reason"] == reason
