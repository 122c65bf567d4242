"""On call over GraphQL: rotas, who is reached, who steps in; and who may say so."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from fieldbeat.kit.db import Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import Person, World, settle

from .conftest import Caller, Callers, do

MONDAY, NEXT_MONDAY = "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"


async def who(caller: Caller, **asked: Any) -> Any:
    return (await caller.ask(document("on_call"), asked))["onCall"]


async def listed(caller: Caller, **page: Any) -> list[Any]:
    query = document("on_call_rotas")
    return [edge["node"] for edge in (await caller.ask(query, page))["onCallRotas"]["edges"]]


def rota(*people: Person, territory: UUID | None = None, **given: Any) -> dict[str, Any]:
    """Weeks from a Monday on, at eight in the morning, UTC."""
    return {
        "name": "Nights", "timeZone": "UTC", "anchorOn": "2026-11-23", "userIds": [str(each.id) for each in people],
        "territoryId": str(territory) if territory else None, **given,
    }  # fmt: skip


@pytest.fixture
async def north(harbour: World, signed_in: Callers) -> Any:
    """The north's rota: Nina, then Otto."""
    made = await do(
        await signed_in(harbour.vera),
        "create_on_call_rota",
        **rota(harbour.nina, harbour.otto, territory=harbour.north),
    )
    return made["onCallRota"]


async def test_members_take_turns_and_phones_hold_the_rota(
    db: Db, harbour: World, signed_in: Callers, north: Any
) -> None:
    nina, territory = await signed_in(harbour.nina), str(harbour.north)
    first, second = [await who(nina, territoryId=territory, at=at) for at in (MONDAY, NEXT_MONDAY)]
    assert (first["user"]["name"], first["reason"], first["until"]) == ("Nina", "TURN", NEXT_MONDAY)
    assert (second["user"]["name"], second["rota"]["id"]) == ("Otto", north["id"])
    assert (await who(nina, territoryId=territory, at="2026-11-23T07:59:59Z"))["user"]["name"] == "Otto"
    assert await who(nina, territoryId=str(harbour.south), at=MONDAY) is None
    [shown] = await listed(nina, shifts=3)
    assert [shift["reason"] for shift in shown["shifts"]] == ["TURN"] * 3
    phone = await registered(db, harbour.otto)
    [held] = [each for each in (await phone.pull()).changes if each["collection"] == "onCallRota"]
    assert held["row"]["userIds"] == [str(harbour.nina.id), str(harbour.otto.id)]
    answer = await phone.push(phone.update("onCallRota", held["id"], {"name": "Mine"}, base_rev=1))
    assert answer.results[0].code == "FIELD_READ_ONLY"


async def test_who_is_away_is_passed_over_and_then_the_companys_rota_counts(
    harbour: World, signed_in: Callers, north: Any
) -> None:
    adam, territory = await signed_in(harbour.adam), str(harbour.north)
    leave = "mutation ($input: SetLeaveInput!) { setLeave(input: $input) { __typename } }"
    away = {"from": "2026-11-24", "until": "2026-11-25"}
    await adam.ask(leave, {"input": {"userId": str(harbour.nina.id), **away}})
    on_leave = await who(adam, territoryId=territory, at="2026-11-24T03:00:00Z")
    assert (on_leave["user"]["name"], on_leave["reason"]) == ("Otto", "NEXT")
    assert [each["name"] for each in on_leave["passedOver"]] == ["Nina"]
    assert (await who(adam, territoryId=territory, at="2026-11-25T00:00:00Z"))["user"]["name"] == "Nina"
    await adam.ask(leave, {"input": {"userId": str(harbour.otto.id), **away, "part": "AFTERNOON"}})
    assert (await who(adam, territoryId=territory, at="2026-11-24T11:59:59Z"))["user"]["name"] == "Otto"
    assert await who(adam, territoryId=territory, at="2026-11-24T12:00:00Z") is None
    await do(adam, "create_on_call_rota", **rota(harbour.vera, name="Whole company"))
    fallback = await who(adam, territoryId=territory, at="2026-11-24T12:00:00Z")
    assert (fallback["user"]["name"], fallback["rota"]["name"]) == ("Vera", "Whole company")
    assert (await who(adam, at=MONDAY))["user"]["name"] == "Vera"
    gone = "mutation ($input: DeactivateUserInput!) { deactivateUser(input: $input) { __typename } }"
    await adam.ask(gone, {"input": {"id": str(harbour.nina.id)}})
    assert (await who(adam, territoryId=territory, at=MONDAY))["user"]["name"] == "Otto"


async def test_somebody_steps_in_and_the_last_one_counts(harbour: World, signed_in: Callers, north: Any) -> None:
    otto, vera, territory = await signed_in(harbour.otto), await signed_in(harbour.vera), str(harbour.north)
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    night = {"rotaId": north["id"], "from": begin.isoformat(), "until": (begin + timedelta(hours=9)).isoformat()}
    taken = await do(otto, "stand_in", **night)
    assert [each["user"]["name"] for each in taken["onCallRota"]["standIns"]] == ["Otto"]
    inside = (begin + timedelta(hours=3)).isoformat()
    found = await who(otto, territoryId=territory, at=inside)
    assert (found["user"]["name"], found["reason"]) == ("Otto", "STANDS_IN")
    await do(vera, "stand_in", **night, userId=str(harbour.vera.id))
    assert (await who(otto, territoryId=territory, at=inside))["user"]["name"] == "Vera"
    after = await who(otto, territoryId=territory, at=night["until"])
    assert after["reason"] == "TURN"
    history = await vera.ask(
        document("why_value"),
        {"collection": "onCallRota", "recordId": north["id"], "field": "standIns"},
    )
    assert [write["actor"]["name"] for write in history["whyValue"]["writes"]][:2] == ["Vera", "Otto"]


async def test_a_stand_in_needs_a_time_and_a_person(harbour: World, signed_in: Callers, north: Any) -> None:
    vera, now = await signed_in(harbour.vera), datetime.now(UTC)

    async def refused(hours_from: float, hours_until: float, **given: Any) -> tuple[str, list[str]]:
        span = [(now + timedelta(hours=each)).isoformat() for each in (hours_from, hours_until)]
        answer = await do(vera, "stand_in", **{"rotaId": north["id"], "from": span[0], "until": span[1], **given})
        return answer["code"], answer["fields"]

    assert await refused(2, 2) == ("INVALID", ["from", "until"])
    assert await refused(-5, -1) == ("INVALID", ["from", "until"])
    assert await refused(1, 93 * 24) == ("INVALID", ["from", "until"])
    assert await refused(1, 2, userId=str(uuid4())) == ("NOT_FOUND", ["userId"])
    assert await refused(1, 2, rotaId=str(uuid4())) == ("NOT_FOUND", ["rotaId"])


async def test_what_cannot_be_a_rota_is_refused_by_the_name_of_its_field(
    harbour: World, signed_in: Callers, north: Any
) -> None:
    adam = await signed_in(harbour.adam)
    for given, code, fields in (
        ({"timeZone": "Mars/Base"}, "INVALID", ["timeZone"]),
        ({"handOverAt": "8:00"}, "INVALID", ["handOverAt"]),
        ({"handOverAt": "24:00"}, "INVALID", ["handOverAt"]),
        ({"daysPerTurn": 0}, "INVALID", ["daysPerTurn"]),
        ({"daysPerTurn": 29}, "INVALID", ["daysPerTurn"]),
        ({"anchorOn": "1989-12-31"}, "INVALID", ["anchorOn"]),
        ({"userIds": []}, "INVALID", ["userIds"]),
        ({"userIds": [str(uuid4())]}, "NOT_FOUND", ["userIds"]),
        ({"territoryId": str(uuid4())}, "NOT_FOUND", ["territoryId"]),
        ({"territoryId": str(harbour.north)}, "UNIQUE", ["territoryId"]),
        ({"name": " "}, "INVALID", ["name"]),
    ):
        answer = await do(adam, "create_on_call_rota", **{**rota(harbour.otto), **given})
        assert (answer["code"], answer["fields"]) == (code, fields), given
    for field in ("name", "timeZone", "handOverAt", "daysPerTurn", "anchorOn", "userIds"):
        answer = await do(adam, "update_on_call_rota", id=north["id"], **{field: None})
        assert (answer["code"], answer["fields"]) == ("INVALID", [field])
    assert [each["id"] for each in await listed(adam)] == [north["id"]]
    query = document("on_call")
    for asked in ({"territoryId": str(uuid4())}, {"at": "1989-01-01T00:00:00Z"}):
        assert await adam.refused(query, asked) == "BAD_REQUEST"


async def test_absent_stays_and_a_deleted_rota_reaches_nobody(harbour: World, signed_in: Callers, north: Any) -> None:
    vera, territory = await signed_in(harbour.vera), str(harbour.north)
    moved = (await do(vera, "update_on_call_rota", id=north["id"], handOverAt="18:00"))["onCallRota"]
    assert (moved["handOverAt"], moved["userIds"], moved["territory"]["name"]) == ("18:00", north["userIds"], "North")
    assert (await who(vera, territoryId=territory, at=MONDAY))["user"]["name"] == "Otto"
    assert (await do(vera, "delete_on_call_rota", id=north["id"]))["id"] == north["id"]
    assert await who(vera, territoryId=territory, at=MONDAY) is None
    assert await listed(vera) == []
    assert (await do(vera, "delete_on_call_rota", id=north["id"]))["code"] == "NOT_FOUND"
    again = await do(vera, "create_on_call_rota", **rota(harbour.otto, territory=harbour.north))
    assert again["__typename"] == "CreateOnCallRotaPayload"


async def test_who_may_keep_a_rota_and_who_may_step_in(db: Db, harbour: World, signed_in: Callers, north: Any) -> None:
    """Per role: make, change, delete; step in oneself, name another. Vera leads Nina (north) and Otto (south)."""
    rival = await settle(db, "rival")
    begin = datetime.now(UTC) + timedelta(days=1)
    span = {"from": begin.isoformat(), "until": (begin + timedelta(hours=1)).isoformat()}
    own = (await do(await signed_in(harbour.adam), "create_on_call_rota", **rota(harbour.vera)))["onCallRota"]
    expected = {
        "nina": ("FORBIDDEN", "FORBIDDEN", "OK", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"),
        "otto": ("FORBIDDEN", "FORBIDDEN", "OK", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"),
        "vera": ("OK", "OK", "OK", "OK", "FORBIDDEN", "OK"),
        "adam": ("OK", "OK", "OK", "OK", "OK", "OK"),
        "rival": ("NOT_FOUND",) * 6,
    }
    for name, codes in expected.items():
        person = rival.adam if name == "rival" else getattr(harbour, name)
        caller, other = await signed_in(person), harbour.nina if name == "otto" else harbour.otto
        made = await do(caller, "create_on_call_rota", **rota(harbour.otto, territory=harbour.south))
        if "onCallRota" in made:
            await do(caller, "delete_on_call_rota", id=made["onCallRota"]["id"])
        answers = (
            made,
            await do(caller, "update_on_call_rota", id=north["id"], name="Nights"),
            await do(caller, "stand_in", rotaId=north["id"], **span),
            await do(caller, "stand_in", rotaId=north["id"], userId=str(other.id), **span),
            await do(caller, "update_on_call_rota", id=own["id"], name="Own"),
            await do(caller, "stand_in", rotaId=own["id"], **span),  # Vera alone is part of it
        )  # fmt: skip
        assert tuple(answer.get("code", "OK") for answer in answers) == codes, name
        if codes[1] != "OK":
            assert (await do(caller, "delete_on_call_rota", id=north["id"]))["code"] == codes[1]
    assert await listed(await signed_in(rival.nina)) == []
    node = "query ($id: ID!) { node(id: $id) { __typename } }"
    assert (await (await signed_in(rival.adam)).ask(node, {"id": north["id"]}))["node"] is None
    assert (await (await signed_in(harbour.otto)).ask(node, {"id": north["id"]}))["node"]["__typename"] == "OnCallRota"


async def test_a_supervisor_keeps_to_his_territories_and_people(db: Db, harbour: World, signed_in: Callers) -> None:
    """Zoe leads nobody: neither the north nor Nina is hers."""
    adam, zoe_id = await signed_in(harbour.adam), str(uuid4())
    hire = "mutation ($input: CreateUserInput!) { createUser(input: $input) { __typename } }"
    email = "zoe@harbour.example"
    fields = {"id": zoe_id, "name": "Zoe", "email": email, "role": "SUPERVISOR", "password": "correct horse battery"}
    await adam.ask(hire, {"input": fields})
    zoe = await signed_in(Person(UUID(zoe_id), email, harbour.vera.actor))
    vera = await signed_in(harbour.vera)
    refused = await do(zoe, "create_on_call_rota", **rota(harbour.nina, territory=harbour.north))
    assert (refused["code"], refused["fields"]) == ("FORBIDDEN", [])
    strange = {**rota(harbour.nina, territory=harbour.north), "userIds": [str(harbour.nina.id), zoe_id]}
    refused = await do(vera, "create_on_call_rota", **strange)
    assert (refused["code"], refused["fields"]) == ("FORBIDDEN", ["userIds"])
    made = (await do(adam, "create_on_call_rota", **strange))["onCallRota"]
    # Whom an administrator has named stays when Vera changes the rest.
    assert (await do(vera, "update_on_call_rota", id=made["id"], daysPerTurn=1))["onCallRota"]["daysPerTurn"] == 1
