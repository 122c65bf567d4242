"""A tombstone stands for two years; then its row goes, and whatever still comes for it harms nothing."""

from datetime import timedelta
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.actions import create_contact, delete_account
from fieldbeat.exchange import jobs
from fieldbeat.exchange.tombstones import KEPT_FOR, collect_tombstones
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.pusher import Pusher, registered, verdicts
from fieldbeat_testing.snapshots import stock
from fieldbeat_testing.world import World, settle


async def delete(db: Db, world: World, account_id: str) -> None:
    """Headquarters deletes an account."""
    async with records.writing(db, world.tenant_id) as tx:
        await delete_account(tx, world.adam.actor, account_id=UUID(account_id))


async def age(owner: Conn, by: timedelta) -> None:
    """Time passes for everything that is gone."""
    await owner.execute("update feed set at = at - $1::interval", by)
    await owner.execute("update deleted_record set at = at - $1::interval", by)
    for table in ("account", "contact"):
        await owner.execute(f"update {table} set deleted_at = deleted_at - $1::interval", by)


async def rows(owner: Conn, *ids: str) -> int:
    """How many of these accounts have a row, dead or alive."""
    found: int = await owner.fetchval("select count(*) from account where id = any($1::uuid[])", list(map(UUID, ids)))
    return found


async def test_a_tombstone_stands_for_two_years(phone: Pusher, harbour: World, owner: Conn) -> None:
    dead, alive = await stock(phone, harbour, 2)
    await delete(phone.db, harbour, dead)
    await age(owner, timedelta(days=100))
    assert await jobs.collect_garbage(phone.db) == 1, "the entry of the feed"
    await age(owner, timedelta(days=629))
    assert await jobs.collect_garbage(phone.db) == 0, "two years less a day"
    assert await rows(owner, dead) == 1
    await age(owner, timedelta(days=3))
    assert await jobs.collect_garbage(phone.db) == 1
    assert await rows(owner, dead) == 0
    assert await rows(owner, alive, harbour.lunch) == 2
    assert await owner.fetchval("select count(*) from deleted_record") == 0
    written = "select count(*) from field_write where record_id = $1 and field = '*'"
    assert await owner.fetchval(written, UUID(dead)) == 1, "history is kept for good"


async def test_an_edit_within_two_years_is_judged_by_delete_against_edit(
    phone: Pusher, harbour: World, owner: Conn
) -> None:
    [stall] = await stock(phone, harbour, 1)
    await delete(phone.db, harbour, stall)
    await age(owner, timedelta(days=700))
    await jobs.collect_garbage(phone.db)
    answer = await phone.push(phone.update("account", stall, {"note": "unaware"}, base_rev=1))
    assert verdicts(answer)[0].startswith(("APPLIED", "MERGED", "CONFLICT"))
    await age(owner, timedelta(days=100))
    assert await jobs.collect_garbage(phone.db) == 0
    assert await owner.fetchval("select deleted_at is null from account where id = $1", UUID(stall))
    assert await owner.fetchval("select count(*) from deleted_record") == 0, "it lives, so nothing is owed"


async def test_what_comes_after_that_is_refused_alone(phone: Pusher, harbour: World, owner: Conn) -> None:
    [stall] = await stock(phone, harbour, 1)
    await delete(phone.db, harbour, stall)
    await age(owner, KEPT_FOR)
    await jobs.collect_garbage(phone.db)
    assert await rows(owner, stall) == 0
    answer = await phone.push(
        phone.update("account", stall, {"note": "much too late"}, base_rev=1),
        phone.create("account", {"name": "The same id again"}, record_id=stall),
        phone.create("account", {"name": "Another"}),
    )
    assert verdicts(answer) == ["REJECTED NOT_FOUND", "REJECTED INVALID", "APPLIED"]


async def test_a_row_that_something_refers_to_is_put_off_and_holds_up_nobody(
    phone: Pusher, harbour: World, owner: Conn
) -> None:
    held, free = await stock(phone, harbour, 2)
    async with records.writing(phone.db, harbour.tenant_id) as tx:
        await create_contact(tx, harbour.adam.actor, account_id=UUID(held), patch={"name": "Ada"})
    for each in (held, free):
        await delete(phone.db, harbour, each)
    await owner.execute("update contact set deleted_at = null")
    await age(owner, KEPT_FOR)
    await jobs.collect_garbage(phone.db)
    assert (await rows(owner, held), await rows(owner, free)) == (1, 0)
    assert await collect_tombstones(phone.db) == 0, "not tried again at once"
    await owner.execute("update contact set deleted_at = clock_timestamp() - interval '3 years'")
    await age(owner, timedelta(days=31))
    await owner.execute(
        "insert into deleted_record select tenant_id, 'contact', id, rev, deleted_at from contact"
        " on conflict (tenant_id, collection, id) do nothing"
    )
    await jobs.collect_garbage(phone.db)
    assert await rows(owner, held) == 0
    assert await owner.fetchval("select count(*) from contact") == 0, "the child first"


async def test_each_company_loses_its_own(phone: Pusher, harbour: World, owner: Conn) -> None:
    rival = await settle(phone.db, f"rival-{uuid7().hex[:6]}")
    for world in (harbour, rival):
        await delete(phone.db, world, world.lunch)
    await age(owner, timedelta(days=100))
    await jobs.collect_garbage(phone.db)
    await owner.execute(
        "update deleted_record set at = at - interval '2 years' where tenant_id = $1", harbour.tenant_id
    )
    await owner.execute("update account set deleted_at = deleted_at - interval '2 years'")
    await jobs.collect_garbage(phone.db)
    assert (await rows(owner, harbour.lunch), await rows(owner, rival.lunch)) == (0, 1)
    other = await registered(phone.db, rival.nina)
    assert (await other.pull()).changes
