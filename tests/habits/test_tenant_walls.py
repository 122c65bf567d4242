"""The application's role, live, against two stocked companies: every table shows it one tenant's rows and takes no
other's, whatever a statement asks for."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson
import pytest

from fieldbeat.kit.db import Conn, Db, UnsafeRole, open_db
from fieldbeat_testing.catalogue import GUARDED_BY_ID, PRIVILEGES, SQL, USUAL, tenant_tables
from fieldbeat_testing.database import Servers, TestDatabase, opened
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle


class Walls(NamedTuple):
    """Two companies, and the application's connection between them."""

    conn: Conn
    own: World
    rival: World
    columns: dict[str, str]


@pytest.fixture(scope="module")
def shared(servers: Servers) -> Iterator[TestDatabase]:
    """A database for all tests of this module: none of them leaves anything in it."""
    made = servers.new_database()
    yield made
    servers.drop(made)


@pytest.fixture(scope="module")
async def companies(shared: TestDatabase) -> tuple[World, World]:
    """Two companies with rows in every table."""
    async with opened(shared) as db:
        own, rival = await settle(db), await settle(db, "rival")
        for world in (own, rival):
            await _work(db, world)
    owner = await asyncpg.connect(shared.owner_url)
    for world in (own, rival):
        await _stock(owner, world)
    await owner.close()
    return own, rival


@pytest.fixture
async def walls(shared: TestDatabase, companies: tuple[World, World]) -> AsyncIterator[Walls]:
    """A connection of the application, bound to the first company."""
    conn = await asyncpg.connect(shared.app_url)
    tables = {"tables": await conn.fetch(SQL["tables"])}
    columns = dict.fromkeys(tenant_tables(tables), "tenant_id") | {GUARDED_BY_ID: "id"}
    begun = conn.transaction()
    await begun.start()
    await conn.execute(f"set local fieldbeat.tenant_id = '{companies[0].tenant_id}'")
    yield Walls(conn, *companies, columns)
    await begun.rollback()
    await conn.close()


async def test_every_table_holds_rows_of_both_companies(walls: Walls, shared: TestDatabase) -> None:
    owner = await asyncpg.connect(shared.owner_url)
    for table, column in walls.columns.items():
        for world in (walls.own, walls.rival):
            there = await owner.fetchval(f"select exists (select from {table} where {column} = $1)", world.tenant_id)
            assert there, f"{table} is empty, so nothing here is proved for it: see _stock"
    await owner.close()


async def test_only_the_own_rows_are_seen(walls: Walls) -> None:
    for table, column in walls.columns.items():
        seen = await walls.conn.fetch(f"select distinct {column} as tenant from {table}")
        assert [row["tenant"] for row in seen] == [walls.own.tenant_id], table


async def test_no_row_can_be_written_for_the_rival(walls: Walls) -> None:
    for table, column in walls.columns.items():
        insert = f"insert into {table} ({column}) values ($1)"
        assert await _refusal(walls.conn, insert, walls.rival.tenant_id) == _expected(table, "INSERT"), table


async def test_no_row_can_be_given_to_the_rival(walls: Walls) -> None:
    for table, column in walls.columns.items():
        update = f"update {table} set {column} = $1"
        assert await _refusal(walls.conn, update, walls.rival.tenant_id) == _expected(table, "UPDATE"), table


async def test_no_row_of_the_rival_can_be_changed_or_deleted(walls: Walls) -> None:
    for table, column in walls.columns.items():
        may = PRIVILEGES.get(table, USUAL)
        touched = [
            await walls.conn.execute(statement, walls.rival.tenant_id)
            for privilege, statement in {
                "UPDATE": f"update {table} set {column} = {column} where {column} = $1",
                "DELETE": f"delete from {table} where {column} = $1",
            }.items()
            if privilege in may
        ]
        assert all(tag.endswith(" 0") for tag in touched), (table, touched)


async def test_without_a_tenant_nothing_is_seen(walls: Walls, shared: TestDatabase) -> None:
    conn = await asyncpg.connect(shared.app_url)
    for setting in (None, ""):  # never set; then what a pooled connection holds behind a transaction that had one
        assert await conn.fetchval("select current_setting('fieldbeat.tenant_id', true)") == setting
        for table in walls.columns:
            assert not await conn.fetchval(f"select exists (select from {table})"), table
        async with conn.transaction():
            await conn.execute(f"set local fieldbeat.tenant_id = '{walls.own.tenant_id}'")
    await conn.close()


async def test_what_runs_as_the_owner_answers_for_one_tenant(walls: Walls) -> None:
    found = await walls.conn.fetch(
        "select account_id from accounts_by_name(null, '{}', true, null, null, null, null, null, null, null, null, 100)"
    )
    ids = {str(row["account_id"]) for row in found}
    assert ids >= {walls.own.lunch, walls.own.tea, walls.own.diner}
    assert not ids & {walls.rival.lunch, walls.rival.tea, walls.rival.diner}
    found = await walls.conn.fetch(
        "select t.id from tickets_by_number("
        "    null, null, '{}', null, null, null, null, null, null, null, null, 100, null, null, null) f "
        "left join ticket t on t.id = f.ticket_id"
    )
    assert found
    assert all(row["id"] for row in found)
    found = await walls.conn.fetch(
        "select s.id from assets_by_name(null, '{}', null, null, null, null, null, null, null, 100) f "
        "left join asset s on s.id = f.asset_id"
    )
    assert found
    assert all(row["id"] for row in found)
    await walls.conn.execute("select release_login($1)", walls.rival.nina.id)
    assert (
        await walls.conn.fetchval("select user_id from find_login($1)", walls.rival.nina.email) == walls.rival.nina.id
    )


@pytest.mark.parametrize("role", ["owner", "superuser"])
async def test_the_service_does_not_start_as_who_sees_all(shared: TestDatabase, role: str) -> None:
    with pytest.raises(UnsafeRole, match="Use the application's role"):
        await open_db(getattr(shared, f"{role}_url"), size=1)


@pytest.mark.parametrize(
    "might",
    ["bypassrls", "in role fieldbeat_owner", "in role postgres"],
)
async def test_the_service_does_not_start_as_who_could_see_all(shared: TestDatabase, might: str) -> None:
    superuser = await asyncpg.connect(shared.superuser_url)
    await superuser.execute(f"create role mighty login {might}")
    try:
        with pytest.raises(UnsafeRole):
            await open_db(shared.app_url.replace("fieldbeat_app@", "mighty@"), size=1)
    finally:
        await superuser.execute("drop role mighty")
        await superuser.close()


def _expected(table: str, privilege: str) -> str:
    return "row-level security" if privilege in PRIVILEGES.get(table, USUAL) else "permission denied"


async def _refusal(conn: Conn, statement: str, tenant_id: UUID) -> str:
    """By what PostgreSQL refuses the statement."""
    try:
        async with conn.transaction():
            await conn.execute(statement, tenant_id)
    except asyncpg.InsufficientPrivilegeError as refused:
        return "row-level security" if "row-level security" in str(refused) else "permission denied"
    return "it was taken"


async def _work(db: Db, world: World) -> None:
    """A phone registers, adds a contact, and loses a value to another one."""
    first, second = await registered(db, world.nina), await registered(db, world.nina)
    window = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
    ticket = first.create("ticket", {"accountId": world.lunch, "kind": "FAULT", "subject": "Leaks"})
    await first.push(
        ticket,
        first.create("visit", {"accountId": world.lunch, "window": window}),
        first.create("ticketMessage", {"ticketId": str(ticket.record_id), "body": "On my way"}),
        first.create(
            "attachment", {"recordId": world.lunch, "sha256": "a" * 64, "bytes": 1, "contentType": "image/png"}
        ),
        first.create("contact", {"accountId": world.lunch, "name": "Kim"}),
        first.update("account", world.lunch, {"note": "call"}, base_rev=1),
    )
    answer = await second.push(second.update("account", world.lunch, {"note": "mail"}, base_rev=1))
    assert answer.results[0].conflict_ids


async def _stock(owner: Conn, world: World) -> None:
    """What no story here writes."""
    rep = {"repId": str(world.nina.id), "from": "2026-11-23", "until": "2026-11-30", "status": "DRAFT"}
    plan = await _row(owner, world, "visit_plan", rep)
    await _row(owner, world, "visit_plan_line", {"planId": str(plan), "accountId": world.lunch})
    await owner.execute(
        "with profile as (insert into day_profile (tenant_id, user_id, start_latitude, start_longitude) "
        "values ($1, $2, 53, -6)), rule as (insert into visit_rule (tenant_id, account_id) values ($1, $3)), "
        "run as (insert into plan_run (tenant_id, id, asked_by, from_on, until_on, effort, publish) "
        "values ($1, $4, $2, '2026-11-23', '2026-11-30', 'QUICK', false)), "
        "rep as (insert into plan_run_rep (tenant_id, run_id, rep_id) values ($1, $4, $2)) "
        "insert into plan_outcome (tenant_id, plan_id, plan_hash, effort, days, unserved, made_by) "
        "values ($1, $4, '', 'QUICK', '[]', '[]', $2)", world.tenant_id, world.nina.id, UUID(world.lunch), plan,
    )  # fmt: skip
    await owner.execute(
        "insert into location_read (tenant_id, reader_id, rep_id, visit_id) "
        "select $1, $2, $3, id from visit where tenant_id = $1",
        world.tenant_id, world.vera.id, world.nina.id,
    )  # fmt: skip
    await _row(owner, world, "asset", {"accountId": world.lunch, "name": "Cooler", "status": "ACTIVE", "tags": []})
    part = await _row(owner, world, "part", {"sku": "S", "name": "Seal", "status": "ACTIVE"})
    await owner.execute(
        "with cost as (insert into part_cost (tenant_id, part_id, from_on, amount, set_by) "
        "values ($1, $2, '2026-01-01', 1, $3)) "
        "insert into ticket_part (tenant_id, id, rev, fields, stamps) "
        "select $1, uuidv7(), 1, jsonb_build_object('ticketId', id, 'partId', $2::uuid, 'quantity', 1), '' "
        "from ticket where tenant_id = $1", world.tenant_id, part, world.adam.id,
    )  # fmt: skip
    await _row(owner, world, "visit_template", {"name": "Shelf", "status": "DRAFT"})
    article = {"title": "Defrost", "body": "b", "tags": [], "status": "DRAFT", "authorId": str(world.nina.id)}
    await owner.execute(
        "with vote as (insert into article_vote (tenant_id, article_id, user_id, helpful) values ($1, $2, $3, true)) "
        "insert into article_link (tenant_id, ticket_id, article_id, linked_by) "
        "select $1, id, $2, $3 from ticket where tenant_id = $1",
        world.tenant_id, await _row(owner, world, "knowledge_article", {**article, "language": "en"}), world.nina.id,
    )  # fmt: skip
    await owner.execute(
        "with token as (insert into portal_token (tenant_id, id, contact_id, token_hash, issued_by, expires_at) "
        "select $1, uuidv7(), id, '', $2, clock_timestamp() from contact where tenant_id = $1 limit 1 "
        "returning id, contact_id), "
        "entry as (insert into portal_entry (tenant_id, id, token_id, kind) "
        "select $1, uuidv7(), id, 'TICKET' from token) "
        "insert into ticket_rating (tenant_id, ticket_id, contact_id, score) "
        "select $1, t.id, token.contact_id, 5 from ticket t, token where t.tenant_id = $1",
        world.tenant_id, world.nina.id,
    )  # fmt: skip
    await _row(owner, world, "notification", {"userId": str(world.nina.id), "status": "UNREAD"})
    policy = await _row(owner, world, "sla_policy", {"name": "All", "position": 0, "status": "ACTIVE"})
    ticket = await owner.fetchval("select id from ticket where tenant_id = $1 limit 1", world.tenant_id)
    terms = "insert into sla_terms (tenant_id, policy_id, version, hours_rev, policy) values ($1, $2, 1, 0, '{}')"
    await owner.execute(terms, world.tenant_id, policy)
    await owner.execute(
        "insert into sla_applied (tenant_id, ticket_id, at, known_at) values ($1, $2, now(), now())",
        world.tenant_id, ticket,
    )  # fmt: skip
    await owner.execute(
        "insert into sla_clock (tenant_id, ticket_id, metric, instance, started_at, elapsed, anchor_at, runs, "
        "breached_by_change, policy_id, version, hours_rev, deadline_version) "
        "values ($1, $2, 'RESOLUTION', 1, now(), '0', now(), true, false, $3, 1, 0, 1)",
        world.tenant_id, ticket, policy,
    )  # fmt: skip
    await owner.execute(
        "insert into sla_step (tenant_id, ticket_id, metric, instance, step, deadline_version, due_at, levels) "
        "values ($1, $2, 'RESOLUTION', 1, 0, 1, now(), '{0}')", world.tenant_id, ticket,
    )  # fmt: skip
    await owner.execute(
        "with stop as (insert into escalation_stop (tenant_id, ticket_id, metric, instance, stopped_by) "
        "values ($1, $2, 'RESOLUTION', 1, $3)) "
        "insert into escalation (tenant_id, ticket_id, metric, instance, step, deadline_version, user_id, level) "
        "values ($1, $2, 'RESOLUTION', 1, 0, 1, $3, 0)", world.tenant_id, ticket, world.nina.id,
    )  # fmt: skip
    await owner.execute(
        "insert into sla_recalculation (tenant_id, changed_at, started_at, total, done) "
        "values ($1, now(), now(), 0, 0)",
        world.tenant_id,
    )  # fmt: skip
    await owner.execute(
        "insert into ticket_filter (tenant_id, id, user_id, name, wanted) values ($1, uuidv7(), $2, 'Hot', '{}')",
        world.tenant_id, world.nina.id,
    )  # fmt: skip
    await owner.execute(
        "insert into refresh_token (tenant_id, id, family_id, user_id, token_hash, expires_at) "
        "values ($1, uuidv7(), uuidv7(), $2, '', clock_timestamp())", world.tenant_id, world.nina.id,
    )  # fmt: skip
    await owner.execute(
        "with built as (insert into snapshot_set "
        "(tenant_id, scope_id, schema_version, head, live_rows, checksum, chunks) "
        "values ($1, 'tenant', 1, 1, 1, 0, 1) returning tenant_id), "
        "begun as (insert into snapshot_stream (tenant_id, device_id, id, as_of, scopes) "
        "select tenant_id, id, uuidv7(), '', '{}' from device where tenant_id = $1 limit 1) "
        "insert into snapshot_chunk "
        "(tenant_id, scope_id, schema_version, head, n, collection, last_id, live_rows, frame) "
        "select tenant_id, 'tenant', 1, 1, 0, 'user', $2, 1, '' from built", world.tenant_id, world.nina.id,
    )  # fmt: skip
    await owner.execute(
        "with kept as (insert into blob (tenant_id, sha256, place, bytes, content_type, thumbnail) "
        "values ($1, repeat('a', 64), uuidv7(), 1, 'image/png', 'NONE')) "
        "insert into upload (tenant_id, id, attachment_id, user_id, sha256, bytes, content_type, metadata, expires_at) "
        "values ($1, uuidv7(), uuidv7(), $2, repeat('a', 64), 1, 'image/png', '', clock_timestamp())",
        world.tenant_id, world.nina.id,
    )  # fmt: skip
    await owner.execute(
        "insert into deleted_record (tenant_id, collection, id, rev, at) "
        "values ($1, 'account', uuidv7(), 2, clock_timestamp())",
        world.tenant_id,
    )
    await owner.execute(
        "insert into outbox (tenant_id, id, cause, effect, payload) values ($1, uuidv7(), uuidv7(), 'none', '{}')",
        world.tenant_id,
    )
    await owner.execute(
        "with batch as (insert into import_batch (tenant_id, id, source, content_hash, actor_id, rows_total) "
        "values ($1, uuidv7(), 'crm', '', $2, 1) returning id) "
        "insert into import_row (tenant_id, batch_id, place, source, collection, key, record_id, rev, said) "
        "select $1, id, 0, 'crm', 'account', '1', $3, 1, '{}' from batch", world.tenant_id, world.adam.id,
        UUID(world.tea),
    )  # fmt: skip
    await owner.execute(
        "with hours as (insert into business_hours (tenant_id, id, rev, fields, stamps) "
        "values ($1, uuidv7(), 1, '{}', '')) "
        "insert into leave (tenant_id, id, user_id, from_on, until_on, part, kind, entered_by) "
        "values ($1, uuidv7(), $2, '2026-01-01', '2026-01-02', 'DAY', 'SICK', $2)", world.tenant_id, world.nina.id,
    )  # fmt: skip
    await _row(owner, world, "on_call_rota", {"name": "Nights", "userIds": [str(world.nina.id)]})


async def _row(owner: Conn, world: World, table: str, fields: dict[str, Any]) -> UUID:
    """A record that only verbs of the server write."""
    made: UUID = await owner.fetchval(
        f"insert into {table} (tenant_id, id, rev, fields, stamps) "
        "values ($1, uuidv7(), 1, $2::jsonb, '') returning id",
        world.tenant_id, orjson.dumps(fields).decode(),
    )  # fmt: skip
    return made
