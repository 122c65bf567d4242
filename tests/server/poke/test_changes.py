"""`ticketChanged` and `notificationReceived`: what changed is told to who sees it, and a lost poke loses nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from fieldbeat import records
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.exchange import changes, poke
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.notifications.actions import mark_read, tell
from fieldbeat.notifications.model import Notice
from fieldbeat.people.actions import deactivate_user, update_user
from fieldbeat.phone.documents import document
from fieldbeat.tickets.actions import assign_ticket, create_ticket, update_ticket
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.sockets import Socket
from fieldbeat_testing.world import Person, World, settle

from .test_poke import _until, in_a_hurry, silent, token_of

__all__ = ["in_a_hurry"]  # a fixture


@asynccontextmanager
async def listening(app: FastAPI, person: Person, operation: str, **variables: Any) -> AsyncIterator[Socket]:
    """Somebody who has subscribed: what happens from here on is told."""
    async with Socket(app, ["graphql-transport-ws"]) as socket:
        await socket.init(await token_of(app, person))
        before = len(app.state.pokes)
        await socket.subscribe(document(operation), **variables)
        await _until(lambda: len(app.state.pokes) > before)
        yield socket


async def opened(db: Db, world: World, account_id: str, by: Person | None = None) -> UUID:
    """A fault at an account."""
    patch = {"kind": "FAULT", "subject": "It leaks"}
    async with records.writing(db, world.tenant_id) as tx:
        made = await create_ticket(tx, (by or world.vera).actor, account_id=UUID(account_id), patch=patch)
    return made.record_id


async def renamed(db: Db, world: World, ticket_id: UUID, subject: str) -> None:
    """Headquarters writes."""
    async with records.writing(db, world.tenant_id) as tx:
        await update_ticket(tx, world.adam.actor, ticket_id=ticket_id, patch={"subject": subject})


async def said(db: Db, world: World, person: Person, *keys: str) -> None:
    """A person is told something."""
    async with records.writing(db, world.tenant_id) as tx:
        await tell(tx, world.vera.actor, [Notice(key, person.id, "TEST", f"About {key}") for key in keys])


async def heard(socket: Socket, field: str, name: str, **within: Any) -> Any:
    """One thing about what is told next."""
    message = await socket.message(**within)
    return message["payload"]["data"][field][name]


async def test_a_ticket_that_changes_is_told_to_who_sees_it_and_to_nobody_else(app: FastAPI, harbour: World) -> None:
    db, rival = app.state.db, await settle(app.state.db, "rival")
    async with (
        listening(app, harbour.nina, "ticket_changed") as nina,
        listening(app, harbour.vera, "ticket_changed") as vera,
        listening(app, harbour.otto, "ticket_changed") as otto,
        listening(app, rival.adam, "ticket_changed") as stranger,
    ):
        ticket = await opened(db, harbour, harbour.lunch)
        for one in (nina, vera):
            assert await heard(one, "ticketChanged", "id") == str(ticket)
        async with records.writing(db, harbour.tenant_id) as tx:
            await update_ticket(tx, harbour.nina.actor, ticket_id=ticket, patch={"status": "OPEN"})
        for one in (nina, vera):
            assert await heard(one, "ticketChanged", "status") == "OPEN"
        assert await silent(otto)
        assert await silent(stranger, for_s=0.1)
        theirs = await opened(db, rival, rival.lunch)
        assert await heard(stranger, "ticketChanged", "id") == str(theirs)
        assert await silent(nina)
        assert await silent(otto, for_s=0.1)


async def test_one_ticket_alone(app: FastAPI, harbour: World) -> None:
    db = app.state.db
    one, other = await opened(db, harbour, harbour.lunch), await opened(db, harbour, harbour.lunch)
    async with listening(app, harbour.nina, "ticket_changed", ticketId=str(one)) as nina:
        await renamed(db, harbour, other, "Not this one")
        assert await silent(nina)
        await renamed(db, harbour, one, "This one")
        assert await heard(nina, "ticketChanged", "subject") == "This one"


@pytest.mark.parametrize("whose", ["otto", "rival", "nobody"])
async def test_a_ticket_that_one_does_not_see_is_not_there(app: FastAPI, harbour: World, whose: str) -> None:
    ticket = uuid7()
    if whose == "otto":
        ticket = await opened(app.state.db, harbour, harbour.diner)
    elif whose == "rival":
        rival = await settle(app.state.db, "rival")
        ticket = await opened(app.state.db, rival, rival.lunch)
    async with Socket(app, ["graphql-transport-ws"]) as socket:
        await socket.init(await token_of(app, harbour.nina))
        answer = await socket.ask(document("ticket_changed"), ticketId=str(ticket))
        error = answer["payload"][0] if answer["type"] == "error" else answer["payload"]["errors"][0]
        assert (error["extensions"]["reason"], error["extensions"]["fields"]) == ("NOT_FOUND", ["ticketId"])


async def test_what_one_sees_is_asked_anew_at_each_event(app: FastAPI, harbour: World) -> None:
    """Vera is a supervisor no longer, LUNCH goes to Otto: neither she nor Nina hears of its ticket; Otto does."""
    db = app.state.db
    ticket = await opened(db, harbour, harbour.lunch)
    async with (
        listening(app, harbour.nina, "ticket_changed") as nina,
        listening(app, harbour.vera, "ticket_changed") as vera,
        listening(app, harbour.otto, "ticket_changed") as otto,
    ):
        await renamed(db, harbour, ticket, "Hers")
        assert await heard(nina, "ticketChanged", "subject") == "Hers"
        assert await heard(vera, "ticketChanged", "subject") == "Hers"
        async with records.writing(db, harbour.tenant_id) as tx:
            await update_user(tx, harbour.adam.actor, user_id=harbour.vera.id, changes={"role": "REP"})
            await reassign_account(tx, harbour.adam.actor, account_id=UUID(harbour.lunch), owner_id=harbour.otto.id)
        moved = await otto.message()
        assert moved["payload"]["data"]["ticketChanged"]["assignee"]["id"] == str(harbour.otto.id)
        assert moved["payload"]["data"]["ticketChanged"]["account"]["id"] == harbour.lunch
        await renamed(db, harbour, ticket, "His")
        assert await heard(otto, "ticketChanged", "subject") == "His"
        assert await silent(nina)
        assert await silent(vera, for_s=0.1)


async def test_a_ticket_that_is_handed_to_somebody_else_is_told_to_him(app: FastAPI, harbour: World) -> None:
    db = app.state.db
    ticket = await opened(db, harbour, harbour.lunch)
    async with listening(app, harbour.otto, "ticket_changed") as otto:
        async with records.writing(db, harbour.tenant_id) as tx:
            await assign_ticket(tx, harbour.vera.actor, ticket_id=ticket, assignee_id=harbour.otto.id)
        assert await heard(otto, "ticketChanged", "id") == str(ticket)


async def test_a_poke_that_was_lost_costs_latency_alone(
    app: FastAPI, harbour: World, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poke, "REREAD_S", (0.5, 0.5))
    async with listening(app, harbour.nina, "ticket_changed") as nina:
        ticket = await opened(db, harbour, harbour.lunch)  # by a process that tells nobody
        assert await heard(nina, "ticketChanged", "id") == str(ticket)
        assert await silent(nina, for_s=1.2)


async def test_many_changes_are_looked_at_part_by_part(
    app: FastAPI, harbour: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "ENTRIES_A_SCOPE_MAX", 2)
    phone = await registered(app.state.db, harbour.nina)
    faults = [
        phone.create("ticket", {"accountId": harbour.lunch, "kind": "FAULT", "subject": str(n)}) for n in range(7)
    ]
    async with listening(app, harbour.nina, "ticket_changed") as nina:
        assert await phone.said(*faults) == ["APPLIED"] * 7
        told = [await heard(nina, "ticketChanged", "id") for _ in faults]
        assert sorted(told) == sorted(str(each.record_id) for each in faults)
        assert await silent(nina)


async def test_what_one_is_told_comes_to_oneself_alone_and_once(app: FastAPI, harbour: World) -> None:
    db, rival = app.state.db, await settle(app.state.db, "rival")
    await said(db, harbour, harbour.nina, "before")
    async with (
        listening(app, harbour.nina, "notification_received") as nina,
        listening(app, harbour.vera, "notification_received") as vera,
        listening(app, rival.nina, "notification_received") as stranger,
    ):
        await said(db, harbour, harbour.nina, "leak")
        message = await nina.message()
        notification = message["payload"]["data"]["notificationReceived"]
        assert (notification["title"], notification["status"]) == ("About leak", "UNREAD")
        async with records.writing(db, harbour.tenant_id) as tx:
            await mark_read(tx, harbour.nina.actor, ids=[UUID(notification["id"])])
        assert await silent(nina)
        assert await silent(vera, for_s=0.1)
        assert await silent(stranger, for_s=0.1)


async def test_who_was_deactivated_hears_nothing_more(app: FastAPI, harbour: World) -> None:
    db = app.state.db
    async with listening(app, harbour.nina, "ticket_changed") as nina:
        async with records.writing(db, harbour.tenant_id) as tx:
            await deactivate_user(tx, harbour.adam.actor, user_id=harbour.nina.id)
        await opened(db, harbour, harbour.lunch)
        while (message := await nina.message()) != 4403:
            assert message["type"] != "next" or message["payload"]["data"] is None, message
    assert len(app.state.pokes) == 0


async def test_the_database_is_away_for_a_while(
    app: FastAPI, harbour: World, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poke, "REREAD_S", (0.3, 0.3))
    async with listening(app, harbour.nina, "ticket_changed") as nina:
        pool = app.state.db.pool
        held = [await pool.acquire() for _ in range(pool.get_max_size())]
        for conn in held:
            conn.terminate()
        ticket = await opened(db, harbour, harbour.lunch)
        for conn in held:
            await pool.release(conn)
        assert await heard(nina, "ticketChanged", "id", within_s=15) == str(ticket)
