"""A feed as it is often built, planted for the proofs to find out: numbers from a sequence, heads by what is visible,
and nothing that holds the order of numbers to that of commits."""

from types import ModuleType

import asyncpg
import pytest

from fieldbeat.records import feed_store

BY_SEQUENCE = """
with counted as (select $3::bigint[], $4::bigint[], $5::numeric[])
insert into feed (tenant_id, scope_id, seq, collection, record_id, kind, rev, doc)
select $1, e.scope_id, nextval('numbers'), e.collection, e.record_id, e.kind, e.rev, e.doc
from counted, unnest($6::text[], $7::bigint[], $8::text[], $9::uuid[], $10::text[], $11::bigint[], $12::text[])
     as e (scope_id, back, collection, record_id, kind, rev, doc)
where e.scope_id = any($2::text[])
on conflict (tenant_id, scope_id, collection, record_id) do update
set seq = excluded.seq, kind = excluded.kind, rev = excluded.rev, doc = excluded.doc
"""
VISIBLE_HEADS = """
create view visible_head with (security_invoker) as
select f.tenant_id, f.scope_id, max(f.seq) as head, count(*) filter (where f.kind = 'PUT') as live_rows,
       0::numeric as checksum, 0::bigint as horizon
from feed f group by f.tenant_id, f.scope_id;
grant select on visible_head to fieldbeat_app;
"""
HEADS = "left join scope_head h on"


async def plant_naive_feed(monkeypatch: pytest.MonkeyPatch, owner_url: str) -> None:
    """From now on writers and readers use it; the database is of no use to other tests."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute("create sequence numbers start 1000; grant usage on numbers to fieldbeat_app")
    await owner.execute(VISIBLE_HEADS)
    plan = await owner.fetchval("select pg_get_functiondef('pull_plan'::regproc)")
    assert HEADS in plan
    await owner.execute(plan.replace(HEADS, HEADS.replace("scope_head", "visible_head")))
    await owner.close()
    plant(monkeypatch, feed_store, publish=BY_SEQUENCE)


def plant(monkeypatch: pytest.MonkeyPatch, module: ModuleType, **statements: str) -> None:
    """Puts statements in the place of a module's own."""
    assert module.SQL.keys() >= statements.keys()
    monkeypatch.setattr(module, "SQL", {**module.SQL, **statements})
