"""Where simulated worlds are played: a database in which time stands still unless told, and a watcher's connection."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import asyncpg

from fieldbeat.kit.db import Conn, Db
from fieldbeat_testing.database import Servers, TestDatabase
from fieldbeat_testing.simulation import hours, tally
from fieldbeat_testing.simulation.connection import stepped_db
from fieldbeat_testing.simulation.hours import Hours


@dataclass
class Stage:
    """`db` is the application's door, `owner` sees every row, `hours` is the time."""

    db: Db
    owner: Conn
    hours: Hours


async def template(servers: Servers) -> TestDatabase:
    """A database to copy stages from."""
    made = servers.new_database()
    superuser = await asyncpg.connect(made.superuser_url)
    try:
        await hours.install(superuser)
        await superuser.execute(tally.TABLE)
    finally:
        await superuser.close()
    return made


@contextmanager
def copied(servers: Servers, template: TestDatabase) -> Iterator[TestDatabase]:
    """A stage's own database, gone at the end."""
    made = servers.new_database(copy_of=template)
    try:
        yield made
    finally:
        servers.drop(made)


@asynccontextmanager
async def set_up(database: TestDatabase) -> AsyncIterator[Stage]:
    """A stage on a copy of the template."""
    superuser = await asyncpg.connect(database.superuser_url)
    owner = await asyncpg.connect(database.owner_url)
    try:
        await superuser.execute(hours.SEARCH_PATH)
        with tally.declared():
            async with stepped_db(database.app_url) as db:
                yield Stage(db, owner, Hours(superuser))
    finally:
        await owner.close()
        await superuser.close()
