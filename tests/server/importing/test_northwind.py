"""Northwind, as the demo company: who sees what, who reports to whom, and that loading it twice adds nothing."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import pytest

from fieldbeat.accounts.model import AccountStatus
from fieldbeat.accounts.reads import search_accounts
from fieldbeat.cli.demo import Login, load_demo
from fieldbeat.importing.actions import importer
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.people.reads import people_page
from fieldbeat.territories.reads import territories_page
from fieldbeat.worktime.model import CLOSED, Interval
from fieldbeat.worktime.reads import default_hours
from fieldbeat_testing.database import Servers, TestDatabase, opened

TABLES = ("person", "territory", "territory_assignment", "account", "contact", "business_hours", "field_write", "feed")


@pytest.fixture(scope="module")
def database(servers: Servers) -> Iterator[TestDatabase]:
    """Of all stories here: they read, or load the company again, which adds nothing."""
    made = servers.new_database()
    yield made
    servers.drop(made)


@pytest.fixture(scope="module")
async def db(database: TestDatabase) -> AsyncIterator[Db]:
    async with opened(database) as pool:
        yield pool


@pytest.fixture(scope="module")
async def logins(db: Db) -> list[Login]:
    return [login for login in await load_demo(db, progress=quiet) if login.email.endswith("@demo.fieldbeat")]


def quiet(event: str, **more: Any) -> None:
    """Says nothing."""


async def test_each_login_sees_exactly_its_rows(db: Db, logins: list[Login]) -> None:
    admin = await importer(db)
    people = {person.email: person async for person in everyone(db, admin)}
    assert len(people) == 10
    seen = {}
    for login in logins:
        actor = Actor(admin.tenant_id, people[login.email].id, people[login.email].role)
        async with db.reading(actor.tenant_id) as conn:
            found = await search_accounts(conn, actor, rows_max=200)
        seen[login.email.partition("@")[0]] = len(found)
        assert all(one.account.status is AccountStatus.ACTIVE and one.account.location for one in found)
    assert seen == {
        "admin": 91, "andrew": 91, "steven": 14, "nancy": 13, "janet": 18, "margaret": 25, "michael": 3,
        "robert": 6, "laura": 9, "anne": 2,
    }  # fmt: skip
    assert {login.role for login in logins if login.email.startswith(("andrew", "steven"))} == {"SUPERVISOR"}


async def test_nine_people_report_along_the_line_and_cover_a_territory_each(db: Db, logins: list[Login]) -> None:
    admin = await importer(db)
    people = {person.name: person async for person in everyone(db, admin)}
    names = {person.id: person.name for person in people.values()}
    assert names[people["Anne Dodsworth"].manager_id] == "Steven Buchanan"
    assert names[people["Steven Buchanan"].manager_id] == "Andrew Fuller"
    assert people["Andrew Fuller"].manager_id is None
    assert people["Anne Dodsworth"].time_zone == "Europe/London"
    async with db.reading(admin.tenant_id) as conn:
        territories = await territories_page(conn, admin, after=None, rows_max=50)
    assert {one.name for one in territories} == people.keys() - {"Administrator"}
    assert sum(len(one.labels) for one in territories) == 49


async def test_the_company_has_business_hours_with_a_break_at_noon(db: Db, logins: list[Login]) -> None:
    admin = await importer(db)
    async with db.reading(admin.tenant_id) as conn:
        hours = await default_hours(conn, admin.tenant_id)
    assert hours is not None
    monday, bank_holiday, saturday = date(2026, 6, 1), date(2026, 5, 25), date(2026, 6, 6)
    assert hours.on(monday) == (Interval(9 * 60, 12 * 60 + 30), Interval(13 * 60 + 30, 18 * 60))
    assert hours.on(bank_holiday) == hours.on(saturday) == CLOSED


async def test_loading_it_again_adds_nothing(db: Db, owner: Conn, logins: list[Login]) -> None:
    before = await counts(owner)
    for collection in ("account", "contact"):
        imported = "select count(*) from import_row where source = 'northwind' and collection = $1"
        assert await owner.fetchval(imported, collection) == 91
    assert [login for login in await load_demo(db, progress=quiet) if login in logins] == logins
    assert await counts(owner) == before


async def everyone(db: Db, actor: Actor) -> Any:
    async with db.reading(actor.tenant_id) as conn:
        for person in await people_page(conn, actor, limit=100):
            yield person


async def counts(owner: Conn) -> dict[str, int]:
    return {table: await owner.fetchval(f"select count(*) from {table}") for table in TABLES}
