"""A database built from nothing by all migrations is the schema that we committed, and no other one is touched."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from fieldbeat.embedded.postgres import APP
from fieldbeat.kit.migrations import MigrationRefused, migrate
from fieldbeat.kit.revisions import newest_revision, revisions
from fieldbeat_testing.database import Servers, TestDatabase
from fieldbeat_testing.program import run
from fieldbeat_testing.schema import COMMITTED, dump


@pytest.fixture
def empty(servers: Servers) -> Iterator[TestDatabase]:
    """A database that was never migrated."""
    made = servers.new_database(migrated=False)
    yield made
    servers.drop(made)


def test_all_migrations_from_zero_build_the_committed_schema_though_two_migrators_start_at_once(
    empty: TestDatabase,
) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(migrate, empty.owner_url, APP) for _ in range(2)]
    assert all(set(each.result()) <= set(revisions()) for each in done)
    assert dump(empty) == COMMITTED.read_text(encoding="utf-8"), "run `make schema` and look at what changed"


def test_the_dump_sees_a_column_an_owner_and_a_privilege(database: TestDatabase) -> None:
    before = dump(database)
    with psycopg.connect(database.owner_url) as conn:
        conn.execute("alter table contact add column nickname text")
        conn.execute(f"grant truncate on contact to {APP}")
    after = set(dump(database).splitlines()) - set(before.splitlines())
    assert any("nickname text" in line for line in after)
    assert any("TRUNCATE" in line for line in after)
    assert "OWNER TO fieldbeat_owner" in before


def test_migrating_again_changes_nothing_though_many_do_it_at_once(database: TestDatabase) -> None:
    before = dump(database)
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(migrate, database.owner_url, APP) for _ in range(40)]
    assert [each.result() for each in done] == [[]] * 40
    assert dump(database) == before


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database: TestDatabase) -> None:
    _stamp(database, "9999")
    before = dump(database)
    with pytest.raises(MigrationRefused, match="at revision 9999, which this version does not know") as refused:
        migrate(database.owner_url, APP)
    assert newest_revision() in str(refused.value)
    assert dump(database) == before


def test_the_command_says_so_in_one_line(database: TestDatabase) -> None:
    _stamp(database, "9999")
    done = _migrate(database)
    assert done.returncode != 0
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "9999" in line


def test_an_application_role_that_does_not_exist_is_refused_before_anything_is_built(empty: TestDatabase) -> None:
    with pytest.raises(MigrationRefused, match="nobody does not exist; make it first"):
        migrate(empty.owner_url, "nobody")
    with psycopg.connect(empty.owner_url) as conn:
        assert conn.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)


def test_a_migration_that_fails_takes_back_what_it_did(empty: TestDatabase) -> None:
    with psycopg.connect(empty.owner_url) as conn:
        conn.execute("create table scope_head (mine text)")
    with pytest.raises(MigrationRefused, match="was rolled back"):
        migrate(empty.owner_url, APP)
    with psycopg.connect(empty.owner_url) as conn:
        assert conn.execute("select version_num from alembic_version").fetchone() == ("0001",)
        assert conn.execute("select to_regclass('field_write')").fetchone() == (None,)


def _stamp(database: TestDatabase, revision: str) -> None:
    with psycopg.connect(database.owner_url) as conn:
        conn.execute("update alembic_version set version_num = %s", [revision])


def _migrate(database: TestDatabase) -> "subprocess.CompletedProcess[str]":
    return run("migrate", migrate_url=database.owner_url, database_url=database.app_url)
