"""Visits that nobody made, and places that are kept too long."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import server_of
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.records import Change
from fieldbeat.visits.jobs import forget_places, mark_no_shows
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat_sync.clock import text_of
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher
from fieldbeat_testing.world import World, settle

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOP = {"latitude": 53.3, "longitude": -6.2, "accuracyM": 8}


def window(ended: timedelta) -> dict[str, str]:
    """One that ended so long ago."""
    end = datetime.now(UTC) - ended
    return {"plannedStart": text_of(end - HOUR), "plannedEnd": text_of(end)}


async def planned(db: Db, world: World, ended: timedelta, rep: object = None, **more: Any) -> UUID:
    """A visit of Nina's, planned by the server, whose window ended so long ago."""
    patch = {"accountId": world.lunch, "window": window(ended), "repId": str(rep or world.nina.id), **more}
    async with records.writing(db, world.tenant_id) as tx:
        id = uuid7()
        await records.change(tx, server_of(world.tenant_id), [Change(KEPT_VISIT, id, Op.CREATE, patch)])
    return id


async def statuses(owner: Conn) -> dict[UUID, str]:
    return {row["id"]: row["status"] for row in await owner.fetch("select id, status from visit")}


async def sweep(db: Db) -> int:
    return await mark_no_shows(db, grace=HOUR, offline_grace=DAY)


async def test_a_visit_that_nobody_made_is_a_no_show_once_the_phone_has_sent_since(
    db: Db, owner: Conn, world: World, nina: Pusher
) -> None:
    await owner.execute("update device set seen_at = clock_timestamp() - interval '3 hours'")
    over, offline = await planned(db, world, 2 * HOUR), await planned(db, world, 2 * HOUR, rep=world.otto.id)
    fresh, lost = await planned(db, world, HOUR / 2), await planned(db, world, 2 * DAY, rep=world.otto.id)
    done = await planned(db, world, 2 * DAY, status="SKIPPED", skipReason="closed")
    assert await sweep(db) == 1
    assert await statuses(owner) == {
        over: "PLANNED", offline: "PLANNED", fresh: "PLANNED", lost: "NO_SHOW", done: "SKIPPED",
    }  # fmt: skip
    await nina.push(nina.update("account", world.tea, {"note": "x"}, base_rev=1))
    assert await sweep(db) == 1
    assert (await statuses(owner))[over] == "NO_SHOW"
    assert await sweep(db) == 0
    await nina.pull()
    assert (nina.row(over, "visit") or {})["status"] == "NO_SHOW"


async def test_who_was_there_wins_when_his_phone_comes_back(db: Db, world: World, nina: Pusher) -> None:
    visit = await planned(db, world, 2 * DAY)
    await nina.pull()
    came = datetime.now(UTC) - 2 * DAY - HOUR / 2
    offline = nina.update("visit", visit, {"status": "CHECKED_IN", "checkIn": {"at": text_of(came), **SHOP}},
                          base_rev=1, at=came)  # fmt: skip
    left = nina.update("visit", visit, {"status": "DONE"}, base_rev=1, at=came + HOUR / 4)
    assert await sweep(db) == 1
    assert await nina.said(offline, left) == ["CONFLICT", "MERGED"]
    await nina.pull()
    assert (nina.row(visit, "visit") or {})["status"] == "DONE"
    assert await sweep(db) == 0


async def test_every_company_is_swept_and_none_sees_another(db: Db, owner: Conn, world: World) -> None:
    rival = await settle(db, "rival")
    visits = {await planned(db, each, 2 * DAY) for each in (world, rival)}
    assert await sweep(db) == 2
    assert await statuses(owner) == dict.fromkeys(visits, "NO_SHOW")
    async with db.reading(world.tenant_id) as conn:
        assert await conn.fetchval("select count(*) from visit") == 1


async def test_places_are_forgotten_everywhere_and_times_stay(
    db: Db, owner: Conn, world: World, nina: Pusher, vera: Pusher
) -> None:
    old, new = await planned(db, world, 100 * DAY), await planned(db, world, 80 * DAY)
    gone = await planned(db, world, 100 * DAY)
    await vera.pull()
    for visit in (old, new, gone):
        proof = {"at": "2026-08-01T09:00:00Z", **SHOP, "mock": False}
        await nina.push(nina.update("visit", visit, {"status": "CHECKED_IN", "checkIn": proof}, base_rev=1))
        await nina.push(nina.update("visit", visit, {"status": "DONE", "checkOut": proof}, base_rev=1))
    apart = {"at": "2026-08-01T09:01:00Z", "latitude": 53.31, "longitude": -6.21}
    assert await vera.said(vera.update("visit", old, {"checkIn": apart}, base_rev=1)) == ["CONFLICT"]
    assert await vera.said(vera.delete("visit", gone, base_rev=3)) == ["APPLIED"]
    await nina.pull()
    times = "select record_id, field, rev, hlc, value ->> 'at' from field_write where value ? 'at' order by 1, 2, 3"
    before = await owner.fetch(times)
    assert await forget_places(db, older_than=90 * DAY) == 2
    assert await forget_places(db, older_than=90 * DAY) == 0
    await nina.pull()
    row, kept = (nina.row(each, "visit") or {} for each in (old, new))
    assert [row[name]["latitude"] for name in ("checkIn", "checkOut")] == [None, None]
    assert (row["checkOut"]["at"], row["checkOut"]["mock"]) == ("2026-08-01T09:00:00Z", False)
    assert kept["checkIn"]["latitude"] == SHOP["latitude"]
    [conflict] = nina.conflicts()
    assert {conflict[side]["value"]["at"] for side in ("winner", "loser")} == {"2026-08-01T09:00:00Z", apart["at"]}
    assert set(before) <= set(await owner.fetch(times))
    assert await places(owner) == {"visit": {new}, "field_write": {new}, "conflict": set(), "feed": {new}}


async def places(owner: Conn) -> dict[str, set[UUID]]:
    """In which tables, and of which visits, a latitude still stands; the account's own has another name for it."""
    wanted = {
        "visit": "select id, fields::text from visit",
        "field_write": "select record_id, value::text from field_write where collection = 'visit'",
        "conflict": "select record_id, fields::text from conflict",
        "feed": "select record_id, doc from feed where collection in ('visit', 'conflict')",
    }
    return {
        table: {id for id, text in await owner.fetch(asked) if text and '53.3' in text}
        for table, asked in wanted.items()
    }  # fmt: skip
