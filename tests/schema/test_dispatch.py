"""Dispatch: the nearest free rep by place, hours and load, with reasons; and only among those whom one leads."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.days import store
from fieldbeat.days.model import DayProfile
from fieldbeat.days.planning.travel import Place
from fieldbeat.kit.db import Conn, Db
from fieldbeat.on_call.actions import create_rota
from fieldbeat.phone.documents import document
from fieldbeat.tickets.actions import create_ticket
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import Person, World, settle

from .conftest import Caller, Callers, do

DUBLIN, CORK = {"latitude": 53.35, "longitude": -6.26}, {"latitude": 51.9, "longitude": -8.47}


async def ranked(caller: Caller, ticket: str) -> list[Any]:
    query = document("dispatch_candidates")
    found: list[Any] = (await caller.ask(query, {"ticketId": ticket}))["dispatchCandidates"]
    return found


@pytest.fixture
async def leak(db: Db, harbour: World) -> str:
    """A fault at LUNCH in Dublin, where Nina starts; Otto starts in Cork."""
    vera = await registered(db, harbour.vera)
    made = vera.create("ticket", {"accountId": harbour.lunch, "kind": "FAULT", "subject": "Leaks"})
    await vera.push(made, vera.update("account", harbour.lunch, {"location": DUBLIN}, base_rev=1))
    async with records.writing(db, harbour.tenant_id) as tx:
        for person, spot in ((harbour.nina, DUBLIN), (harbour.otto, CORK)):
            place = Place(spot["latitude"], spot["longitude"])
            await store.save_day_profile(tx.conn, harbour.tenant_id, DayProfile(person.id, place, None, None, None))
    return str(made.record_id)


async def test_the_nearest_who_covers_it_is_first(harbour: World, signed_in: Callers, leak: str) -> None:
    first, second = await ranked(await signed_in(harbour.vera), leak)
    assert [first["user"]["name"], second["user"]["name"]] == ["Nina", "Otto"]
    assert (first["travelMinutes"], first["ticketsOpen"]) == (0, 1)
    assert {"COVERS", "FREE_NOW"} <= set(first["reasons"])
    assert second["travelKm"] > 200
    assert "OTHER_TERRITORY" in second["reasons"]


async def test_who_is_away_or_has_much_to_do_comes_later(
    db: Db, harbour: World, signed_in: Callers, leak: str, owner: Conn
) -> None:
    vera, phone = await signed_in(harbour.vera), await registered(db, harbour.nina)
    today = datetime.now(UTC).date()
    # Nina is at a customer's until late tonight, and has a stack of tickets.
    window = {"plannedStart": f"{today}T00:00:00Z", "plannedEnd": f"{today}T23:59:00Z"}
    await phone.push(
        phone.create("visit", {"accountId": harbour.tea, "window": window, "status": "CHECKED_IN"}),
        *(phone.create("ticket", {"accountId": harbour.tea, "kind": "FAULT", "subject": "s"}) for _ in range(60)),
    )
    first, second = await ranked(vera, leak)
    assert first["user"]["name"] == "Otto"
    assert {"CHECKED_IN", "LOADED"} <= set(second["reasons"])

    hours = "mutation ($input: SetBusinessHoursInput!) { setBusinessHours(input: $input) { __typename } }"
    adam = await signed_in(harbour.adam)
    week = [{"weekday": day, "from": "00:00", "until": "24:00"} for day in
            ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")]  # fmt: skip
    await adam.ask(hours, {"input": {"timeZone": "UTC", "weekly": week}})
    leave = "mutation ($input: SetLeaveInput!) { setLeave(input: $input) { __typename } }"
    away = {"userId": str(harbour.otto.id), "from": f"{today}", "until": f"{today + timedelta(days=30)}"}
    await adam.ask(leave, {"input": away})
    by_name = {each["user"]["name"]: each for each in await ranked(vera, leak)}
    assert "OFF_DUTY" in by_name["Otto"]["reasons"]
    assert by_name["Otto"]["freeAt"] is None


async def test_dispatch_gives_the_ticket_to_the_first_and_says_why(
    harbour: World, signed_in: Callers, leak: str, owner: Conn
) -> None:
    vera = await signed_in(harbour.vera)
    run = document("dispatch_ticket")
    sent = (await vera.ask(run, {"input": {"ticketId": leak}}))["dispatchTicket"]
    assert (sent["ticket"]["id"], sent["candidate"]["userId"]) == (leak, str(harbour.nina.id))
    assert str(await owner.fetchval("select assignee_id from ticket where id::text = $1", leak)) == str(harbour.nina.id)


async def on_call(db: Db, harbour: World, person: Person) -> None:
    """This person for the north, whose people are at work on another day alone."""
    other_day = (datetime.now(UTC) + timedelta(days=3)).strftime("%A").upper()
    async with records.writing(db, harbour.tenant_id) as tx:
        week = [{"weekday": other_day, "from": "09:00", "until": "17:00"}]
        await set_business_hours(tx, harbour.adam.actor, patch={"timeZone": "UTC", "weekly": week})
        nights = {
            "name": "Nights", "timeZone": "UTC", "anchorOn": "2020-01-06", "territoryId": str(harbour.north),
            "userIds": [str(person.id)],
        }  # fmt: skip
        await create_rota(tx, harbour.adam.actor, patch=nights)


async def test_who_is_on_call_is_free_out_of_hours(db: Db, harbour: World, signed_in: Callers, leak: str) -> None:
    await on_call(db, harbour, harbour.otto)
    first, second = await ranked(await signed_in(harbour.vera), leak)
    assert (first["user"]["name"], second["user"]["name"]) == ("Otto", "Nina")
    assert {"ON_CALL", "FREE_NOW"} <= set(first["reasons"])
    assert "OFF_DUTY" not in first["reasons"]
    assert "OFF_DUTY" in second["reasons"]


async def test_who_is_on_call_takes_a_ticket_that_he_does_not_see(
    db: Db, harbour: World, signed_in: Callers, leak: str, owner: Conn
) -> None:
    otto, rival = await signed_in(harbour.otto), await signed_in((await settle(db, "rival")).adam)
    assert (await do(otto, "take_on_call", ticketId=leak))["code"] == "NOT_FOUND"
    await on_call(db, harbour, harbour.otto)
    assert (await do(await signed_in(harbour.nina), "take_on_call", ticketId=leak))["code"] == "FORBIDDEN"
    assert (await do(rival, "take_on_call", ticketId=leak))["code"] == "NOT_FOUND"
    taken = await do(otto, "take_on_call", ticketId=leak)
    assert taken["ticket"]["assignee"]["name"] == "Otto"
    async with records.writing(db, harbour.tenant_id) as tx:
        elsewhere = await create_ticket(
            tx, harbour.vera.actor, account_id=UUID(harbour.diner), patch={"kind": "FAULT", "subject": "Elsewhere"}
        )
    id = str(elsewhere.record_id)
    assert (await do(otto, "take_on_call", ticketId=id))["code"] == "FORBIDDEN"  # the south has no rota


async def test_who_lacks_a_skill_stands_last_and_is_never_sent(
    db: Db, harbour: World, signed_in: Callers, leak: str
) -> None:
    vera, nina = await signed_in(harbour.vera), await registered(db, harbour.nina)
    await nina.pull()
    asked = nina.update("ticket", leak, {"requiredSkills": {"$add": ["Cooling", "lift"]}}, base_rev=1)
    assert await nina.said(asked) == ["APPLIED"]
    reasons = [each["reasons"] for each in await ranked(vera, leak)]
    assert all("LACKS_SKILL" in each for each in reasons)
    refused = await do(vera, "dispatch_ticket", ticketId=leak)
    assert (refused["code"], refused["fields"]) == ("INVALID", ["ticketId"])
    await do(vera, "update_user", id=str(harbour.otto.id), skills=["cooling", "Lift", "wine"])
    await do(vera, "update_user", id=str(harbour.nina.id), skills=["cooling"])
    first, last = await ranked(vera, leak)
    assert (first["user"]["name"], "LACKS_SKILL" in first["reasons"]) == ("Otto", False)
    assert "LACKS_SKILL" in last["reasons"]
    assert last["rankMinutes"] < first["rankMinutes"]
    sent = await do(vera, "dispatch_ticket", ticketId=leak)
    assert sent["candidate"]["userId"] == str(harbour.otto.id)


async def test_a_ticket_out_of_sight_is_not_there(db: Db, harbour: World, signed_in: Callers, leak: str) -> None:
    rival = await settle(db, "rival")
    run = document("dispatch_ticket")
    query = document("dispatch_candidates")
    for person in (harbour.otto, rival.adam):
        caller = await signed_in(person)
        assert (await caller.ask(run, {"input": {"ticketId": leak}}))["dispatchTicket"]["code"] == "NOT_FOUND"
        assert await caller.refused(query, {"ticketId": leak}) == "BAD_REQUEST"
