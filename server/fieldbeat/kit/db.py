"""The one door to PostgreSQL: a pool that hands out transactions bound to a tenant.

Row-level security reads `fieldbeat.tenant_id`, which is set inside each transaction and gone with it, so a pooled
connection never carries a tenant over. Nothing above this module begins or commits.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

Conn: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

# A role that owns a table, is a superuser or may bypass row-level security would see every tenant; so would one that
# may become such a role.
_ROLE_IS_SAFE = """
select not exists (select from pg_roles r
                   where (r.rolsuper or r.rolbypassrls) and pg_has_role(current_user, r.oid, 'member'))
       and not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                       where n.nspname = 'public' and pg_has_role(current_user, c.relowner, 'member'))
"""


class UnsafeRole(RuntimeError):
    """The role of FIELDBEAT_DATABASE_URL owns tables or bypasses row-level security. Use the application's role."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class NotCommitted(RuntimeError):
    """A statement had failed and somebody went on: PostgreSQL rolled the whole transaction back instead."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


@dataclass(frozen=True)
class Db:
    """A pool under the application's role. `poke` is told, after each commit, in which scopes of a tenant something
    changed; it must neither wait nor raise.

    `alone` is False behind a pooler that gives the statements of one client to many connections.
    """

    pool: "asyncpg.Pool[asyncpg.Record]"
    poke: Callable[[UUID, frozenset[str]], None] | None = None
    alone: bool = True

    async def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of one statement that binds its tenant itself: a transaction of its own, in one round trip."""
        if not self.alone:
            async with self.unscoped() as conn:
                return await conn.fetch(statement, *arguments)
        async with self.pool.acquire() as conn:
            return await conn.fetch(statement, *arguments)

    @asynccontextmanager
    async def reading(self, tenant_id: UUID) -> AsyncIterator[Conn]:
        """One consistent snapshot of one tenant (repeatable read, read only)."""
        async with self._bound("begin isolation level repeatable read, read only", tenant_id) as conn:
            yield conn

    @asynccontextmanager
    async def writing(self, tenant_id: UUID) -> AsyncIterator[Conn]:
        """One read-committed transaction of one tenant; commits at the end, rolls back on any exception."""
        async with self._bound("begin isolation level read committed", tenant_id) as conn:
            yield conn

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[Conn]:
        """No tenant: tenant tables look empty; global tables and security-definer functions answer."""
        async with self._bound("begin", None) as conn:
            yield conn

    async def close(self) -> None:
        """Closes the pool, waiting for what is under way."""
        await self.pool.close()

    @asynccontextmanager
    async def _bound(self, begin: str, tenant_id: UUID | None) -> AsyncIterator[Conn]:
        setting = f"; set local fieldbeat.tenant_id = '{UUID(str(tenant_id))}'" if tenant_id else ""
        async with self.pool.acquire() as conn:
            try:
                await conn.execute(begin + setting)
                yield conn
                committed = await conn.execute("commit")
            except BaseException:
                await _roll_back(conn)
                raise
            if committed != "COMMIT":
                raise NotCommitted


async def open_db(url: str, *, size: int = 6, statement_cache_size: int = 100) -> Db:
    """Opens the pool. `statement_cache_size` 0 works behind a transaction-mode pooler.

    Refuses (`UnsafeRole`) a role that owns tables or bypasses row-level security.
    """
    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        statement_cache_size=statement_cache_size,
        init=_speak_json,
        reset=_nothing_to_reset,
        server_settings={"application_name": "fieldbeat", "timezone": "UTC"},
        command_timeout=60,
    )
    safe = await pool.fetchval(_ROLE_IS_SAFE)
    if not safe:
        await pool.close()
        raise UnsafeRole
    return Db(pool, alone=statement_cache_size > 0)


async def _speak_json(conn: Conn) -> None:
    await conn.set_type_codec("jsonb", schema="pg_catalog", encoder=_dump, decoder=orjson.loads, format="text")


async def _roll_back(conn: Conn) -> None:
    """Takes the transaction back; a connection that cannot, cut in the middle of a statement, is thrown away."""
    if conn.is_closed():
        return
    try:
        await conn.execute("rollback")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        conn.terminate()


async def _nothing_to_reset(conn: Conn) -> None:
    """Whatever a transaction sets, it sets for itself alone: that spares a round trip behind each of them."""


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()
