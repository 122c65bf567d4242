"""Nobody writes past the feed: the check that the tests' databases carry, seen to pass and to fail."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.accounts.replica import KEPT_ACCOUNT
from fieldbeat.kit.db import Conn, Db
from fieldbeat.people.actions import deactivate_user
from fieldbeat.records import Change, store
from fieldbeat.records.model import Entry
from fieldbeat.records.transaction import publish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.feed import Company, founded


@pytest.fixture
async def company(db: Db) -> Company:
    return await founded(db, scopes=2)


@pytest.fixture
async def conn(db: Db, company: Company) -> AsyncIterator[Conn]:
    """A transaction of the company, to be ended by hand."""
    async with db.pool.acquire() as conn:
        begun = conn.transaction()
        await begun.start()
        await conn.execute(f"set local fieldbeat.tenant_id = '{company.adam.actor.tenant_id}'")
        yield conn
        await begun.rollback()


async def test_whatever_goes_through_records_passes(db: Db, company: Company) -> None:
    adam, first = company.adam.actor, company.accounts[0]
    async with records.writing(db, company.adam.actor.tenant_id) as tx:
        for note in ("once", "twice"):
            await records.change(tx, adam, [Change(KEPT_ACCOUNT, first, Op.UPDATE, {"note": note}, 1)])
    async with records.writing(db, company.adam.actor.tenant_id) as tx:
        await reassign_account(tx, adam, account_id=first, owner_id=company.people[1].id)
        await deactivate_user(tx, adam, user_id=company.people[0].id)
    async with records.writing(db, company.adam.actor.tenant_id) as tx:
        await records.change(tx, adam, [Change(KEPT_ACCOUNT, first, Op.DELETE, {})])


async def test_a_statement_that_passes_records_by_is_found_at_commit(conn: Conn, company: Company) -> None:
    await conn.execute(
        'update account set rev = rev + 1, fields = fields || \'{"note": ""}\' where id = $1', company.accounts[0]
    )
    with pytest.raises(asyncpg.RaiseError, match=f"account {company.accounts[0]} was written past the feed at rev 2"):
        await conn.execute("set constraints all immediate")


async def test_a_row_that_is_saved_and_not_announced_is_found(conn: Conn, company: Company) -> None:
    stored = await store.lock_records(conn, company.adam.actor.tenant_id, KEPT_ACCOUNT, [company.accounts[0]])
    newer = {id_: replace(each.record, rev=2) for id_, each in stored.items()}
    await store.save_records(conn, company.adam.actor.tenant_id, KEPT_ACCOUNT, newer, await store.now(conn))
    with pytest.raises(asyncpg.RaiseError, match="past the feed at rev 2"):
        await conn.execute("set constraints all immediate")


async def test_an_entry_of_another_transaction_does_not_count(db: Db, conn: Conn, company: Company) -> None:
    tea = company.accounts[0]
    async with records.writing(db, company.adam.actor.tenant_id) as tx:
        tx.announce(Entry(f"territory:{company.territories[0]}", "account", tea, "PUT", 2, '"rev":2', 1))
    await conn.execute("update account set rev = 2 where id = $1", tea)
    with pytest.raises(asyncpg.RaiseError, match="past the feed at rev 2"):
        await conn.execute("set constraints all immediate")


async def test_an_older_rev_in_the_feed_does_not_count(conn: Conn, company: Company) -> None:
    tx = records.Tx(conn, company.adam.actor.tenant_id, await store.now(conn))
    await records.change(
        tx, company.adam.actor, [Change(KEPT_ACCOUNT, company.accounts[0], Op.UPDATE, {"note": "seen"})]
    )
    await publish(tx)
    await conn.execute("update account set rev = 3 where id = $1", company.accounts[0])
    with pytest.raises(asyncpg.RaiseError, match="past the feed at rev 3"):
        await conn.execute("set constraints all immediate")
