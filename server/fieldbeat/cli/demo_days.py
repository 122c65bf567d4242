"""The demo's days: where reps start, what they did in the last weeks, what is planned for this one and the next.

Northwind's customers are spread over the world, so each of its reps starts where most of his own are. The second
company sells to kiosks in one city: its beats are of a real size, made up and the same every time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fieldbeat import records
from fieldbeat.accounts.model import Account
from fieldbeat.accounts.reads import search_accounts
from fieldbeat.accounts.replica import KEPT_ACCOUNT
from fieldbeat.days import plans, store
from fieldbeat.days.model import DayProfile, VisitRule
from fieldbeat.days.planning.city import Beat, city
from fieldbeat.days.planning.model import Effort, Outlet
from fieldbeat.days.planning.travel import GreatCircle, Place
from fieldbeat.days.problem import Asked
from fieldbeat.days.reads import plans_page
from fieldbeat.importing.actions import importer
from fieldbeat.importing.model import TenantUnclear
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.actions import create_tenant, create_user
from fieldbeat.people.model import Person
from fieldbeat.people.reads import people_page
from fieldbeat.records import Change
from fieldbeat.territories.actions import assign_territory, create_territory
from fieldbeat.visits.replica import KEPT_PLAN, KEPT_VISIT
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_sync.catalogue.visits import WEEKDAYS
from fieldbeat_sync.clock import text_of
from fieldbeat_sync.schema import Op, Role

CITY = "Spree Kiosk Supply"
CITY_DOMAIN = "@city.demo.fieldbeat"
CITY_ZONE = "Europe/Berlin"
SELLERS = ("Carla", "Deniz")
LEADER = "Erik"
OUTLETS = 300
SEED = 7
PEOPLE_MAX = 100
ACCOUNTS_MAX = 500
NEAR_KM = 60.0
PAST_WEEKS = 3
CYCLE = timedelta(days=28)
TIER_OF_VISITS = {8: "VIP", 4: "MAIN", 2: "ORDINARY", 1: "SMALL"}
SHIFT = {
    "name": "On the road",
    "timeZone": CITY_ZONE,
    "weekly": [{"weekday": day, "from": "08:30", "until": "17:00"} for day in WEEKDAYS[:5]],
    "country": "DE",
    "subdivision": "BE",
}


async def plan_northwind(db: Db, actor: Actor, *, progress: Callable[..., Any]) -> None:
    """Gives every rep a start place and a published plan that holds this week, unless there is a plan already."""
    async with db.reading(actor.tenant_id) as conn:
        if await plans_page(conn, actor, rep_id=None, status=None, after=None, rows_max=1):
            return
        people = await people_page(conn, actor, limit=PEOPLE_MAX)
        accounts = [each.account for each in await search_accounts(conn, actor, rows_max=ACCOUNTS_MAX)]
        now = await records.now(conn)
    progress("planning the demo company's visits")
    for person in people:
        own = [account for account in accounts if account.owner_id == person.id and account.location]
        if own:
            await _start_at(db, actor, person.id, _busiest(own))
            await _plan(db, actor, person, now)


async def found_city(db: Db, *, password: str, progress: Callable[..., Any]) -> Actor:
    """The company in the city, founded once; what was cut off in between stays as far as it came."""
    with suppress(TenantUnclear):
        return await importer(db, tenant=CITY)
    progress("loading the demo's second company", name=CITY)
    tenant_id, admin_id = await create_tenant(
        db, name=CITY, admin_email=f"admin{CITY_DOMAIN}", admin_name="Administrator", password=password, demo=True,
        time_zone=CITY_ZONE,
    )  # fmt: skip
    actor = Actor(tenant_id, admin_id, Role.ADMIN)
    beats = city(SEED, outlets=OUTLETS, reps=len(SELLERS))
    async with records.writing(db, tenant_id) as tx:
        await set_business_hours(tx, actor, patch=SHIFT)
        leader = await create_user(
            tx, actor, name=LEADER, email=f"{LEADER.lower()}{CITY_DOMAIN}", role=Role.SUPERVISOR, password=password,
            time_zone=CITY_ZONE,
        )  # fmt: skip
        now = await records.now(tx.conn)
        begun = now - timedelta(weeks=PAST_WEEKS, days=now.weekday(), hours=now.hour)
        sellers = [
            await hire_seller(tx, actor, name, beat, leader_id=leader.id, password=password, begun=begun)
            for name, beat in zip(SELLERS, beats, strict=True)
        ]
    for person in sellers:
        await _remember(db, actor, person, now)
        await _plan(db, actor, person, now)
    return actor


async def hire_seller(
    tx: records.Tx, actor: Actor, name: str, beat: Beat, *, leader_id: UUID, password: str, begun: datetime
) -> Person:
    """A rep with a territory of his own, its outlets with what they ask of visits, and where his days begin."""
    person = await create_user(
        tx, actor, name=name, email=f"{name.lower()}{CITY_DOMAIN}", role=Role.REP, password=password,
        manager_id=leader_id, time_zone=CITY_ZONE,
    )  # fmt: skip
    territory = await create_territory(tx, actor, name=f"Berlin {name}")
    await assign_territory(
        tx, actor, territory_id=territory.id, user_id=person.id, from_on=begun.date() - timedelta(days=7)
    )
    home = {"ownerId": str(person.id), "territoryId": str(territory.id)}
    ids = {outlet.code: uuid7() for outlet in beat.outlets}
    await records.change(
        tx,
        actor,
        [
            Change(KEPT_ACCOUNT, ids[each.code], Op.CREATE, {**_account(each), **home}, at=begun)
            for each in beat.outlets
        ],
    )
    await store.save_visit_rules(tx.conn, actor.tenant_id, [_rule(each, ids[each.code]) for each in beat.outlets])
    await store.save_day_profile(tx.conn, actor.tenant_id, DayProfile(person.id, beat.start, None, None, None))
    return person


def _account(outlet: Outlet) -> Mapping[str, Any]:
    place = {"latitude": outlet.place.latitude, "longitude": outlet.place.longitude}
    return {
        "code": outlet.code, "name": f"Kiosk {outlet.code[1:]}", "status": "ACTIVE", "location": place,
        "tier": TIER_OF_VISITS[outlet.visits], "address": {"city": "Berlin", "country": "Germany"},
    }  # fmt: skip


def _rule(outlet: Outlet, account_id: UUID) -> VisitRule:
    hours = outlet.hours and [
        {"weekday": WEEKDAYS[day], "from": _clock(begin), "until": _clock(end)}
        for day, intervals in enumerate(outlet.hours.weekly)
        for begin, end in intervals
    ]
    return VisitRule(
        account_id, per_cycle=outlet.visits, duration_minutes=outlet.duration_minutes,
        gap_min_days=outlet.gap_min_days, gap_max_days=outlet.gap_max_days, hours=hours or None,
        preferred_weekdays=tuple(WEEKDAYS[day] for day in sorted(outlet.preferred_weekdays)),
    )  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


async def _start_at(db: Db, actor: Actor, user_id: UUID, place: Place) -> None:
    async with records.writing(db, actor.tenant_id) as tx:
        await store.save_day_profile(tx.conn, actor.tenant_id, DayProfile(user_id, place, None, None, None))


def _busiest(accounts: Sequence[Account]) -> Place:
    """The place of the account that has most others of the rep around it; the first by name of those that tie."""
    located = [account.location for account in accounts if account.location]
    places = [Place(spot["latitude"], spot["longitude"]) for spot in located]

    def neighbours(place: Place) -> int:
        return sum(
            abs(p.latitude - place.latitude) + abs(p.longitude - place.longitude) < NEAR_KM / 100 for p in places
        )

    return max(places, key=neighbours)


async def _plan(db: Db, actor: Actor, person: Person, now: datetime) -> None:
    """A published plan from this week's Monday on."""
    monday = now.astimezone(ZoneInfo(person.time_zone)).date() - timedelta(days=now.weekday())
    asked = Asked(person.id, monday, monday + CYCLE, Effort.QUICK, GreatCircle(), now)
    worked = await plans.work_out(db, actor, asked)
    async with records.writing(db, actor.tenant_id) as tx:
        plan_id = await plans.keep_plan(tx, actor, worked)
        await plans.publish_plan(tx, actor, plan_id=plan_id, now=now)


async def _remember(db: Db, actor: Actor, person: Person, now: datetime) -> None:
    """The last weeks as they were: planned, most visits done with evidence, some skipped, some missed."""
    monday = now.astimezone(ZoneInfo(person.time_zone)).date() - timedelta(days=now.weekday())
    first = monday - timedelta(weeks=PAST_WEEKS)
    worked = await plans.work_out(db, actor, Asked(person.id, first, monday, Effort.QUICK, GreatCircle(), now))
    places = {outlet.id: outlet.place for outlet in worked.gathered.problem.outlets}
    author = replace(actor, user_id=person.id)
    async with records.writing(db, actor.tenant_id) as tx:
        plan_id = await plans.keep_plan(tx, actor, worked)
        await records.change(tx, actor, [Change(KEPT_PLAN, plan_id, Op.UPDATE, {"status": "PUBLISHED"})])
        visits = [visit for day in worked.proposal.days for visit in day["visits"]]
        for changes in _lives(visits, places, person.id, plan_id):
            await records.change(tx, author, changes)


def _lives(
    visits: Iterable[Mapping[str, Any]], places: Mapping[str, Place], rep_id: UUID, plan_id: UUID
) -> Iterator[list[Change]]:
    """The changes of past visits, step by step: all are planned, then all are come to, then left."""
    planned, come, gone = [], [], []
    for number, visit in enumerate(visits):
        id, begin, end = uuid7(), *(datetime.fromisoformat(visit[name]) for name in ("plannedStart", "plannedEnd"))
        window = {"plannedStart": visit["plannedStart"], "plannedEnd": visit["plannedEnd"]}
        head = {"accountId": visit["accountId"], "repId": str(rep_id), "planId": str(plan_id), "window": window}
        planned.append(Change(KEPT_VISIT, id, Op.CREATE, head, at=begin - timedelta(days=2)))
        match number % 20:
            case 7:
                come.append(Change(KEPT_VISIT, id, Op.UPDATE, {"status": "NO_SHOW"}, at=end + timedelta(hours=1)))
            case 13:
                skipped = {"status": "SKIPPED", "skipReason": "The kiosk was closed."}
                come.append(Change(KEPT_VISIT, id, Op.UPDATE, skipped, at=begin))
            case _:
                late = timedelta(minutes=number % 7)
                here = _evidence(places[visit["accountId"]], begin + late)
                come.append(
                    Change(KEPT_VISIT, id, Op.UPDATE, {"status": "CHECKED_IN", "checkIn": here}, at=begin + late)
                )
                away = {
                    "status": "DONE",
                    "checkOut": _evidence(places[visit["accountId"]], end),
                    "outcome": "As planned.",
                }
                gone.append(Change(KEPT_VISIT, id, Op.UPDATE, away, at=max(end, begin + late)))
    yield from (planned, come, gone)


def _evidence(place: Place, at: datetime) -> dict[str, Any]:
    spot = {"latitude": place.latitude, "longitude": place.longitude, "accuracyM": 10, "mock": False}
    return {"at": text_of(at), **spot}
