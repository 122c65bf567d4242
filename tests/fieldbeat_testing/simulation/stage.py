"""Where simulated worlds are played: a database in which it is what time one says, and the server that holds it.

A stage can lose its server (kill -9), and its database to an earlier copy of itself (a restored backup).
"""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from fieldbeat.exchange import chunks
from fieldbeat.exchange.epoch import raise_epoch
from fieldbeat.kit.db import Conn, Db
from fieldbeat_testing.database import Servers, TestDatabase
from fieldbeat_testing.simulation import hours, tally
from fieldbeat_testing.simulation.connection import stepped_db
from fieldbeat_testing.simulation.hours import MORNING_MS

_BLOCKED = "select pid from unnest($1::integer[]) as s (pid) where cardinality(pg_blocking_pids(pid)) > 0"


@dataclass
class Stage:
    """`db` is the application's door, `owner` sees every row, `watcher` may do anything."""

    servers: Servers
    database: TestDatabase
    now_ms: int = MORNING_MS
    copy: TestDatabase | None = None
    restores: int = 0
    _told_ms: int = field(default=0, init=False)
    db: Db = field(init=False)
    owner: Conn = field(init=False)
    watcher: Conn = field(init=False)

    async def blocked(self, pids: list[int]) -> set[int]:
        """Those of the backends that wait for a lock."""
        return {row["pid"] for row in await self.watcher.fetch(_BLOCKED, pids)}

    def halt(self, pid: int) -> None:
        """A backend stops where it is, to be woken again."""
        os.kill(pid, signal.SIGSTOP)

    def resume(self, pid: int) -> None:
        """It goes on, unless it has been killed meanwhile."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    async def tell(self) -> None:
        """The database learns what time it is, unless it knows."""
        if self._told_ms != self.now_ms:
            await self.watcher.fetchval("select setval('sim.ms', $1)", self.now_ms)
            self._told_ms = self.now_ms

    async def open(self) -> None:
        """Connect."""
        self.watcher = await asyncpg.connect(self.database.superuser_url)
        await self.watcher.execute(hours.SEARCH_PATH)
        self.owner = await asyncpg.connect(self.database.owner_url)
        self.db = await stepped_db(self.database.app_url)
        self._told_ms = 0

    async def close(self) -> None:
        """Cut all connections, whatever is under way."""
        self.db.pool.terminate()
        for conn in (self.owner, self.watcher):
            conn.terminate()

    def begin(self) -> None:
        """A new world: its own morning, and no copy of the database from before it."""
        self.now_ms = MORNING_MS
        if self.copy:
            self.servers.drop(self.copy)
            self.copy = None

    async def back_up(self) -> None:
        """Copy the database; nothing may be under way."""
        await self.close()
        if self.copy:
            self.servers.drop(self.copy)
        self.copy = self.servers.new_database(copy_of=self.database)
        await self.open()

    async def restore(self) -> None:
        """The database becomes what it was when it was copied, and its epoch is raised as the runbook says."""
        assert self.copy is not None
        await self.close()
        self.servers.drop(self.database)
        self.database, self.copy = self.copy, None
        raise_epoch(self.database.owner_url, while_serving=True)
        await self.open()
        # The runbook's epoch is the time of day; a seed must always see the same.
        self.restores += 1
        await self.watcher.execute("update installation set epoch = $1", 1_000 + self.restores)

    async def kill_postgres(self) -> None:
        """As when the machine's power fails, but for the disk's own memory."""
        self.servers.kill_postgres()
        await self.close()
        await self.open()


async def template(servers: Servers) -> TestDatabase:
    """A database to copy stages from."""
    made = servers.new_database()
    superuser = await asyncpg.connect(made.superuser_url)
    try:
        await superuser.execute(hours.INSTALL)
        await superuser.execute(tally.TABLE)
    finally:
        await superuser.close()
    return made


@asynccontextmanager
async def set_up(servers: Servers, template: TestDatabase) -> AsyncIterator[Stage]:
    """A stage on a copy of the template, gone at the end."""
    stage = Stage(servers, servers.new_database(copy_of=template))
    await stage.open()
    try:
        with tally.declared(), _short_lines():
            yield stage
    finally:
        await stage.close()
        for database in (stage.database, stage.copy):
            if database:
                servers.drop(database)


@contextmanager
def _short_lines() -> Iterator[None]:
    """While the block runs, a snapshot has many lines: the companies of worlds are small."""
    known, chunks.ROWS_MAX = chunks.ROWS_MAX, 3
    try:
        yield
    finally:
        chunks.ROWS_MAX = known
