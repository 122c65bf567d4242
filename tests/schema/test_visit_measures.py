"""Measures equal a recount from the raw rows, and count what their reader may see."""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers

DOCUMENT = (Path(__file__).parents[2] / "graphql" / "operations" / "visit_measures.graphql").read_text()
FROM, UNTIL = date(2026, 11, 2), date(2026, 11, 9)
ZONES = {"nina": "Asia/Shanghai", "otto": "America/Los_Angeles"}


async def measured(caller: Caller, by: str, **more: Any) -> list[Any]:
    asked = {"from": FROM.isoformat(), "until": UNTIL.isoformat(), "by": by, **more}
    return [edge["node"] for edge in (await caller.ask(DOCUMENT, asked))["visitMeasures"]["edges"]]


async def scatter(owner: Conn, world: World, seed: int) -> None:
    """A hundred visits around the week, in all states, some timed backwards."""
    chance = random.Random(seed)
    for name, zone in ZONES.items():
        person = getattr(world, name)
        zoned = "update person set fields = fields || jsonb_build_object('timeZone', $2::text) where id = $1"
        await owner.execute(zoned, person.id, zone)
    for _ in range(100):
        start = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(9 * 24 * 60))
        end, came = start + timedelta(minutes=30), start + timedelta(minutes=chance.randrange(20))
        status = chance.choice(["PLANNED", "NO_SHOW", "SKIPPED", "CANCELLED", "CHECKED_IN", "DONE", "DONE", "DONE"])
        fields: dict[str, Any] = {
            "accountId": chance.choice([world.lunch, world.tea, world.diner]),
            "repId": str(chance.choice([world.nina, world.otto, world.vera]).id), "status": status,
            "window": {"plannedStart": start.isoformat(), "plannedEnd": end.isoformat()},
            "outcome": chance.choice([None, "ORDER", "order: 3 cases", "ordered nothing", "Talk"]),
        }  # fmt: skip
        if status in ("CHECKED_IN", "DONE") and chance.random() < 0.9:
            fields["checkIn"] = {"at": came.isoformat()}
        if status == "DONE" and chance.random() < 0.9:
            fields["checkOut"] = {"at": (came + timedelta(minutes=chance.randrange(-5, 60))).isoformat()}
        await owner.execute(
            "insert into visit (tenant_id, id, rev, fields, stamps) values ($1, $2, 1, $3::text::jsonb, '')",
            world.tenant_id, uuid7(), orjson.dumps(fields).decode(),
        )  # fmt: skip


async def recount(owner: Conn, world: World, by: str, sees: Callable[[Any], bool]) -> dict[str, Any]:
    """The same from raw rows, in loops."""
    parsed = orjson.loads
    people = {str(row["id"]): parsed(row["f"]) for row in await owner.fetch("select id, fields::text f from person")}
    accounts = {
        str(row["id"]): parsed(row["f"])
        for row in await owner.fetch("select id, fields::text f from account where tenant_id = $1", world.tenant_id)
    }
    rows = await owner.fetch("select id, fields::text f from visit where tenant_id = $1", world.tenant_id)
    groups: dict[str, list[Any]] = defaultdict(list)
    days: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        visit = parsed(row["f"]) | {"id": row["id"]}
        zone = ZoneInfo(people[visit["repId"]]["timeZone"])
        day = datetime.fromisoformat(visit["window"]["plannedStart"]).astimezone(zone).date()
        if visit["status"] == "CANCELLED" or not FROM <= day < UNTIL or not sees(visit):
            continue
        account = accounts[visit["accountId"]]
        visit["key"] = {
            "REP": visit["repId"], "TEAM": people[visit["repId"]].get("managerId"),
            "TERRITORY": account["territoryId"], "DAY": day.isoformat(),
        }[by]  # fmt: skip
        ends = [(visit.get(name) or {}).get("at") for name in ("checkIn", "checkOut")]
        visit["times"] = [datetime.fromisoformat(each) for each in ends if each]
        if visit["key"]:
            groups[visit["key"]].append(visit)
        if visit["status"] == "DONE" and len(visit["times"]) == 2 and visit["times"][1] >= visit["times"][0]:
            days[visit["repId"], day].append(visit)
    way: dict[str, float] = defaultdict(float)
    stay: dict[str, list[float]] = defaultdict(list)
    for visits in days.values():
        visits.sort(key=lambda each: (each["times"][0], each["id"]))
        for before, visit in zip([None, *visits], visits, strict=False):
            stay[visit["key"]].append((visit["times"][1] - visit["times"][0]).total_seconds())
            if before:
                way[visit["key"]] += max(0.0, (visit["times"][0] - before["times"][1]).total_seconds())
    found = {}
    for key, visits in groups.items():
        universe = {
            id for id, each in accounts.items()
            if key in (by == "DAY" and key, _home(each, people, by)) and sees({"accountId": id, "repId": None})
        }  # fmt: skip
        done = [each for each in visits if each["status"] == "DONE"]
        per_account: dict[str, list[str]] = defaultdict(list)
        for each in visits:
            per_account[each["accountId"]].append(each["status"])
        struck = [each for each in done if (each["outcome"] or "").lower().split(":")[0].strip() == "order"]
        in_store = sum(stay[key])
        found[key] = {
            "planned": len(visits), "done": len(done),
            "skipped": sum(each["status"] == "SKIPPED" for each in visits),
            "noShows": sum(each["status"] == "NO_SHOW" for each in visits),
            "adherence": len(done) / len(visits),
            "coverage": len({each["accountId"] for each in done} & universe) / len(universe) if universe else None,
            "frequencyCompliance": sum(set(each) == {"DONE"} for each in per_account.values()) / len(per_account),
            "strikeRate": len(struck) / len(done) if done else None,
            "minutesInStore": in_store / 60,
            "minutesInStoreAverage": in_store / 60 / len(stay[key]) if stay[key] else None,
            "travelShare": way[key] / (way[key] + in_store) if way[key] + in_store else None,
        }  # fmt: skip
    return found


def _home(account: Any, people: Any, by: str) -> str | None:
    """The group to which an account belongs."""
    owner = account["ownerId"]
    homes: dict[str, str | None] = {
        "REP": owner, "TEAM": people[owner].get("managerId"), "TERRITORY": account["territoryId"], "DAY": None,
    }  # fmt: skip
    return homes[by]


@pytest.mark.parametrize("by", ["REP", "TEAM", "TERRITORY", "DAY"])
async def test_measures_equal_a_recount_from_raw_visits(
    owner: Conn, harbour: World, signed_in: Callers, by: str
) -> None:
    await scatter(owner, harbour, seed=4)
    nina = str(harbour.nina.id)
    north = {harbour.lunch, harbour.tea}
    for person, sees in (
        (harbour.vera, lambda visit: True),
        (harbour.nina, lambda visit: visit["repId"] == nina or visit["accountId"] in north),
    ):
        expected = await recount(owner, harbour, by, sees)
        shown = await measured(await signed_in(person), by)
        assert len(shown) == len(expected) > 0
        for node in shown:
            place = node["user"] or node["territory"] or {}
            want = expected[place.get("id") or node["day"]]
            assert {name: node[name] for name in want} == pytest.approx(want), (by, node)


async def test_measures_come_in_pages_and_keep_to_a_year(
    db: Db, owner: Conn, harbour: World, signed_in: Callers
) -> None:
    rival = await settle(db, "rival")
    await scatter(owner, harbour, seed=5)
    vera, theirs = await signed_in(harbour.vera), await signed_in(rival.adam)
    asked = {"from": FROM.isoformat(), "until": UNTIL.isoformat(), "by": "DAY", "first": 3}
    days, after = [], None
    while True:
        page = (await vera.ask(DOCUMENT, {**asked, "after": after}))["visitMeasures"]
        days += [edge["node"]["day"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert days == [(FROM + timedelta(days=n)).isoformat() for n in range(7)]
    assert await measured(theirs, "REP") == await measured(theirs, "DAY") == []
    for until in (FROM.isoformat(), "2027-11-04"):
        assert await vera.refused(DOCUMENT, {**asked, "until": until}) == "BAD_REQUEST"
