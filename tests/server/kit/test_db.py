"""The one door to PostgreSQL: a transaction is bound to its tenant, ends as it says, and leaves nothing behind."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from fieldbeat.kit.db import Conn, Db, NotCommitted, UnsafeRole, open_db
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.database import TestDatabase


@pytest.fixture
async def tenants(db: Db) -> tuple[UUID, UUID]:
    ids = uuid7(), uuid7()
    async with db.unscoped() as conn:
        for tenant_id in ids:
            await conn.execute("select create_tenant($1, 'Acme', false)", tenant_id)
    return ids


async def names(db: Db, tenant_id: UUID) -> list[str]:
    async with db.reading(tenant_id) as conn:
        return [row["name"] for row in await conn.fetch("select name from tenant")]


async def rename(conn: Conn, name: str) -> None:
    await conn.execute("update tenant set name = $1", name)


async def test_a_transaction_sees_and_changes_its_tenant_alone(db: Db, tenants: tuple[UUID, UUID]) -> None:
    async with db.writing(tenants[0]) as conn:
        await rename(conn, "Mine")
    assert (await names(db, tenants[0]), await names(db, tenants[1])) == (["Mine"], ["Acme"])


async def test_a_pooled_connection_carries_no_tenant_over(database: TestDatabase, tenants: tuple[UUID, UUID]) -> None:
    one = await open_db(database.app_url, size=1)
    assert await names(one, tenants[0]) == ["Acme"]
    assert await one.pool.fetchval("select count(*) from tenant") == 0
    async with one.unscoped() as conn:
        assert await conn.fetchval("select count(*) from tenant") == 0
    await one.close()


async def test_an_exception_takes_all_of_it_back(db: Db, tenants: tuple[UUID, UUID]) -> None:
    async def failing() -> None:
        async with db.writing(tenants[0]) as conn:
            await rename(conn, "Other")
            raise LookupError

    with pytest.raises(LookupError):
        await failing()
    assert await names(db, tenants[0]) == ["Acme"]


async def test_a_cancelled_transaction_is_rolled_back_and_its_connection_is_good(
    database: TestDatabase, tenants: tuple[UUID, UUID]
) -> None:
    one = await open_db(database.app_url, size=1)

    async def slow() -> None:
        async with one.writing(tenants[0]) as conn:
            await rename(conn, "Other")
            await conn.execute("select pg_sleep(60)")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0.3)
    assert await names(one, tenants[0]) == ["Acme"]
    await one.close()


async def test_a_lost_connection_is_told_and_replaced(
    db: Db, database: TestDatabase, tenants: tuple[UUID, UUID]
) -> None:
    superuser = await asyncpg.connect(database.superuser_url)

    async def interrupted() -> None:
        async with db.writing(tenants[0]) as conn:
            await rename(conn, "Other")
            await superuser.execute("select pg_terminate_backend($1)", conn.get_server_pid())
            await conn.execute("select 1")

    # Which of them depends on how far the server's farewell has come.
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
        await interrupted()
    assert await names(db, tenants[0]) == ["Acme"]
    await superuser.close()


async def test_who_goes_on_after_a_failed_statement_is_told_that_nothing_was_kept(
    db: Db, tenants: tuple[UUID, UUID]
) -> None:
    async def careless() -> None:
        async with db.writing(tenants[0]) as conn:
            await rename(conn, "Other")
            with pytest.raises(asyncpg.DivisionByZeroError):
                await conn.execute("select 1 / 0")

    with pytest.raises(NotCommitted, match="rolled the whole transaction back"):
        await careless()
    assert await names(db, tenants[0]) == ["Acme"]


async def test_a_reading_transaction_is_one_snapshot_and_cannot_write(db: Db, tenants: tuple[UUID, UUID]) -> None:
    async with db.reading(tenants[0]) as reader:
        assert await reader.fetchval("select name from tenant") == "Acme"
        async with db.writing(tenants[0]) as writer:
            await rename(writer, "Mine")
        assert await reader.fetchval("select name from tenant") == "Acme"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with db.reading(tenants[0]) as reader:
            await rename(reader, "Other")


async def test_without_prepared_statements_it_works_behind_a_pooler(
    database: TestDatabase, tenants: tuple[UUID, UUID]
) -> None:
    plain = await open_db(database.app_url, size=1, statement_cache_size=0)
    for _ in range(2):
        assert await names(plain, tenants[0]) == ["Acme"]
    assert await plain.pool.fetchval("select count(*) from pg_prepared_statements where name <> ''") == 0
    await plain.close()


async def test_what_is_no_tenant_id_is_never_sent(db: Db) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        async with db.reading("'; drop table tenant; --"):  # type: ignore[arg-type]
            pass


async def test_json_comes_and_goes_as_values(db: Db) -> None:
    async with db.unscoped() as conn:
        assert await conn.fetchval("select $1::jsonb", {"a": [1, None, "ü"]}) == {"a": [1, None, "ü"]}


async def test_the_owners_role_is_refused(database: TestDatabase) -> None:
    with pytest.raises(UnsafeRole):
        await open_db(database.owner_url)
