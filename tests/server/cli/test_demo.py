"""The demo is alive: last weeks that were worked, this week planned; loaded once, however often it is asked for."""

from datetime import timedelta

import pytest

from fieldbeat import records
from fieldbeat.cli.demo import load_demo
from fieldbeat.cli.demo_days import CITY
from fieldbeat.cli.demo_on_call import EVERYWHERE, LONDON
from fieldbeat.days.planning.travel import GreatCircle
from fieldbeat.days.today import my_day
from fieldbeat.escalation.jobs import escalate
from fieldbeat.importing.actions import importer
from fieldbeat.importing.reads import demo_tenant
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.people.reads import people_page

COUNTS = """
select t.name, (select count(*) from account a where a.tenant_id = t.id) as accounts,
       (select count(*) from visit v where v.tenant_id = t.id and v.status = 'DONE') as done,
       (select count(*) from visit v where v.tenant_id = t.id and v.status = 'PLANNED') as planned,
       (select count(*) from asset s where s.tenant_id = t.id) as assets,
       (select count(*) from ticket k where k.tenant_id = t.id
        and under_warranty(k.tenant_id, k.asset_id, k.opened_at)) as covered,
       (select count(*) from ticket k where k.tenant_id = t.id
        and not under_warranty(k.tenant_id, k.asset_id, k.opened_at)) as uncovered,
       (select count(*) from ticket_part u where u.tenant_id = t.id and exists (
            select from part_cost c where c.tenant_id = t.id and c.part_id = u.part_id and c.from_on <= u.at)) as used,
       (select count(*) from visit_plan p where p.tenant_id = t.id and p.status = 'PUBLISHED') as plans
from tenant t order by t.name
"""


@pytest.fixture
async def loaded(db: Db) -> Db:
    """The demo as `fieldbeat up` makes it, asked for twice."""
    first = await load_demo(db, progress=lambda *_, **__: None)
    assert await load_demo(db, progress=lambda *_, **__: None) == first
    assert {"nancy@demo.fieldbeat", "admin@demo.fieldbeat", "carla@city.demo.fieldbeat"} <= {one.email for one in first}
    return db


async def test_the_demo_is_a_living_company(loaded: Db, owner: Conn) -> None:
    northwind, city = await owner.fetch(COUNTS)
    assert (northwind["accounts"], city["accounts"]) == (91, 300)
    assert (northwind["assets"], northwind["used"]) == (90, 5)
    assert min(northwind["covered"], northwind["uncovered"]) >= 1
    assert northwind["plans"] == 9
    assert northwind["planned"] >= 9
    assert city["plans"] == 4  # each seller's last weeks, and this one and the next
    assert city["done"] > 300
    assert city["planned"] > 300
    late = await owner.fetchval(
        "select count(*) from field_write where collection = 'visit' and field = 'checkIn' "
        "and abs(extract(epoch from ((value ->> 'at')::timestamptz - to_timestamp((hlc >> 16) / 1000.0)))) > 60"
    )
    assert late == 0  # the evidence of the past has the past's time

    # A command that names no company still means Northwind.
    assert (await importer(loaded)).tenant_id == await demo_tenant(loaded)
    tenant = (await importer(loaded, tenant=CITY)).tenant_id
    admin = await importer(loaded, tenant=CITY)
    async with loaded.reading(tenant) as conn:
        carla = next(one for one in await people_page(conn, admin, limit=10) if one.name == "Carla")
        actor, now = Actor(tenant, carla.id, carla.role), await records.now(conn)
        monday = now.date() - timedelta(days=now.weekday())
        week = [
            await my_day(conn, actor, on=monday + timedelta(days=day), travel=GreatCircle(), now=now)
            for day in range(5)
        ]
    assert sum(len(day.stops) for day in week) > 20
    assert not [alert for day in week for alert in day.alerts]


async def test_an_urgent_ticket_of_the_demo_reaches_who_is_on_call(loaded: Db, owner: Conn) -> None:
    tenant = await demo_tenant(loaded)
    assert tenant is not None
    await escalate(loaded, tenant)
    told = await owner.fetch(
        "select distinct p.email from escalation e join person p on p.tenant_id = e.tenant_id and p.id = e.user_id "
        "where e.level = -2"
    )
    assert {row["email"].partition("@")[0] for row in told} & {*EVERYWHERE, *LONDON}
    assert await owner.fetchval("select count(*) from on_call_rota") == 2


async def test_the_demo_knows_something_and_its_customers_say_what_they_think(loaded: Db, owner: Conn) -> None:
    """Asked for twice, there is all of it once."""
    articles = await owner.fetch("select status, language, count(*) from knowledge_article group by 1, 2 order by 1, 2")
    assert [tuple(row) for row in articles] == [
        ("DRAFT", "en", 1), ("PUBLISHED", "de", 1), ("PUBLISHED", "en", 3), ("REVIEW", "de", 1),
    ]  # fmt: skip
    assert await owner.fetchval("select count(*) from article_vote where helpful") == 7
    assert await owner.fetchval("select count(*) from article_link") == 3
    scores = await owner.fetch("select score from ticket_rating order by score")
    assert [row["score"] for row in scores] == [2, 4, 5, 5]
    tokens = await owner.fetchval("select count(*) from portal_token where revoked_at is null")
    assert tokens == 4
