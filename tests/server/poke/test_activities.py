"""`teamActivity`: what happens among the people whom one leads; a late commit and a drop lose nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from fieldbeat import records
from fieldbeat.activity.jobs import forget_activities
from fieldbeat.activity.reads import activities_page
from fieldbeat.exchange import happenings
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.notifications.actions import tell
from fieldbeat.notifications.model import Notice
from fieldbeat.people.actions import deactivate_user, update_user
from fieldbeat.phone.documents import document
from fieldbeat.records import Change
from fieldbeat.records.transaction import publish
from fieldbeat.tickets.actions import assign_ticket, create_ticket, update_ticket
from fieldbeat.tickets.replica import KEPT_TICKET
from fieldbeat.visits.jobs import mark_no_shows
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher
from fieldbeat_testing.sockets import Socket
from fieldbeat_testing.world import Person, World, settle

from .test_changes import listening, opened
from .test_poke import edit, in_a_hurry, silent, token_of

__all__ = ["in_a_hurry"]  # a fixture

PAST = {"plannedStart": "2026-01-05T09:00:00Z", "plannedEnd": "2026-01-05T09:30:00Z"}


async def heard(socket: Socket, **within: Any) -> dict[str, Any]:
    """The next activity."""
    message = await socket.message(**within)
    activity: dict[str, Any] = message["payload"]["data"]["teamActivity"]
    return activity


async def kinds(socket: Socket, count: int) -> list[str]:
    """The kinds of the next ones."""
    return [(await heard(socket))["kind"] for _ in range(count)]


async def page(db: Db, person: Person) -> list[str]:
    """The kinds of what a person's first page shows, the oldest first."""
    async with db.reading(person.actor.tenant_id) as conn:
        rows = await activities_page(conn, person.actor, after=None, rows_max=100)
    return [row.kind for row in reversed(rows)]


async def test_a_visit_is_told_to_its_rep_and_to_those_above_and_to_nobody_else(
    app: FastAPI, harbour: World, phone: Pusher
) -> None:
    """Nina's phone was offline: she came, and went, and skipped another customer, all in one push."""
    rival = await settle(app.state.db, "rival")
    phone.db = app.state.db
    here = {"latitude": 1, "longitude": 1}
    lunch, tea = (phone.create("visit", {"accountId": each, "window": PAST}) for each in (harbour.lunch, harbour.tea))
    came = phone.update(
        "visit",
        lunch.record_id,
        {"status": "CHECKED_IN", "checkIn": {"at": "2026-01-05T09:00:00Z", **here}},
        base_rev=None,
    )
    went = phone.update(
        "visit", lunch.record_id, {"status": "DONE", "checkOut": {"at": "2026-01-05T09:20:00Z", **here}}, base_rev=None
    )
    skipped = phone.update("visit", tea.record_id, {"status": "SKIPPED", "skipReason": "closed"}, base_rev=None)
    async with (
        listening(app, harbour.nina, "team_activity") as nina,
        listening(app, harbour.vera, "team_activity") as vera,
        listening(app, harbour.adam, "team_activity") as adam,
        listening(app, harbour.otto, "team_activity") as otto,
        listening(app, rival.adam, "team_activity") as stranger,
    ):
        assert set(await phone.said(lunch, tea, came, went, skipped)) <= {"APPLIED", "MERGED"}
        for one in (nina, vera, adam):
            told = [await heard(one) for _ in range(3)]
            assert {each["actor"]["name"] for each in told} == {"Nina"}
            assert [(each["kind"], each["summary"], each["detail"]) for each in told] == [
                ("CHECKED_IN", "Lunch", None), ("CHECKED_OUT", "Lunch", None), ("VISIT_SKIPPED", "Tea", "closed"),
            ]  # fmt: skip
        assert await silent(otto)
        assert await silent(stranger, for_s=0.1)


async def test_what_becomes_of_a_ticket(app: FastAPI, harbour: World) -> None:
    db = app.state.db
    async with (
        listening(app, harbour.vera, "team_activity") as vera,
        listening(app, harbour.otto, "team_activity") as otto,
    ):
        ticket = await opened(db, harbour, harbour.lunch, by=harbour.nina)
        assert (await heard(vera))["summary"].endswith("It leaks")
        async with records.writing(db, harbour.tenant_id) as tx:
            await assign_ticket(tx, harbour.vera.actor, ticket_id=ticket, assignee_id=harbour.otto.id)
        for one in (vera, otto):
            told = await heard(one)
            assert (told["kind"], told["concerns"]["name"], told["actor"]["name"]) == (
                "TICKET_HANDED_OVER", "Otto", "Vera",
            )  # fmt: skip
        for patch in ({"status": "OPEN"}, {"priority": "HIGH"}, {"status": "RESOLVED"}, {"status": "OPEN"}):
            async with records.writing(db, harbour.tenant_id) as tx:
                await update_ticket(tx, harbour.otto.actor, ticket_id=ticket, patch=patch)
        expected = ["TICKET_CHANGED", "TICKET_CHANGED", "TICKET_RESOLVED", "TICKET_REOPENED"]
        for one in (vera, otto):
            assert await kinds(one, 4) == expected
        async with records.writing(db, harbour.tenant_id) as tx:
            await update_ticket(tx, harbour.otto.actor, ticket_id=ticket, patch={"subject": "It leaks still"})
        assert await silent(vera)


async def test_what_the_service_does_by_rule(app: FastAPI, harbour: World, phone: Pusher) -> None:
    """A no-show has no actor; who is told of a breach, and whose value was lost, is heard of."""
    db = phone.db = app.state.db
    assert await phone.said(phone.create("visit", {"accountId": harbour.lunch, "window": PAST})) == ["APPLIED"]
    async with (
        listening(app, harbour.vera, "team_activity") as vera,
        listening(app, harbour.otto, "team_activity") as otto,
    ):
        assert await mark_no_shows(db, grace=timedelta(), offline_grace=timedelta()) == 1
        missed = await heard(vera)
        assert (missed["kind"], missed["actor"], missed["concerns"]["name"]) == ("VISIT_MISSED", None, "Nina")
        async with records.writing(db, harbour.tenant_id) as tx:
            link = f"ticket:{harbour.lunch}"
            await tell(tx, harbour.adam.actor, [Notice("b", harbour.nina.id, "SLA_BREACHED", "#7 It leaks", link=link)])
        breach = await heard(vera)
        assert (breach["kind"], breach["concerns"]["name"], breach["detail"]) == ("ESCALATED", "Nina", "SLA_BREACHED")
        assert (breach["collection"], breach["recordId"]) == ("ticket", harbour.lunch)
        await edit(db, harbour, harbour.lunch, note="headquarters")
        late = phone.update("account", harbour.lunch, {"note": "phone"}, base_rev=1)
        assert await phone.said(late) == ["CONFLICT"]
        clash = await heard(vera)
        assert (clash["kind"], clash["summary"], clash["detail"]) == ("CONFLICT_OPENED", "account", "note")
        assert await silent(otto)


async def test_who_commits_late_is_told_all_the_same(app: FastAPI, harbour: World) -> None:
    """The activity at LUNCH has the earlier time and is seen only after the one at DINER was told."""
    db = app.state.db
    fault = {"kind": "FAULT", "subject": "It leaks"}
    async with listening(app, harbour.vera, "team_activity") as vera:
        async with records.writing(db, harbour.tenant_id) as tx:
            await create_ticket(tx, harbour.nina.actor, account_id=UUID(harbour.lunch), patch=fault)
            await publish(tx)
            async with db.writing(harbour.tenant_id) as conn:
                await conn.execute(
                    "insert into activity (tenant_id, person_id, at, id, kind, collection, record_id, happened_at) "
                    "values ($1, $2, clock_timestamp(), uuidv7(), 'CHECKED_IN', 'visit', uuidv7(), clock_timestamp())",
                    harbour.tenant_id, harbour.otto.id,
                )  # fmt: skip
            await edit(db, harbour, harbour.diner, note="pokes her")
            assert (await heard(vera))["kind"] == "CHECKED_IN"
        assert (await heard(vera))["kind"] == "TICKET_CREATED"
        assert await silent(vera)


async def test_a_console_goes_on_where_it_was_cut_off(
    app: FastAPI, harbour: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(happenings, "ROWS_MAX", 2)
    async with listening(app, harbour.vera, "team_activity") as vera:
        await opened(app.state.db, harbour, harbour.lunch)
        last = await heard(vera)
    missed = [str(await opened(app.state.db, harbour, harbour.diner)) for _ in range(5)]
    async with listening(app, harbour.vera, "team_activity", after=last["cursor"]) as vera:
        told = [await heard(vera)]
        while len(told) < 5 or told[-1]["recordId"] != missed[-1]:
            told.append(await heard(vera))
        assert [each["recordId"] for each in told if each["id"] != last["id"]] == missed
        assert await silent(vera)


async def test_one_does_not_go_on_from_long_ago_or_from_anywhere(app: FastAPI, harbour: World, db: Db) -> None:
    await opened(app.state.db, harbour, harbour.lunch)
    async with listening(app, harbour.vera, "team_activity") as vera:
        await opened(app.state.db, harbour, harbour.lunch)
        cursor = (await heard(vera))["cursor"]
    forged, rival = cursor[:-4] + "AAAA", await settle(app.state.db, "rival")
    for person, after in ((harbour.vera, forged), (rival.vera, cursor)):
        async with Socket(app, ["graphql-transport-ws"]) as socket:
            await socket.init(await token_of(app, person))
            answer = await socket.ask(document("team_activity"), after=after)
            error = answer["payload"][0] if answer["type"] == "error" else answer["payload"]["errors"][0]
            assert (error["extensions"]["reason"], error["extensions"]["fields"]) == ("INVALID", ["after"])


async def test_what_one_sees_is_asked_anew_at_each_look(app: FastAPI, harbour: World) -> None:
    db = app.state.db
    async with listening(app, harbour.vera, "team_activity") as vera:
        await opened(db, harbour, harbour.lunch, by=harbour.nina)
        assert (await heard(vera))["kind"] == "TICKET_CREATED"
        async with records.writing(db, harbour.tenant_id) as tx:
            await update_user(tx, harbour.adam.actor, user_id=harbour.vera.id, changes={"role": "REP"})
        await opened(db, harbour, harbour.lunch, by=harbour.nina)
        assert await silent(vera)
    assert await page(db, harbour.nina) == ["TICKET_CREATED"] * 2
    assert await page(db, harbour.otto) == []


async def test_whose_session_ends_hears_nothing_more(app: FastAPI, harbour: World) -> None:
    db = app.state.db
    async with listening(app, harbour.vera, "team_activity") as vera:
        async with records.writing(db, harbour.tenant_id) as tx:
            await deactivate_user(tx, harbour.adam.actor, user_id=harbour.vera.id)
        await opened(db, harbour, harbour.lunch)
        while (message := await vera.message()) != 4403:
            assert message["type"] != "next" or message["payload"]["data"] is None, message
    assert len(app.state.pokes) == 0


async def test_a_past_that_is_brought_in_is_no_news_and_old_news_go(app: FastAPI, harbour: World) -> None:
    db = app.state.db
    await opened(db, harbour, harbour.lunch, by=harbour.nina)
    async with records.writing(db, harbour.tenant_id) as tx:
        long_ago, id = tx.at - timedelta(days=2), uuid7()
        brought = {"accountId": harbour.lunch, "kind": "FAULT", "subject": "Old", "assigneeId": str(harbour.nina.id)}
        turns = [Change(KEPT_TICKET, id, Op.CREATE, brought, at=long_ago)]
        turns.append(Change(KEPT_TICKET, id, Op.UPDATE, {"priority": "HIGH"}, at=long_ago))
        await records.change(tx, harbour.adam.actor, turns)
    assert await page(db, harbour.vera) == ["TICKET_CREATED"]
    assert await forget_activities(db, older_than=timedelta(hours=1)) == 0
    assert await forget_activities(db, older_than=timedelta()) == 1
    assert await page(db, harbour.adam) == []
