"""Notifications: told once, one's own alone, on the phone by sync, read here or there."""

from typing import Any

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.notifications.actions import tell
from fieldbeat.notifications.model import Notice
from fieldbeat.phone.documents import document
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers


async def told(caller: Caller, **given: Any) -> list[Any]:
    page = await caller.ask(document("notifications"), given)
    return [edge["node"] for edge in page["notifications"]["edges"]]


async def say(db: Db, harbour: World, *keys: str) -> int:
    notices = [Notice(key, harbour.nina.id, "TEST", f"About {key}", link="ticket:1") for key in keys]
    async with records.writing(db, harbour.tenant_id) as tx:
        return await tell(tx, harbour.vera.actor, notices)


async def test_what_is_told_twice_is_one_notification(db: Db, harbour: World, signed_in: Callers) -> None:
    assert await say(db, harbour, "a", "b", "a") == 2
    assert await say(db, harbour, "b", "c") == 1
    nina = await signed_in(harbour.nina)
    assert sorted(each["title"] for each in await told(nina)) == ["About a", "About b", "About c"]
    page = await nina.ask(document("notifications"), {"first": 2})
    rest = await told(nina, first=2, after=page["notifications"]["pageInfo"]["endCursor"])
    assert len(rest) == 1


async def test_read_on_the_phone_is_read_everywhere(db: Db, harbour: World, signed_in: Callers) -> None:
    await say(db, harbour, "a")
    phone, nina = await registered(db, harbour.nina), await signed_in(harbour.nina)
    await phone.pull()
    [row] = [held.row for held in phone.held.values() if held.collection == "notification"]
    assert (row["title"], row["status"]) == ("About a", "UNREAD")
    assert await phone.said(
        phone.update("notification", row["id"], {"title": "x"}, base_rev=1),
        phone.update("notification", row["id"], {"status": "READ"}, base_rev=1),
    ) == ["REJECTED FIELD_READ_ONLY", "APPLIED"]
    assert [each["status"] for each in await told(nina)] == ["READ"]
    assert await told(nina, status="UNREAD") == []


async def test_anothers_notification_is_not_there(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    await say(db, harbour, "a")
    [one] = await told(await signed_in(harbour.nina))
    read = document("read_notifications")
    for person in (harbour.vera, harbour.adam, harbour.otto, rival.nina):
        caller = await signed_in(person)
        assert await told(caller) == []
        refused = (await caller.ask(read, {"input": {"ids": [one["id"]]}}))["readNotifications"]
        assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["ids"])
        assert await caller.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": one["id"]}) == {"node": None}
    done = await (await signed_in(harbour.nina)).ask(read, {"input": {"ids": [one["id"]]}})
    assert done["readNotifications"]["notifications"] == [{"id": one["id"], "rev": 2, "status": "READ"}]
