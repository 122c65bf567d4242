"""A database that is restored to an earlier point, by the runbook: nothing that a phone did is lost, or counts twice.

docs/operating/restore.md is followed step by step; the backup is a copy of the database.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import psycopg
import pytest
from starlette.types import Receive, Scope, Send

from fieldbeat import records
from fieldbeat.exchange.epoch import StillServing, raise_epoch, read_epoch
from fieldbeat.people.actions import deactivate_user
from fieldbeat.phone import NotAdmitted, Phone
from fieldbeat_testing.database import Servers, TestDatabase, opened
from fieldbeat_testing.journey import Phones, conflicts, held, sync, verdicts, writes
from fieldbeat_testing.program import run
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.simulation.planted import BUGS
from fieldbeat_testing.world import World, serving


class Service:
    """The address that phones know; what answers there is started and stopped."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._stack = AsyncExitStack()

    async def start(self, database: TestDatabase) -> None:
        """From now on the application answers on this database."""
        self._app = await self._stack.enter_async_context(serving(database, self._redis_url))

    async def stop(self) -> None:
        """Nobody is connected to the database any more."""
        await self._stack.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@pytest.fixture
async def service(redis_url: str) -> AsyncIterator[Service]:
    made = Service(redis_url)
    yield made
    await made.stop()


BackUp: TypeAlias = Callable[[TestDatabase], TestDatabase]


@pytest.fixture
def back_up(servers: Servers) -> Iterator[BackUp]:
    """Copies a database as it is; the copies go at the end."""
    made: list[TestDatabase] = []

    def copy(database: TestDatabase) -> TestDatabase:
        made.append(servers.new_database(copy_of=database))
        return made[-1]

    yield copy
    for each in made:
        servers.drop(each)


@asynccontextmanager
async def shop(service: Service, folder: Path) -> AsyncIterator[Phones]:
    """Hands out phones on the service."""
    phones = Phones(service, folder)  # type: ignore[arg-type]  # any ASGI application will do
    yield phones
    await phones.aclose()


def raised(database: TestDatabase) -> None:
    """The step of the runbook."""
    done = run("epoch", "raise", database_url=database.app_url, migrate_url=database.owner_url)
    assert done.returncode == 0, done.stderr


async def test_nothing_is_lost_and_nothing_counts_twice(
    database: TestDatabase,
    back_up: BackUp,
    service: Service,
    harbour: World,
    tmp_path: Path,
) -> None:
    async with shop(service, tmp_path) as phones:
        await service.start(database)
        nina, otto, vera = (phones.phone(person) for person in (harbour.nina, harbour.otto, harbour.vera))
        await sync(nina, otto, vera)
        nina.edit("account", harbour.lunch, note="before the backup", tags={"$add": ["before"]})
        kim = nina.create("contact", None, accountId=harbour.tea, name="Kim")
        await sync(nina, otto, vera)

        # The backup is taken; the service goes on.
        await service.stop()
        backup = back_up(database)
        await service.start(database)
        await _work_on(phones, nina, otto, vera, harbour)
        newcomer = phones.phone(harbour.nina)
        await sync(newcomer)
        newcomer.edit("account", harbour.tea, website="new.example", tags={"$add": ["newcomer"]})
        await sync(newcomer, nina, otto, vera)
        told = held(vera)
        before = {uuid for phone in (nina, otto, vera, newcomer) for uuid in verdicts(phone)}

        # The database is lost, and the backup comes in its place; meanwhile people go on, offline.
        await service.stop()
        nina.edit("account", harbour.lunch, phone="+353 1 offline")
        vera.edit("account", harbour.diner, note="offline, too")
        raised(backup)
        await service.start(backup)
        crowd = (otto, newcomer, vera, nina)
        await sync(*crowd)
        await sync(*crowd)

        for key, row in told.items():
            if key[0] in ("account", "contact"):
                expected = {**row, **_offline(harbour, key[1])}
                assert _without_rev(held(vera)[key]) == _without_rev(expected), key
        assert {key for key in held(vera) if key[0] != "conflict"} == told.keys()
        assert held(nina) == held(newcomer)
        # An edit that is told again has seen nothing, so what it replaced is kept for a human; it is the older value.
        for conflict in await conflicts(phones.desk(harbour.adam)):
            assert conflict["winner"]["at"] > conflict["loser"]["at"]
            assert conflict["winner"]["replica"] > 0
        uuids = {uuid for phone in crowd for uuid in verdicts(phone)}
        assert uuids >= before
        assert all(phone.device.queue == {} for phone in crowd)
        assert _settled_once(backup) == uuids
        desk = phones.desk(harbour.adam)
        assert len(await writes(desk, "account", harbour.lunch, "tags")) == 3  # created, before, after
        assert len(await writes(desk, "account", harbour.lunch, "note")) == 3
        assert kim in {key[1] for key in held(nina)}


async def test_a_device_that_was_away_comes_back_weeks_later(
    database: TestDatabase,
    back_up: BackUp,
    service: Service,
    harbour: World,
    tmp_path: Path,
) -> None:
    async with shop(service, tmp_path) as phones:
        await service.start(database)
        nina, away = phones.phone(harbour.nina), phones.phone(harbour.nina)
        await sync(nina, away)
        await service.stop()
        backup = back_up(database)
        await service.start(database)
        away.edit("account", harbour.tea, note="told to a database that is no more")
        await sync(away)
        await service.stop()

        raised(backup)
        await service.start(backup)
        nina.edit("account", harbour.tea, phone="+353 2")
        await sync(nina)
        await service.stop()
        raised(backup)  # and once more
        await service.start(backup)
        await sync(away, nina, away)
        row = held(nina)["account", harbour.tea]
        assert (row["note"], row["phone"]) == ("told to a database that is no more", "+353 2")
        assert held(away) == held(nina)


@pytest.mark.parametrize("bug", ["", "a restore goes unnoticed at registration"], ids=["as it is", "planted"])
async def test_a_phone_that_registers_anyhow_notices_the_restore(
    database: TestDatabase, back_up: BackUp, service: Service, harbour: World,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: str,
) -> None:  # fmt: skip
    """Nothing but the epoch of its new incarnation tells it; with the bug planted its edit is lost."""
    async with shop(service, tmp_path) as phones:
        await service.start(database)
        nina = phones.phone(harbour.nina)
        await sync(nina)
        await service.stop()
        backup = back_up(database)
        await service.start(database)
        nina.edit("account", harbour.tea, note="acknowledged")
        await sync(nina)
        await service.stop()
        raise_epoch(backup.owner_url)
        await service.start(backup)
        if bug:
            BUGS[bug].plant(monkeypatch)
        # A copy of its store has pushed, and it was about to read all anew.
        nina.device.link = replace(nina.device.link, register_due=True, cursor=None)
        await sync(nina)
        newcomer = phones.phone(harbour.nina)
        await sync(newcomer)
        assert (held(newcomer)["account", harbour.tea]["note"] == "acknowledged") is not bool(bug)


async def test_who_is_dismissed_after_the_restore_hands_in_what_it_had_lost(
    database: TestDatabase, back_up: BackUp, service: Service, harbour: World,
    tmp_path: Path,
) -> None:  # fmt: skip
    async with shop(service, tmp_path) as phones:
        await service.start(database)
        nina = phones.phone(harbour.nina)
        await sync(nina)
        await service.stop()
        backup = back_up(database)
        await service.start(database)
        uuid = nina.edit("account", harbour.tea, note="acknowledged")
        await sync(nina)
        await service.stop()
        raise_epoch(backup.owner_url)
        async with opened(backup) as db, records.writing(db, harbour.tenant_id) as tx:
            await deactivate_user(tx, harbour.adam.actor, user_id=harbour.nina.id)
        await service.start(backup)
        with pytest.raises(NotAdmitted):
            await sync(nina)
        assert {draft.edit.uuid: draft.code for draft in nina.drafts()} == {uuid: "FORBIDDEN"}
        parked = await phones.desk(harbour.vera).ask("sync_rejections", first=10)
        assert [edge["node"]["patch"] for edge in parked["edges"]] == [{"note": "acknowledged"}]


async def test_a_number_that_was_lost_is_not_issued_again(
    database: TestDatabase, back_up: BackUp, harbour: World
) -> None:
    backup = back_up(database)
    async with opened(database) as db:
        lost = [(await registered(db, harbour.nina)).incarnation for _ in range(3)]
    raise_epoch(backup.owner_url)
    async with opened(backup) as db:
        made = await registered(db, harbour.nina)
    assert made.incarnation > max(lost)
    assert made.epoch == read_epoch(backup.owner_url).number


def test_an_older_backup_gets_a_greater_epoch_than_a_newer_one_had(database: TestDatabase, back_up: BackUp) -> None:
    older = back_up(database)
    for _ in range(3):
        raise_epoch(database.owner_url)
    with psycopg.connect(database.owner_url) as conn:  # it was done the other day
        conn.execute("update installation set epoch = epoch - 86400")
    assert raise_epoch(older.owner_url).number > read_epoch(database.owner_url).number


async def test_the_epoch_is_not_raised_under_a_service_that_runs(database: TestDatabase, service: Service) -> None:
    before = read_epoch(database.app_url).number
    await service.start(database)
    with pytest.raises(StillServing):
        raise_epoch(database.owner_url)
    refused = run("epoch", "raise", database_url=database.app_url, migrate_url=database.owner_url)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert read_epoch(database.app_url).number == before
    await service.stop()
    raised(database)
    shown = run("epoch", "show", database_url=database.app_url, migrate_url=database.owner_url)
    assert int(shown.stdout) == read_epoch(database.app_url).number > before


async def _work_on(phones: Phones, nina: Phone, otto: Phone, vera: Phone, harbour: World) -> None:
    """Edits of every kind, all settled."""
    nina.edit("account", harbour.lunch, note="after the backup", tags={"$add": ["after"], "$remove": ["before"]})
    fresh = nina.create("account", None, name="Fresh", note="born after the backup")
    ada = nina.create("contact", None, accountId=fresh, name="Ada")
    nina.edit("contact", ada, jobTitle="owner")
    otto.edit("account", harbour.diner, custom={"seats": 40})
    await sync(nina, otto, vera)
    vera.edit("account", harbour.diner, status="ACTIVE")
    otto.edit("account", harbour.diner, custom={"seats": 42, "bar": True})
    await sync(vera, otto, nina, vera)


def _offline(harbour: World, record_id: str) -> dict[str, str]:
    written = {harbour.lunch: {"phone": "+353 1 offline"}, harbour.diner: {"note": "offline, too"}}
    return written.get(record_id, {})


def _without_rev(row: "dict[str, object]") -> "dict[str, object]":
    return {**row, "rev": None}


def _settled_once(database: TestDatabase) -> set[str]:
    """The edits that the database has settled; each took effect once."""
    with psycopg.connect(database.owner_url) as conn:
        rows = conn.execute("select uuid::text, status from settled_mutation where not repeats").fetchall()
    assert len({uuid for uuid, _ in rows}) == len(rows)
    assert "REJECTED" not in {status for _, status in rows}
    return {uuid for uuid, _ in rows}
