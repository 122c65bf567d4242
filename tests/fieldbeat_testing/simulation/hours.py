"""The time of a simulated world: PostgreSQL's `clock_timestamp()` tells it, and it moves only when it is told to.

A schema before `pg_catalog` in the application's search path holds a function of that name, so that the server's
statements run as they are written and yet at any hour that a seed wants.
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from fieldbeat.embedded.postgres import APP
from fieldbeat.kit.db import Conn
from fieldbeat_sync.clock import DeviceTime

MORNING_MS = 1_800_000_000_000  # 2027-01-15 08:00 UTC

_INSTALL = f"""
create schema sim;
create sequence sim.ms minvalue 0 start {MORNING_MS};
create function sim.clock_timestamp() returns timestamptz language sql volatile
as $$ select timestamptz '1970-01-01 00:00:00+00' + last_value * interval '1 ms' from sim.ms $$;
grant usage on schema sim to public;
grant select on sequence sim.ms to public;
do $$ declare found record; begin
    for found in select d.adrelid::regclass as "table", a.attname as "column"
                 from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
                 where pg_get_expr(d.adbin, d.adrelid) = 'clock_timestamp()' loop
        execute format('alter table %s alter column %I set default sim.clock_timestamp()',
                       found."table", found."column");
    end loop;
end $$;
"""


# A setting of a database is not copied with it.
SEARCH_PATH = f"""
do $$ begin
    execute format('alter role {APP} in database %I set search_path = sim, pg_catalog, public', current_database());
end $$;
"""


async def install(superuser: Conn) -> None:
    """From now on, in copies of this database that have `SEARCH_PATH`, it is what time `Hours` says."""
    await superuser.execute(_INSTALL)


@dataclass
class Hours:
    """The world's time in ms; `tell` brings it to the database."""

    monitor: "asyncpg.Connection[asyncpg.Record]"
    now_ms: int = MORNING_MS
    told_ms: int = 0

    async def tell(self) -> None:
        """The database learns what time it is, unless it knows."""
        if self.told_ms != self.now_ms:
            await self.monitor.fetchval("select setval('sim.ms', $1)", self.now_ms)
            self.told_ms = self.now_ms


@dataclass
class Watch:
    """A phone's clocks: the calendar may be wrong by any amount and may be set; the time since boot is right."""

    hours: Hours
    skew_ms: int
    booted_ms: int
    boot_id: UUID | None

    def read(self) -> DeviceTime:
        """Now, by this phone."""
        wall_ms = self.hours.now_ms + self.skew_ms
        if self.boot_id is None:
            return DeviceTime(wall_ms)
        return DeviceTime(wall_ms, float(self.hours.now_ms - self.booted_ms), str(self.boot_id))
