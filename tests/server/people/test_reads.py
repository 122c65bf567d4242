"""Who is there, who stands below whom, and that another company is not there."""

import dataclasses

import orjson

from fieldbeat.kit.db import Conn, Db
from fieldbeat.people import reads
from fieldbeat_testing.world import settle


async def test_each_role_sees_the_people_below(db: Db) -> None:
    world = await settle(db)
    async with db.reading(world.tenant_id) as conn:
        assert await reads.people_below(conn, world.nina.actor) == {world.nina.id}
        assert await reads.people_below(conn, world.vera.actor) == {world.vera.id, world.nina.id, world.otto.id}
        everyone = {world.adam.id, world.vera.id, world.nina.id, world.otto.id}
        assert await reads.people_below(conn, world.adam.actor) == everyone


async def test_a_circle_in_old_data_ends(db: Db, owner: Conn) -> None:
    world = await settle(db)
    await owner.execute(
        "update person set fields = fields || $2::text::jsonb where id = $1",
        world.vera.id,
        orjson.dumps({"managerId": str(world.nina.id)}).decode(),
    )
    async with db.reading(world.tenant_id) as conn:
        assert await reads.people_below(conn, world.vera.actor) == {world.vera.id, world.nina.id, world.otto.id}


async def test_people_of_another_company_are_absent(db: Db) -> None:
    world, rival = await settle(db), await settle(db, "rival")
    async with db.reading(world.tenant_id) as conn:
        found = await reads.people_by_ids(conn, world.adam.actor, [rival.nina.id, world.nina.id])
        assert set(found) == {world.nina.id}
        stranger = dataclasses.replace(world.adam.actor, tenant_id=rival.tenant_id)
        # Whatever the statement asks for, the transaction is bound to one tenant.
        assert await reads.people_page(conn, stranger, limit=10) == []
