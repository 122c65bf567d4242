"""Somebody left the company: what his phone still holds is handed in and parked, and he is shown nothing more."""

import orjson

from fieldbeat import records
from fieldbeat.exchange import reads
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.actions import deactivate_user
from fieldbeat_testing.pusher import Pusher, registered, rows
from fieldbeat_testing.world import Person, World


async def parked(db: Db, reader: Person) -> list[tuple[str, str | None]]:
    """What `reader` finds among rejected edits: code and payload, newest first."""
    async with db.reading(reader.actor.tenant_id) as conn:
        return [
            (each.code, each.patch) for each in await reads.rejections_page(conn, reader.actor, after=None, rows_max=50)
        ]


async def test_every_edit_is_forbidden_and_parked_for_those_who_lead(
    db: Db, world: World, rival: World, nina: Pusher
) -> None:
    done = nina.update("account", world.tea, {"note": "while she worked here"}, base_rev=1)
    await nina.push(done)
    async with records.writing(db, world.tenant_id) as tx:
        await deactivate_user(tx, world.adam.actor, user_id=world.nina.id)
    nina.push_only = True
    group = uuid7()
    answer = await nina.push(
        done,
        nina.update("account", world.tea, {"note": "offline"}, base_rev=2),
        nina.create("account", {"name": "Bar"}),
        nina.update("account", world.tea, {"colour": 1}, base_rev=2),
        nina.update("voyage", world.tea, {"note": "x"}, base_rev=2),
        nina.update("account", world.tea, {"phone": "1"}, base_rev=2, group=group),
        nina.update("account", world.tea, {"phone": "2"}, base_rev=2, group=group),
    )
    said = [(each.status.value, each.code) for each in answer.results]
    assert said == [("DUPLICATE", None), *[("REJECTED", "FORBIDDEN")] * 6]
    assert answer.last_seq == 7
    assert {each["kind"] for each in rows(answer).values()} == {"EVICT"}
    assert b"row" not in answer.rows

    assert len(await parked(db, world.vera)) == 6
    assert ("FORBIDDEN", '{"note": "offline"}') in await parked(db, world.vera)
    assert await parked(db, world.adam) == await parked(db, world.vera)
    assert await parked(db, world.otto) == []
    assert await parked(db, rival.adam) == []
    async with db.reading(world.tenant_id) as conn:
        [newest, *_] = await reads.rejections_page(conn, world.vera.actor, after=None, rows_max=1)
    assert (newest.user.name, newest.device.id, newest.collection) == ("Nina", nina.device_id, "account")
    vera = await registered(db, world.vera)
    await vera.pull()
    row = vera.row(world.tea)
    assert row is not None
    assert (row["rev"], row["note"]) == (2, "while she worked here")


async def test_rejections_are_read_page_by_page_newest_first(db: Db, world: World, nina: Pusher) -> None:
    for n in range(5):
        await nina.push(nina.update("account", world.tea, {"colour": n}, base_rev=1))
    found, after = [], None
    async with db.reading(world.tenant_id) as conn:
        while page := await reads.rejections_page(conn, world.nina.actor, after=after, rows_max=2):
            found += [orjson.loads(each.patch or "")["colour"] for each in page]
            after = page[-1].position
    assert found == [4, 3, 2, 1, 0]
