"""What devices are sent of where reps were is noted for those who lead others: once a page, once a snapshot."""

from typing import Any

from fieldbeat.kit.db import Conn, Db
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.snapshots import read
from fieldbeat_testing.world import Person, World, settle

WINDOW = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
CAME = {"at": "2026-11-23T09:02:00Z", "latitude": 53.3, "longitude": -6.2, "accuracyM": 8, "mock": False}


async def visited(phone: Pusher, account: str, *, come: bool = True) -> Any:
    """A visit, begun at its place."""
    made = phone.create("visit", {"accountId": account, "window": WINDOW})
    there = phone.update("visit", made.record_id, {"status": "CHECKED_IN", "checkIn": CAME}, base_rev=1)
    await phone.push(*([made, there] if come else [made]))
    return made.record_id


async def device(db: Db, person: Person) -> Pusher:
    """A device of the current version."""
    made = await registered(db, person)
    made.schema_version = SCHEMA.version
    return made


async def notes(owner: Conn) -> list[tuple[Any, ...]]:
    """Who was sent how many visits of whom, oldest first."""
    rows = await owner.fetch("select reader_id, rep_id, visits, via, visit_id from location_read order by at, id")
    return [tuple(row) for row in rows]


async def test_a_page_with_places_is_noted_once_for_each_rep(db: Db, harbour: World, owner: Conn) -> None:
    nina, otto, vera = [await device(db, each) for each in (harbour.nina, harbour.otto, harbour.vera)]
    await vera.pull()
    for account in (harbour.lunch, harbour.tea):
        await visited(nina, account)
    await visited(otto, harbour.diner)
    unseen = await visited(otto, harbour.diner, come=False)
    for own in (nina, otto):
        await own.pull()
    assert await notes(owner) == []
    await vera.pull()
    told = {(harbour.vera.id, harbour.nina.id, 2, "SYNC", None), (harbour.vera.id, harbour.otto.id, 1, "SYNC", None)}
    assert set(await notes(owner)) == told
    await vera.pull()
    await otto.push(otto.update("visit", unseen, {"note": "closed"}, base_rev=1))
    await vera.pull()
    assert set(await notes(owner)) == told


async def test_a_conflict_about_a_place_is_one(db: Db, harbour: World, owner: Conn) -> None:
    nina, other, vera = [await device(db, each) for each in (harbour.nina, harbour.nina, harbour.vera)]
    visit = await visited(nina, harbour.lunch)
    await vera.pull()
    later = other.update("visit", visit, {"checkIn": {**CAME, "at": "2026-11-23T09:04:00Z"}}, base_rev=1)
    assert await other.said(later) == ["CONFLICT"]
    await owner.execute("update feed set kind = 'DELETE', doc = null where collection = 'visit'")  # the conflict alone
    await vera.page()
    assert await notes(owner) == [(harbour.vera.id, harbour.nina.id, 1, "SYNC", None)] * 2


async def test_a_snapshot_is_noted_when_it_is_opened(db: Db, harbour: World, owner: Conn) -> None:
    nina = await device(db, harbour.nina)
    rival = await settle(db, "rival")
    for account in (harbour.lunch, harbour.tea):
        await visited(nina, account)
    await visited(await device(db, rival.nina), rival.lunch)
    await read(nina)
    assert await notes(owner) == []
    vera = await device(db, harbour.vera)
    lines = await read(vera)
    await read(vera, resume=lines[1]["resume"])
    assert await notes(owner) == [(harbour.vera.id, harbour.nina.id, 2, "SYNC", None)]
