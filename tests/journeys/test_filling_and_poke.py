"""A phone's first hour: everything comes as a stream that may break, then it hears when to pull."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import delete_account
from fieldbeat.exchange.garbage import collect
from fieldbeat.kit.db import Conn, Db
from fieldbeat.people.actions import deactivate_user
from fieldbeat.phone import Fault, NotAdmitted, Phone, Unreachable, open_phone
from fieldbeat.phone import phone as phones_module
from fieldbeat_sync.device import Limits
from fieldbeat_testing.journey import Phones, sync
from fieldbeat_testing.network import told
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.snapshots import stock
from fieldbeat_testing.world import Person, World

MANY = 2_400  # five lines of a snapshot and more


@pytest.fixture
async def stocked(db: Db, world: World) -> list[str]:
    """Many customers of Nina's, one with all that Python takes for ends of lines in its note."""
    pusher = await registered(db, world.nina)
    await stock(pusher, world, 1, name="Line", note="one\u2028two\u0085three\rfour")
    return await stock(pusher, world, MANY)


def cut(*faults: Fault) -> Callable[[], Fault]:
    """These faults, behind the sign-in and the registration."""
    return told([Fault.NONE, Fault.NONE, *faults])


async def test_a_snapshot_that_breaks_goes_on_where_it_broke(
    phones: Phones, world: World, stocked: list[str], owner: Conn
) -> None:
    phone = phones.phone(world.nina, fault=cut(Fault.CUT_ANSWER, Fault.LOSE_REQUEST, Fault.CUT_ANSWER))
    for _ in range(3):
        with pytest.raises(Unreachable):
            await phone.sync()
        held, resume = len(phone.device.rows), phone.device.link.resume
        reopened = phones.phone(world.nina, path=phones.folder / "0.db")
        assert (len(reopened.device.rows), reopened.device.link.resume) == (held, resume)
    assert 500 <= held < MANY
    assert resume
    await sync(phone)
    assert phone.device.link.resyncs == 0, "the checkpoint agreed with the server"
    assert set(stocked) < set(phone.rows("account"))
    assert "one\u2028two\u0085three\rfour" in {row["note"] for row in phone.rows("account").values()}
    assert await owner.fetchval("select count(*) from snapshot_stream") == 1


async def test_a_snapshot_that_has_expired_is_begun_anew(
    phones: Phones, world: World, stocked: list[str], db: Db, owner: Conn
) -> None:
    phone = phones.phone(world.nina, fault=cut(Fault.CUT_ANSWER))
    with pytest.raises(Unreachable):
        await phone.sync()
    assert phone.device.link.resume
    async with records.writing(db, world.tenant_id) as tx:
        for each in stocked[:5]:
            await delete_account(tx, world.adam.actor, account_id=UUID(each))
    await owner.execute("update snapshot_stream set started_at = started_at - interval '2 days'")
    await sync(phone)
    assert phone.device.link.resyncs == 0
    assert set(phone.rows("account")).isdisjoint(stocked[:5])
    assert set(phone.rows("account")) > set(stocked[5:])


async def test_who_slept_through_most_of_it_takes_a_snapshot(
    phones: Phones, world: World, stocked: list[str], db: Db, owner: Conn
) -> None:
    phone = phones.phone(world.nina)
    await sync(phone)
    phone.device.link = replace(phone.device.link, limits=Limits(pull_rows_max=500))
    first = await owner.fetchval("select id from snapshot_stream")
    async with records.writing(db, world.tenant_id) as tx:
        await delete_account(tx, world.adam.actor, account_id=UUID(stocked[0]))
    await collect(db, older_than=timedelta(0))
    await sync(phone)
    assert await owner.fetchval("select id from snapshot_stream") != first
    assert (phone.row("account", stocked[0]), phone.device.link.resyncs) == (None, 0)
    assert len(phone.rows("account")) == MANY + 2


@asynccontextmanager
async def following(phone: Phone) -> AsyncIterator["asyncio.Task[object]"]:
    """The phone follows the server meanwhile."""
    task = asyncio.create_task(phone.follow())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, NotAdmitted):
            await task


@asynccontextmanager
async def opened(path: Path, url: str, person: Person) -> AsyncIterator[Phone]:
    """A phone on a real network."""
    phone = open_phone(path, url=url, account=person.account, durable=False)
    try:
        yield phone
    finally:
        await phone.aclose()


async def until(holds: Callable[[], bool], *, within_s: float = 8) -> None:
    """Waits, but not for ever."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.02)


async def test_a_poke_brings_the_edit_of_another(url: str, phones: Phones, world: World, tmp_path: Path) -> None:
    other = phones.phone(world.vera)
    await sync(other)
    async with opened(tmp_path / "nina.db", url, world.nina) as phone, following(phone):
        await until(lambda: phone.row("account", world.lunch) is not None)
        await asyncio.sleep(0.5)  # it listens by now, or hears of it when it does
        for note in ("first", "second"):
            other.edit("account", world.lunch, note=note)
            await sync(other)
            await until(lambda note=note: (phone.row("account", world.lunch) or {})["note"] == note)  # type: ignore[misc]


async def test_without_pokes_it_pulls_all_the_same(
    phones: Phones, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phones_module, "UNPOKED_MS", 200)
    phone, other = phones.phone(world.nina), phones.phone(world.vera)  # in this process nothing listens for a socket
    await sync(other)
    async with following(phone):
        await until(lambda: phone.row("account", world.lunch) is not None)
        other.edit("account", world.lunch, note="unheard")
        await sync(other)
        await until(lambda: (phone.row("account", world.lunch) or {})["note"] == "unheard")


async def test_who_is_dismissed_follows_no_longer(url: str, world: World, db: Db, tmp_path: Path) -> None:
    async with opened(tmp_path / "nina.db", url, world.nina) as phone, following(phone) as task:
        await until(lambda: phone.row("account", world.lunch) is not None)
        async with records.writing(db, world.tenant_id) as tx:
            await deactivate_user(tx, world.adam.actor, user_id=world.nina.id)
        phone.edge._access = ""  # as after a quarter of an hour
        with pytest.raises(NotAdmitted):
            await asyncio.wait_for(task, 20)


async def test_the_day_can_begin_before_everything_has_come(
    phones: Phones, world: World, stocked: list[str], db: Db
) -> None:
    pusher = await registered(db, world.nina)
    start = datetime.now(UTC) + timedelta(hours=1)
    window = {"plannedStart": start.isoformat(), "plannedEnd": (start + timedelta(minutes=30)).isoformat()}
    visits = [pusher.create("visit", {"accountId": id, "window": window}) for id in stocked[-20:]]
    await pusher.push(*visits)
    phone = phones.phone(world.nina, fault=cut(Fault.CUT_ANSWER, Fault.CUT_ANSWER))
    assert not phone.device.link.usable
    for _ in range(2):
        with pytest.raises(Unreachable):
            await phone.sync()
    assert phone.device.link.usable
    assert len(phone.rows("account")) < MANY
    seen = [phone.row("visit", str(each.record_id)) for each in visits]
    assert all(visit and phone.row("account", visit["accountId"]) for visit in seen)
    await sync(phone)
    assert (len(phone.rows("account")), phone.device.link.resyncs) == (MANY + 3, 0)
