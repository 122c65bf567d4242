"""`GET /sync/snapshot` as an app meets it: what is accepted, what is refused, and that lines arrive whole."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
import zstandard
from fastapi import FastAPI

from fieldbeat import records
from fieldbeat.exchange import chunks
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.actions import deactivate_user
from fieldbeat.web import snapshot as edge
from fieldbeat.web.snapshot import best_coding
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.snapshots import Lines, stock
from fieldbeat_testing.world import PASSWORD, Person, World, client, serving

SIGN_IN = "mutation ($i: SignInInput!) { signIn(input: $i) { ... on Session { accessToken } } }"


@pytest.fixture
async def app(database: TestDatabase, redis_url: str) -> AsyncIterator[FastAPI]:
    """The real application on this test's database."""
    async with serving(database, redis_url) as served:
        yield served


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An app's way to it, before anybody has signed in."""
    async with client(app) as opened:
        yield opened


@pytest.fixture
async def nina(http: httpx.AsyncClient, harbour: World) -> httpx.AsyncClient:
    """Nina has signed in."""
    return await signed_in(http, harbour.nina)


async def signed_in(http: httpx.AsyncClient, person: Person) -> httpx.AsyncClient:
    """The client with the person's token."""
    given = {"i": {"email": person.email, "password": PASSWORD}}
    answer = await http.post("/graphql", json={"query": SIGN_IN, "variables": given})
    http.headers["authorization"] = f"Bearer {answer.json()['data']['signIn']['accessToken']}"
    return http


def parsed(text: bytes) -> Lines:
    """NDJSON: every line ends, the last one too."""
    assert text.endswith(b"\n")
    return [orjson.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("built", [False, True], ids=["from rows", "from chunks"])
@pytest.mark.parametrize("coding", ["zstd", "gzip", "identity"])
async def test_the_same_lines_come_in_every_coding(
    nina: httpx.AsyncClient, phone: Pusher, harbour: World, coding: str, built: bool
) -> None:
    await stock(phone, harbour, 600)
    if built:
        await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    answer = await nina.get(
        "/sync/snapshot", params={"deviceId": str(phone.device_id)}, headers={"accept-encoding": coding}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers.get("content-encoding", "identity") == coding
    lines = parsed(answer.content)
    assert lines[-1]["counts"] == {"user": 4, "territory": 2, "account": 602}
    resumed = await nina.get("/sync/snapshot", params={"deviceId": str(phone.device_id), "resume": lines[3]["resume"]})
    assert parsed(resumed.content)[1:] == [
        {**line, "resume": again["resume"]} if "resume" in line else line
        for line, again in zip(lines[4:], parsed(resumed.content)[1:], strict=True)
    ]


async def test_chunks_go_out_as_they_were_built(nina: httpx.AsyncClient, phone: Pusher, harbour: World) -> None:
    await stock(phone, harbour, 600)
    await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    async with phone.db.reading(harbour.tenant_id) as conn:
        frames = [row["frame"] for row in await conn.fetch("select frame from snapshot_chunk order by n")]
    request = nina.build_request("GET", "/sync/snapshot", params={"deviceId": str(phone.device_id)})
    request.headers["accept-encoding"] = "zstd"
    raw = b"".join([part async for part in (await nina.send(request, stream=True)).aiter_raw()])
    assert len(frames) >= 2
    assert all(frame in raw for frame in frames)
    assert zstandard.get_frame_parameters(frames[0]).window_size <= 8 << 20  # what every client must bear (RFC 9659)


async def test_who_may_not_have_it_is_told_so_before_the_first_line(
    http: httpx.AsyncClient, phone: Pusher, harbour: World, db: Db
) -> None:
    params = {"deviceId": str(phone.device_id)}

    async def refused(status: int, code: str, **more: str) -> None:
        answer = await http.get("/sync/snapshot", params={**params, **more})
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)

    await refused(401, "UNAUTHENTICATED")
    http.headers["authorization"] = "Bearer nonsense"
    await refused(401, "UNAUTHENTICATED")
    await signed_in(http, harbour.nina)
    await refused(422, "INVALID", deviceId="mine")
    await refused(422, "INVALID", schemaVersion="new")
    await refused(426, "UPGRADE_REQUIRED", schemaVersion="0")
    await refused(404, "NOT_FOUND", deviceId=str(uuid7()))
    await refused(404, "NOT_FOUND", deviceId=str((await registered(db, harbour.otto)).device_id))
    await refused(410, "SNAPSHOT_EXPIRED", resume="nonsense")
    async with records.writing(db, harbour.tenant_id) as tx:
        await deactivate_user(tx, harbour.adam.actor, user_id=harbour.nina.id)
    await refused(401, "UNAUTHENTICATED")


async def test_too_many_at_once_are_asked_to_come_again(
    nina: httpx.AsyncClient, phone: Pusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "STREAMS_MAX", 0)
    answer = await nina.get("/sync/snapshot", params={"deviceId": str(phone.device_id)})
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["retry-after"]) <= 5


async def test_a_client_that_goes_away_leaves_nothing_behind(
    app: FastAPI, nina: httpx.AsyncClient, phone: Pusher, harbour: World
) -> None:
    await stock(phone, harbour, 1_600)
    for _ in range(12):  # more often than there are connections to the database
        await _cut(app, nina.headers["authorization"], f"deviceId={phone.device_id}")
    answer = await asyncio.wait_for(nina.get("/sync/snapshot", params={"deviceId": str(phone.device_id)}), 20)
    assert parsed(answer.content)[-1]["done"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.1", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br", "identity"),
        ("", "identity"),
        ("gzip;q=x", "identity"),
    ],
)
def test_the_cheapest_accepted_coding_is_taken(accepted: str, coding: str) -> None:
    assert best_coding(accepted) == coding


async def _cut(app: FastAPI, authorization: str, query: str) -> None:
    """Asks, and is gone after the second part."""
    parts = 0
    gone = asyncio.Event()

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        nonlocal parts
        parts += message["type"] == "http.response.body"
        if parts == 2:
            gone.set()
            await asyncio.sleep(60)  # nobody takes it

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/sync/snapshot", "raw_path": b"/sync/snapshot", "query_string": query.encode(), "root_path": "",
        "headers": [(b"authorization", authorization.encode()), (b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    await asyncio.wait_for(app(scope, receive, send), 10)  # type: ignore[arg-type]
    assert parts == 2
