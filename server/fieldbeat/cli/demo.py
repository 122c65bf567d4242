"""The demo: Northwind, imported once from the files that ship with the program, and a second company in one city, with
logins that are public."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fieldbeat import records
from fieldbeat.cli.demo_days import CITY_DOMAIN, found_city, plan_northwind
from fieldbeat.cli.demo_knowledge import share_knowledge
from fieldbeat.cli.demo_on_call import keep_watch
from fieldbeat.cli.demo_tickets import open_tickets
from fieldbeat.importing import northwind
from fieldbeat.importing.actions import importer, run_import
from fieldbeat.importing.plan import make_plan
from fieldbeat.importing.reads import demo_tenant, is_imported
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.people.actions import create_tenant
from fieldbeat.people.reads import people_page
from fieldbeat.visits.templates import ship_audits
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat.worktime.reads import default_hours

NAME = "Northwind Traders"
DOMAIN = "@demo.fieldbeat"
ADMIN = f"admin{DOMAIN}"
PASSWORD = "fieldbeat"  # noqa: S105 - public by design: the demo opens only to this machine
LOGINS_MAX = 100
OFFICE = {
    "name": "Office",
    "timeZone": "Europe/London",
    "weekly": [
        {"weekday": day, "from": from_, "until": until}
        for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
        for from_, until in (("09:00", "12:30"), ("13:30", "18:00"))
    ],
    "country": "GB",
    "subdivision": "ENG",
}


@dataclass(frozen=True)
class Login:
    """Somebody whom a newcomer may sign in as."""

    email: str
    password: str
    role: str


async def load_demo(db: Db, *, progress: Callable[..., Any]) -> list[Login]:
    """Founds the demo company and imports Northwind into it, unless that was done; tells the logins.

    Cut off in between, it goes on the next time. `progress` is told, like a log, what is being done.
    """
    actor = await _company(db)
    if not await is_imported(db, actor, northwind.SOURCE):
        progress("loading the demo company", name=NAME)
        plan = make_plan(northwind.FOLDER, northwind.MAPPING)
        done = await run_import(db, actor, plan, password=PASSWORD)
        progress("loaded the demo company", added=done.tally.added, refused=done.tally.refused)
    await _open_office(db, actor)
    async with records.writing(db, actor.tenant_id) as tx:
        await ship_audits(tx, actor)
    await keep_watch(db, actor)
    await open_tickets(db, actor)
    await share_knowledge(db, actor)
    await plan_northwind(db, actor, progress=progress)
    city = await found_city(db, password=PASSWORD, progress=progress)
    return [*await _logins(db, actor, DOMAIN), *await _logins(db, city, CITY_DOMAIN)]


async def _logins(db: Db, actor: Actor, domain: str) -> list[Login]:
    async with db.reading(actor.tenant_id) as conn:
        people = await people_page(conn, actor, limit=LOGINS_MAX)
    known = [one for one in people if one.email.endswith(domain) and one.deactivated_at is None]
    return [Login(one.email, PASSWORD, str(one.role)) for one in sorted(known, key=lambda one: (one.role, one.email))]


async def _company(db: Db) -> Actor:
    tenant_id = await demo_tenant(db)
    if tenant_id is None:
        tenant_id, _ = await create_tenant(
            db, name=NAME, admin_email=ADMIN, admin_name="Administrator", password=PASSWORD, demo=True
        )
    return await importer(db, tenant=str(tenant_id))


async def _open_office(db: Db, actor: Actor) -> None:
    """Gives the company its business hours, unless it has some."""
    async with db.reading(actor.tenant_id) as conn:
        if await default_hours(conn, actor.tenant_id) is not None:
            return
    async with records.writing(db, actor.tenant_id) as tx:
        await set_business_hours(tx, actor, patch=OFFICE)
