"""Who guesses passwords waits; who changes his own ends his other sessions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from fieldbeat.kit.db import Conn, Db
from fieldbeat.people import attempts, passwords, sessions, store
from fieldbeat.people.attempts import of_address
from fieldbeat.people.jobs import forget_failures
from fieldbeat.people.rules import client_address
from fieldbeat.phone.documents import document
from fieldbeat_testing.waiting import until_it_waits
from fieldbeat_testing.world import PASSWORD, Person, World, settle

from .conftest import Caller, Callers
from .test_signing_in import refresh

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { __typename ... on SignInRefused { code message fields retryAfterMs } }
}
"""
ME = "{ me { id } }"
NEW = "violet ladder 7 oceans"


async def tried(caller: Caller, email: str, password: str = "wrong password", **headers: str) -> dict[str, Any]:
    """What becomes of one attempt."""
    answer = await caller.post(SIGN_IN, {"input": {"email": email, "password": password}}, **headers)
    found: dict[str, Any] = answer.json()["data"]["signIn"]
    return found


async def codes(caller: Caller, email: str, attempts: int) -> list[str]:
    return [(await tried(caller, email))["code"] for _ in range(attempts)]


async def changed(caller: Caller, current: str, new: str) -> tuple[str | None, list[str]]:
    """The refusal of a change of one's password, if it was refused."""
    variables = {"input": {"currentPassword": current, "newPassword": new}}
    answer = (await caller.ask(document("change_password"), variables))["changePassword"]
    return answer.get("code"), answer.get("fields", [])


def elsewhere(app: FastAPI, address: str) -> Caller:
    """A client that is not this machine."""
    transport = httpx.ASGITransport(app, client=(address, 40_000))
    return Caller(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1"))


@pytest.mark.parametrize("email", ["nina@harbour.example", " Nobody@harbour.example"])
async def test_who_guesses_waits_whether_somebody_has_the_e_mail_or_not(
    nobody: Caller, harbour: World, owner: Conn, email: str
) -> None:
    assert await codes(nobody, email, 6) == ["INVALID_CREDENTIALS"] * 5 + ["TOO_MANY"]
    kept_out = await tried(nobody, email.strip().upper(), PASSWORD)
    assert (kept_out["code"], kept_out["fields"]) == ("TOO_MANY", [])
    assert 0 < kept_out["retryAfterMs"] <= 1_000
    await owner.execute("update failed_attempts set waits_until = clock_timestamp()")
    assert await codes(nobody, email, 2) == ["INVALID_CREDENTIALS", "TOO_MANY"]
    assert 1_000 < (await tried(nobody, email))["retryAfterMs"] <= 2_000


async def test_what_the_database_takes_for_one_e_mail_is_one(nobody: Caller, harbour: World) -> None:
    written = ["nina@harbour.example", "nİna@harbour.example", "NİNA@HARBOUR.EXAMPLE", "NINA@harbour.example"]
    for each in written:
        assert (await tried(nobody, each, PASSWORD))["__typename"] == "Session"
    found = [(await tried(nobody, each))["code"] for each in [*written, *written]]
    assert found == ["INVALID_CREDENTIALS"] * 5 + ["TOO_MANY"] * 3


async def test_the_wait_grows_to_a_quarter_of_an_hour_and_is_forgotten_after_a_day(
    nobody: Caller, db: Db, harbour: World, owner: Conn
) -> None:
    await codes(nobody, harbour.nina.email, 1)
    await owner.execute("update failed_attempts set failures = 90")
    await codes(nobody, harbour.nina.email, 1)
    assert 899_000 < (await tried(nobody, harbour.nina.email))["retryAfterMs"] <= 900_000
    day = "last_at = last_at - interval '25 hours', waits_until = waits_until - interval '25 hours'"
    await owner.execute(f"update failed_attempts set {day}")
    assert await codes(nobody, harbour.nina.email, 4) == ["INVALID_CREDENTIALS"] * 4
    assert await forget_failures(db) == 0
    await owner.execute(f"update failed_attempts set {day}")
    assert await forget_failures(db) == 1


async def test_what_succeeds_is_not_counted_and_begins_anew(nobody: Caller, harbour: World) -> None:
    for _ in range(3):
        assert await codes(nobody, harbour.nina.email, 4) == ["INVALID_CREDENTIALS"] * 4
        for _ in range(3):
            assert (await tried(nobody, harbour.nina.email, PASSWORD))["__typename"] == "Session"


async def test_guesses_made_at_once_count_like_guesses_one_after_the_other(
    nobody: Caller, harbour: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right password was let through and verified, and while it was, five wrong ones were counted."""
    verified, counted, forget = asyncio.Event(), asyncio.Event(), attempts.forget

    async def behind_the_others(conn: Conn, subject: attempts.Subject) -> None:
        verified.set()
        await counted.wait()
        await forget(conn, subject)

    monkeypatch.setattr(attempts, "forget", behind_the_others)
    right = asyncio.create_task(tried(nobody, harbour.nina.email, PASSWORD))
    await verified.wait()
    assert set(await codes(nobody, harbour.nina.email, 5)) == {"INVALID_CREDENTIALS"}
    counted.set()
    assert (await right)["code"] == "TOO_MANY"


async def test_an_address_that_fails_often_waits_and_others_do_not(
    app: FastAPI, nobody: Caller, harbour: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "FREE_AN_ADDRESS", 3)
    guesser, other = elsewhere(app, "203.0.113.7"), elsewhere(app, "203.0.113.8")
    for n in range(3):
        assert (await tried(guesser, f"{n}@harbour.example"))["code"] == "INVALID_CREDENTIALS"
    assert (await tried(guesser, harbour.nina.email, PASSWORD))["code"] == "TOO_MANY"
    forged = await tried(guesser, harbour.nina.email, PASSWORD, x_forwarded_for="198.51.100.1")
    assert forged["code"] == "TOO_MANY"
    for caller in (other, nobody):
        assert (await tried(caller, harbour.nina.email, PASSWORD))["__typename"] == "Session"
    for n in range(9):  # this machine may be a proxy
        assert (await tried(nobody, f"{n}@rival.example"))["code"] == "INVALID_CREDENTIALS"


async def test_guessing_portal_tokens_waits_too(app: FastAPI, harbour: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "FREE_A_PORTAL_ADDRESS", 2)
    guesser = Caller(elsewhere(app, "203.0.113.7").http, "portal_" + "A" * 86)
    assert [await guesser.refused("{ portal { contactName } }") for _ in range(2)] == ["UNAUTHENTICATED"] * 2
    answer = (await guesser.post("{ portal { contactName } }")).json()["errors"][0]["extensions"]
    assert (answer["reason"], answer["retryAfterMs"] > 0) == ("TOO_MANY", True)


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("10.0.0.1", "", 0, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4", 0, "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", 2, "1.2.3.4"),
        ("10.0.0.1", "1.2.3.4", 2, "10.0.0.1"),
    ],
)
def test_the_address_is_what_the_outermost_proxy_of_ours_saw(
    peer: str, forwarded: str, proxies: int, address: str
) -> None:
    assert client_address(peer, forwarded, proxies=proxies) == address


def test_whose_failures_are_one() -> None:
    assert of_address("2001:db8::1") == of_address("2001:db8::ffff:1")
    assert of_address("2001:db8::1") != of_address("2001:db8:0:1::1")
    assert of_address("::ffff:203.0.113.7") == of_address("203.0.113.7") != of_address("::ffff:203.0.113.8")
    assert (
        of_address("127.0.0.1") == of_address("::ffff:127.0.0.1") == of_address("::1") == of_address("testclient") == []
    )


async def test_a_changed_password_ends_the_other_sessions(nobody: Caller, harbour: World, signed_in: Callers) -> None:
    here, there, otto = [await signed_in(each) for each in (harbour.nina, harbour.nina, harbour.otto)]
    assert await changed(here, PASSWORD, NEW) == (None, [])
    assert await there.refused(ME) == "UNAUTHENTICATED"
    await here.ask(ME)
    await otto.ask(ME)
    assert (await tried(nobody, harbour.nina.email, PASSWORD))["code"] == "INVALID_CREDENTIALS"
    assert (await tried(nobody, harbour.nina.email, NEW))["__typename"] == "Session"
    assert (await tried(nobody, harbour.otto.email, PASSWORD))["__typename"] == "Session"


@pytest.mark.parametrize(
    "new", ["short of 15", "x" * 129, "passwordpassword", "123456789012345", "harbour.example.nina", "qwertyuiopasdfgh"]
)
async def test_a_password_that_is_short_or_guessed_easily_is_refused(
    harbour: World, signed_in: Callers, new: str
) -> None:
    nina = await signed_in(harbour.nina)
    assert await changed(nina, PASSWORD, new) == ("INVALID", ["newPassword"])
    await signed_in(harbour.nina)


async def test_the_present_password_is_not_guessed_through_a_session(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    found = [await changed(nina, "wrong password", NEW) for _ in range(6)]
    assert found == [("INVALID_CREDENTIALS", ["currentPassword"])] * 5 + [("TOO_MANY", [])]


async def test_an_administrator_sets_a_password_anew(
    nobody: Caller, db: Db, harbour: World, signed_in: Callers
) -> None:
    nina, adam = await signed_in(harbour.nina), await signed_in(harbour.adam)
    await codes(nobody, harbour.nina.email, 6)
    rival = await settle(db, "rival")
    reset = document("reset_password")

    async def refused(caller: Caller, person: Any) -> str:
        return str((await caller.ask(reset, {"input": {"userId": str(person.id)}}))["resetPassword"]["code"])

    vera, theirs = await signed_in(harbour.vera), await signed_in(rival.adam)
    assert await refused(vera, harbour.nina) == "FORBIDDEN"
    assert await refused(theirs, harbour.nina) == "NOT_FOUND"
    assert await refused(adam, harbour.adam) == "FORBIDDEN"
    answer = (await adam.ask(reset, {"input": {"userId": str(harbour.nina.id)}}))["resetPassword"]
    assert await nina.refused(ME) == "UNAUTHENTICATED"
    assert (await tried(nobody, harbour.nina.email, PASSWORD))["code"] == "INVALID_CREDENTIALS"
    assert (await tried(nobody, harbour.nina.email, answer["initialPassword"]))["__typename"] == "Session"


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Set when the tokens of a session are written; and they are committed when the second is set."""
    written, let_go, issue = asyncio.Event(), asyncio.Event(), store.issue_refresh_token

    async def slowly(*args: Any, **more: Any) -> None:
        await issue(*args, **more)
        written.set()
        await let_go.wait()

    monkeypatch.setattr(store, "issue_refresh_token", slowly)
    return written, let_go


@pytest.mark.parametrize(
    ("begun", "ended"),
    [
        ("refreshed", "changed"),
        ("refreshed", "reset"),
        ("refreshed", "signed out"),
        ("signed in", "changed"),
        ("signed in", "reset"),
    ],
)
async def test_a_session_ends_though_its_tokens_are_just_being_written(
    harbour: World, signed_in: Callers, owner: Conn, request: pytest.FixtureRequest, begun: str, ended: str
) -> None:
    here, there, adam = [await signed_in(each) for each in (harbour.nina, harbour.nina, harbour.adam)]
    written, let_go = request.getfixturevalue("issued")
    ways: dict[str, Callable[[], Awaitable[Any]]] = {
        "changed": lambda: changed(here, PASSWORD, NEW),
        "reset": lambda: adam.ask(document("reset_password"), {"input": {"userId": str(harbour.nina.id)}}),
        "signed out": lambda: there.ask("mutation { signOut }"),
    }
    giving = asyncio.create_task(_token(there if begun == "refreshed" else None, harbour.nina, signed_in))
    await written.wait()
    ending = asyncio.ensure_future(ways[ended]())
    await until_it_waits(owner, ending)
    let_go.set()
    token, _ = await asyncio.gather(giving, ending)
    assert await Caller(here.http, token).refused(ME) == "UNAUTHENTICATED"


async def _token(session: Caller | None, person: Person, signed_in: Callers) -> str:
    """The access token of a session that goes on, or of a new one."""
    found = (
        (await refresh(session, session.refresh_token))["accessToken"] if session else (await signed_in(person)).token
    )
    return str(found)


async def test_a_password_that_is_changed_while_it_is_verified_opens_no_session(
    nobody: Caller, harbour: World, signed_in: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    nina = await signed_in(harbour.nina)
    verified, let_go, verify = asyncio.Event(), asyncio.Event(), passwords.verify_password

    async def slowly(password: str, password_hash: str | None) -> bool:
        found = await verify(password, password_hash)
        verified.set()
        await let_go.wait()
        return found

    monkeypatch.setattr(sessions, "verify_password", slowly)
    late = asyncio.create_task(tried(nobody, harbour.nina.email, PASSWORD))
    await verified.wait()
    assert await changed(nina, PASSWORD, NEW) == (None, [])
    let_go.set()
    assert (await late).get("code") == "INVALID_CREDENTIALS"


async def test_a_line_that_the_client_forged_does_not_hide_him_from_the_proxys_own(
    app: FastAPI, nobody: Caller, harbour: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some proxies add a header of their own behind those that came."""
    monkeypatch.setattr(attempts, "FREE_AN_ADDRESS", 3)
    app.state.settings = app.state.settings.model_copy(update={"proxies": 1})
    found = []
    for n in range(4):
        lines = [("x-forwarded-for", f"198.51.100.{n}"), ("x-forwarded-for", "203.0.113.7")]
        asked = {"query": SIGN_IN, "variables": {"input": {"email": f"{n}@harbour.example", "password": "wrong"}}}
        answer = await nobody.http.post("/graphql", json=asked, headers=lines)
        found.append(answer.json()["data"]["signIn"]["code"])
    assert found == ["INVALID_CREDENTIALS"] * 3 + ["TOO_MANY"]
