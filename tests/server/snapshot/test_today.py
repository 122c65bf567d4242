"""What a rep needs this morning comes in the first lines of a snapshot, each row once, wherever the stream breaks."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import update_account
from fieldbeat.exchange import chunks, today
from fieldbeat.exchange.snapshot import open_snapshot
from fieldbeat.exchange.stream import batches
from fieldbeat.kit.db import Conn, Db
from fieldbeat.parts.actions import create_part
from fieldbeat.tickets.policies import create_policy
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat.web.snapshot import in_full
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import KEY, Pusher, registered
from fieldbeat_testing.snapshots import Lines, read, stock, take
from fieldbeat_testing.world import World, settle

from .test_snapshot import pulled


def window(from_now: timedelta) -> dict[str, str]:
    """Half an hour, so far from now."""
    start = datetime.now(UTC) + from_now
    return {"plannedStart": start.isoformat(), "plannedEnd": (start + timedelta(minutes=30)).isoformat()}


def keys(lines: Lines) -> list[tuple[str, str, str]]:
    """Every row that is sent, in order."""
    return [(line["scope"], line["collection"], row[0]) for line in lines for row in line.get("rows", ())]


def first_part(lines: Lines) -> Lines:
    """The lines to the one with which everything for today has come."""
    return lines[: [line.get("today") for line in lines].index(True) + 1]


@pytest.fixture
async def stalls(phone: Pusher, harbour: World) -> list[str]:
    """Twelve hundred customers of Nina's beside LUNCH and TEA."""
    return await stock(phone, harbour, 1_200)


@pytest.fixture
async def morning(phone: Pusher, harbour: World, stalls: Sequence[str]) -> set[tuple[str, str]]:
    """Nina visits LUNCH soon, and her last stall in a week; what she needs of that today."""
    soon = phone.create("visit", {"accountId": harbour.lunch, "window": window(timedelta(hours=2))})
    week = phone.create("visit", {"accountId": stalls[-1], "window": window(timedelta(days=7))})
    people = [phone.create("contact", {"accountId": id, "name": "Kim"}) for id in (harbour.lunch, stalls[-1])]
    assert await phone.said(soon, week, *people) == ["APPLIED"] * 4
    return {("visit", str(soon.record_id)), ("account", harbour.lunch), ("contact", str(people[0].record_id))}


@pytest.mark.parametrize("built", [False, True], ids=["from rows", "from chunks"])
async def test_what_is_needed_today_comes_first_and_once(
    phone: Pusher, harbour: World, morning: set[tuple[str, str]], built: bool
) -> None:
    if built:
        await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    lines = await read(phone)
    begun = first_part(lines)
    assert {key[1:] for key in keys(begun)} == morning
    assert len(begun) == 4
    assert [line["today"] for line in lines[:-1]] == [False] * 3 + [True] * (len(lines) - 4)
    sent = Counter(keys(lines))
    again = {key[1:] for key, count in sent.items() if count > 1}
    # A chunk is sent as it is stored.
    assert again == ({("account", harbour.lunch), ("contact", _id(morning, "contact"))} if built else set())
    assert lines[-1]["counts"] == Counter(collection for _, collection, _ in keys(lines))
    take(phone, lines)
    await phone.pull()
    assert phone.held == await pulled(phone)


async def test_an_overdue_ticket_is_needed_and_one_in_time_is_not(phone: Pusher, harbour: World, owner: Conn) -> None:
    targets = [{"metric": "RESOLUTION", "priority": "NORMAL", "minutes": 60}]
    async with records.writing(phone.db, harbour.tenant_id) as tx:
        await create_policy(tx, harbour.adam.actor, patch={"name": "All", "targets": targets}, around_the_clock=True)
        seal = await create_part(tx, harbour.adam.actor, patch={"sku": "S", "name": "Seal"})
    assets = [phone.create("asset", {"accountId": id, "name": "Cooler"}) for id in (harbour.lunch, harbour.tea)]
    made = [phone.create("ticket", {"accountId": each.patch["accountId"], "kind": "FAULT", "subject": "It leaks",
                                    "assetId": str(each.record_id)}) for each in assets]  # fmt: skip
    used = [phone.create("ticketPart", {"ticketId": str(each.record_id), "partId": str(seal.record_id), "quantity": 1})
            for each in made]  # fmt: skip
    assert await phone.said(*assets, *made, *used) == ["APPLIED"] * 6
    overdue = "update sla_clock set deadline = now() - interval '1 s' where ticket_id = $1"
    await owner.execute(overdue, made[0].record_id)
    begun = first_part(await read(phone))
    assert {key[1:] for key in keys(begun)} == {
        ("ticket", str(made[0].record_id)), ("account", harbour.lunch), ("asset", str(assets[0].record_id)),
        ("ticketPart", str(used[0].record_id)),
    }  # fmt: skip
    await phone.push(phone.update("ticket", made[0].record_id, {"status": "RESOLVED"}, base_rev=1))
    assert keys(first_part(await read(phone))) == []


async def test_nobody_is_sent_what_he_does_not_see(phone: Pusher, harbour: World, db: Db, morning: Any) -> None:
    """Nobody else has Nina's day; and at a customer out of her sight she gets her visit alone."""
    rival = await settle(db, "rival")
    for other in (harbour.otto, harbour.vera, rival.nina):
        assert keys(first_part(await read(await registered(db, other)))) == []
    vera = await registered(db, harbour.vera)
    away = vera.create("visit", {"accountId": harbour.diner, "window": window(timedelta(hours=3))})
    await vera.push(away)
    async with records.writing(db, harbour.tenant_id) as tx:
        given = records.Change(KEPT_VISIT, away.record_id, Op.UPDATE, {"repId": str(harbour.nina.id)})
        await records.change(tx, harbour.adam.actor, [given])
    begun = {key[1:] for key in keys(first_part(await read(phone)))}
    assert begun == morning | {("visit", str(away.record_id))}


@pytest.mark.parametrize("built", [False, True], ids=["from rows", "from chunks"])
async def test_it_goes_on_after_any_line(phone: Pusher, harbour: World, morning: Any, built: bool) -> None:
    if built:
        await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    whole = await read(phone)
    for cut in range(1, len(whole)):
        begun = await read(phone, lines_max=cut)
        rest = await read(phone, resume=begun[-1]["resume"])
        assert keys(begun) + keys(rest) == keys(whole)
        assert rest[-1] == {"done": True, "counts": whole[-1]["counts"], "cursor": begun[0]["asOf"]}
        assert rest[0]["today"] == (cut >= len(first_part(whole)))


@pytest.mark.parametrize("seen", range(1, 5))
async def test_what_changes_meanwhile_is_the_pulls(
    phone: Pusher, harbour: World, morning: set[tuple[str, str]], seen: int
) -> None:
    """Whichever of today's lines was sent by then: edits, deletes and moves of today's rows come behind."""
    opened = await open_snapshot(phone.db, phone.person.actor, phone.device_id, resume=None, key=KEY)
    parts = in_full(batches(phone.db, opened, key=KEY))
    lines = [orjson.loads(await anext(parts)) for _ in range(seen)]
    async with records.writing(phone.db, harbour.tenant_id) as tx:
        await update_account(tx, harbour.adam.actor, account_id=UUID(harbour.lunch), patch={"note": "new"})
    vera = await registered(phone.db, harbour.vera)
    await vera.push(vera.delete("contact", _id(morning, "contact"), base_rev=1))
    await vera.push(vera.update("visit", _id(morning, "visit"), {"note": "bring samples"}, base_rev=1))
    lines += [orjson.loads(part) async for part in parts]
    take(phone, lines)
    await phone.pull()
    assert phone.held == await pulled(phone)


async def test_it_is_bounded(phone: Pusher, stalls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The most needed stay; all the rest comes with its scope."""
    for begin in range(0, 40, 20):
        await phone.push(
            *(phone.create("visit", {"accountId": id, "window": window(timedelta(hours=1))})
              for id in stalls[begin : begin + 20])
        )  # fmt: skip
    assert Counter(key[1] for key in keys(first_part(await read(phone)))) == {"visit": 40, "account": 40}
    monkeypatch.setattr(today, "ROWS_MAX", 50)
    monkeypatch.setattr(chunks, "BYTES_MAX", 5_000)
    lines = await read(phone)
    assert Counter(key[1] for key in keys(first_part(lines))) == {"visit": 40, "account": 10}
    assert len(first_part(lines)) > 5
    assert max(Counter(keys(lines)).values()) == 1
    take(phone, lines)
    await phone.pull()
    assert phone.held == await pulled(phone)


async def test_rows_that_would_be_passed_over_without_being_sent_are_noticed(
    phone: Pusher, harbour: World, morning: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: today's rows are left out of their scopes, and their lines are lost."""

    async def nothing(*_: object) -> list[object]:
        return []

    monkeypatch.setattr("fieldbeat.exchange.stream.read_today", nothing)
    take(phone, await read(phone))
    with pytest.raises(AssertionError):
        await phone.pull()  # counts and checksums


def _id(morning: set[tuple[str, str]], collection: str) -> str:
    return next(id for name, id in morning if name == collection)
