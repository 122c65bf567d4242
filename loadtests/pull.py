"""A pull of 500 rows against a bare select of the same stored documents: `python loadtests/pull.py [ROUNDS]`.

Both take turns on the same server; the select runs as the owner, outside row-level security, and knows what to read.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import asyncpg
import uvloop
from company import KEY, Company, company, device_of

from fieldbeat.exchange import pull
from fieldbeat.exchange.model import Pull
from fieldbeat_sync.catalogue import SCHEMA

ROWS = 500
BARE = """
select string_agg(page.doc, ',') from (
    select f.doc from feed f where f.tenant_id = $1 and f.scope_id = $2 order by f.seq limit 500) page
"""


async def main(rounds: int) -> None:
    """Measures and prints."""
    async with company(territories=2, accounts=2 * ROWS) as made:
        scope_id = f"territory:{made.territories[0]}"
        async with asyncpg.create_pool(made.owner_url, min_size=8, max_size=8) as owner:
            await owner.execute("vacuum analyze")
            work = {"pull": await _pull(made), "bare": _bare(owner, made, scope_id)}
            for clients in (1, 8):
                await _print(clients, rounds, work)


async def _print(clients: int, rounds: int, work: dict[str, Callable[[], Awaitable[int]]]) -> None:
    taken, size = dict.fromkeys(work, 0.0), dict.fromkeys(work, 0)
    for _ in range(rounds):
        for name, ask in work.items():
            begun = perf_counter()
            [size[name], *_] = await asyncio.gather(*(ask() for _ in range(clients)))
            taken[name] += perf_counter() - begun
    pages = {name: rounds * clients / seconds for name, seconds in taken.items()}
    print(
        f"{clients} clients: pull {pages['pull']:5.0f} pages/s ({size['pull']:,} bytes), "
        f"bare select {pages['bare']:5.0f} pages/s ({size['bare']:,} bytes), ratio {pages['pull'] / pages['bare']:.2f}"
    )


async def _pull(made: Company) -> Callable[[], Awaitable[int]]:
    phone = await device_of(made)
    asked = Pull(phone.id, phone.incarnation, SCHEMA.version, None, ROWS)

    async def ask() -> int:
        page = await pull.pull(made.db, made.actor, asked, key=KEY)
        assert page.has_more, page.problem
        return len(page.changes)

    return ask


def _bare(owner: "asyncpg.Pool[Any]", made: Company, scope_id: str) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        body = await owner.fetchval(BARE, made.actor.tenant_id, scope_id)
        return len(body.encode())

    return ask


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
