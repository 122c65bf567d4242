"""The named cast: a company whose people and customers tests know by name, and a rival that must never see them.

Vera leads Nina and Otto; Adam administers. Nina covers the north with LUNCH and TEA, Otto the south with DINER.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import httpx
from fastapi import FastAPI

from fieldbeat import records
from fieldbeat.accounts.actions import create_account
from fieldbeat.app import create_app
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.settings import read_settings
from fieldbeat.people.actions import create_tenant, create_user
from fieldbeat.phone import Account
from fieldbeat.territories.actions import assign_territory, create_territory
from fieldbeat_sync.schema import Role
from fieldbeat_testing.database import TestDatabase

PASSWORD = "correct horse battery"
ALWAYS = date(2020, 1, 1)


@dataclass(frozen=True)
class Person:
    """One of the cast."""

    id: UUID
    email: str
    actor: Actor

    @property
    def account(self) -> Account:
        """How this person signs in on a phone."""
        return Account(self.email, PASSWORD)


@dataclass(frozen=True)
class World:
    """The company as every story begins."""

    tenant_id: UUID
    adam: Person
    vera: Person
    nina: Person
    otto: Person
    north: UUID
    south: UUID
    lunch: str
    tea: str
    diner: str


async def settle(db: Db, name: str = "harbour") -> World:
    """Found the company `name`; its people sign in as `<first name>@<name>.example`."""
    tenant_id, adam_id = await create_tenant(
        db, name=name, admin_email=f"adam@{name}.example", admin_name="Adam", password=PASSWORD
    )
    adam = Person(adam_id, f"adam@{name}.example", Actor(tenant_id, adam_id, Role.ADMIN))
    async with records.writing(db, tenant_id) as tx:
        vera = await _hire(tx, adam, name, "Vera", Role.SUPERVISOR, None)
        nina = await _hire(tx, adam, name, "Nina", Role.REP, vera)
        otto = await _hire(tx, adam, name, "Otto", Role.REP, vera)
        north = await _territory(tx, adam, "North", nina)
        south = await _territory(tx, adam, "South", otto)
    async with records.writing(db, tenant_id) as tx:
        lunch = await _customer(tx, adam, nina, "Lunch", note="as it was", tags=["old", "seed"])
        tea = await _customer(tx, adam, nina, "Tea")
        diner = await _customer(tx, adam, otto, "Diner")
    return World(tenant_id, adam, vera, nina, otto, north, south, lunch, tea, diner)


@asynccontextmanager
async def serving(database: TestDatabase, redis_url: str) -> AsyncIterator[FastAPI]:
    """The real application on the test's database, in this process."""
    settings = read_settings(database_url=database.app_url, redis_url=redis_url, data_dir=database.data_dir)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


def client(app: FastAPI) -> httpx.AsyncClient:
    """A browser's way to the application."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def _hire(tx: records.Tx, adam: Person, company: str, name: str, role: Role, manager: Person | None) -> Person:
    email = f"{name.lower()}@{company}.example"
    person = await create_user(
        tx, adam.actor, name=name, email=email, role=role, password=PASSWORD, manager_id=manager.id if manager else None
    )
    return Person(person.id, email, Actor(adam.actor.tenant_id, person.id, role))


async def _territory(tx: records.Tx, adam: Person, name: str, person: Person) -> UUID:
    territory = await create_territory(tx, adam.actor, name=name)
    await assign_territory(tx, adam.actor, territory_id=territory.id, user_id=person.id, from_on=ALWAYS)
    return territory.id


async def _customer(tx: records.Tx, adam: Person, owner: Person, name: str, **fields: object) -> str:
    changed = await create_account(tx, adam.actor, patch={"name": name, **fields}, owner_id=owner.id)
    return str(changed.record_id)
