"""Who covers what, by local dates: what is held today, what was held once, and what a new assignment replaces."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.people.actions import update_user
from fieldbeat.territories import reads
from fieldbeat.territories.actions import assign_territory, create_territory
from fieldbeat.territories.model import AssignmentEndsTooEarly, TerritoryNameTaken
from fieldbeat_testing.world import Person, World, settle

DAY = timedelta(days=1)


@pytest.fixture
async def world(db: Db) -> World:
    return await settle(db)


async def today(db: Db, zone: str = "UTC") -> date:
    """Today in a time zone, by the only clock that counts."""
    async with db.unscoped() as conn:
        found: date = await conn.fetchval("select (clock_timestamp() at time zone $1)::date", zone)
    return found


async def assign(db: Db, world: World, territory: UUID, person: Person, begin: date, end: date | None = None) -> None:
    async with records.writing(db, world.tenant_id) as tx:
        await assign_territory(
            tx, world.adam.actor, territory_id=territory, user_id=person.id, from_on=begin, until_on=end
        )


async def held(db: Db, person: Person) -> set[UUID]:
    async with db.reading(person.actor.tenant_id) as conn:
        return set(await reads.territories_of(conn, person.actor))


async def test_the_first_day_counts_the_last_does_not(db: Db, world: World) -> None:
    now = await today(db)
    await assign(db, world, world.south, world.nina, now, now + DAY)
    assert await held(db, world.nina) == {world.north, world.south}
    await assign(db, world, world.south, world.nina, now - 3 * DAY, now)
    assert await held(db, world.nina) == {world.north}
    await assign(db, world, world.south, world.nina, now + DAY)
    assert await held(db, world.nina) == {world.north}
    assert await held(db, world.vera) == {world.north, world.south}


async def test_the_day_is_the_persons_own(db: Db, world: World) -> None:
    early, late = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # 25 hours apart: never the same date
    for zone, holds in ((early, True), (late, False)):
        async with records.writing(db, world.tenant_id) as tx:
            await update_user(tx, world.adam.actor, user_id=world.nina.id, changes={"time_zone": zone})
        await assign(db, world, world.south, world.nina, await today(db, early))
        assert (world.south in await held(db, world.nina)) is holds


async def test_a_new_assignment_replaces_what_was_said_for_its_time_and_later(db: Db, world: World) -> None:
    now = await today(db)
    await assign(db, world, world.south, world.nina, now - 10 * DAY)
    await assign(db, world, world.south, world.nina, now + 5 * DAY, now + 9 * DAY)
    await assign(db, world, world.south, world.nina, now - 2 * DAY, now + 2 * DAY)
    async with db.reading(world.tenant_id) as conn:
        found = (await reads.assignments_of_territories(conn, world.nina.actor, [world.south]))[world.south]
    ours = [(one.from_on - now, one.until_on and one.until_on - now) for one in found if one.user_id == world.nina.id]
    assert ours == [(-10 * DAY, -2 * DAY), (-2 * DAY, 2 * DAY)]


async def test_what_was_held_once_is_told_as_lost(db: Db, world: World) -> None:
    now = await today(db)
    await assign(db, world, world.south, world.nina, now - 5 * DAY, now)
    async with db.reading(world.tenant_id) as conn:
        assert set(await reads.scopes_lost(conn, world.nina.actor)) == {f"territory:{world.south}"}
        assert await reads.scopes_lost(conn, world.vera.actor) == {}
    await assign(db, world, world.south, world.nina, now)
    async with db.reading(world.tenant_id) as conn:
        assert await reads.scopes_lost(conn, world.nina.actor) == {}


async def test_the_primary_territory_is_the_one_held_longest(db: Db, world: World) -> None:
    now = await today(db)
    await assign(db, world, world.south, world.nina, now - 5 * DAY)
    async with db.reading(world.tenant_id) as conn:
        assert await reads.primary_territory(conn, world.tenant_id, world.nina.id) == world.north
        assert await reads.primary_territory(conn, world.tenant_id, world.vera.id) is None
    await assign(db, world, world.north, world.nina, date(2020, 1, 1), now)
    async with db.reading(world.tenant_id) as conn:
        assert await reads.primary_territory(conn, world.tenant_id, world.nina.id) == world.south


async def test_what_cannot_be_is_refused(db: Db, world: World) -> None:
    with pytest.raises(AssignmentEndsTooEarly):
        await assign(db, world, world.south, world.nina, date(2026, 1, 2), date(2026, 1, 2))
    with pytest.raises(TerritoryNameTaken):
        async with records.writing(db, world.tenant_id) as tx:
            await create_territory(tx, world.adam.actor, name="North")


async def test_another_tenants_territories_are_not_there(db: Db, world: World) -> None:
    rival = await settle(db, "rival")
    async with db.reading(world.tenant_id) as conn:
        adam = world.adam.actor
        assert await reads.territories_of(conn, adam) == {world.north, world.south}
        assert await reads.territories_by_ids(conn, adam, [rival.north]) == {}
        assert await reads.assignments_of_territories(conn, adam, [rival.north]) == {rival.north: []}
        assert len(await reads.territories_page(conn, adam, after=None, rows_max=10)) == 2
        scopes = await reads.scopes_held(conn, adam)
    assert not {scope for scope in scopes if str(rival.nina.id) in scope or str(rival.north) in scope}
