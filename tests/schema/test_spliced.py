"""A pull without the engine is answered as the engine answers it, in every story, and refused in the same words."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from fieldbeat.phone.documents import document
from fieldbeat_graphql import spliced
from fieldbeat_graphql.schema import schema
from fieldbeat_testing.world import World

from .conftest import Caller, Callers
from .test_pushing import DEACTIVATE, push, register

PULL = document("sync_pull")
# A fragment is the engine's alone.
BY_ENGINE = PULL.replace("    cursor\n", "    ...Cursor\n") + "fragment Cursor on SyncPullPayload { cursor }"
PUSH = document("sync_push")
PUSH_BY_ENGINE = PUSH.replace("    ratchet\n", "    ...Ratchet\n") + "fragment Ratchet on SyncPushPayload { ratchet }"


async def both(caller: Caller, device: Mapping[str, Any], **given: Any) -> Any:
    """What both say to the same request, which must be the same but for the time."""
    asked = {"deviceId": device["deviceId"], "incarnation": device["incarnation"], "schemaVersion": 1, **given}
    answers = [await caller.post(document, {"input": asked}) for document in (BY_ENGINE, PULL)]
    assert len({(each.status_code, each.headers["content-type"]) for each in answers}) == 1
    one, other = [each.json() for each in answers]
    for each in (one, other):
        if each.get("data"):
            assert each["data"]["syncPull"].pop("serverTime").endswith("Z")
        for error in each.get("errors", ()):
            error.pop("locations", None)  # the documents differ
    assert one == other
    return other


async def page(caller: Caller, device: Mapping[str, Any], cursor: str | None = None, **given: Any) -> Any:
    return (await both(caller, device, cursor=cursor, **given))["data"]["syncPull"]


def test_the_apps_document_has_a_plan_and_the_engines_has_none() -> None:
    for apps, engines in ((PULL, BY_ENGINE), (PUSH, PUSH_BY_ENGINE)):
        assert spliced._plan(schema, apps) is not None
        assert spliced._plan(schema, engines) is None


@pytest.mark.parametrize(
    "document",
    [
        "query ($input: SyncPullInput!) { syncPull(input: $input) { cursor } me { id } }",
        "query ($input: SyncPullInput!) { syncPull(input: $input) @skip(if: true) { cursor } }",
        "query ($input: SyncPullInput!) { syncPull(input: $input) { cursor @skip(if: true) } }",
        "query ($input: SyncPullInput!) { syncPull(input: $input) { __typename } }",
        "query ($input: SyncPullInput!) { syncPull(input: $input) { nothing } }",
        "query ($other: SyncPullInput!) { syncPull(input: $other) { cursor } }",
        "query ($input: SyncPullInput!, $more: Int) { syncPull(input: $input) { cursor } }",
        "query { syncPull(input: {}) { cursor } }",
        "query {",
    ],
)
def test_what_is_not_all_plain_has_no_plan(document: str) -> None:
    assert spliced._plan(schema, document) is None


async def test_pages_to_the_end_then_nothing_then_a_change(harbour: World, signed_in: Callers) -> None:
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    device, pusher = await register(nina), await register(vera)
    cursor, more, pages = None, True, 0
    while more:
        answer = await page(nina, device, cursor, limit=2)
        cursor, more, pages = answer["cursor"], answer["hasMore"], pages + 1
        assert (answer["scopes"] is None) == more
    assert pages > 2
    assert (await page(nina, device, cursor))["changes"] == []
    await push(vera, pusher, harbour.lunch, {"note": "\\u0000 is a text, ü too"})
    [change] = (await page(nina, device, cursor))["changes"]
    assert change["row"]["note"] == "\\u0000 is a text, ü too"


async def test_a_lost_territory_is_evicted(harbour: World, signed_in: Callers, app: FastAPI) -> None:
    nina = await signed_in(harbour.nina)
    device = await register(nina)
    cursor = (await page(nina, device))["cursor"]
    async with app.state.db.writing(harbour.tenant_id) as conn:
        await conn.execute("delete from territory_assignment where user_id = $1", harbour.nina.id)
    answer = await page(nina, device, cursor)
    assert [(each["kind"], each["id"]) for each in answer["changes"]] == [("EVICT", None)]


async def test_problems(harbour: World, signed_in: Callers) -> None:
    nina, otto = await signed_in(harbour.nina), await signed_in(harbour.otto)
    device = await register(nina)
    cursor = (await page(nina, device))["cursor"]
    told = {
        "CURSOR_INVALID": await page(nina, device, "x"),
        "UPGRADE_REQUIRED": await page(nina, device, schemaVersion=0),
        "DEVICE_UNKNOWN": await page(otto, device, cursor),
        "DEVICE_FORKED": await page(nina, {**device, "incarnation": device["incarnation"] + 1}),
    }
    assert {code: answer["problem"]["code"] for code, answer in told.items()} == {code: code for code in told}
    assert (await page(nina, {**device, "deviceId": str(uuid4())}))["problem"]["code"] == "DEVICE_UNKNOWN"


@pytest.mark.parametrize(
    "given",
    [{"limit": None}, {"limit": 0}, {"limit": 1 << 31}, {"limit": "5"}, {"incarnation": True}, {"more": 1},
     {"deviceId": "no"}, {"cursor": 5}, {"cursor": "\0"}],
)  # fmt: skip
async def test_input_of_any_form(harbour: World, signed_in: Callers, given: Mapping[str, Any]) -> None:
    nina = await signed_in(harbour.nina)
    await both(nina, await register(nina), **given)


async def both_pushes(caller: Caller, given: Mapping[str, Any]) -> Any:
    """What both say to the same push."""
    answers = [(await caller.post(document, {"input": given})).json() for document in (PUSH_BY_ENGINE, PUSH)]
    for each in answers:
        if each.get("data"):
            each["data"]["syncPush"].pop("serverTime")
        for error in each.get("errors", ()):
            error.pop("locations", None)
    assert answers[0] == answers[1]
    return answers[0]


def pushing(device: Mapping[str, Any], *edits: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    at = device["serverTime"]
    usual = {"at": at, "collection": "account", "op": "UPDATE", "baseRev": 1}
    mutations = [{**usual, "seq": n, "uuid": str(uuid4()), **edit} for n, edit in enumerate(edits, start=1)]
    identity = {name: device[name] for name in ("deviceId", "incarnation", "epoch", "ratchet")}
    return {**identity, "schemaVersion": 1, "deviceNow": at, "ackedThrough": 0, "mutations": mutations, **more}


async def test_a_push_is_answered_alike(harbour: World, signed_in: Callers) -> None:
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    device, other = await register(nina), await register(vera)
    await push(vera, other, harbour.lunch, {"note": "by Vera"})
    given = pushing(
        device,
        {"recordId": harbour.tea, "patch": {"phone": "1", "tags": {"$add": ["ü"]}}},
        {"recordId": harbour.lunch, "patch": {"note": "by Nina"}, "uptimeMs": 5, "bootId": "b"},
        {"recordId": harbour.tea, "patch": {"colour": 1}},
        {"recordId": str(uuid4()), "op": "CREATE", "baseRev": None, "patch": {"name": "New"}, "group": str(uuid4())},
        {"recordId": harbour.tea, "op": "DELETE"},
        {"recordId": harbour.tea, "op": "NOOP", "patch": None},
    )
    first = (await nina.ask(PUSH, {"input": given}))["syncPush"]
    assert [each["status"] for each in first["results"]] == [
        "APPLIED", "CONFLICT", "REJECTED", "APPLIED", "REJECTED", "APPLIED",
    ]  # fmt: skip
    again = (await both_pushes(nina, given))["data"]["syncPush"]
    assert {each["status"] for each in again["results"]} == {"DUPLICATE"}
    assert [each["original"] for each in again["results"]] == [each["status"] for each in first["results"]]
    assert first.keys() - {"serverTime"} == again.keys()
    assert [each.keys() for each in first["results"]] == [each.keys() for each in again["results"]]
    gap = pushing(device, {"recordId": harbour.tea, "patch": {"phone": "2"}, "seq": 99})
    assert (await both_pushes(nina, gap))["data"]["syncPush"]["problem"]["code"] == "SEQUENCE_GAP"


@pytest.mark.parametrize(
    "edit",
    [{"at": "yesterday"}, {"at": "2026-01-01T08:00:00"}, {"at": "2026-01-01T08:00:00.123456789+05:00"}, {"op": "MOVE"},
     {"seq": "1"}, {"uuid": None}, {"uptimeMs": True}, {"uptimeMs": "1"}, {"baseRev": 1.0}, {"more": 1},
     {"recordId": 7}],
)  # fmt: skip
async def test_edits_of_any_form(harbour: World, signed_in: Callers, edit: Mapping[str, Any]) -> None:
    nina = await signed_in(harbour.nina)
    device = await register(nina)
    given = pushing(device, {"recordId": harbour.tea, "patch": {"phone": "1"}, **edit})
    await nina.post(PUSH, {"input": given})
    await both_pushes(nina, given)


async def test_who_may_not_ask_is_told_so(harbour: World, signed_in: Callers) -> None:
    nina, adam, otto = [await signed_in(each) for each in (harbour.nina, harbour.adam, harbour.otto)]
    device, his = await register(nina), await register(otto)
    forged = Caller(nina.http, f"{nina.token}x")
    codes = [(await both(each, device))["errors"][0]["extensions"]["code"] for each in (Caller(nina.http), forged)]
    await otto.ask("mutation { signOut }")
    codes.append((await both(otto, his))["errors"][0]["extensions"]["code"])
    await adam.ask(DEACTIVATE, {"input": {"id": str(harbour.nina.id)}})
    codes.append((await both(nina, device))["errors"][0]["extensions"]["code"])
    assert codes == ["UNAUTHENTICATED"] * 4
