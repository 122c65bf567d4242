"""Rotas that many change at once, and who is away when."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.on_call.actions import create_rota, stand_in
from fieldbeat.on_call.model import BadStandIn, StandIn, TerritoryHasRota, TooManyStandIns
from fieldbeat.on_call.reads import on_call_for, people_on_call
from fieldbeat.on_call.rules import STAND_INS_MAX, with_stand_in
from fieldbeat.people.actions import update_user
from fieldbeat.worktime.actions import set_leave
from fieldbeat.worktime.model import Leave, LeaveKind, LeavePart
from fieldbeat_testing.world import Person, World, settle

NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)


async def made(db: Db, world: World, *people: Person, territory: UUID | None = None) -> UUID:
    patch = {
        "name": "Nights", "timeZone": "UTC", "anchorOn": "2026-11-23", "userIds": [str(each.id) for each in people],
        "territoryId": str(territory) if territory else None,
    }  # fmt: skip
    async with records.writing(db, world.tenant_id) as tx:
        return (await create_rota(tx, world.adam.actor, patch=patch)).id


async def test_of_rotas_made_at_once_a_territory_has_one(db: Db, harbour: World) -> None:
    for territory in (harbour.north, None):
        tries = await asyncio.gather(
            *(made(db, harbour, harbour.nina, territory=territory) for _ in range(5)), return_exceptions=True
        )
        assert [type(each) for each in tries if not isinstance(each, UUID)] == [TerritoryHasRota] * 4


async def test_of_stand_ins_said_at_once_none_is_lost(db: Db, harbour: World) -> None:
    kept = await made(db, harbour, harbour.nina, harbour.otto, territory=harbour.north)
    begin = datetime.now(UTC) + timedelta(days=1)

    async def step_in(person: Person, hour: int) -> None:
        async with records.writing(db, harbour.tenant_id) as tx:
            span = StandIn(person.id, begin + timedelta(hours=hour), begin + timedelta(hours=hour + 1))
            await stand_in(tx, person.actor, rota_id=kept, stand_in=span)

    cast = (harbour.nina, harbour.otto, harbour.vera)
    await asyncio.gather(*(step_in(cast[hour % 3], hour) for hour in range(9)))
    async with db.reading(harbour.tenant_id) as conn:
        for hour in range(9):
            at = begin + timedelta(hours=hour, minutes=30)
            assert await people_on_call(conn, harbour.tenant_id, [harbour.north], at) == {
                harbour.north: cast[hour % 3].id
            }


async def test_leave_counts_by_the_clock_of_who_is_away(db: Db, harbour: World) -> None:
    """Nina lives in Shanghai: her day of leave ends, and its morning, eight hours before London's."""
    await made(db, harbour, harbour.nina, harbour.otto, territory=harbour.north)
    day, following = date(2026, 11, 24), date(2026, 11, 25)
    async with records.writing(db, harbour.tenant_id) as tx:
        await update_user(tx, harbour.adam.actor, user_id=harbour.nina.id, changes={"time_zone": "Asia/Shanghai"})
        for on, part in ((day, LeavePart.DAY), (following, LeavePart.MORNING)):
            leave = Leave(uuid7(), harbour.nina.id, on, on + timedelta(1), part, LeaveKind.SICK)
            await set_leave(tx, harbour.vera.actor, leave)
    async with db.reading(harbour.tenant_id) as conn:
        for at, who in (
            ("2026-11-23T15:59:59Z", harbour.nina),
            ("2026-11-23T16:00:00Z", harbour.otto),  # midnight in Shanghai
            ("2026-11-25T03:59:59Z", harbour.otto),
            ("2026-11-25T04:00:00Z", harbour.nina),  # noon there
        ):
            found = await on_call_for(
                conn, harbour.nina.actor, territory_id=harbour.north, at=datetime.fromisoformat(at)
            )
            assert found is not None
            assert found.watch.user_id == who.id, at


async def test_another_companys_rota_reaches_nobody_here(db: Db, harbour: World) -> None:
    rival = await settle(db, "rival")
    await made(db, rival, rival.nina)
    async with db.reading(harbour.tenant_id) as conn:
        assert await people_on_call(conn, harbour.tenant_id, [harbour.north, rival.north], NIGHT) == {}


def test_stand_ins_that_are_over_are_dropped_and_only_so_many_wait() -> None:
    someone, now = UUID(int=1), NIGHT
    span = StandIn(someone, now, now + timedelta(hours=1))
    said = with_stand_in([], span, by=someone, now=now)
    assert with_stand_in(said, span._replace(until_at=now + timedelta(hours=3)), by=someone, now=span.until_at) == [
        {
            "userId": str(someone),
            "from": "2026-11-24T03:00:00.000Z",
            "until": "2026-11-24T06:00:00.000Z",
            "byId": str(someone),
        }
    ]
    with pytest.raises(TooManyStandIns):
        with_stand_in(said * STAND_INS_MAX, span, by=someone, now=now)
    with pytest.raises(BadStandIn):
        with_stand_in(said, span, by=someone, now=span.until_at)
