"""The time of a simulated world: PostgreSQL's `clock_timestamp()` tells it, and it moves only when it is told to.

A schema before `pg_catalog` in the application's search path holds a function of that name, so that the server's
statements run as they are written and yet at any hour that a seed wants.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from fieldbeat.embedded.postgres import APP
from fieldbeat_sync.clock import DeviceTime

MORNING_MS = 1_800_000_000_000  # 2027-01-15 08:00 UTC

INSTALL = f"""
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


class Hours(Protocol):
    """Whatever knows what time it is in the world."""

    now_ms: int


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
