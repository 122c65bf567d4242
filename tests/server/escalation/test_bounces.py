"""A ticket that goes to and fro between teams: each third time whoever leads both is told, once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.escalation.bounces import PERFORMERS
from fieldbeat.escalation.model import Above
from fieldbeat.escalation.rules import above_both
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.outbox.jobs import perform
from fieldbeat.outbox.model import DueEffect
from fieldbeat.people.actions import create_user, update_user
from fieldbeat.tickets.actions import answer_offer, assign_ticket, create_ticket
from fieldbeat.worktime.actions import set_leave
from fieldbeat.worktime.model import Leave, LeaveKind, LeavePart
from fieldbeat_sync.schema import Role
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World

Teams = dict[str, UUID]


@pytest.fixture
async def teams(db: Db, harbour: World) -> Teams:
    """Carla leads Vera, who leads Nina and Otto, and Rosa, who leads Ida."""
    made = {"vera": harbour.vera.id, "nina": harbour.nina.id, "otto": harbour.otto.id}
    async with records.writing(db, harbour.tenant_id) as tx:
        for name, role, manager in (
            ("carla", Role.SUPERVISOR, None),
            ("rosa", Role.SUPERVISOR, "carla"),
            ("ida", Role.REP, "rosa"),
        ):
            person = await create_user(
                tx, harbour.adam.actor, name=name.title(), email=f"{name}@harbour.example", role=role,
                password="correct horse battery", manager_id=made[manager] if manager else None,
            )  # fmt: skip
            made[name] = person.id
        await update_user(tx, harbour.adam.actor, user_id=harbour.vera.id, changes={"manager_id": made["carla"]})
    return made


@pytest.fixture
async def ticket(db: Db, harbour: World, teams: Teams) -> UUID:
    """Nina's."""
    async with records.writing(db, harbour.tenant_id) as tx:
        patch = {"kind": "FAULT", "subject": "Leak"}
        made = await create_ticket(tx, harbour.vera.actor, account_id=UUID(harbour.lunch), patch=patch)
    return made.record_id


async def hand_over(db: Db, world: World, ticket: UUID, *people: UUID) -> None:
    for person in people:
        async with records.writing(db, world.tenant_id) as tx:
            await assign_ticket(tx, world.adam.actor, ticket_id=ticket, assignee_id=person)


async def follow(db: Db, owner: Conn, *, workers: int = 1) -> list[bool]:
    """Performs every hand-over that was announced and not followed, each by so many workers at once."""
    due = await owner.fetch(
        "select tenant_id, id from outbox where effect = 'ticket.handedOver' and done_at is null order by created_at"
    )
    return [
        done
        for each in due
        for done in await asyncio.gather(
            *(perform(db, PERFORMERS, DueEffect(each["tenant_id"], each["id"])) for _ in range(workers))
        )
    ]


async def told(owner: Conn) -> list[tuple[str, int, int]]:
    """Who was told, at which number and level."""
    rows = await owner.fetch(
        "select p.name, e.step, e.level from escalation e join person p on p.id = e.user_id "
        "where e.metric = 'TEAM_BOUNCES' order by e.at, p.name"
    )
    return [(row["name"], row["step"], row["level"]) for row in rows]


async def test_each_third_time_whoever_leads_both_teams_is_told_once(
    db: Db, owner: Conn, harbour: World, teams: Teams, ticket: UUID
) -> None:
    nina, otto, ida = teams["nina"], teams["otto"], teams["ida"]
    await hand_over(db, harbour, ticket, ida, otto, nina)  # twice between teams, once within Vera's
    await follow(db, owner)
    assert await told(owner) == []
    await hand_over(db, harbour, ticket, ida)
    poked: list[tuple[UUID, frozenset[str]]] = []
    poking = replace(db, poke=lambda tenant_id, scopes: poked.append((tenant_id, scopes)))
    assert sorted(await follow(poking, owner, workers=3)) == [False, False, True]
    assert await told(owner) == [("Carla", 3, 2)]
    assert poked == [(harbour.tenant_id, frozenset({f"user:{teams['carla']}"}))]
    await hand_over(db, harbour, ticket, nina, ida)
    await follow(db, owner)
    assert len(await told(owner)) == 1
    await hand_over(db, harbour, ticket, otto)
    await follow(db, owner)
    assert await told(owner) == [("Carla", 3, 2), ("Carla", 6, 2)]
    bodies = await owner.fetch("select fields ->> 'body' as body from notification order by id")
    assert {row["body"] for row in bodies} == {
        "Handed over between teams 3 times, lastly from Nina to Ida.",
        "Handed over between teams 6 times, lastly from Ida to Otto.",
    }
    phone = await registered(db, harbour.nina)
    await phone.pull()
    assert not any(held.collection == "notification" for held in phone.held.values())


async def test_the_third_time_is_told_once_though_teams_change_and_it_is_counted_again(
    db: Db, owner: Conn, harbour: World, teams: Teams, ticket: UUID
) -> None:
    await hand_over(db, harbour, ticket, teams["ida"], teams["nina"], teams["ida"])
    await follow(db, owner)
    async with records.writing(db, harbour.tenant_id) as tx:  # so that the second one was within a team
        await update_user(tx, harbour.adam.actor, user_id=teams["nina"], changes={"manager_id": teams["rosa"]})
    await hand_over(db, harbour, ticket, teams["otto"], teams["ida"], teams["otto"])
    await follow(db, owner)
    assert await told(owner) == [("Carla", 3, 2)]


async def test_who_is_away_is_passed_over_and_without_a_common_lead_administrators_are_told(
    db: Db, owner: Conn, harbour: World, teams: Teams, ticket: UUID
) -> None:
    today = datetime.now(UTC).date()
    leave = Leave(uuid7(), teams["carla"], today - timedelta(1), today + timedelta(2), LeavePart.DAY, LeaveKind.SICK)
    async with records.writing(db, harbour.tenant_id) as tx:
        await set_leave(tx, harbour.adam.actor, leave)
    await hand_over(db, harbour, ticket, teams["ida"], teams["nina"], teams["ida"])
    await follow(db, owner)
    assert await told(owner) == [("Adam", 3, -1)]


async def test_an_accepted_offer_is_a_hand_over(
    db: Db, owner: Conn, harbour: World, teams: Teams, ticket: UUID
) -> None:
    await hand_over(db, harbour, ticket, teams["ida"], teams["nina"])
    async with records.writing(db, harbour.tenant_id) as tx:
        await assign_ticket(tx, harbour.nina.actor, ticket_id=ticket, assignee_id=teams["otto"])
    async with records.writing(db, harbour.tenant_id) as tx:
        await answer_offer(tx, harbour.otto.actor, ticket_id=ticket, accept=True)
    await hand_over(db, harbour, ticket, teams["ida"])
    await follow(db, owner)
    assert await told(owner) == [("Carla", 3, 2)]


def test_the_lead_of_both_is_the_nearest_above_both() -> None:
    boss, vera, nina, rosa, ida = (UUID(int=n) for n in range(1, 6))

    def line(*people: UUID, away: UUID | None = None) -> list[Above]:
        return [Above(people[0], level, person, person == away) for level, person in enumerate(people)]

    assert above_both(line(nina, vera, boss), line(ida, rosa, boss)) == (ida, 2, boss, False)
    assert above_both(line(nina, vera, boss), line(vera, boss)) == (vera, 1, boss, False)  # she does not lead herself
    assert above_both(line(vera, boss), line(nina, vera, boss)) == (nina, 2, boss, False)
    assert above_both(line(nina, vera, boss), line(ida, rosa, boss, away=boss)) is None
    assert above_both(line(nina, vera), line(ida, rosa)) is None
    assert above_both([], []) is None
