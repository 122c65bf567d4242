"""Many at once: edits, children, deletes and moves of the same records, in any order; all end with the same rows."""

import asyncio
import random
from dataclasses import replace
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.accounts.model import AccountUnknown
from fieldbeat.exchange.model import ProblemCode
from fieldbeat.kit.db import Db
from fieldbeat_sync import scope
from fieldbeat_testing.pusher import Pusher, registered, verdicts
from fieldbeat_testing.world import Person, World


async def test_a_push_sent_twice_at_once_is_settled_once(world: World, nina: Pusher) -> None:
    sent = [
        nina.update("account", world.tea, {"tags": {"$add": ["a"]}}, base_rev=1),
        nina.create("contact", {"accountId": world.tea, "name": "Carl"}),
    ]
    answers = await asyncio.gather(*(nina.push(*sent) for _ in range(3)))
    said = sorted(verdicts(each) for each in answers)
    assert said == [["APPLIED"] * 2, ["DUPLICATE APPLIED"] * 2, ["DUPLICATE APPLIED"] * 2]
    assert len({each.ratchet for each in answers}) == 1


async def test_a_crowd_in_any_order_ends_alike(db: Db, world: World) -> None:
    chance = random.Random(7)
    cast = [world.nina, world.otto, world.vera, world.nina, world.otto]
    devices = [await registered(db, person) for person in cast]
    parent = await registered(db, world.vera)
    children = [parent.create("contact", {"accountId": world.tea, "name": f"Carl {n}"}) for n in range(3)]
    await parent.push(*children)
    contacts = [str(each.record_id) for each in children]

    async def work(device: Pusher) -> None:
        for n in range(10):
            batch = [
                device.update("account", world.tea, {"note": f"{device.incarnation} {n}"}, base_rev=1),
                device.update("account", world.lunch, {"tags": {"$add": [str(device.incarnation)]}}, base_rev=1),
                device.update("contact", chance.choice(contacts), {"note": f"{device.incarnation}"}, base_rev=1),
                device.create("contact", {"accountId": world.tea, "name": f"Cora {n}"}),
                device.delete("contact", chance.choice(contacts), base_rev=1),
            ]
            chance.shuffle(batch)
            first = min(each.seq for each in batch)
            ordered = [replace(each, seq=seq) for seq, each in enumerate(batch, start=first)]
            while (answer := await device.push(*ordered)).problem is not None:
                assert answer.problem.code is ProblemCode.BUSY
            await device.pull(limit=chance.choice([3, 500]))

    async def move(owners: list[Person]) -> None:
        for owner in owners:
            await asyncio.sleep(0.01)
            try:
                async with records.writing(db, world.tenant_id) as tx:
                    await reassign_account(tx, world.vera.actor, account_id=UUID(world.tea), owner_id=owner.id)
            except AccountUnknown:
                continue

    await asyncio.gather(*map(work, devices), move([world.otto, world.nina] * 4))
    await _agree(db, world, devices)


async def _agree(db: Db, world: World, devices: list[Pusher]) -> None:
    """Every device holds what a new one of its person is given, and the feed holds what the tables hold."""
    for device in devices:
        await device.pull()
        fresh = await registered(db, device.person)
        await fresh.pull()
        assert device.held == fresh.held
    everything = await registered(db, world.adam)
    await everything.pull()
    async with db.reading(world.tenant_id) as conn:
        stored = await conn.fetch(
            "select 'account' as collection, id, rev, territory_id as home from account where deleted_at is null"
            " union all select 'contact', c.id, c.rev, a.territory_id from contact c"
            " join account a on a.tenant_id = c.tenant_id and a.id = c.account_id where c.deleted_at is null"
        )
    expected = {(each["collection"], str(each["id"])): (each["rev"], scope.territory(each["home"])) for each in stored}
    held = {key: (each.rev, *each.scopes) for key, each in everything.held.items() if key[0] in ("account", "contact")}
    assert held == expected
