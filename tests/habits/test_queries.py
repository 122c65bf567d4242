"""Every statement in every queries.sql fits the migrated schema, is written as the house writes, and gives the columns
that its reader takes."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from fieldbeat.exchange.registry import KEPT
from fieldbeat.kit.db import Conn
from fieldbeat_testing.database import Servers
from fieldbeat_testing.statements import Reader, Statement, announced, statements, unknown_in, unknown_names, unpacked

ALL = statements()


@pytest.fixture(scope="module")
async def app(servers: Servers) -> AsyncIterator[Conn]:
    """The application's connection to a migrated database."""
    made = servers.new_database()
    conn = await asyncpg.connect(made.app_url)
    yield conn
    await conn.close()
    servers.drop(made)


async def test_every_statement_fits_the_schema(app: Conn) -> None:
    wrong = {}
    for statement in ALL:
        for text in statement.sent():
            try:
                await app.prepare(text)
            except asyncpg.PostgresError as error:
                wrong[str(statement)] = str(error)
    assert wrong == {}


def test_a_statement_stands_for_every_collection_that_it_is_sent_to() -> None:
    sent = {str(each): len(list(each.sent())) for each in ALL}
    assert min(sent.values()) == 1
    assert sent["records.lock_records"] == len(KEPT)


def test_every_statement_is_written_as_the_house_writes() -> None:
    assert {str(each): faults for each in ALL if (faults := list(each.faults()))} == {}


def test_every_statement_is_used() -> None:
    assert [str(each) for each in ALL if not each.is_used] == []


def test_every_statement_that_is_sent_is_there() -> None:
    assert unknown_names() == []


def test_a_statement_that_is_not_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "queries.sql").write_text("-- name: there\nselect 1")
    (tmp_path / "more.sql").write_text("-- name: more\nselect 1")
    module = tmp_path / "store.py"
    module.write_text(
        'SQL = load(__file__)\nMORE = sql.load(__file__, filename="more.sql")\n'
        'def read(row): return SQL["there"], SQL["gone"], MORE["more"], MORE["there"], row["x"]\n'
    )
    assert unknown_in(module) == ["store: gone", "store: there"]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("is not in lower case", "-- Why.\nselect id FROM person"),
        ("is not in lower case", "-- Why.\nselect Id from person"),
        ("selects *", "select * from person"),
        ("selects *", "select p.* from person p"),
        ("is more than one statement", "select 1; select 2"),
        ("has a limit and no order", "select id from person limit 3"),
        ("has a limit and no order", "select id from (select id from person limit 3) p order by id"),
        ("a comment stands inside; it belongs below the name", "-- Why.\nselect 1\n-- and\nwhere true"),
    ],
)
def test_what_the_house_does_not_write_is_found(fault: str, text: str) -> None:
    assert list(Statement(Path(), "bad", text).faults()) == [fault]


def test_what_the_house_writes_is_no_fault() -> None:
    text = """-- Why, SELECT * and all.
    select count(*), 'A; -- B' as "C" from (select id from person order by id limit 3) p
    where id = any (array(select id from account order by id limit 1)) order by 1 limit 2"""
    assert list(Statement(Path(), "good", text.replace("    ", "")).faults()) == []


READERS = [*unpacked(), *announced()]


def test_readers_are_found() -> None:
    types = {getattr(reader.type, "__name__", reader.type) for reader in READERS}
    assert types >= {"Conflict", "Device", "Verdict", "Account", "Contact", "Person", "Territory", "bigint"}


async def test_every_reader_takes_the_columns_that_its_statement_gives(app: Conn) -> None:
    wrong = {}
    for reader in READERS:
        for text in reader.statement.sent():
            columns = (await app.prepare(text)).get_attributes()
            given = {each.name: each.type.name for each in columns}
            if len(given) < len(columns) or not reader.takes(given):
                wrong[str(reader)] = given
    assert wrong == {}


@pytest.mark.parametrize("columns", [("id", "rev"), ("id", "rev", "name", "more"), ("id", "rev", "nam")])
def test_a_reader_refuses_other_columns(columns: tuple[str, ...]) -> None:
    kind = dataclasses.make_dataclass("Kind", ["id", "rev", "name"])
    statement = Statement(Path(), "bad", "")
    assert not Reader(statement, kind).takes(dict.fromkeys(columns, "text"))
    assert Reader(statement, kind, frozenset({"n"})).takes(dict.fromkeys(("id", "rev", "name", "n"), "text"))
    assert not Reader(statement, "bigint").takes({"count": "text"})
