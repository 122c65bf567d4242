"""What is gone leaves the feed in time, and who slept through it converges all the same."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import delete_account, reassign_account
from fieldbeat.exchange import garbage, jobs
from fieldbeat.exchange.garbage import collect
from fieldbeat.kit.db import Conn, Db
from fieldbeat.territories.actions import assign_territory
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import Pusher, registered, verdicts
from fieldbeat_testing.snapshots import stock
from fieldbeat_testing.world import ALWAYS, World

NOW = timedelta(0)


async def delete(db: Db, world: World, *account_ids: str) -> None:
    """Headquarters deletes accounts."""
    async with records.writing(db, world.tenant_id) as tx:
        for each in account_ids:
            await delete_account(tx, world.adam.actor, account_id=UUID(each))


async def give_to_otto(db: Db, world: World, *account_ids: str) -> None:
    """Headquarters moves accounts to the south."""
    async with records.writing(db, world.tenant_id) as tx:
        for each in account_ids:
            await reassign_account(tx, world.adam.actor, account_id=UUID(each), owner_id=world.otto.id)


async def test_only_what_is_old_and_gone_is_collected(phone: Pusher, harbour: World, owner: Conn) -> None:
    stalls = await stock(phone, harbour, 4)
    await delete(phone.db, harbour, stalls[0])
    await give_to_otto(phone.db, harbour, stalls[1])
    live = await owner.fetchval("select count(*) from feed where kind = 'PUT'")
    assert await jobs.collect_garbage(phone.db) == 0
    await owner.execute("update feed set at = at - interval '89 days'")
    assert await jobs.collect_garbage(phone.db) == 0
    await owner.execute("update feed set at = at - interval '2 days' where record_id = $1", UUID(stalls[0]))
    assert await jobs.collect_garbage(phone.db) == 1
    await owner.execute("update feed set at = at - interval '2 days'")
    assert await jobs.collect_garbage(phone.db) == 1
    assert await owner.fetchval("select array_agg(distinct kind) from feed") == ["PUT"]
    assert await owner.fetchval("select count(*) from feed") == live
    assert await owner.fetchval("select count(*) from account where deleted_at is not null") == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
async def test_who_slept_through_it_reads_that_scope_anew_and_no_other(
    phone: Pusher, harbour: World, limit: int
) -> None:
    stalls = await stock(phone, harbour, 12)
    await phone.pull()
    await delete(phone.db, harbour, *stalls[:3])
    await give_to_otto(phone.db, harbour, *stalls[3:5])
    await collect(phone.db, older_than=NOW)
    checkpoint = await phone.pull(limit=limit)
    assert checkpoint.resynced == [f"territory:{harbour.north}"]
    assert {change["scope"] for change in checkpoint.changes} == {f"territory:{harbour.north}"}
    assert {change["kind"] for change in checkpoint.changes} == {"PUT"}
    assert checkpoint.pages <= 2 + 9 // limit
    assert all(phone.row(each) is None for each in stalls[:5])
    assert all(phone.row(each) for each in stalls[5:])
    assert (await phone.pull()).changes == []


async def test_who_was_awake_reads_nothing_anew(phone: Pusher, harbour: World) -> None:
    stalls = await stock(phone, harbour, 3)
    await delete(phone.db, harbour, stalls[0])
    await phone.pull()
    await collect(phone.db, older_than=NOW)
    checkpoint = await phone.pull()
    assert (checkpoint.resynced, checkpoint.changes) == ([], [])


async def test_a_queue_outlives_the_resync(phone: Pusher, harbour: World) -> None:
    stalls = await stock(phone, harbour, 3)
    await phone.pull()
    queued = phone.update("account", stalls[2], {"note": "written on the road"}, base_rev=1)
    await delete(phone.db, harbour, stalls[0])
    await collect(phone.db, older_than=NOW)
    await phone.pull()
    assert await phone.said(queued) == ["APPLIED"]
    await phone.pull()
    row = phone.row(stalls[2])
    assert row is not None
    assert row["note"] == "written on the road"


async def test_garbage_that_is_collected_while_a_device_reads_does_not_send_it_back_for_ever(
    phone: Pusher, harbour: World
) -> None:
    stalls = await stock(phone, harbour, 30)
    await phone.pull()
    await delete(phone.db, harbour, stalls[0])
    await collect(phone.db, older_than=NOW)
    resynced = pages = 0
    for n in range(1, 200):
        page = await phone.page(limit=4)
        phone.take(page)
        phone.cursor, pages, resynced = page.cursor, n, resynced + len(page.resync_scopes)
        if not page.has_more:
            break
        if n < 6:  # again and again, below where it reads and above it
            await delete(phone.db, harbour, stalls[n], stalls[-n])
            await collect(phone.db, older_than=NOW)
    assert pages < 60
    assert resynced >= 2
    await phone.pull()
    assert {key[1] for key in phone.held if key[0] == "account"} == {*stalls[6:-5], harbour.lunch, harbour.tea}


async def test_a_new_device_is_not_sent_back(phone: Pusher, harbour: World) -> None:
    stalls = await stock(phone, harbour, 20)
    await delete(phone.db, harbour, *stalls[:5])
    await collect(phone.db, older_than=NOW)
    checkpoint = await phone.pull(limit=3)
    assert checkpoint.resynced == []
    assert checkpoint.pages <= 9


@pytest.mark.parametrize("collected", [False, True], ids=["in the feed", "collected"])
async def test_an_edit_of_what_was_deleted_is_judged_as_ever(phone: Pusher, harbour: World, collected: bool) -> None:
    seen, unseen, again, foreign = await stock(phone, harbour, 4)
    await phone.pull()
    await give_to_otto(phone.db, harbour, foreign)
    await delete(phone.db, harbour, seen, unseen, again, foreign)
    if collected:
        await collect(phone.db, older_than=NOW)
    answer = await phone.push(
        phone.update("account", seen, {"note": "knew it"}, base_rev=2),
        phone.update("account", unseen, {"note": "did not know"}, base_rev=1),
        phone.mutation(Op.CREATE, "account", again, {"name": "The same id"}),
    )
    said = verdicts(answer)
    assert said[0] == "REJECTED DELETED"
    assert said[1] == "CONFLICT"  # the edit wins, the delete is kept for a human
    assert said[2].startswith("REJECTED")  # never a second record of that id
    await phone.pull()
    row = phone.row(unseen)
    assert row is not None
    assert row["note"] == "did not know"
    assert phone.row(seen) is None


async def test_a_deleted_record_of_others_stays_unknown(phone: Pusher, harbour: World) -> None:
    await delete(phone.db, harbour, harbour.diner)
    await collect(phone.db, older_than=NOW)
    assert await phone.said(phone.update("account", harbour.diner, {"note": "?"}, base_rev=1)) == ["REJECTED NOT_FOUND"]


async def test_a_scope_that_was_lost_and_gained_again_comes_from_nothing(phone: Pusher, harbour: World) -> None:
    stalls = await stock(phone, harbour, 5)
    await phone.pull()
    for until_on in (date(2020, 2, 1), None):
        async with records.writing(phone.db, harbour.tenant_id) as tx:
            await assign_territory(
                tx, harbour.adam.actor, territory_id=harbour.north, user_id=harbour.nina.id, from_on=ALWAYS,
                until_on=until_on,
            )  # fmt: skip
        await delete(phone.db, harbour, stalls[0] if until_on else stalls[1])
        await collect(phone.db, older_than=NOW)
        await phone.pull(limit=2)
    assert {key[1] for key in phone.held if key[0] == "account"} == {*stalls[2:], harbour.lunch, harbour.tea}


async def test_batches_are_bounded_and_all_of_it_goes(
    phone: Pusher, harbour: World, owner: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stalls = await stock(phone, harbour, 25)
    await delete(phone.db, harbour, *stalls)
    assert await garbage.collect_batch(phone.db, harbour.tenant_id, older_than=NOW, entries_max=10) == 10
    monkeypatch.setattr(garbage, "BATCHES_A_RUN_MAX", 1)
    assert await collect(phone.db, older_than=NOW, entries_max=10) == 10
    assert await collect(phone.db, older_than=NOW, entries_max=10) == 5
    assert await owner.fetchval("select count(*) from feed where kind <> 'PUT'") == 0


async def test_collecting_beside_writers_loses_nothing(phone: Pusher, harbour: World) -> None:
    stalls = await stock(phone, harbour, 40)
    other = await registered(phone.db, harbour.nina)
    await phone.pull()

    async def delete_and_revive() -> None:
        for n in range(0, 40, 4):
            await delete(phone.db, harbour, *stalls[n : n + 4])
            await other.push(
                *(other.update("account", each, {"note": "back"}, base_rev=1) for each in stalls[n : n + 2])
            )

    async def collect_on() -> None:
        for _ in range(25):
            await collect(phone.db, older_than=NOW)
            await asyncio.sleep(0.01)

    await asyncio.gather(delete_and_revive(), collect_on())
    await phone.pull(limit=3)  # compares counts and checksums
    alive = {each for n in range(0, 40, 4) for each in stalls[n : n + 2]}
    assert {key[1] for key in phone.held if key[0] == "account"} == {*alive, harbour.lunch, harbour.tea}
