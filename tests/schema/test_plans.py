"""Visit plans over GraphQL: worked out, kept, published to the rep's phone, made anew; and whose they are."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from fieldbeat import records
from fieldbeat.days import store, team
from fieldbeat.days.model import DayProfile
from fieldbeat.days.planning.travel import GreatCircle, Place
from fieldbeat.kit.db import Conn, Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle

from .conftest import Callers, do

PLACES = {"lunch": (53.35, -6.26), "tea": (53.34, -6.25)}


@pytest.fixture
async def mapped(db: Db, harbour: World, signed_in: Callers) -> World:
    """The company with LUNCH and TEA on the map, and with a place from which Nina starts."""
    vera = await signed_in(harbour.vera)
    for name, (latitude, longitude) in PLACES.items():
        place = {"latitude": latitude, "longitude": longitude}
        await do(vera, "update_account", id=getattr(harbour, name), location=place)
    async with records.writing(db, harbour.tenant_id) as tx:
        profile = DayProfile(harbour.nina.id, Place(53.3, -6.3), None, None, None)
        await store.save_day_profile(tx.conn, harbour.tenant_id, profile)
    return harbour


def cycle(days: int = 28, *, ahead: int = 7) -> dict[str, str]:
    first = datetime.now(UTC).date() + timedelta(days=ahead)
    return {"from": first.isoformat(), "until": (first + timedelta(days=days)).isoformat()}


def stops(plan: Any) -> list[tuple[str, str]]:
    return [(visit["accountId"], visit["plannedStart"]) for day in plan["days"] for visit in day["visits"]]


async def test_a_plan_is_worked_out_kept_published_and_reaches_the_phone(
    db: Db, mapped: World, signed_in: Callers
) -> None:
    nina, vera = await signed_in(mapped.nina), await signed_in(mapped.vera)
    asked = {"repId": str(mapped.nina.id), **cycle()}
    dry = await do(nina, "generate_visit_plan", dryRun=True, **asked)
    assert dry["plan"]["id"] is None
    made = await do(nina, "generate_visit_plan", **asked)
    assert made["plan"]["planHash"] == dry["plan"]["planHash"]
    assert sorted(id for id, _ in stops(made["plan"])) == sorted([mapped.lunch, mapped.tea] * 2)
    assert made["unserved"] == []

    id = made["plan"]["id"]
    assert (await do(nina, "publish_visit_plan", id=id))["code"] == "FORBIDDEN"
    assert (await do(nina, "submit_visit_plan", id=id))["plan"]["status"] == "SUBMITTED"
    assert (await do(nina, "approve_visit_plan", id=id))["code"] == "FORBIDDEN"
    assert (await do(vera, "approve_visit_plan", id=id))["plan"]["status"] == "APPROVED"
    assert (await do(vera, "publish_visit_plan", id=id))["plan"]["status"] == "PUBLISHED"

    phone = await registered(db, mapped.nina)
    await phone.pull()
    visits = [held.row for held in phone.held.values() if held.collection == "visit"]
    assert sorted((each["accountId"], each["window"]["plannedStart"]) for each in visits) == sorted(stops(made["plan"]))
    assert {(each["repId"], each["planId"], each["status"]) for each in visits} == {
        (str(mapped.nina.id), id, "PLANNED")
    }
    [plan] = [held.row for held in phone.held.values() if held.collection == "visitPlan"]
    assert plan["status"] == "PUBLISHED"
    assert len([held for held in phone.held.values() if held.collection == "visitPlanLine"]) == 2


async def test_what_asks_for_a_skill_is_planned_for_who_has_it_alone(mapped: World, signed_in: Callers) -> None:
    vera = await signed_in(mapped.vera)
    rule = await do(vera, "set_visit_rule", accountId=mapped.tea, skills=["Lift"])
    assert rule["rule"]["skills"] == ["Lift"]
    asked = {"repId": str(mapped.nina.id), "dryRun": True, **cycle()}
    without = await do(vera, "generate_visit_plan", **asked)
    assert {id for id, _ in stops(without["plan"])} == {mapped.lunch}
    assert {(each["accountId"], each["code"]) for each in without["unserved"]} == {(mapped.tea, "SKILL")}
    await do(vera, "update_user", id=str(mapped.nina.id), skills=["lift"])
    able = await do(vera, "generate_visit_plan", **asked)
    assert {id for id, _ in stops(able["plan"])} == {mapped.lunch, mapped.tea}
    assert able["unserved"] == []


async def test_a_must_visit_makes_a_diff_and_moved_visits_keep_their_ids(
    db: Db, mapped: World, signed_in: Callers, owner: Conn
) -> None:
    vera = await signed_in(mapped.vera)
    made = await do(vera, "generate_visit_plan", repId=str(mapped.nina.id), **cycle())
    await do(vera, "publish_visit_plan", id=made["plan"]["id"])
    ids = await visits_of(owner)
    assert (await do(vera, "replan_visits", planId=made["plan"]["id"]))["plan"] is None

    taken = {start[:10] for _, start in stops(made["plan"])}
    free = next(day for day in workdays(cycle()["from"]) if day not in taken)
    rule = await do(vera, "set_visit_rule", accountId=mapped.tea, perCycle=3, gapMinDays=1, mustVisit=[free])
    assert rule["__typename"] == "SetVisitRulePayload"
    draft = (await do(vera, "replan_visits", planId=made["plan"]["id"]))["plan"]
    assert {(each["accountId"], each["reason"]) for each in draft["diff"]["changes"] if each["kind"] == "ADDED"} == {
        (mapped.tea, "MUST_VISIT")
    }
    assert await visits_of(owner) == ids  # nothing has changed yet
    published = await do(vera, "publish_visit_plan", id=draft["id"])
    assert published["plan"]["status"] == "PUBLISHED"
    now = await visits_of(owner)
    assert ids.keys() <= now.keys()
    assert len(now) == 5
    assert await owner.fetchval("select status from visit_plan where id = $1", UUID(made["plan"]["id"])) == "SUPERSEDED"


async def test_a_pinned_visit_and_one_under_way_are_not_moved(
    db: Db, mapped: World, signed_in: Callers, owner: Conn
) -> None:
    vera, nina = await signed_in(mapped.vera), await registered(db, mapped.nina)
    made = await do(vera, "generate_visit_plan", repId=str(mapped.nina.id), **cycle())
    await do(vera, "publish_visit_plan", id=made["plan"]["id"])
    await nina.pull()
    [pinned, begun, *_] = sorted(key[1] for key in nina.held if key[0] == "visit")
    assert await nina.said(
        nina.update("visit", pinned, {"pinned": True}, base_rev=1),
        nina.update("visit", begun, {"status": "CHECKED_IN"}, base_rev=1),
    ) == ["APPLIED", "APPLIED"]
    before = await visits_of(owner)
    again = await do(vera, "generate_visit_plan", repId=str(mapped.nina.id), **cycle())
    assert [visit["pinned"] for day in again["plan"]["days"] for visit in day["visits"]].count(True) == 2
    await do(vera, "publish_visit_plan", id=again["plan"]["id"])
    after = await visits_of(owner)
    assert {id: after[id] for id in (pinned, begun)} == {id: before[id] for id in (pinned, begun)}
    assert len(after) == 4


async def test_a_customer_stays_where_he_is_while_his_visits_are_made(db: Db, harbour: World, owner: Conn) -> None:
    """Or a visit would stand where he was: found by a simulated world."""
    account = await owner.fetchrow("select tenant_id, id from account where deleted_at is null limit 1")
    assert account is not None
    async with records.writing(db, account["tenant_id"]) as tx:
        assert await store.live_accounts(tx.conn, account["tenant_id"], [account["id"]]) == {account["id"]}
        with pytest.raises(asyncpg.LockNotAvailableError):
            await owner.execute("select from account where id = $1 for no key update nowait", account["id"])


async def test_what_a_plan_left_undone_is_owed_in_the_next(
    db: Db, mapped: World, signed_in: Callers, owner: Conn
) -> None:
    vera, phone = await signed_in(mapped.vera), await registered(db, mapped.nina)
    await do(vera, "set_visit_rule", accountId=mapped.tea, perCycle=4, gapMinDays=1)
    past = cycle(28, ahead=-35)
    made = await do(vera, "generate_visit_plan", repId=str(mapped.nina.id), **past)
    await do(vera, "publish_visit_plan", id=made["plan"]["id"])
    await phone.pull()
    missed = [key[1] for key, held in phone.held.items() if key[0] == "visit" and held.row["accountId"] == mapped.tea]
    for visit in missed[:3]:
        await phone.push(phone.update("visit", visit, {"status": "NO_SHOW"}, base_rev=1))
    first = datetime.now(UTC).date()
    async with db.reading(mapped.tenant_id) as conn:
        found = await store.demands(conn, mapped.tenant_id, mapped.nina.id, from_on=first, time_zone="UTC")
    assert {str(each.account_id): each.owed for each in found} == {mapped.lunch: 0, mapped.tea: 2}  # at most two


@pytest.mark.parametrize(
    ("given", "code", "fields"),
    [
        (cycle(365), "INVALID", ["from", "until"]),
        (cycle(0), "INVALID", ["from", "until"]),
        ({"repId": str(uuid4())}, "NOT_FOUND", ["repId"]),
        ({"repId": "x"}, "INVALID", ["repId"]),
    ],
)
async def test_what_cannot_be_planned_is_refused(
    mapped: World, signed_in: Callers, given: dict[str, str], code: str, fields: list[str]
) -> None:
    vera = await signed_in(mapped.vera)
    refused = await do(vera, "generate_visit_plan", **{"repId": str(mapped.nina.id), **cycle(), **given})
    assert (refused["code"], refused["fields"]) == (code, fields)


async def test_a_rep_without_a_start_place_is_refused_until_he_has_one(harbour: World, signed_in: Callers) -> None:
    otto = await signed_in(harbour.otto)
    asked = {"repId": str(harbour.otto.id), **cycle()}
    refused = await do(otto, "generate_visit_plan", **asked)
    assert (refused["code"], refused["fields"]) == ("INVALID", ["repId"])
    place = {"startLatitude": 53.3, "startLongitude": -6.2}
    assert (await do(otto, "set_day_profile", userId=str(harbour.nina.id), **place))["code"] == "FORBIDDEN"
    for given, fields in (
        ({"startLatitude": 91}, ["startLatitude", "startLongitude"]),
        ({"endLatitude": 0, "endLongitude": 181}, ["endLatitude", "endLongitude"]),
        ({"endLongitude": 0}, ["endLatitude", "endLongitude"]),
        ({"visitsMax": 0, "travelMinutesMax": -1}, ["visitsMax", "travelMinutesMax"]),
    ):
        wrong = await do(otto, "set_day_profile", userId=str(harbour.otto.id), **{**place, **given})
        assert (wrong["code"], wrong["fields"]) == ("INVALID", fields)
    assert (await do(otto, "set_day_profile", userId=str(harbour.otto.id), **place))["profile"]["endLatitude"] == 53.3
    made = await do(otto, "generate_visit_plan", **asked)
    assert made["unserved"] == [{"accountId": harbour.diner, "code": "NO_PLACE", "on": None}]


async def test_anothers_plan_is_not_there(db: Db, mapped: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    vera = await signed_in(mapped.vera)
    id = (await do(vera, "generate_visit_plan", repId=str(mapped.nina.id), **cycle()))["plan"]["id"]
    await do(vera, "set_visit_rule", accountId=mapped.tea, perCycle=2)
    plans = document("visit_plans")
    for person, seen in ((mapped.nina, 1), (mapped.adam, 1), (mapped.otto, 0), (rival.adam, 0)):
        caller = await signed_in(person)
        page = await caller.ask(plans, {"repId": str(mapped.nina.id)})
        assert len(page["visitPlans"]["edges"]) == seen
        found = await caller.ask("query ($id: ID!) { visitPlan(id: $id) { id } }", {"id": id})
        assert bool(found["visitPlan"]) == bool(seen)
        profile = await caller.ask(
            "query ($id: ID!) { dayProfile(userId: $id) { userId } }", {"id": str(mapped.nina.id)}
        )
        assert bool(profile["dayProfile"]) == bool(seen)
        rule = await caller.ask("query ($id: ID!) { visitRule(accountId: $id) { perCycle } }", {"id": mapped.tea})
        assert bool(rule["visitRule"]) == bool(seen)
        if not seen:
            for verb in ("submit_visit_plan", "publish_visit_plan", "return_visit_plan"):
                assert (await do(caller, verb, id=id))["code"] == "NOT_FOUND"
            assert (await do(caller, "replan_visits", planId=id))["code"] == "NOT_FOUND"
            refused = await do(caller, "generate_visit_plan", repId=str(mapped.nina.id), **cycle())
            assert refused["code"] == ("FORBIDDEN" if person is mapped.otto else "NOT_FOUND")
            assert (await do(caller, "set_visit_rule", accountId=mapped.tea, perCycle=1))["code"] == "NOT_FOUND"


async def test_a_team_is_planned_by_the_worker_and_refusals_are_told(
    db: Db, mapped: World, signed_in: Callers, owner: Conn
) -> None:
    vera = await signed_in(mapped.vera)
    reps = [str(mapped.nina.id), str(mapped.otto.id)]
    run_ = (await do(vera, "plan_team", repIds=reps, effort="QUICK", publish=True, **cycle()))["run"]
    assert run_ == {"id": run_["id"], "total": 2, "done": 0}
    seen = [each.progress.done async for each in planned(db, mapped, UUID(run_["id"]))]
    assert seen[0] < 2
    assert seen[-1] == 2
    told = await vera.ask("query ($id: ID!) { planRun(id: $id) { done refused { repId reason } } }", {"id": run_["id"]})
    [refused] = told["planRun"]["refused"]
    assert refused["repId"] == str(mapped.otto.id)  # he has no start place
    assert len(await visits_of(owner)) == 4
    for person, code in ((mapped.nina, "FORBIDDEN"), (mapped.otto, "FORBIDDEN")):
        caller = await signed_in(person)
        assert (await do(caller, "plan_team", repIds=reps, **cycle()))["code"] == code
        hidden = await caller.ask("query ($id: ID!) { planRun(id: $id) { done } }", {"id": run_["id"]})
        assert hidden["planRun"] is None
    assert (await do(vera, "plan_team", repIds=[], **cycle()))["fields"] == ["repIds"]


async def planned(db: Db, mapped: World, run_id: UUID) -> AsyncIterator[team.Run]:
    """The run as its subscription tells it, while two workers plan every rep of it twice."""
    async for each in team.watch(db, mapped.vera.actor, run_id):
        yield each
        async with db.unscoped() as conn:
            waiting = await store.waiting_plans(conn, reps_max=10)
        for one in waiting[:1]:
            await asyncio.gather(*(team.plan_rep(db, *one, travel=GreatCircle()) for _ in range(2)))


async def visits_of(owner: Conn) -> dict[str, datetime]:
    rows = await owner.fetch("select id::text, starts_at from visit where deleted_at is null")
    return {row["id"]: row["starts_at"] for row in rows}


def workdays(first: str) -> list[str]:
    days = [datetime.fromisoformat(first).date() + timedelta(days=number) for number in range(28)]
    return [day.isoformat() for day in days if day.weekday() < 5]


async def test_opening_hours_that_are_none_are_refused(mapped: World, signed_in: Callers) -> None:
    vera = await signed_in(mapped.vera)
    for begin in ("24:01", "9:00", "\u00b2\u00b3:00", "\u0660\u0669:00"):
        hours = [{"weekday": "MONDAY", "from": begin, "until": "24:00"}]
        refused = await do(vera, "set_visit_rule", accountId=mapped.tea, hours=hours)
        assert (refused["code"], refused["fields"]) == ("INVALID", ["hours"])
