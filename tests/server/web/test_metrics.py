"""`/metrics`: what is counted, who may read it, and that nobody from outside adds a series."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY as OF_THE_LIBRARY

from fieldbeat.kit import metrics
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import World, client, serving

__all__ = ["database", "founded", "harbour"]  # fixtures


@pytest.fixture
async def app(database: TestDatabase, redis_url: str) -> AsyncIterator[FastAPI]:
    """The real application on this test's database."""
    async with serving(database, redis_url) as served:
        yield served


def client_at(app: FastAPI, address: str) -> httpx.AsyncClient:
    """A client that is not this machine."""
    transport = httpx.ASGITransport(app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def scraped(app: FastAPI) -> dict[str, float]:
    """Every sample by its name and labels."""
    async with client(app) as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_what_happens_is_counted(app: FastAPI, harbour: World) -> None:
    before = await scraped(app)
    phone = await registered(app.state.db, harbour.nina)
    good = phone.create("contact", {"accountId": harbour.lunch, "name": "Ann"})
    bad = phone.create("contact", {"accountId": str(uuid7()), "name": "Bob"})
    assert await phone.said(good, bad) == ["APPLIED", "REJECTED NOT_FOUND"]
    await phone.pull()
    async with client(app) as http:
        await http.post("/graphql", json={"query": "{ me { id } }"})
        await http.get("/nowhere/near")
    after = await scraped(app)

    def more(sample: str) -> float:
        return after[sample] - before.get(sample, 0)

    assert more('fieldbeat_sync_mutations_total{status="APPLIED"}') == 1
    assert more('fieldbeat_sync_rejections_total{code="NOT_FOUND"}') == 1
    assert more('fieldbeat_sync_pushes_total{problem="none"}') == 1
    assert more('fieldbeat_sync_pulls_total{problem="none"}') >= 1
    assert more('fieldbeat_operation_seconds_count{operation="me"}') == 1
    assert more('fieldbeat_http_requests_total{method="POST",route="/graphql",status="401"}') == 1
    assert more('fieldbeat_http_requests_total{method="GET",route="other",status="404"}') == 1
    assert after["fieldbeat_database_up"] == 1
    assert after['fieldbeat_lag_seconds{work="outbox"}'] == 0
    assert after['fieldbeat_pool_connections{state="busy"}'] >= 0


async def test_the_lag_is_that_of_the_oldest_due_work(app: FastAPI, harbour: World) -> None:
    insert = (
        "insert into outbox (tenant_id, id, cause, effect, payload, due_at) "
        "values ($1, uuidv7(), uuidv7(), 'test', '{}', clock_timestamp() - $2 * interval '1 minute')"
    )
    async with app.state.db.writing(harbour.tenant_id) as conn:
        for minutes in (-5.0, 2.0, 1.0):
            await conn.execute(insert, harbour.tenant_id, minutes)
    assert 120 <= (await scraped(app))['fieldbeat_lag_seconds{work="outbox"}'] < 180


async def test_without_a_database_there_is_no_lag(app: FastAPI) -> None:
    await app.state.db.pool.expire_connections()
    app.state.db.pool.terminate()
    found = await scraped(app)
    assert found["fieldbeat_database_up"] == 0
    assert not [name for name in found if name.startswith("fieldbeat_lag_seconds")]


async def test_nobody_from_outside_adds_a_series(app: FastAPI) -> None:
    async def series() -> set[str]:
        return {re.sub(r"_(bucket|count|sum)\b", "", name) for name in await scraped(app)}

    async def be_asked(made_up: str) -> None:
        async with client(app) as http:
            await http.request(made_up.upper(), f"/{made_up}")
            await http.get(f"/files/{made_up}")
            await http.post("/graphql", json={"query": f"{{ nothing_{made_up} }}"})
            await http.post("/graphql", json={"query": f"query {made_up} {{ {made_up}: me {{ id }} }}"})

    await be_asked("a")
    before = await series()
    await be_asked("b")
    assert await series() == before
    assert not [name for name in before if '"a"' in name or '"A"' in name]


async def test_it_is_read_from_this_machine_or_with_the_token(app: FastAPI) -> None:
    async with client(app) as here, client_at(app, "203.0.113.7") as there:
        assert (await here.get("/metrics")).status_code == 200
        assert (await here.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"})).status_code == 403
        assert (await there.get("/metrics")).status_code == 403
        app.state.settings = app.state.settings.model_copy(update={"metrics_token": "a token of metrics"})
        assert (await here.get("/metrics")).status_code == 403
        for given, status in (("a token of metrics", 200), ("another", 403), ("ä", 403)):
            headers = [(b"authorization", f"Bearer {given}".encode())]
            assert (await there.get("/metrics", headers=headers)).status_code == status


async def test_a_job_is_counted_by_how_it_ended() -> None:
    @metrics.job
    async def mend(found: int) -> int:
        return 12 // found

    def jobs(outcome: str) -> float:
        labels = {"job": "mend", "outcome": outcome}
        return metrics.REGISTRY.get_sample_value("fieldbeat_worker_job_seconds_count", labels) or 0

    assert await mend(3) == 4
    with pytest.raises(ZeroDivisionError):
        await mend(0)
    assert (jobs("done"), jobs("failed")) == (1, 1)
    assert metrics.REGISTRY.get_sample_value("fieldbeat_worker_done_total", {"job": "mend"}) == 4
    assert metrics.REGISTRY is not OF_THE_LIBRARY
