"""What a client sees when something of ours breaks, is away, or takes too long."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
import strawberry
from starlette.applications import Starlette
from strawberry.schema.config import StrawberryConfig
from structlog.testing import capture_logs

from fieldbeat.exchange.poke import Pokes
from fieldbeat.kit.db import Db
from fieldbeat.kit.refusal import Outage
from fieldbeat.kit.settings import read_settings
from fieldbeat.people.keys import KeyRing
from fieldbeat_graphql.context import PUBLIC_FIELDS, Info
from fieldbeat_graphql.endpoint import graphql_routes
from fieldbeat_graphql.guard import Guard
from fieldbeat_graphql.scalars import SCALARS, Json, RawJson
from fieldbeat_graphql.schema import GuardedSchema

TIMEOUT_S = 0.3
SECRET = "host=10.0.0.7 password=hunter2"
ASLEEP = """
select count(*) from pg_stat_activity
where datname = current_database() and query like '%pg_sleep(30)%' and state = 'active' and pid <> pg_backend_pid()
"""


@strawberry.type
class Query:
    @strawberry.field
    async def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    async def broken_required(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    async def away(self) -> str | None:
        raise Outage(SECRET, retry_after_ms=2_500)

    @strawberry.field
    async def slow(self, info: Info) -> str | None:
        async with info.context.db.unscoped() as conn:
            await conn.execute("select pg_sleep(30)")
        return None

    @strawberry.field
    async def rendered(self) -> Json:
        return Json(RawJson(b'[{"a":1},2]'))


@pytest.fixture
async def http(db: Db, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A service whose fields misbehave; they need no token."""
    names = {"broken", "brokenRequired", "away", "slow", "rendered"}
    monkeypatch.setattr("fieldbeat_graphql.context.PUBLIC_FIELDS", PUBLIC_FIELDS | names)
    schema = GuardedSchema(Query, extensions=[Guard], config=StrawberryConfig(scalar_map=SCALARS))
    app = Starlette(routes=graphql_routes(schema))
    app.state.settings = read_settings(request_timeout_s=TIMEOUT_S)
    app.state.db, app.state.key_ring, app.state.pokes = db, KeyRing(db), Pokes()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


async def ask(http: httpx.AsyncClient, query: str) -> tuple[int, Any]:
    response = await http.post(
        "/graphql", json={"query": query}, headers={"accept": "application/graphql-response+json"}
    )
    return response.status_code, orjson.loads(response.content)


@pytest.mark.parametrize(
    ("query", "data"),
    [("{ broken rendered }", {"broken": None, "rendered": [{"a": 1}, 2]}), ("{ brokenRequired }", None)],
)
async def test_a_fault_is_masked_with_an_id_that_the_log_knows(http: httpx.AsyncClient, query: str, data: Any) -> None:
    with capture_logs() as logs:
        status, answer = await ask(http, query)
    assert (status, answer["data"]) == (200, data)
    [error] = answer["errors"]
    fault_id = error["extensions"]["id"]
    assert error["message"] == f"internal error, id {fault_id}"
    assert error["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in str(answer)
    [line] = [each for each in logs if each["log_level"] == "error"]
    assert line["id"] == fault_id
    assert SECRET in str(line["exc_info"])


async def test_an_outage_tells_when_to_try_again(http: httpx.AsyncClient) -> None:
    _, answer = await ask(http, "{ away }")
    assert answer["errors"][0]["extensions"] == {"code": "INTERNAL", "retryAfterMs": 2_500}
    assert "hunter2" not in str(answer)


async def test_the_deadline_cancels_the_statement_in_the_database(http: httpx.AsyncClient, db: Db) -> None:
    status, answer = await ask(http, "{ slow }")
    assert (status, answer["errors"][0]["extensions"]["code"]) == (504, "TIMEOUT")
    assert "data" not in answer
    async with db.unscoped() as conn:  # another role is not shown what these sessions do
        for _ in range(50):
            if await conn.fetchval(ASLEEP) == 0:
                break
            await asyncio.sleep(0.05)
        assert await conn.fetchval(ASLEEP) == 0
    status, answer = await ask(http, "{ rendered }")
    assert (status, answer["data"]) == (200, {"rendered": [{"a": 1}, 2]})


async def test_messages_of_validation_show_no_python(http: httpx.AsyncClient) -> None:
    _, answer = await ask(http, "{ brokn }")
    assert re.fullmatch(
        r"Cannot query field 'brokn' on type 'Query'\. Did you mean .*\?", answer["errors"][0]["message"]
    )
