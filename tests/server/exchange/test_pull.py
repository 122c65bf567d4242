"""The pull: pages of what changed, to a checkpoint at which device and server agree on every row."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import update_account
from fieldbeat.kit.db import Db
from fieldbeat_sync import limits
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import World


async def fill(device: Pusher, world: World, accounts: int) -> list[str]:
    """New accounts of the device's user."""
    made = [device.create("account", {"name": f"Bar {n:03}"}) for n in range(accounts)]
    assert set(await device.said(*made)) == {"APPLIED"}
    return [str(each.record_id) for each in made]


async def test_from_nothing_everything_comes_and_only_what_is_his(world: World, nina: Pusher) -> None:
    end = await nina.pull()
    assert {each.id for each in end.scopes} == {"tenant", f"user:{world.nina.id}", f"territory:{world.north}"}
    accounts = {each["id"] for each in end.changes if each["collection"] == "account"}
    assert accounts == {world.lunch, world.tea}
    assert len([each for each in end.changes if each["collection"] == "user"]) == 4
    assert len([each for each in end.changes if each["collection"] == "territory"]) == 2
    assert {each["kind"] for each in end.changes} == {"PUT"}
    assert {frozenset(each) for each in end.changes} == {
        frozenset({"scope", "collection", "id", "kind", "rev", "row", "clock"})
    }
    [lunch] = [each for each in end.changes if each["id"] == world.lunch]
    assert (lunch["row"]["id"], lunch["row"]["rev"], lunch["rev"]) == (world.lunch, 1, 1)
    assert lunch["clock"] == {"0": 1}


async def test_nothing_new_is_an_empty_checkpoint(nina: Pusher) -> None:
    first = await nina.pull()
    again = await nina.pull()
    assert (again.changes, again.scopes, again.pages) == ([], first.scopes, 1)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
async def test_pages_of_any_size_end_alike(db: Db, world: World, nina: Pusher, limit: int) -> None:
    await fill(nina, world, 20)
    reader = await registered(db, world.vera)
    end = await reader.pull(limit=limit)
    assert len(end.changes) == 29
    assert end.pages == -(-29 // limit)
    whole = await registered(db, world.vera)
    await whole.pull()
    assert reader.held == whole.held


async def test_only_the_last_page_says_what_must_be_held(world: World, nina: Pusher) -> None:
    page = await nina.page(limit=1)
    assert (page.has_more, page.scopes) == (True, None)
    assert len(orjson.loads(page.changes)) == 1


async def test_a_limit_is_clamped(db: Db, world: World, nina: Pusher) -> None:
    for _ in range(3):
        await fill(nina, world, 400)
    page = await nina.page(limit=100_000)
    assert len(orjson.loads(page.changes)) == limits.PULL_ROWS_MAX
    assert page.has_more
    for limit in (0, -5):
        assert len(orjson.loads((await nina.page(limit=limit)).changes)) == 1


async def test_a_page_asked_again_is_the_same_page(world: World, nina: Pusher) -> None:
    first, again = await nina.page(limit=2), await nina.page(limit=2)
    assert (first.changes, first.cursor, first.has_more) == (again.changes, again.cursor, again.has_more)


async def test_a_record_changed_often_comes_once_as_it_is(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.pull()
    for n in range(5):
        await vera.push(vera.update("account", world.tea, {"note": str(n)}, base_rev=1))
    [change] = (await nina.pull()).changes
    assert (change["row"]["note"], change["rev"], change["clock"]) == ("4", 6, {"0": 1, str(vera.incarnation): 5})


async def test_the_pull_after_a_push_shows_it(world: World, nina: Pusher) -> None:
    for n in range(3):
        await nina.push(nina.update("account", world.tea, {"note": str(n)}, base_rev=1 + n))
        end = await nina.pull()
        assert end.last_seq == n + 1
        row = nina.row(world.tea)
        assert row is not None
        assert row["note"] == str(n)


async def test_rows_and_checksums_are_those_of_the_rows_held(
    world: World, nina: Pusher, otto: Pusher, vera: Pusher
) -> None:
    """`Pusher.pull` recomputes both at every checkpoint; here after each kind of change."""
    devices = [nina, otto, vera]
    born = nina.create("contact", {"accountId": world.tea, "name": "Carl"})
    steps: list[tuple[Pusher, Any]] = [
        (nina, born),
        (nina, nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1)),
        (vera, vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1)),
        (vera, vera.delete("account", world.lunch, base_rev=1)),
        (nina, nina.update("account", world.lunch, {"phone": "1"}, base_rev=1)),
        (nina, nina.delete("contact", born.record_id, base_rev=1)),
        (vera, vera.delete("account", world.diner, base_rev=1)),
    ]
    for device, mutation in steps:
        await device.push(mutation)
        for each in devices:
            end = await each.pull()
            assert sum(scope.rows for scope in end.scopes) == len(each.held)
    north = next(each for each in (await nina.pull()).scopes if each.id.startswith("territory"))
    assert north.checksum != "0" * 16


async def test_the_cursor_only_moves_on(world: World, nina: Pusher, vera: Pusher) -> None:
    await nina.pull()
    old = nina.cursor
    await vera.push(vera.update("account", world.tea, {"note": "x"}, base_rev=1))
    assert len((await nina.pull()).changes) == 1
    newest = nina.cursor
    nina.cursor = old
    assert len((await nina.pull()).changes) == 1  # an old cursor is given the same again, and ends at the same place
    assert nina.cursor == newest


async def collect_garbage(db: Db, world: World, scope_id: str) -> None:
    """What a collector does after 90 days: DELETE and EVICT entries go, the horizon rises to the head."""
    async with db.writing(world.tenant_id) as conn:
        await conn.execute("delete from feed where scope_id = $1 and kind <> 'PUT'", scope_id)
        await conn.execute("update scope_head set horizon = head where scope_id = $1", scope_id)


async def test_below_the_horizon_one_scope_is_read_anew_once(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    made = await fill(nina, world, 6)
    await nina.pull()
    queued = nina.update("account", world.tea, {"note": "queued"}, base_rev=1)
    await vera.push(vera.delete("account", made[0], base_rev=1), vera.delete("account", made[1], base_rev=1))
    north = f"territory:{world.north}"
    await collect_garbage(db, world, north)
    end = await nina.pull(limit=2)
    assert end.resynced == [north]
    assert {each["scope"] for each in end.changes} == {north}
    assert end.pages <= 5
    assert nina.row(made[0]) is None
    assert nina.row(made[2]) is not None
    assert (await nina.pull()).resynced == []
    assert await nina.said(queued) == ["APPLIED"]


async def test_a_horizon_that_was_passed_is_nobodys_concern(db: Db, world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.push(vera.delete("account", world.lunch, base_rev=1))
    await nina.pull()
    await collect_garbage(db, world, f"territory:{world.north}")
    assert (await nina.pull()).resynced == []
    fresh = await registered(db, world.nina)
    assert (await fresh.pull(limit=1)).resynced == []


async def test_a_horizon_that_rises_between_pages_does_not_loop(db: Db, world: World, nina: Pusher) -> None:
    await fill(nina, world, 6)
    reader = await registered(db, world.nina)
    resyncs = 0
    for _ in range(3):
        page = await reader.page(limit=2)
        reader.take(page)
        reader.cursor = page.cursor
        resyncs += len(page.resync_scopes)
        await collect_garbage(db, world, f"territory:{world.north}")
    end = await reader.pull(limit=2)
    assert len(end.resynced) + resyncs <= 1
    assert end.pages < 10


async def test_a_reader_beside_writers_sees_each_transaction_whole(db: Db, world: World, vera: Pusher) -> None:
    """Vera's pushes write two territories at once; no checkpoint ever shows one half of a push."""
    reader, other = await registered(db, world.vera), await registered(db, world.adam)
    seen: list[str] = []

    async def write(device: Pusher, field: str) -> None:
        for n in range(15):
            await device.push(
                *(
                    device.update("account", id_, {field: str(n)}, base_rev=1)
                    for id_ in (world.lunch, world.diner, world.tea)
                )
            )

    async def read() -> None:
        while not all(each.done() for each in writers):
            await reader.pull(limit=2)
            rows = [reader.row(id_) for id_ in (world.lunch, world.diner, world.tea)]
            for field in ("phone", "website"):
                values = {row[field] for row in rows if row is not None}
                assert len(values) == 1
                seen.append(values.pop())

    writers = [asyncio.create_task(write(vera, "phone")), asyncio.create_task(write(other, "website"))]
    await read()
    await asyncio.gather(*writers)
    await reader.pull()
    assert len(set(seen)) > 3


async def test_many_writers_leave_no_gap_in_the_feed(db: Db, world: World, nina: Pusher) -> None:
    devices = [await registered(db, world.nina) for _ in range(4)]

    async def write(device: Pusher) -> None:
        for n in range(8):
            name = f"custom{device.incarnation}"
            await device.push(
                device.update("account", world.tea, {"custom": {name: n}}, base_rev=1),
                device.create("account", {"name": f"{name} {n}"}),
            )

    tasks = [asyncio.create_task(write(each)) for each in devices]
    while not all(each.done() for each in tasks):
        await nina.pull(limit=3)
    await asyncio.gather(*tasks)
    await nina.pull()
    fresh = await registered(db, world.nina)
    await fresh.pull()
    assert nina.held == fresh.held
    row = nina.row(world.tea)
    assert row is not None
    assert set(row["custom"].values()) == {7}
    async with db.reading(world.tenant_id) as conn:
        heads = await conn.fetch(
            "select h.head, max(f.seq) as newest, count(*) as entries from scope_head h"
            " join feed f using (tenant_id, scope_id) group by h.scope_id, h.head"
        )
    assert {each["head"] - each["newest"] for each in heads} == {0}


async def test_online_changes_come_by_the_same_feed(db: Db, world: World, nina: Pusher) -> None:
    await nina.pull()
    async with records.writing(db, world.tenant_id) as tx:
        await update_account(tx, world.vera.actor, account_id=UUID(world.tea), patch={"note": "by desk"})
    [change] = (await nina.pull()).changes
    assert (change["row"]["note"], change["clock"]) == ("by desk", {"0": 2})
