"""Keys and the tokens that they sign: rotation, many processes, forgery."""

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import orjson
import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people import keys as keys_module
from fieldbeat.people.keys import KeyRing, Keys, load_keys, rotate_key
from fieldbeat.people.model import Unauthenticated
from fieldbeat.people.tokens import Claims, kid_of, read_access, sign_access
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.program import run

TTL_S = 900


def claims() -> Claims:
    return Claims(uuid7(), uuid7(), uuid7(), datetime(2026, 1, 1, tzinfo=UTC))


async def test_processes_that_start_together_share_one_set_of_keys(db: Db) -> None:
    first, *others = await asyncio.gather(*(load_keys(db) for _ in range(8)))
    assert all(other == first for other in others)


async def test_a_token_outlives_the_key_that_signed_it_until_it_expires(db: Db, owner: Conn) -> None:
    before = await load_keys(db)
    said = claims()
    token = sign_access(before, said)

    new_kid = await rotate_key(db, access_token_ttl_s=TTL_S)
    after = await load_keys(db)
    assert after.kid == new_kid != before.kid
    assert after.seal_key == before.seal_key
    assert kid_of(sign_access(after, said)) == new_kid
    assert read_access(after, token) == said

    await owner.execute("update signing_key set expires_at = clock_timestamp() where kid = $1", before.kid)
    with pytest.raises(Unauthenticated):
        read_access(await load_keys(db), token)


async def test_an_operator_rotates_the_key(db: Db, database: TestDatabase) -> None:
    before = await load_keys(db)
    done = run("keys", "rotate", database_url=database.app_url)
    after = await load_keys(db)
    assert (done.returncode, done.stdout.split()[1]) == (0, after.kid), done.stderr
    assert after.kid != before.kid
    assert before.kid in after.verifying


async def test_a_retired_key_verifies_for_as_long_as_any_process_may_sign_with_it(db: Db, owner: Conn) -> None:
    before = await load_keys(db)
    await rotate_key(db, access_token_ttl_s=TTL_S)
    left = await owner.fetchval("select expires_at - retired_at from signing_key where kid = $1", before.kid)
    assert left >= timedelta(seconds=TTL_S + keys_module.KEPT_FOR_S)


async def test_a_process_meets_a_key_that_another_one_made(db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "RELOAD_AFTER_S", 0)
    here, elsewhere = KeyRing(db), KeyRing(db)
    await here.current()
    await rotate_key(db, access_token_ttl_s=TTL_S)
    said = claims()
    token = sign_access(await elsewhere.current(), said)
    assert read_access(await here.knowing(kid_of(token)), token) == said


async def test_unknown_kids_do_not_send_every_request_to_the_database(db: Db) -> None:
    ring = KeyRing(db)
    keys = await ring.current()
    assert await ring.knowing("nobody's") is keys


def _unsigned(keys: Keys, body: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "JWT", "kid": keys.kid}, body]
    return ".".join(base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in parts) + "."


def _signed(secret: bytes, **headers: Any) -> Callable[[Keys, dict[str, Any]], str]:
    return lambda keys, body: jwt.encode(body, secret, "HS256", headers={"kid": keys.kid, **headers})


def _without(name: str) -> Callable[[Keys, dict[str, Any]], str]:
    return lambda keys, body: jwt.encode(
        {key: value for key, value in body.items() if key != name}, keys.signing, "HS256", headers={"kid": keys.kid}
    )


def _with(**changed: Any) -> Callable[[Keys, dict[str, Any]], str]:
    return lambda keys, body: jwt.encode(body | changed, keys.signing, "HS256", headers={"kid": keys.kid})


@pytest.mark.parametrize(
    "forge",
    [
        _unsigned, _signed(b"x" * 32), _signed(b"x" * 32, kid="other"), _without("exp"), _without("family"),
        _with(iss="somebody"), _with(tenant="none"), _with(exp=10**15), _with(sub=7),
    ],
)  # fmt: skip
async def test_a_forged_token_is_refused(db: Db, forge: Callable[[Keys, dict[str, Any]], str]) -> None:
    keys = await load_keys(db)
    body = jwt.decode(sign_access(keys, claims()), options={"verify_signature": False})
    assert read_access(keys, _with()(keys, body))
    with pytest.raises(Unauthenticated):
        read_access(keys, forge(keys, body))


def test_keys_do_not_show_in_a_log() -> None:
    keys = Keys("kid", {"kid": b"secret" * 6}, b"sealing" * 5)
    assert "secret" not in repr(keys)
    assert "sealing" not in repr(keys)
