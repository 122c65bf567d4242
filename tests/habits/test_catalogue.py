"""Tenancy is held by the database itself: a lint of the live catalogue, which is seen to fail."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from fieldbeat.embedded.postgres import APP
from fieldbeat.kit.db import Conn
from fieldbeat.kit.migrations import migrate
from fieldbeat_testing.catalogue import findings
from fieldbeat_testing.database import Servers, TestDatabase


@pytest.fixture(scope="module")
def fresh(servers: Servers) -> Iterator[TestDatabase]:
    """A database as an operator has it: built by the migrations alone, nothing of the tests in it."""
    made = servers.new_database(migrated=False)
    migrate(made.owner_url, APP)
    yield made
    servers.drop(made)


@pytest.fixture
async def bench(fresh: TestDatabase) -> AsyncIterator[Conn]:
    """A transaction of the superuser that is taken back."""
    conn = await asyncpg.connect(fresh.superuser_url)
    begun = conn.transaction()
    await begun.start()
    yield conn
    await begun.rollback()
    await conn.close()


async def test_the_catalogue_keeps_every_rule(bench: Conn) -> None:
    assert await findings(bench) == []


# A table as it ought to be; each case below breaks one thing about it, or about what stands beside it.
GOOD = """
    set local fieldbeat.app_role = 'fieldbeat_app';
    set role fieldbeat_owner;
    create table voyage (tenant_id uuid not null references tenant (id), id uuid not null, account_id uuid,
                        primary key (tenant_id, id),
                        foreign key (tenant_id, account_id) references account (tenant_id, id));
    select guard_tenant_table('voyage');
"""
DEFINER = "language sql security definer set search_path = pg_catalog, public as 'select 1'"
BAD = {
    "voyage: has no tenant_id that is not null": """
        alter table voyage drop constraint voyage_pkey; alter table voyage alter tenant_id drop not null""",
    "plan: has no tenant_id that is not null": "create table plan (id uuid primary key)",
    "voyage: has no primary key": "alter table voyage drop constraint voyage_pkey",
    "voyage: voyage_pkey does not lead": """
        alter table voyage drop constraint voyage_pkey; alter table voyage add primary key (id)""",
    "voyage: voyage_once does not lead": "alter table voyage add constraint voyage_once unique (account_id, tenant_id)",
    "voyage: voyage_account does not lead": "create index voyage_account on voyage (account_id)",
    "voyage: voyage_text does not lead": "create index voyage_text on voyage ((id::text))",
    "voyage: foreign key voyage_to does not lead": """
        alter table voyage add constraint voyage_to foreign key (account_id) references tenant (id)""",
    "voyage: row-level security is not enabled": "alter table voyage disable row level security",
    "voyage: row-level security is not forced": "alter table voyage no force row level security",
    "voyage: policy tenant is missing": "drop policy tenant on voyage",
    "voyage: policy all_of_them is not one of ours": "create policy all_of_them on voyage using (true)",
    "voyage: policy tenant is not one of ours": "alter policy tenant on voyage with check (true)",
    "voyage: has a trigger": """
        create function nothing() returns trigger language plpgsql as 'begin return new; end';
        create trigger stamp before insert on voyage for each row execute function nothing()""",
    "voyage: has a trigger, late": """
        create function nothing() returns trigger language plpgsql as 'begin return new; end';
        create constraint trigger late after insert on voyage deferrable initially deferred
        for each row execute function nothing()""",
    "voyage: has a rewrite rule": "create rule quiet as on delete to voyage do instead nothing",
    "peep(): runs as its owner and is not on the list": f"""
        create function peep() returns integer {DEFINER}; revoke execute on function peep() from public""",
    "find_login(text): runs as its owner for everybody": "grant execute on function find_login(text) to public",
    "find_login(text): runs as its owner with search_path": "alter function find_login(text) reset search_path",
    "find_login(text): runs as postgres": "reset role; alter function find_login(text) owner to postgres",
    "demo_tenant: on the list, but there is no such function": "drop function demo_tenant()",
    "everyone: a view without security_invoker": "create view everyone as select id from person",
    "kept: a materialized view": "create materialized view kept as select id from person",
    "the application's role: superuser": "reset role; alter role fieldbeat_app superuser",
    "the application's role: bypassrls": "reset role; alter role fieldbeat_app bypassrls",
    "the application's role: createrole": "reset role; alter role fieldbeat_app createrole",
    "the application's role: member of a role": "reset role; grant fieldbeat_owner to fieldbeat_app",
    "the application's role: create in public": "reset role; grant create on schema public to fieldbeat_app",
    "the application's role owns table voyage": "reset role; alter table voyage owner to fieldbeat_app",
    "login: the application may SELECT": "grant select on login to public",
    "voyage: the application may TRUNCATE": "grant truncate on voyage to fieldbeat_app",
    "field_write: the application may UPDATE": "grant update on field_write to fieldbeat_app",
    "voyage: the application may not DELETE": "revoke delete on voyage from fieldbeat_app",
    "login: SELECT on column email alone": "grant select (email) on login to fieldbeat_app",
    "default privileges of fieldbeat_owner": "alter default privileges grant select on tables to fieldbeat_app",
    "schema annex: nothing looks after it": "reset role; create schema annex",
}


async def test_a_well_made_table_is_no_finding(bench: Conn) -> None:
    await bench.execute(GOOD)
    assert await findings(bench) == []


@pytest.mark.parametrize(("finding", "broken"), BAD.items(), ids=list(BAD))
async def test_the_lint_finds(bench: Conn, finding: str, broken: str) -> None:
    await bench.execute(GOOD)
    await bench.execute(broken)
    found = await findings(bench)
    assert any(each.startswith(finding) for each in found), found
