"""`fieldbeat import` as an operator types it."""

import asyncio
import csv
from pathlib import Path

import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat.people.actions import create_tenant
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.program import PROGRAM, environment, run

from .test_import import SHOPS, STAFF, plan

TABLES = ("person", "territory", "account", "contact", "import_batch", "import_row", "field_write", "feed")


@pytest.fixture
async def acme(database: TestDatabase, db: Db) -> TestDatabase:
    await create_tenant(db, name="Acme", admin_email="root@acme.example", admin_name="Root", password="quite secret")
    return database


async def counts(owner: Conn) -> list[int]:
    return [await owner.fetchval(f"select count(*) from {table}") for table in TABLES]


async def test_an_import_is_told_repeated_and_undone(acme: TestDatabase, owner: Conn, tmp_path: Path) -> None:
    plan(tmp_path)
    passwords = tmp_path / "passwords.csv"
    dry = run("import", str(tmp_path), "--dry-run", database_url=acme.app_url)
    assert dry.stdout == "Dry run: 10 to add, 0 to change, 0 unchanged, 0 refused. Nothing was done.\n", dry.stderr
    assert await owner.fetchval("select count(*) from account") == 0

    first = run("import", str(tmp_path), "--passwords", str(passwords), database_url=acme.app_url)
    assert first.returncode == 0, first.stderr
    assert "10 added, 0 changed, 0 unchanged, 0 refused" in first.stdout
    assert passwords.stat().st_mode & 0o077 == 0
    with passwords.open() as file:
        assert [row["email"] for row in csv.DictReader(file)] == ["bob@acme.example", "ann@acme.example"]
    before = await counts(owner)
    again = run("import", str(tmp_path), "--tenant", "Acme", database_url=acme.app_url)
    assert (again.returncode, "0 added, 0 changed, 10 unchanged" in again.stdout) == (0, True)
    assert (await counts(owner))[:4] == before[:4]

    batch = first.stdout.split("Import ")[1].split(":")[0]
    undone = run("import", "--rollback", batch, database_url=acme.app_url)
    assert (undone.returncode, undone.stdout) == (0, "Undone: 10 removed, 0 set back, 0 kept.\n"), undone.stderr


async def test_a_broken_file_changes_nothing_and_is_named_in_one_line(
    acme: TestDatabase, owner: Conn, tmp_path: Path
) -> None:
    plan(tmp_path)
    before = await counts(owner)
    with (tmp_path / "shops.csv").open("a") as file:
        file.write("A9,Ragged\n")
    told = run("import", str(tmp_path), database_url=acme.app_url)
    assert told.returncode == 1
    [line] = told.stderr.splitlines()
    assert line == "fieldbeat: shops.csv, line 5: 2 values, but the header names 8 columns. Nothing was imported."
    assert await counts(owner) == before


async def test_rows_at_fault_stand_in_the_report_and_make_the_exit_code_1(acme: TestDatabase, tmp_path: Path) -> None:
    plan(tmp_path, (*SHOPS, "B1,Nobody's,,,,,9,Wu"))
    report = tmp_path / "told.csv"
    told = run(
        "import", str(tmp_path), "--report", str(report), "--passwords", str(tmp_path / "p"), database_url=acme.app_url
    )
    assert told.returncode == 1
    assert "10 added" in told.stdout
    with report.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["line"], row["field"]) for row in rows] == [
        ("shops.csv", "5", "accountId"),
        ("shops.csv", "5", "ownerId"),
    ]


async def test_killed_in_the_middle_it_goes_on_and_adds_each_row_once(
    acme: TestDatabase, owner: Conn, tmp_path: Path
) -> None:
    shops = [f"K{number},Shop {number},,,,,1,Buyer {number}" for number in range(1500)]
    plan(tmp_path, shops, staff=STAFF)
    command = [*PROGRAM, "import", str(tmp_path), "--passwords", str(tmp_path / "p")]
    cut = await asyncio.create_subprocess_exec(
        *command, env=environment(database_url=acme.app_url), stderr=asyncio.subprocess.DEVNULL
    )
    while not await owner.fetchval("select position >= 500 from import_batch"):
        assert cut.returncode is None
        await asyncio.sleep(0.01)
    cut.kill()
    await cut.wait()
    assert await owner.fetchval("select finished_at is null from import_batch")
    told = run("import", str(tmp_path), "--passwords", str(tmp_path / "p"), database_url=acme.app_url)
    assert told.returncode == 0, told.stderr
    assert "Went on with an import that was cut off" in told.stdout
    batch = await owner.fetchrow(
        "select added, rows_total, position, finished_at is not null as done from import_batch"
    )
    assert dict(batch) == {"added": 3004, "rows_total": 3004, "position": 3004, "done": True}  # type: ignore[arg-type]
    assert await owner.fetchval("select count(*) from account") == 1500
