"""Errors outside GraphQL: problem details, with nothing of our inside in them, and no body too large to bear."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from fieldbeat.kit.refusal import NotFound, Outage
from fieldbeat.web.body_limit import BodyLimit
from fieldbeat.web.problems import answer_problems

BYTES_MAX = 1000


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app that fails in every family of errors."""
    app = FastAPI()
    app.add_middleware(BodyLimit, bytes_max=BYTES_MAX, within_s=0.2)
    answer_problems(app)

    @app.get("/refusal")
    async def refusal() -> None:
        raise NotFound

    @app.get("/outage")
    async def outage() -> None:
        raise Outage("The database is away.", retry_after_ms=1500)

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("secret of the house")

    @app.get("/valid/{number}")
    async def valid(number: int) -> None: ...

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://fieldbeat") as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/nowhere", 404, None), ("/refusal", 404, "NOT_FOUND"), ("/valid/x", 422, "INVALID"), ("/length", 405, None)],
)
async def test_an_error_is_a_problem(client: httpx.AsyncClient, path: str, status: int, code: str | None) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem.get("code")) == (status, code)
    assert problem["title"]


async def test_an_outage_says_when_to_come_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/outage")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_fault_is_masked_behind_an_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fault")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["instance"].startswith("urn:uuid:")


async def test_a_body_up_to_the_limit_arrives_whole(client: httpx.AsyncClient) -> None:
    assert (await client.post("/length", content=b"x" * BYTES_MAX)).json() == BYTES_MAX


@pytest.mark.parametrize("declared", [True, False])
async def test_a_larger_body_is_refused(client: httpx.AsyncClient, declared: bool) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    answer = await client.post("/length", content=b"x" * (BYTES_MAX + 1) if declared else in_pieces())
    assert answer.status_code == 413
    assert answer.json()["code"] == "LIMIT_EXCEEDED"


async def test_a_body_that_does_not_come_is_not_waited_for(client: httpx.AsyncClient) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(1)
        yield b"x"

    answer = await client.post("/length", content=dripping())
    assert (answer.status_code, answer.json()["code"]) == (408, "TIMEOUT")
