"""A real company is opened from the command line; the doctor says what is wrong and what to do next."""

import re

from fieldbeat.kit.db import Conn
from fieldbeat_testing.database import Servers, TestDatabase
from fieldbeat_testing.program import run


async def test_a_tenant_is_created_with_an_administrator_and_a_password_shown_once(
    database: TestDatabase, owner: Conn
) -> None:
    created = run("tenant", "create", "Acme", "--admin", "Ada@acme.example", database_url=database.app_url)
    assert created.returncode == 0, created.stderr
    assert re.search(r"First password \(shown once\): \S{12,}", created.stdout)
    assert await owner.fetchval("select name from tenant") == "Acme"
    assert await owner.fetchval("select role from person where email = 'ada@acme.example'") == "ADMIN"

    again = run("tenant", "create", "Acme 2", "--admin", "ada@acme.example", database_url=database.app_url)
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
    assert await owner.fetchval("select count(*) from tenant") == 1


def test_the_doctor_names_an_unsafe_role_and_fails(database: TestDatabase, redis_url: str) -> None:
    told = run("doctor", "--json", database_url=database.owner_url, redis_url=redis_url)
    assert told.returncode == 1
    assert '"state":"fail","about":"role"' in told.stdout


def test_the_doctor_says_how_to_migrate_an_empty_database(servers: Servers, redis_url: str) -> None:
    empty = servers.new_database(migrated=False)
    told = run("doctor", database_url=empty.app_url, redis_url=redis_url)
    assert told.returncode == 1
    assert "Run `fieldbeat migrate`." in told.stdout


def test_migrate_brings_an_empty_database_up_to_date_once(servers: Servers) -> None:
    empty = servers.new_database(migrated=False)
    urls = {"database_url": empty.app_url, "migrate_url": empty.owner_url}
    assert run("migrate", **urls).stdout.startswith("Migrated: 0001")
    assert run("migrate", **urls).stdout == "The database is up to date.\n"


def test_the_doctor_shows_no_password_and_survives_servers_that_are_away(servers: Servers) -> None:
    told = run("doctor", database_url="postgresql://app:hush@127.0.0.1:1/x", redis_url="redis://:hush@127.0.0.1:1/0")
    assert told.returncode == 1
    assert "hush" not in told.stdout + told.stderr
    assert told.stdout.count("fail ") >= 2
