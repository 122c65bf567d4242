"""When people work, as other capabilities ask for it; and that phones hold the business hours."""

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import orjson

from fieldbeat import records
from fieldbeat.kit.db import Conn, Db
from fieldbeat.worktime.actions import set_business_hours, set_leave
from fieldbeat.worktime.model import CLOSED, Interval, Leave, LeaveKind, LeavePart
from fieldbeat.worktime.reads import default_hours, hours_of_users
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle

WEEK = [{"weekday": day, "from": "09:00", "until": "17:00"} for day in ("MONDAY", "TUESDAY", "WEDNESDAY")]
MONDAY, TUESDAY = date(2026, 5, 4), date(2026, 5, 5)
WORKED, EARLY = (Interval(540, 1020),), (Interval(360, 720),)


async def hours(db: Db, world: World, **given: Any) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        patch = {"timeZone": "Europe/Berlin", "weekly": WEEK, **given}
        await set_business_hours(tx, world.adam.actor, patch=patch)


async def test_hours_of_people_are_their_own_or_the_default_without_holidays_and_leave(db: Db) -> None:
    world = await settle(db)
    people = [world.nina.id, world.otto.id, world.vera.id]
    async with db.reading(world.tenant_id) as conn:
        assert await default_hours(conn, world.tenant_id) is None
        assert await hours_of_users(conn, world.tenant_id, people, from_on=MONDAY, until_on=TUESDAY) == {}
    await hours(db, world, country="DE")
    early = [{"weekday": "MONDAY", "from": "06:00", "until": "12:00"}]
    await hours(db, world, weekly=early, userIds=[str(world.otto.id)])
    async with records.writing(db, world.tenant_id) as tx:
        leave = Leave(uuid4(), world.nina.id, MONDAY, TUESDAY, LeavePart.DAY, LeaveKind.SICK)
        await set_leave(tx, world.vera.actor, leave)
    async with db.reading(world.tenant_id) as conn:
        found = await hours_of_users(conn, world.tenant_id, people, from_on=MONDAY, until_on=TUESDAY)
        later = await hours_of_users(conn, world.tenant_id, people, from_on=TUESDAY, until_on=date(2026, 6, 1))
        default = await default_hours(conn, world.tenant_id)
    assert [found[id].on(MONDAY) for id in people] == [CLOSED, EARLY, WORKED]
    assert [found[id].on(TUESDAY) for id in people] == [WORKED, CLOSED, WORKED]
    assert found[world.vera.id].on(date(2026, 5, 25)) == CLOSED  # Whit Monday
    assert later[world.nina.id] == found[world.vera.id] == default


async def test_a_phone_holds_the_hours_and_may_not_write_them(db: Db) -> None:
    world = await settle(db)
    await hours(db, world)
    phone = await registered(db, world.nina)
    held = [each for each in (await phone.pull()).changes if each["collection"] == "businessHours"]
    assert [each["row"]["weekly"] for each in held] == [WEEK]
    answer = await phone.push(phone.update("businessHours", held[0]["id"], {"name": "Mine"}, base_rev=1))
    assert answer.results[0].code == "FIELD_READ_ONLY"


async def test_hours_that_two_windows_make_at_once_have_one_default(db: Db, owner: Conn) -> None:
    world = await settle(db)
    await asyncio.gather(*(hours(db, world, name=name, userIds=[str(world.nina.id)]) for name in "ABC"))
    kept = [row["fields"] for row in await owner.fetch("select fields from business_hours")]
    made = [orjson.loads(each) if isinstance(each, str) else each for each in kept]
    assert sorted(each["isDefault"] for each in made) == [False, False, True]
    assert sorted(len(each["userIds"]) for each in made) == [0, 0, 1]
