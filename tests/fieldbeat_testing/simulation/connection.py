"""The application's pool, with a gate before every statement; what passes is the driver's own, cut connections too."""

from typing import Any, ClassVar

import asyncpg

from fieldbeat.kit.db import Db, _speak_json
from fieldbeat_testing.simulation.stepper import Stepper

POOL_SIZE = 24  # more than jobs: none may wait for a connection, for that the stepper could not see


class Stepped(asyncpg.Connection):
    """A connection whose statements wait until the stepper lets them go. `gates` only once a job has acquired it."""

    stepper: ClassVar[Stepper | None] = None
    gates = False

    async def execute(self, query: str, *args: Any, **more: Any) -> Any:
        await self._gate(query)
        return await super().execute(query, *args, **more)

    async def fetch(self, query: str, *args: Any, **more: Any) -> Any:
        await self._gate(query)
        return await super().fetch(query, *args, **more)

    async def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:
        await self._gate(query)
        return await super().fetchrow(query, *args, **more)

    async def fetchval(self, query: str, *args: Any, **more: Any) -> Any:
        await self._gate(query)
        return await super().fetchval(query, *args, **more)

    async def _gate(self, query: str) -> None:
        if self.gates and self.stepper and not self.is_closed():
            await self.stepper.gate(" ".join(query.split())[:60], pid=self.get_server_pid())


async def stepped_db(url: str) -> Db:
    """The application's door to the database, all connections made beforehand. Close it with `pool.terminate()`."""
    pool = await asyncpg.create_pool(
        url,
        min_size=POOL_SIZE,
        max_size=POOL_SIZE,
        init=_speak_json,
        setup=_arm,
        connection_class=Stepped,
        server_settings={"application_name": "fieldbeat", "timezone": "UTC"},
        command_timeout=60,
    )
    return Db(pool)


async def _arm(conn: Any) -> None:
    conn._con.gates = True
