"""Business hours, leave and SLA previews over GraphQL."""

from typing import Any
from uuid import uuid4

import pytest

from fieldbeat.kit.db import Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, run

NODE = "query ($id: ID!) { node(id: $id) { __typename } }"
WEEK = [
    {"weekday": day, "from": from_, "until": until}
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    for from_, until in (("09:00", "12:00"), ("13:30", "18:00"))
]
HOURS = {
    "timeZone": "Asia/Shanghai",
    "weekly": WEEK,
    "closed": [f"2026-10-0{day}" for day in range(1, 8)],
    "open": [{"on": "2026-10-10", **{key: each[key] for key in ("from", "until")}} for each in WEEK[:2]],
}
MAY = {"from": "2026-05-04", "until": "2026-05-09"}


async def preview(caller: Caller, **given: Any) -> Any:
    return await run(caller, "sla_preview", input={"businessHours": HOURS, "pauses": [], **given})


async def set_hours(caller: Caller, **given: Any) -> Any:
    return await run(caller, "set_business_hours", input={**HOURS, **given})


async def listed(caller: Caller) -> list[Any]:
    return [edge["node"] for edge in (await run(caller, "business_hours"))["edges"]]


async def leaves(caller: Caller, **given: Any) -> list[str]:
    days = {"from": "2026-01-01", "until": "2027-01-01", **given}
    return [edge["node"]["user"]["name"] for edge in (await run(caller, "leaves", **days))["edges"]]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            {"targetMinutes": 240, "createdAt": "2026-09-30T17:00:00+08:00", "now": "2026-10-08T10:00:00+08:00"},
            ("2026-10-08T04:00:00Z", 120, 120),
        ),
        (
            {"targetMinutes": 120, "createdAt": "2026-10-09T17:00:00+08:00", "now": "2026-10-10T12:30:00+08:00"},
            ("2026-10-10T02:00:00Z", 240, -120),
        ),
        (
            {
                "targetMinutes": 240,
                "createdAt": "2026-09-30T17:00:00+08:00",
                "now": "2026-10-01T00:00:00+08:00",
                "pauses": [{"from": "2026-09-30T18:00:00+08:00", "until": "2026-10-08T09:00:00+08:00"}],
            },
            ("2026-10-08T04:00:00Z", 60, 180),
        ),
        (
            {
                "targetMinutes": 240,
                "createdAt": "2026-09-30T17:00:00+08:00",
                "now": "2026-09-30T16:00:00+08:00",
                "pauses": [{"from": "2026-10-08T11:00:00+08:00", "until": "2026-10-08T14:00:00+08:00"}],
            },
            ("2026-10-08T07:00:00Z", 0, 240),
        ),
    ],
)
async def test_a_preview_shows_the_promised_deadlines(
    harbour: World, signed_in: Callers, given: dict[str, Any], shown: tuple[str, int, int]
) -> None:
    answer = await preview(await signed_in(harbour.nina), **given)
    assert (answer["deadline"], answer["elapsedMinutes"], answer["remainingMinutes"]) == shown


async def test_a_preview_without_now_takes_the_servers_time(harbour: World, signed_in: Callers) -> None:
    around = {"timeZone": "UTC", "weekly": [{**each, "from": "00:00", "until": "24:00"} for each in _days()]}
    caller = await signed_in(harbour.nina)
    answer = await preview(caller, businessHours=around, targetMinutes=60, createdAt="2024-01-01T00:00:00Z")
    assert answer["deadline"] == "2024-01-01T01:00:00Z"
    assert answer["elapsedMinutes"] > 60 * 24 * 365
    assert answer["remainingMinutes"] == 60 - answer["elapsedMinutes"]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"targetMinutes": 0}, ["targetMinutes"]),
        ({"businessHours": {**HOURS, "timeZone": "Mars/Base"}}, ["timeZone"]),
        ({"businessHours": {**HOURS, "weekly": WEEK + WEEK[:1]}}, ["weekly"]),
        ({"businessHours": {**HOURS, "weekly": [{"weekday": "MONDAY", "from": "12:00", "until": "9:00"}]}}, ["weekly"]),
        ({"pauses": [{"from": "2026-10-08T11:00:00Z", "until": "2026-10-08T10:00:00Z"}]}, ["pauses"]),
        ({"createdAt": "1066-10-14T09:00:00Z"}, ["createdAt"]),
        ({"createdAt": "0001-01-01T00:00:00Z"}, ["createdAt"]),
        ({"now": "9999-12-31T23:59:59Z"}, ["now"]),
        ({"pauses": [{"from": "2026-10-08T11:00:00Z", "until": "2101-01-01T00:00:00Z"}]}, ["pauses"]),
        ({"targetMinutes": 2**31 - 1}, ["targetMinutes"]),
    ],
)
async def test_a_bad_preview_is_refused_by_the_name_of_its_field(
    harbour: World, signed_in: Callers, given: dict[str, Any], fields: list[str]
) -> None:
    caller = await signed_in(harbour.nina)
    sent = {"businessHours": HOURS, "pauses": [], "targetMinutes": 60, "createdAt": "2026-10-08T09:00:00Z", **given}
    response = await caller.post(document("sla_preview"), {"input": sent})
    extensions = response.json()["errors"][0]["extensions"]
    assert extensions == {"code": "BAD_REQUEST", "reason": "INVALID", "fields": fields}


async def test_a_bad_weekday_is_refused(harbour: World, signed_in: Callers) -> None:
    hours = {**HOURS, "weekly": [{"weekday": "SOMEDAY", "from": "09:00", "until": "10:00"}]}
    sent = {"businessHours": hours, "pauses": [], "targetMinutes": 60, "createdAt": "2026-10-08T09:00:00Z"}
    caller = await signed_in(harbour.nina)
    assert await caller.refused(document("sla_preview"), {"input": sent}) == "BAD_REQUEST"


async def test_an_administrator_sets_hours_and_everyone_reads_them(harbour: World, signed_in: Callers) -> None:
    adam, nina = await signed_in(harbour.adam), await signed_in(harbour.nina)
    made = (await set_hours(adam, country="CN"))["businessHours"]
    assert made == {**made, **HOURS, "name": "Asia/Shanghai", "rev": 1, "isDefault": True, "country": "CN"}
    changed = (await set_hours(adam, id=made["id"], closed=None, country=None, name="Office"))["businessHours"]
    assert (changed["rev"], changed["name"], changed["closed"], changed["country"]) == (2, "Office", [], None)
    assert changed["open"] == made["open"]
    assert await listed(nina) == [changed]
    assert (await nina.ask(NODE, {"id": made["id"]}))["node"] == {"__typename": "BusinessHours"}


async def test_one_alone_is_the_default_and_a_person_has_one(harbour: World, signed_in: Callers) -> None:
    adam = await signed_in(harbour.adam)
    first = (await set_hours(adam, name="A"))["businessHours"]
    second = (await set_hours(adam, name="B", userIds=[str(harbour.nina.id)]))["businessHours"]
    assert [(each["name"], each["isDefault"]) for each in await listed(adam)] == [("A", True), ("B", False)]
    await set_hours(adam, id=first["id"], userIds=[str(harbour.nina.id), str(harbour.otto.id)])
    await set_hours(adam, id=second["id"], isDefault=True)
    a, b = await listed(adam)
    assert (a["isDefault"], a["userIds"]) == (False, [str(harbour.nina.id), str(harbour.otto.id)])
    assert (b["isDefault"], b["userIds"]) == (True, [])
    refused = await set_hours(adam, id=second["id"], isDefault=False)
    assert (refused["code"], refused["fields"]) == ("INVALID", ["isDefault"])


async def test_what_is_wrong_with_hours_is_named_and_nothing_is_kept(
    db: Db, harbour: World, signed_in: Callers
) -> None:
    adam, rival = await signed_in(harbour.adam), await settle(db, "rival")
    for given, code, field in (
        ({"timeZone": "Mars/Base"}, "INVALID", "timeZone"),
        ({"weekly": WEEK + WEEK[:1]}, "INVALID", "weekly"),
        ({"country": "ZZ"}, "INVALID", "country"),
        ({"name": "x" * 201}, "INVALID", "name"),
        ({"userIds": ["me"]}, "INVALID", "userIds"),
        ({"userIds": [str(rival.nina.id)]}, "NOT_FOUND", "userIds"),
    ):
        refused = await set_hours(adam, **given)
        assert (refused["code"], refused["fields"]) == (code, [field])
    for person in (harbour.vera, harbour.nina):
        assert (await set_hours(await signed_in(person)))["code"] == "FORBIDDEN"
    assert await listed(adam) == []


async def test_hours_of_another_company_are_not_there(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    adam, theirs = await signed_in(harbour.adam), await signed_in(rival.adam)
    made = (await set_hours(theirs))["businessHours"]
    assert await adam.ask(NODE, {"id": made["id"]}) == {"node": None}
    assert await listed(adam) == []
    own = (await set_hours(adam, id=made["id"], name="Mine"))["businessHours"]  # an id of one's own making: a new row
    assert [each["name"] for each in await listed(theirs)] == ["Asia/Shanghai"]
    assert own["rev"] == 1


async def test_leave_is_entered_by_oneself_and_from_above_and_seen_there(harbour: World, signed_in: Callers) -> None:
    adam, vera, nina, otto = [
        await signed_in(each) for each in (harbour.adam, harbour.vera, harbour.nina, harbour.otto)
    ]
    entered = await run(nina, "set_leave", input={"userId": str(harbour.nina.id), **MAY})
    assert entered["leave"] == {**entered["leave"], **MAY, "part": "DAY", "kind": "VACATION"}
    await run(vera, "set_leave", input={"userId": str(harbour.otto.id), "kind": "SICK", "part": "MORNING", **MAY})
    assert await leaves(nina) == ["Nina"]
    assert await leaves(otto) == ["Otto"]
    assert await leaves(vera) == await leaves(adam) == ["Nina", "Otto"]
    assert await leaves(vera, userId=str(harbour.otto.id)) == ["Otto"]
    assert await leaves(nina, userId=str(harbour.otto.id)) == []
    assert await leaves(vera, **{"from": "2026-05-09"}) == await leaves(vera, until="2026-05-04") == []
    again = {"id": entered["leave"]["id"], "userId": str(harbour.nina.id), **MAY, "until": "2026-05-06"}
    assert (await run(nina, "set_leave", input=again))["leave"]["until"] == "2026-05-06"
    assert await leaves(vera, **{"from": "2026-05-06"}) == ["Otto"]


async def test_leave_of_others_is_not_there(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina, otto, theirs = [await signed_in(each) for each in (harbour.nina, harbour.otto, rival.adam)]
    id = (await run(nina, "set_leave", input={"userId": str(harbour.nina.id), **MAY}))["leave"]["id"]
    for stranger in (otto, theirs):
        assert (await run(stranger, "cancel_leave", input={"id": id}))["code"] == "NOT_FOUND"
    for user, code in ((harbour.nina, "FORBIDDEN"), (harbour.vera, "FORBIDDEN"), (rival.nina, "NOT_FOUND")):
        assert (await run(otto, "set_leave", input={"userId": str(user.id), **MAY}))["code"] == code
    taken = {"id": id, "userId": str(harbour.otto.id), **MAY}
    assert (await run(otto, "set_leave", input=taken))["code"] == "NOT_FOUND"
    assert (await run(nina, "cancel_leave", input={"id": str(uuid4())}))["code"] == "NOT_FOUND"
    backwards = {"userId": str(harbour.nina.id), "from": "2026-05-09", "until": "2026-05-09"}
    assert (await run(nina, "set_leave", input=backwards))["fields"] == ["from", "until"]
    assert await leaves(nina) == ["Nina"]
    assert (await run(nina, "cancel_leave", input={"id": id}))["leave"] == {"id": id}
    assert await leaves(nina) == []


def _days() -> list[dict[str, str]]:
    names = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    return [{"weekday": name} for name in names]
