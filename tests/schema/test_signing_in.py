"""Sessions as a client sees them: signing in, refreshing, signing out, being deactivated."""

import asyncio
from typing import Any

import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat.people.actions import create_tenant
from fieldbeat_testing.world import PASSWORD, World

from .conftest import Caller, Callers

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) {
    __typename ... on Session { expiresIn user { name role } } ... on SignInRefused { code message fields }
  }
}
"""
REFRESH = """
mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename ... on Session { accessToken refreshToken } ... on SignInRefused { code }
  }
}
"""
ME = "{ me { id name email role manager { name } } }"


async def refresh(caller: Caller, token: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = (await caller.ask(REFRESH, {"input": {"refreshToken": token}}))["refreshSession"]
    return answer


async def test_the_right_password_opens_a_session(nobody: Caller, harbour: World) -> None:
    answer = await nobody.ask(SIGN_IN, {"input": {"email": " NINA@harbour.example ", "password": PASSWORD}})
    assert answer["signIn"] == {"__typename": "Session", "expiresIn": 900, "user": {"name": "Nina", "role": "REP"}}


async def test_a_refusal_does_not_tell_what_was_wrong(nobody: Caller, harbour: World) -> None:
    attempts = [("nina@harbour.example", "wrong password"), ("nobody@harbour.example", PASSWORD)]
    answers = [
        await nobody.ask(SIGN_IN, {"input": {"email": email, "password": password}}) for email, password in attempts
    ]
    assert answers[0] == answers[1]
    assert answers[0]["signIn"]["code"] == "INVALID_CREDENTIALS"


async def test_me_is_who_signed_in(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    me = (await nina.ask(ME))["me"]
    assert me == {
        "id": str(harbour.nina.id),
        "name": "Nina",
        "email": "nina@harbour.example",
        "role": "REP",
        "manager": {"name": "Vera"},
    }


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x.y.z", "Basic abc", "Bearer eyJhbGciOiJub25lIn0.e30."]
)
async def test_without_a_valid_token_there_is_401(nobody: Caller, authorization: str) -> None:
    response = await nobody.post(ME, authorization=authorization)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    answer = response.json()
    assert answer["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert "data" not in answer


async def test_an_expired_token_is_refused(harbour: World, signed_in: Callers, app: Any) -> None:
    app.state.settings = app.state.settings.model_copy(update={"access_token_ttl_s": -1})
    nina = await signed_in(harbour.nina)
    response = await nina.post(ME)
    assert response.status_code == 401
    assert response.json()["errors"][0]["message"] == "This access token has expired."


async def test_a_stale_token_does_not_keep_anybody_from_signing_in(nobody: Caller, harbour: World) -> None:
    response = await nobody.post(
        SIGN_IN, {"input": {"email": harbour.nina.email, "password": PASSWORD}}, authorization="Bearer stale"
    )
    assert response.json()["data"]["signIn"]["__typename"] == "Session"


async def test_reuse_of_an_old_refresh_token_ends_the_family(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    first = await refresh(nina, nina.refresh_token)
    successor = Caller(nina.http, first["accessToken"], first["refreshToken"])
    await successor.ask(ME)

    assert (await refresh(nina, nina.refresh_token))["code"] == "INVALID_TOKEN"

    assert (await refresh(nina, successor.refresh_token))["code"] == "INVALID_TOKEN"
    assert await successor.refused(ME) == "UNAUTHENTICATED"


async def test_concurrent_refreshes_have_one_successor(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    answers = await asyncio.gather(*(refresh(nina, nina.refresh_token) for _ in range(5)))
    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["Session"] + ["SignInRefused"] * 4


@pytest.mark.parametrize("token", ["", "x", "ä", "A" * 107, "A" * 86])
async def test_a_refresh_token_that_is_none_is_refused(nobody: Caller, harbour: World, token: str) -> None:
    assert (await refresh(nobody, token))["code"] == "INVALID_TOKEN"


async def test_signing_out_ends_access_and_refresh_at_once(harbour: World, signed_in: Callers) -> None:
    nina, elsewhere = await signed_in(harbour.nina), await signed_in(harbour.nina)
    assert await nina.ask("mutation { signOut }") == {"signOut": True}
    assert await nina.refused(ME) == "UNAUTHENTICATED"
    assert (await refresh(nina, nina.refresh_token))["code"] == "INVALID_TOKEN"
    await elsewhere.ask(ME)


DEACTIVATE = """
mutation ($input: DeactivateUserInput!) {
  deactivateUser(input: $input) {
    __typename ... on DeactivateUserPayload { user { deactivatedAt } } ... on Refusal { code }
  }
}
"""


async def test_a_deactivated_person_may_only_hand_in_what_he_edited(
    nobody: Caller, harbour: World, signed_in: Callers, owner: Conn
) -> None:
    nina, adam = await signed_in(harbour.nina), await signed_in(harbour.adam)
    gone = await adam.ask(DEACTIVATE, {"input": {"id": str(harbour.nina.id)}})
    assert gone["deactivateUser"]["user"]["deactivatedAt"]

    assert await nina.refused(ME) == "UNAUTHENTICATED"
    answer = await nobody.ask(SIGN_IN, {"input": {"email": harbour.nina.email, "password": PASSWORD}})
    assert answer["signIn"]["code"] == "INVALID_CREDENTIALS"
    # His phone may have been offline for longer than an access token lives.
    renewed = await refresh(nina, nina.refresh_token)
    assert renewed["__typename"] == "Session"
    assert await Caller(nina.http, renewed["accessToken"]).refused(ME) == "UNAUTHENTICATED"

    await owner.execute(
        "update person set deactivated_at = deactivated_at - interval '30 days' where id = $1", harbour.nina.id
    )
    assert (await refresh(nina, renewed["refreshToken"]))["code"] == "INVALID_TOKEN"


async def test_only_administrators_deactivate_and_not_themselves(harbour: World, signed_in: Callers) -> None:
    for person, victim in ((harbour.vera, harbour.nina), (harbour.adam, harbour.adam)):
        caller = await signed_in(person)
        answer = await caller.ask(DEACTIVATE, {"input": {"id": str(victim.id)}})
        assert answer["deactivateUser"] == {"__typename": "Forbidden", "code": "FORBIDDEN"}


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({}, "Session"),
        ({"host": "localhost:8000"}, "Session"),
        ({"host": "demo.example"}, "DEMO_IS_LOCAL"),
        ({"x-forwarded-for": "10.0.0.7"}, "DEMO_IS_LOCAL"),
        ({"forwarded": "for=10.0.0.7"}, "DEMO_IS_LOCAL"),
    ],
)
async def test_the_demo_opens_to_this_machine_alone(
    nobody: Caller, db: Db, headers: dict[str, str], outcome: str
) -> None:
    await create_tenant(db, name="Demo", admin_email="a@demo", admin_name="Admin", password=PASSWORD, demo=True)
    variables = {"input": {"email": "a@demo", "password": PASSWORD}}
    answer = (await nobody.post(SIGN_IN, variables, **headers)).json()["data"]["signIn"]
    assert answer.get("code", answer["__typename"]) == outcome
