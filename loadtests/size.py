"""Whether a pull costs the same in a small tenant and in a large one: `python loadtests/size.py [RECORDS]`.

Fifty territories of 200 accounts, then so many more records of other people in the same tenant (made up in SQL: entries
of the feed with their heads). An idle pull over all scopes, and a page of 500 rows, before and after, in turns with a
bare select of the same documents. Statements are counted on the connection.
"""

import asyncio
import os
import sys
from statistics import median
from time import perf_counter
from typing import Any

import asyncpg
import uvloop
from company import KEY, Company, company, device_of
from served import BARE

from fieldbeat.exchange import pull
from fieldbeat.exchange.model import Pull, Pulled
from fieldbeat.kit.memory import keep_memory
from fieldbeat_sync.catalogue import SCHEMA

TERRITORIES, ACCOUNTS, ROWS, ROUNDS = 50, 200, 500, 200
OTHERS = """
with made as (
    insert into scope_head (tenant_id, scope_id, head, live_rows)
    select $1, 'user:' || gen_random_uuid(), $2, $2 from generate_series(1, $3)
    returning scope_id
)
insert into feed (tenant_id, scope_id, seq, collection, record_id, kind, rev, doc)
select $1, made.scope_id, n, 'account', gen_random_uuid(), 'PUT', 1, '"rev":1,"row":{},"clock":{}'
from made cross join generate_series(1, $2) as n
"""
EACH = 10_000  # records of one of the others


async def main(records: int) -> None:
    """Measures, grows, measures again."""
    keep_memory()
    async with company(territories=TERRITORIES, accounts=ACCOUNTS, pool=1) as made:
        owner = await asyncpg.connect(made.owner_url, command_timeout=3_600)
        await owner.execute("vacuum analyze")
        phone = await device_of(made)
        end = await _pulled(made, phone, None, 1_000)
        while end.has_more:
            end = await _pulled(made, phone, end.cursor, 1_000)
        await _print(made, owner, phone, end.cursor)
        for _ in range(0, records, EACH * 10):
            await owner.execute(OTHERS, made.actor.tenant_id, EACH, 10)
        await owner.execute("vacuum analyze feed")
        await _print(made, owner, phone, end.cursor)
        await owner.close()


async def _pulled(made: Company, phone: Any, cursor: str | None, limit: int) -> Pulled:
    asked = Pull(phone.id, phone.incarnation, SCHEMA.version, cursor, limit)
    answer = await pull.pull(made.db, made.actor, asked, key=KEY)
    assert answer.problem is None, answer.problem
    return answer


async def _print(made: Company, owner: "asyncpg.Connection[Any]", phone: Any, end: str) -> None:
    scope = f"territory:{min(made.territories)}"
    statements: list[str] = []
    async with made.db.pool.acquire() as conn:
        conn.add_query_logger(lambda query: statements.append(query.query))
    await _pulled(made, phone, end, ROWS)
    asked = len(statements)
    times: dict[str, list[float]] = {"idle": [], "page": [], "bare": []}
    for _ in range(ROUNDS):
        for name, work in (
            ("idle", _pulled(made, phone, end, ROWS)),
            ("page", _pulled(made, phone, None, ROWS)),
            ("bare", owner.fetchval(BARE, made.actor.tenant_id, scope, ROWS)),
        ):
            begun = perf_counter()
            await work
            times[name].append((perf_counter() - begun) * 1000)
    load, rows = os.getloadavg()[0], await owner.fetchval("select count(*) from feed")
    told = ", ".join(f"{name} {median(taken):.2f} ms (best {min(taken):.2f})" for name, taken in times.items())
    print(f"{rows:,} records, {TERRITORIES + 2} scopes: idle pull {asked} statement; {told}; load {load:.1f}")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
