"""`syncPoke`: who is told to pull, when, and that nothing depends on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account, update_account
from fieldbeat.exchange import poke
from fieldbeat.exchange.poke import Pokes, announcing, hearing
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.queue import open_queue, queue_settings
from fieldbeat.people.actions import deactivate_user, update_user
from fieldbeat.people.model import Origin
from fieldbeat.people.sessions import authenticate, sign_in, sign_out
from fieldbeat.phone.documents import document
from fieldbeat.territories.actions import assign_territory
from fieldbeat_graphql import sockets
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.sockets import Socket
from fieldbeat_testing.world import ALWAYS, PASSWORD, Person, World, settle

POKE = {"id": "1", "type": "next", "payload": {"data": {"syncPoke": {"pull": True}}}}


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds takes less here."""
    monkeypatch.setattr(poke, "PAUSE_S", (0.3, 0.3))
    monkeypatch.setattr(poke, "REREAD_S", (60.0, 60.0))
    monkeypatch.setattr(sockets, "LOOK_AGAIN_S", (0.2, 0.3))


async def token_of(app: FastAPI, person: Person) -> str:
    """The access token of a new session."""
    origin = Origin(True, "127.0.0.1", False)
    state = app.state
    session = await sign_in(
        state.db, state.key_ring, state.settings, email=person.email, password=PASSWORD, origin=origin
    )
    return session.access_token


@asynccontextmanager
async def waiting(app: FastAPI, person: Person, device_id: UUID) -> AsyncIterator[Socket]:
    """A phone that has subscribed: from here on it hears of changes."""
    async with Socket(app, ["graphql-transport-ws"]) as socket:
        await socket.init(await token_of(app, person))
        before = len(app.state.pokes)
        await socket.subscribe(document("sync_poke"), deviceId=str(device_id))
        await _until(lambda: len(app.state.pokes) > before)
        yield socket


async def silent(socket: Socket, *, for_s: float = 0.6) -> bool:
    """Whether nothing comes."""
    try:
        await socket.message(within_s=for_s)
    except TimeoutError:
        return True
    return False


async def edit(db: Db, world: World, account_id: str, **patch: Any) -> None:
    """Headquarters writes."""
    async with records.writing(db, world.tenant_id) as tx:
        await update_account(tx, world.adam.actor, account_id=UUID(account_id), patch=patch)


async def test_a_change_pokes_who_holds_its_scope_and_nobody_else(
    app: FastAPI, harbour: World, phone: Pusher, db: Db
) -> None:
    rival = await settle(db, "rival")
    ottos, theirs = await registered(db, harbour.otto), await registered(db, rival.nina)
    async with (
        waiting(app, harbour.nina, phone.device_id) as nina,
        waiting(app, harbour.otto, ottos.device_id) as otto,
        waiting(app, rival.nina, theirs.device_id) as stranger,
    ):
        await edit(app.state.db, harbour, harbour.lunch, note="new")
        assert await nina.message() == POKE
        assert await silent(otto)
        assert await silent(stranger, for_s=0.1)
        await edit(app.state.db, harbour, harbour.diner, note="new")
        assert await otto.message() == POKE
        assert await silent(nina)


async def test_a_push_of_one_phone_pokes_the_other(app: FastAPI, harbour: World, phone: Pusher) -> None:
    other = await registered(app.state.db, harbour.nina)
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        await other.push(other.update("account", harbour.lunch, {"note": "offline"}, base_rev=1))
        assert await socket.message() == POKE


async def test_what_is_rolled_back_pokes_nobody(app: FastAPI, harbour: World, phone: Pusher) -> None:
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        with suppress(ZeroDivisionError):
            async with records.writing(app.state.db, harbour.tenant_id) as tx:
                await update_account(tx, harbour.adam.actor, account_id=UUID(harbour.lunch), patch={"note": "no"})
                raise ZeroDivisionError
        assert await silent(socket)


async def test_the_first_poke_goes_at_once_and_a_burst_behind_it_as_one(
    app: FastAPI, harbour: World, phone: Pusher
) -> None:
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        await edit(app.state.db, harbour, harbour.lunch, note="1")
        assert await socket.message() == POKE
        for n in range(10):
            await edit(app.state.db, harbour, harbour.lunch, note=f"burst {n}")
        heard = 0
        while not await silent(socket, for_s=1.0):
            heard += 1
        assert 1 <= heard <= 9  # as many as pauses began while it lasted


async def test_a_move_pokes_who_loses_it_and_who_gains_it(app: FastAPI, harbour: World, phone: Pusher) -> None:
    ottos = await registered(app.state.db, harbour.otto)
    async with (
        waiting(app, harbour.nina, phone.device_id) as nina,
        waiting(app, harbour.otto, ottos.device_id) as otto,
    ):
        async with records.writing(app.state.db, harbour.tenant_id) as tx:
            await reassign_account(tx, harbour.adam.actor, account_id=UUID(harbour.lunch), owner_id=harbour.otto.id)
        assert await nina.message() == POKE
        assert await otto.message() == POKE


async def test_who_gains_a_territory_is_poked_and_hears_of_it_from_then_on(
    app: FastAPI, harbour: World, phone: Pusher
) -> None:
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        await _assign(app.state.db, harbour, harbour.south, until_on=None)
        assert await socket.message() == POKE
        await asyncio.sleep(0.5)
        await edit(app.state.db, harbour, harbour.diner, note="mine now")
        assert await socket.message() == POKE
        await _assign(app.state.db, harbour, harbour.south, until_on=date(2020, 2, 1))
        assert await socket.message() == POKE
        await asyncio.sleep(0.5)
        await edit(app.state.db, harbour, harbour.diner, note="not any more")
        assert await silent(socket)


async def test_who_leads_somebody_new_is_poked(app: FastAPI, harbour: World) -> None:
    veras = await registered(app.state.db, harbour.vera)
    async with waiting(app, harbour.vera, veras.device_id) as socket:
        async with records.writing(app.state.db, harbour.tenant_id) as tx:
            await update_user(tx, harbour.adam.actor, user_id=harbour.nina.id, changes={"manager_id": None})
        assert await socket.message() == POKE
        await asyncio.sleep(0.5)
        await edit(app.state.db, harbour, harbour.lunch, note="not hers")
        assert await silent(socket)


async def test_a_day_that_changes_who_covers_what_is_noticed(
    app: FastAPI, harbour: World, phone: Pusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poke, "REREAD_S", (0.2, 0.2))
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        assert await silent(socket)
        async with app.state.db.writing(harbour.tenant_id) as conn:  # as midnight does: nobody says it
            await conn.execute(
                "update territory_assignment set until_on = '2020-02-01' where territory_id = $1", harbour.north
            )
        assert await socket.message() == POKE


@pytest.mark.parametrize("whose", ["otto", "rival", "nobody"])
async def test_a_device_of_somebody_else_is_not_there(app: FastAPI, harbour: World, db: Db, whose: str) -> None:
    device_id = uuid7()
    if whose == "otto":
        device_id = (await registered(db, harbour.otto)).device_id
    elif whose == "rival":
        device_id = (await registered(db, (await settle(db, "rival")).nina)).device_id
    async with Socket(app, ["graphql-transport-ws"]) as socket:
        await socket.init(await token_of(app, harbour.nina))
        answer = await socket.ask(document("sync_poke"), deviceId=str(device_id))
        error = answer["payload"][0] if answer["type"] == "error" else answer["payload"]["errors"][0]
        assert error["extensions"]["reason"] == "NOT_FOUND"


async def test_without_a_token_nothing_is_heard(app: FastAPI, phone: Pusher) -> None:
    async with Socket(app, ["graphql-transport-ws"]) as socket:
        await socket.init(None)
        answer = await socket.ask(document("sync_poke"), deviceId=str(phone.device_id))
        assert answer["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_socket_of_an_ended_session_is_closed(app: FastAPI, harbour: World, phone: Pusher) -> None:
    assert sockets.LOOK_AGAIN_S[1] < 30
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        token = await token_of(app, harbour.nina)
        assert await silent(socket)  # another session of hers ends: this one goes on
        await sign_out(app.state.db, await authenticate(app.state.db, app.state.key_ring, token))
        assert await silent(socket)
    async with Socket(app, ["graphql-transport-ws"]) as socket:
        token = await token_of(app, harbour.nina)
        await socket.init(token)
        await socket.subscribe(document("sync_poke"), deviceId=str(phone.device_id))
        await _until(lambda: len(app.state.pokes) == 1)
        await sign_out(app.state.db, await authenticate(app.state.db, app.state.key_ring, token))
        assert await socket.message() == 4403
    assert len(app.state.pokes) == 0


async def test_the_socket_of_who_was_deactivated_is_closed(app: FastAPI, harbour: World, phone: Pusher) -> None:
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        async with records.writing(app.state.db, harbour.tenant_id) as tx:
            await deactivate_user(tx, harbour.adam.actor, user_id=harbour.nina.id)
        assert await socket.message() == 4403


async def test_a_socket_that_is_gone_is_forgotten(app: FastAPI, harbour: World, phone: Pusher) -> None:
    async with waiting(app, harbour.nina, phone.device_id) as socket:
        assert len(app.state.pokes) == 1
        await socket.send(type="complete", id="1")
        await _until(lambda: len(app.state.pokes) == 0)
    assert app.state.pokes._waiting == {}


async def test_without_valkey_everything_but_the_poke_goes_on(
    app: FastAPI, harbour: World, phone: Pusher, redis_url: str
) -> None:
    pool = app.state.queue.connection_pool

    def lead_to(path: str | None) -> None:
        """New connections, and those there are: who is cut off tries his own again at once."""
        pool.connection_kwargs["path"] = path
        for connection in (*pool._in_use_connections, *pool._available_connections):
            connection.path = path

    async with waiting(app, harbour.nina, phone.device_id) as socket:
        lead_to("/nowhere/valkey.sock")
        await pool.disconnect(inuse_connections=True)
        await edit(app.state.db, harbour, harbour.lunch, note="lost")
        assert await silent(socket)
        await phone.pull()
        row = phone.row(harbour.lunch)
        assert row is not None
        assert row["note"] == "lost"
        lead_to(queue_settings(redis_url).unix_socket_path)
        assert await socket.message(within_s=10) == POKE  # it may have missed something, so it is told to look


async def test_a_message_of_nobody_knows_what_is_passed_over(redis_url: str) -> None:
    valkey = await open_queue(redis_url)
    tenant_id = uuid7()
    async with hearing(valkey) as pokes, announcing(valkey) as announce:
        await asyncio.sleep(0.3)
        for nonsense in (b"", b"{}", b"[1,2]", b'["x",[]]'):
            await valkey.publish(poke.CHANNEL, nonsense)
        listener = poke.Listener(tenant_id)
        pokes.place(listener, frozenset({"tenant"}))
        announce(tenant_id, frozenset({"tenant"}))
        await asyncio.wait_for(listener.woken.wait(), 5)
    await valkey.aclose()


def test_a_listener_is_woken_by_what_it_holds_now() -> None:
    pokes, tenant_id = Pokes(), uuid7()
    listener = poke.Listener(tenant_id)
    pokes.place(listener, frozenset({"tenant", "territory:a"}))
    pokes.place(listener, frozenset({"tenant", "territory:b"}))
    pokes.wake(tenant_id, frozenset({"territory:a"}))
    pokes.wake(uuid7(), frozenset({"territory:b"}))
    assert not listener.woken.is_set()
    pokes.wake(tenant_id, frozenset({"territory:b"}))
    assert listener.woken.is_set()
    assert not listener.moved
    pokes.wake(tenant_id, frozenset({"user:x", "tenant"}))
    assert not listener.moved
    pokes.place(listener, frozenset({"user:x"}))
    pokes.wake(tenant_id, frozenset({"user:x"}))
    assert listener.moved


async def _assign(db: Db, world: World, territory_id: UUID, *, until_on: date | None) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        await assign_territory(
            tx, world.adam.actor, territory_id=territory_id, user_id=world.nina.id, from_on=ALWAYS, until_on=until_on
        )


async def _until(held: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not held():  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(0.01)
