"""What the worker looks for across tenants every few seconds is found by an index, however much there is."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from fieldbeat.kit.db import Conn
from fieldbeat_testing.database import Servers

GIVEN = {"kinds": "'{}'::text[]", "age": "interval '1 day'", "grace": "interval '1 day'"}
LOOKS = """
select proname as name, prosrc as body, proargnames as arguments from pg_proc
where (proname like 'tenants\\_with\\_%' or proname = 'due_effects') and prosrc like '%\\_timestamp()%'
order by proname
"""


@pytest.fixture(scope="module")
async def owner(servers: Servers) -> AsyncIterator[Conn]:
    """The owner of a migrated database, who is told to use indexes wherever he can."""
    made = servers.new_database()
    conn = await asyncpg.connect(made.owner_url)
    await conn.execute("set enable_seqscan = off; set enable_bitmapscan = off")
    yield conn
    await conn.close()
    servers.drop(made)


async def times_outside_of_indexes(owner: Conn, body: str, arguments: list[str]) -> list[str]:
    """The lines of a look's plan that compare a time row by row."""
    for name in arguments:
        body = re.sub(rf"\b{name}\b(?!\.)", GIVEN.get(name, "10"), body) if name not in ("tenant_id", "id") else body
    plan = [line["QUERY PLAN"].strip() for line in await owner.fetch(f"explain {body}")]
    return [line for line in plan if "_timestamp()" in line and not line.startswith("Index Cond")]


async def test_a_look_across_tenants_compares_times_by_its_index(owner: Conn) -> None:
    looks = await owner.fetch(LOOKS)
    assert len(looks) >= 8
    assert {each["name"]: found for each in looks if (found := await times_outside_of_indexes(
        owner, each["body"], each["arguments"]
    ))} == {}  # fmt: skip


async def test_a_time_that_may_differ_from_row_to_row_is_found(owner: Conn) -> None:
    body = "select from public.outbox o where o.done_at is null and o.due_at <= clock_timestamp() limit effects_max"
    assert await times_outside_of_indexes(owner, body, ["effects_max"])
