"""One real PostgreSQL and one real Valkey for a whole test run, and a freshly migrated database for each test.

The schema is migrated once into a template, with the check that nobody writes past the feed; a test's database is a
copy of it, made in some ten milliseconds.
Nothing is synced to disk: a test's data may be lost with the machine.
"""

import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from fieldbeat.embedded.account import Account, servers_account
from fieldbeat.embedded.child import Child
from fieldbeat.embedded.folder import DataFolder, claimed_folder
from fieldbeat.embedded.postgres import APP, OWNER, SUPERUSER, database_url, make_database, start_postgres
from fieldbeat.embedded.valkey import redis_url, start_valkey
from fieldbeat.kit.db import Db, open_db
from fieldbeat.kit.migrations import migrate
from fieldbeat_testing.witnesses import check

TEMPLATE = "template_fieldbeat"
POOL_SIZE = 10
# A backend may notice only at the end of its statement that nobody listens any more; each is waited for.
_CUT_OFF = sql.SQL("select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = {}")


@dataclass(frozen=True)
class Servers:
    """The servers of this test run."""

    folder: DataFolder
    account: Account | None
    postgres: Child
    durable: bool = False
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def redis_url(self) -> str:
        """The shared Valkey; a test that needs an empty one flushes it."""
        return redis_url(self.folder)

    def new_database(self, *, migrated: bool = True, copy_of: "TestDatabase | None" = None) -> "TestDatabase":
        """A database of its own: migrated, or empty, or as another one is, whose connections are cut off first."""
        name = f"test_{next(self.numbers)}"
        if copy_of:
            self._as_superuser(_CUT_OFF.format(sql.Literal(copy_of.name)))
        template = copy_of.name if copy_of else TEMPLATE if migrated else "template0"
        self._as_superuser(
            sql.SQL("create database {} template {} owner {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)
            )
        )
        return TestDatabase(self.folder, name)

    def drop(self, database: "TestDatabase") -> None:
        """Remove a test's database with whatever is still connected to it."""
        self._as_superuser(sql.SQL("drop database {} with (force)").format(sql.Identifier(database.name)))

    def kill_postgres(self) -> None:
        """SIGKILL to PostgreSQL and all of its processes; it starts again from what lies on the disk."""
        assert self.postgres.process is not None
        pid = self.postgres.process.pid
        children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        for each in (pid, *children):
            os.kill(each, signal.SIGKILL)
        self.postgres.process.wait()
        while any(Path(f"/proc/{each}").exists() for each in children):
            time.sleep(0.005)
        self.postgres.process = start_postgres(self.folder, self.account, durable=self.durable).process

    def _as_superuser(self, statement: sql.Composed) -> None:
        with psycopg.connect(database_url(self.folder, SUPERUSER, "postgres"), autocommit=True) as conn:
            conn.execute(statement)


@dataclass(frozen=True)
class TestDatabase:
    """The URLs of one test's database, by role."""

    __test__ = False  # not a test class, whatever its name says to pytest

    folder: DataFolder
    name: str

    @property
    def data_dir(self) -> Path:
        """A folder of this test alone; it goes with the servers'."""
        return self.folder.root / self.name

    @property
    def app_url(self) -> str:
        """As the application: owns nothing, sees one tenant at a time."""
        return database_url(self.folder, APP, self.name)

    @property
    def owner_url(self) -> str:
        """As the owner of the schema: migrations, and looking at everything in an assertion."""
        return database_url(self.folder, OWNER, self.name)

    @property
    def superuser_url(self) -> str:
        """As the server's superuser: for tests of roles alone."""
        return database_url(self.folder, SUPERUSER, self.name)


@contextmanager
def running_servers(*, durable: bool = False) -> Iterator[Servers]:
    """Both servers in a temporary folder, with the template migrated; gone at the end. `durable`: as in production."""
    root = Path(tempfile.mkdtemp(prefix="fieldbeat-test-", dir="/tmp"))  # short, for the sockets' sake
    try:
        with claimed_folder(root) as folder:
            account = servers_account(folder.postgres)
            postgres = start_postgres(folder, account, durable=durable)
            try:
                valkey = start_valkey(folder, account)
                try:
                    make_database(folder, TEMPLATE)
                    migrate(database_url(folder, OWNER, TEMPLATE), APP)
                    with psycopg.connect(database_url(folder, OWNER, TEMPLATE)) as owner:
                        owner.execute(check())
                    yield Servers(folder, account, postgres, durable)
                finally:
                    valkey.stop()
            finally:
                postgres.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


@asynccontextmanager
async def opened(database: TestDatabase) -> AsyncIterator[Db]:
    """A pool on the application's role, closed at the end."""
    db = await open_db(database.app_url, size=POOL_SIZE)
    try:
        yield db
    finally:
        await db.close()
