"""A step of a promise around the clock reaches whoever is on call, at once; and is heard when nobody is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.escalation import jobs, rules
from fieldbeat.escalation.model import DueStep
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.on_call.actions import create_rota, stand_in
from fieldbeat.on_call.model import StandIn
from fieldbeat.on_call.reads import people_on_call
from fieldbeat.people.actions import deactivate_user
from fieldbeat.tickets.actions import create_ticket, update_ticket
from fieldbeat.tickets.policies import create_policy
from fieldbeat.worktime.actions import set_business_hours, set_leave
from fieldbeat.worktime.model import Leave, LeaveKind, LeavePart
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import Person, World

from .test_escalation import told

AT_ONCE = {"percent": 0, "plusMinutes": 0, "levels": [], "onCall": True, "onlyBusinessHours": False}
LATER = {"percent": 50, "plusMinutes": 0, "levels": [1], "onCall": True, "onlyBusinessHours": False}
URGENT = {
    "name": "Urgent, around the clock",
    "conditions": {"priorities": ["URGENT"]},
    "targets": [{"metric": "FIRST_RESPONSE", "priority": "URGENT", "minutes": 60}],
    "steps": [AT_ONCE, LATER],
}
Opener = Callable[..., Awaitable[UUID]]


@pytest.fixture
async def urgent(db: Db, harbour: World) -> World:
    """The company that promises it."""
    async with records.writing(db, harbour.tenant_id) as tx:
        await create_policy(tx, harbour.adam.actor, patch=URGENT, around_the_clock=True)
    return harbour


@pytest.fixture
def opened(db: Db, urgent: World) -> Opener:
    """Opens an urgent fault at LUNCH so many minutes ago; Nina answers for it."""

    async def open_ticket(minutes_ago: float = 0, priority: str = "URGENT") -> UUID:
        patch = {"kind": "FAULT", "subject": f"Leak {minutes_ago}", "priority": priority}
        async with records.writing(db, urgent.tenant_id) as tx:
            at = tx.at - timedelta(minutes=minutes_ago)
            made = await create_ticket(tx, urgent.vera.actor, account_id=UUID(urgent.lunch), at=at, patch=patch)
            return made.record_id

    return open_ticket


async def rota(db: Db, world: World, *people: Person, territory: UUID | None) -> UUID:
    patch = {
        "name": "Nights", "timeZone": "Europe/Berlin", "anchorOn": "2020-01-06", "daysPerTurn": 28,
        "territoryId": str(territory) if territory else None, "userIds": [str(each.id) for each in people],
    }  # fmt: skip
    async with records.writing(db, world.tenant_id) as tx:
        return (await create_rota(tx, world.adam.actor, patch=patch)).id


async def leave(db: Db, world: World, person: Person) -> None:
    today = datetime.now(UTC).date()
    away = Leave(uuid7(), person.id, today - timedelta(2), today + timedelta(3), LeavePart.DAY, LeaveKind.SICK)
    async with records.writing(db, world.tenant_id) as tx:
        await set_leave(tx, world.adam.actor, away)


async def test_an_urgent_ticket_reaches_who_is_on_call_at_once_and_once(
    db: Db, urgent: World, opened: Opener, owner: Conn
) -> None:
    await rota(db, urgent, urgent.otto, territory=urgent.north)
    await opened()
    taken = await asyncio.gather(*(jobs.escalate(db, urgent.tenant_id) for _ in range(3)))
    assert sum(taken) == 1
    assert await told(owner) == [("Leak 0", 0, "Otto")]
    assert await owner.fetchval("select level from escalation") == -2
    phone = await registered(db, urgent.otto)
    await phone.pull()
    titles = [held.row["title"] for held in phone.held.values() if held.collection == "notification"]
    assert titles == ["#1 Leak 0"]


async def test_beside_the_levels_each_person_is_told_once(db: Db, urgent: World, opened: Opener, owner: Conn) -> None:
    await rota(db, urgent, urgent.vera, territory=None)
    await opened(31)
    await jobs.sweep(db)
    assert await told(owner) == [("Leak 31", 0, "Vera"), ("Leak 31", 1, "Vera")]


async def test_who_is_away_is_passed_over_and_who_stands_in_is_told(
    db: Db, urgent: World, opened: Opener, owner: Conn
) -> None:
    kept = await rota(db, urgent, urgent.otto, urgent.nina, territory=urgent.north)
    await leave(db, urgent, urgent.otto)
    await opened(1)
    await jobs.sweep(db)
    assert await told(owner) == [("Leak 1", 0, "Nina")]
    async with records.writing(db, urgent.tenant_id) as tx:
        span = StandIn(urgent.vera.id, tx.at - timedelta(hours=1), tx.at + timedelta(hours=1))
        await stand_in(tx, urgent.vera.actor, rota_id=kept, stand_in=span)
    await opened(2)
    await jobs.sweep(db)
    assert ("Leak 2", 0, "Vera") in await told(owner)


async def test_with_nobody_on_call_the_levels_hear_it_and_then_administrators(
    db: Db, urgent: World, opened: Opener, owner: Conn
) -> None:
    await rota(db, urgent, urgent.otto, territory=urgent.south)
    await opened(31)
    await jobs.sweep(db)
    assert await told(owner) == [("Leak 31", 0, "Nina"), ("Leak 31", 1, "Vera")]
    for person in (urgent.nina, urgent.vera):
        async with records.writing(db, urgent.tenant_id) as tx:
            await deactivate_user(tx, urgent.adam.actor, user_id=person.id)
    await opened(32)
    await jobs.sweep(db)
    assert [each for each in await told(owner) if each[0] == "Leak 32"] == [
        ("Leak 32", 0, "Adam"),
        ("Leak 32", 1, "Adam"),
    ]


async def test_a_ticket_that_becomes_urgent_reaches_who_is_on_call(
    db: Db, urgent: World, opened: Opener, owner: Conn
) -> None:
    """Though the step of that number was taken under the policy before; and once, for a change there and back."""
    async with records.writing(db, urgent.tenant_id) as tx:
        usual = {"percent": 10, "plusMinutes": 0, "levels": [0], "onlyBusinessHours": True}
        targets = [{"metric": "FIRST_RESPONSE", "priority": "NORMAL", "minutes": 60}]
        patch = {"name": "All", "position": 1, "targets": targets, "steps": [usual]}
        await create_policy(tx, urgent.adam.actor, patch=patch, around_the_clock=True)
    await rota(db, urgent, urgent.otto, territory=None)
    ticket = await opened(20, "NORMAL")
    await jobs.sweep(db)
    assert await told(owner) == [("Leak 20", 0, "Nina")]
    for priority in ("URGENT", "NORMAL", "URGENT"):
        async with records.writing(db, urgent.tenant_id) as tx:
            await update_ticket(tx, urgent.vera.actor, ticket_id=ticket, patch={"priority": priority})
        await jobs.sweep(db)
    assert await told(owner) == [("Leak 20", 0, "Nina"), ("Leak 20", 0, "Otto")]


async def test_a_step_at_the_start_waits_for_business_where_so_set(db: Db, harbour: World, owner: Conn) -> None:
    """Hours of a day that is not today: the clock stands, and only who is called around the clock hears of it."""
    other_day = (datetime.now(UTC) + timedelta(days=3)).strftime("%A").upper()
    steps = [{**AT_ONCE, "levels": [0], "onCall": False, "onlyBusinessHours": each} for each in (True, False)]
    async with records.writing(db, harbour.tenant_id) as tx:
        hours = {"timeZone": "UTC", "weekly": [{"weekday": other_day, "from": "09:00", "until": "17:00"}]}
        await set_business_hours(tx, harbour.adam.actor, patch=hours)
        await create_policy(tx, harbour.adam.actor, patch={**URGENT, "steps": steps})
        patch = {"kind": "FAULT", "subject": "Leak", "priority": "URGENT"}
        await create_ticket(tx, harbour.vera.actor, account_id=UUID(harbour.lunch), patch=patch)
    await jobs.sweep(db)
    assert await told(owner) == [("Leak", 1, "Nina")]
    [due_at] = [row["due_at"] for row in await owner.fetch("select due_at from sla_step where taken_at is null")]
    assert (due_at.strftime("%A").upper(), due_at.hour, due_at.minute) == (other_day, 9, 0)


async def test_the_number_of_statements_does_not_grow_with_territories(
    db: Db, urgent: World, opened: Opener, owner: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def counted(conn: Conn, tenant_id: UUID, ids: Any, at: datetime) -> Mapping[UUID, UUID]:
        asked.append(len(ids))
        return await people_on_call(conn, tenant_id, ids, at)

    monkeypatch.setattr(jobs, "people_on_call", counted)
    for account in (urgent.lunch, urgent.tea, urgent.diner):
        async with records.writing(db, urgent.tenant_id) as tx:
            patch = {"kind": "FAULT", "subject": "Leak", "priority": "URGENT"}
            await create_ticket(tx, urgent.vera.actor, account_id=UUID(account), patch=patch)
    assert await jobs.sweep(db) == 3
    assert asked == [2]


def test_a_step_for_nobody_but_who_is_on_call_is_heard_all_the_same() -> None:
    nina, adam, north = UUID(int=1), UUID(int=2), UUID(int=3)
    step = DueStep(
        nina, "FIRST_RESPONSE", 1, 0, 1, datetime.now(UTC), [-2], 1, "Leak", nina, None, north, None, False, False
    )
    assert rules.recipients(step, {}, [adam], {}) == [(adam, -1)]
    assert rules.recipients(step, {}, [adam], {north: nina}) == [(nina, -2)]
