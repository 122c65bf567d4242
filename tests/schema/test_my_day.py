"""The phone's first screen: one's own visits of a day, what to know at the door, and what deserves a look."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldbeat import records
from fieldbeat.days import store
from fieldbeat.days.model import DayProfile
from fieldbeat.days.planning.travel import Place
from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import World

from .conftest import Caller, Callers
from .test_statements import CountingPool, counted, statements

__all__ = ["counted"]  # a fixture

MY_DAY = (Path(__file__).parents[2] / "graphql" / "operations" / "my_day.graphql").read_text()
ON = "2026-11-24"


def at(clock: str) -> str:
    return f"{ON}T{clock}:00Z"


async def day(caller: Caller) -> Any:
    return (await caller.ask(MY_DAY, {"date": ON}))["myDay"]


async def planned(phone: Pusher, account: str, begin: str, end: str, **fields: Any) -> str:
    window = {"plannedStart": at(begin), "plannedEnd": at(end)}
    made = phone.create("visit", {"accountId": account, "window": window, **fields})
    assert await phone.said(made) == ["APPLIED"]
    return str(made.record_id)


async def test_my_day_tells_what_matters_at_the_door(db: Db, harbour: World, signed_in: Callers) -> None:
    phone, nina = await registered(db, harbour.nina), await signed_in(harbour.nina)
    place = {"latitude": 53.35, "longitude": -6.26}
    await phone.push(
        phone.update("account", harbour.lunch, {"location": place, "phone": "1"}, base_rev=1),
        phone.create("contact", {"accountId": harbour.lunch, "name": "Kim", "phones": ["2"]}),
        phone.create("ticket", {"accountId": harbour.lunch, "kind": "FAULT", "subject": "Leaks", "priority": "URGENT"}),
    )
    async with records.writing(db, harbour.tenant_id) as tx:
        profile = DayProfile(harbour.nina.id, Place(53.3, -6.3), None, None, None)
        await store.save_day_profile(tx.conn, harbour.tenant_id, profile)
    second = await planned(phone, harbour.tea, "10:00", "10:30")
    first = await planned(phone, harbour.lunch, "09:00", "09:30", purpose="New shelf")
    told = await day(nina)
    assert (told["date"], told["timeZone"]) == (ON, "UTC")
    assert [visit["id"] for visit in told["visits"]] == [first, second]
    visit = told["visits"][0]
    assert (visit["account"]["name"], visit["account"]["phone"], visit["purpose"]) == ("Lunch", "1", "New shelf")
    assert [(each["name"], each["phones"]) for each in visit["contacts"]] == [("Kim", ["2"])]
    assert [(each["number"], each["priority"]) for each in visit["openTickets"]] == [(1, "URGENT")]
    assert 15 <= visit["travelMinutes"] <= 25  # some 6 km as the crow flies, at 30 km/h on roads
    assert told["travelMinutes"] >= 2 * visit["travelMinutes"] - 2
    assert told["alerts"] == []


async def test_what_deserves_a_look_is_told(db: Db, harbour: World, signed_in: Callers) -> None:
    phone, vera = await registered(db, harbour.nina), await registered(db, harbour.vera)
    early = await planned(phone, harbour.lunch, "09:00", "09:30", status="CHECKED_IN")
    over = await planned(phone, harbour.tea, "09:15", "09:45", status="CHECKED_IN")
    await vera.pull()
    await phone.push(phone.update("visit", early, {"note": "mine"}, base_rev=1))
    await vera.push(vera.update("visit", early, {"note": "hers"}, base_rev=1))
    made = phone.create("visit", {
        "accountId": harbour.tea, "status": "CHECKED_IN",
        "window": {"plannedStart": "2026-11-20T09:00:00Z", "plannedEnd": "2026-11-20T09:30:00Z"},
    })  # fmt: skip
    await phone.push(made)
    told = await day(await signed_in(harbour.nina))
    assert {(each["kind"], each["visitId"]) for each in told["alerts"]} == {
        ("LEFT_OPEN", str(made.record_id)), ("OVERLAP", over), ("TWO_OPEN", over), ("CONFLICT", early),
    }  # fmt: skip


async def test_a_day_is_ones_own(db: Db, harbour: World, signed_in: Callers) -> None:
    await planned(await registered(db, harbour.nina), harbour.lunch, "09:00", "09:30")
    for person in (harbour.vera, harbour.otto, harbour.adam):
        assert (await day(await signed_in(person)))["visits"] == []


async def test_an_account_that_was_given_away_is_not_shown(db: Db, harbour: World, signed_in: Callers) -> None:
    phone = await registered(db, harbour.nina)
    done = await planned(phone, harbour.lunch, "09:00", "09:30", status="CHECKED_IN")
    await phone.push(phone.update("visit", done, {"status": "DONE"}, base_rev=1))
    vera, nina = await signed_in(harbour.vera), await signed_in(harbour.nina)
    give = "mutation ($input: ReassignAccountInput!) { reassignAccount(input: $input) { __typename } }"
    await vera.ask(give, {"input": {"id": harbour.lunch, "ownerId": str(harbour.otto.id)}})
    [visit] = (await day(nina))["visits"]
    assert (visit["id"], visit["account"], visit["contacts"], visit["openTickets"]) == (done, None, [], [])


async def test_thirty_visits_are_one_answer_below_64_kb(
    counted: CountingPool, db: Db, harbour: World, signed_in: Callers
) -> None:
    phone, nina = await registered(db, harbour.nina), await signed_in(harbour.nina)
    await phone.push(
        phone.update("account", harbour.lunch, {"note": "n" * 20_000}, base_rev=1),
        *(phone.create("contact", {"accountId": harbour.lunch, "name": f"Kim {n}", "phones": ["+353 1 234"]})
          for n in range(9)),
        *(phone.create("ticket", {"accountId": harbour.lunch, "kind": "FAULT", "subject": "s" * 80}) for n in range(9)),
    )  # fmt: skip
    begun = datetime(2026, 11, 24, 8, tzinfo=UTC)
    one = await statements(counted, nina, "my_day", date=ON)
    for number in range(30):
        start = begun + timedelta(minutes=20 * number)
        window = {"plannedStart": start.isoformat(), "plannedEnd": (start + timedelta(minutes=15)).isoformat()}
        await phone.push(phone.create("visit", {"accountId": harbour.lunch, "window": window, "note": "x" * 2_000}))
    answer = await nina.post(MY_DAY, {"date": ON})
    assert len(answer.json()["data"]["myDay"]["visits"]) == 30
    assert len(answer.content) <= 64 * 1024
    assert await statements(counted, nina, "my_day", date=ON) == one == 3 + 2 + 6


@pytest.mark.parametrize("on", ["0001-01-01", "1989-12-31", "2101-01-01", "9999-12-31"])
async def test_a_day_that_is_not_reckoned_with_is_refused(harbour: World, signed_in: Callers, on: str) -> None:
    nina = await signed_in(harbour.nina)
    extensions = (await nina.post(MY_DAY, {"date": on})).json()["errors"][0]["extensions"]
    assert extensions == {"code": "BAD_REQUEST", "reason": "INVALID", "fields": ["date"]}
