"""Effects are found in every tenant, performed inside their own, once, and again when performing fails."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix

from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.queue import open_queue
from fieldbeat.kit.settings import read_settings
from fieldbeat.outbox import jobs
from fieldbeat.outbox.model import DueEffect, Effect
from fieldbeat.worker import CHECK_TIMEOUT_S, HELD_S, JOB_TIMEOUT_S, build_worker, hold
from fieldbeat_testing.database import TestDatabase


@pytest.fixture
async def queue(redis_url: str) -> AsyncIterator[ArqRedis]:
    """An empty queue."""
    opened = await open_queue(redis_url)
    await opened.flushdb()
    yield opened
    await opened.aclose()


async def effect_in_a_new_tenant(owner: Conn, kind: str, *, due: str = "-1 second") -> DueEffect:
    tenant_id, effect_id = uuid7(), uuid7()
    await owner.execute("insert into tenant (id, name) values ($1, 'A company')", tenant_id)
    await owner.execute(
        "insert into outbox (tenant_id, id, cause, effect, payload, due_at)"
        " values ($1, $2, $2, $3, '{}', clock_timestamp() + $4::text::interval)",
        tenant_id,
        effect_id,
        kind,
        due,
    )
    return DueEffect(tenant_id, effect_id)


@pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")  # arq 0.28 on redis-py 5
async def test_the_worker_performs_what_is_due_in_every_tenant_once(
    database: TestDatabase, owner: Conn, redis_url: str, queue: ArqRedis
) -> None:
    due = [await effect_in_a_new_tenant(owner, "ring") for _ in range(2)]
    later = await effect_in_a_new_tenant(owner, "ring", due="1 hour")
    unknown = await effect_in_a_new_tenant(owner, "of a newer version")
    rung: list[tuple[UUID, UUID]] = []

    async def ring(conn: Conn, effect: Effect) -> None:
        rung.append((await conn.fetchval("select current_tenant()"), effect.id))

    settings = read_settings(database_url=database.app_url, redis_url=redis_url)
    for _ in range(2):  # the second sweep finds nothing left
        worker = build_worker(settings, {"ring": ring}, burst=True, handle_signals=False)
        await worker.main()
        await worker.close()

    assert sorted(rung) == sorted((one.tenant_id, one.id) for one in due)
    undone = await owner.fetch("select id from outbox where done_at is null")
    assert {row["id"] for row in undone} == {later.id, unknown.id}


@pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")
async def test_an_effect_is_held_no_longer_than_it_may_take(
    database: TestDatabase, owner: Conn, redis_url: str, queue: ArqRedis
) -> None:
    """Else it would wait for hours for a worker that was killed: the queue holds every job as long as the longest."""
    due = await effect_in_a_new_tenant(owner, "ring")
    held: list[int] = []

    async def ring(conn: Conn, effect: Effect) -> None:
        held.append(await queue.ttl(f"{in_progress_key_prefix}effect:{effect.id}"))

    settings = read_settings(database_url=database.app_url, redis_url=redis_url)
    worker = build_worker(settings, {"ring": ring}, burst=True, handle_signals=False)
    await worker.main()
    await worker.close()
    assert JOB_TIMEOUT_S < held[0] <= HELD_S
    for job_id, longer in ((f"effect:{due.id}", False), ("cron:check_clocks:1", True)):
        await queue.setex(f"{in_progress_key_prefix}{job_id}", HELD_S, b"1")
        await hold({"job_id": job_id, "redis": queue})
        assert (await queue.ttl(f"{in_progress_key_prefix}{job_id}") > CHECK_TIMEOUT_S) is longer


async def test_an_effect_whose_performing_fails_is_due_again_later(db: Db, owner: Conn) -> None:
    due = await effect_in_a_new_tenant(owner, "ring")

    async def fail(conn: Conn, effect: Effect) -> None:
        raise ConnectionError("the bell is away")

    with pytest.raises(ConnectionError):
        await jobs.perform(db, {"ring": fail}, due)
    wait = "select extract(epoch from due_at - clock_timestamp())::integer from outbox where done_at is null"
    assert 8 <= await owner.fetchval(wait) <= 10
    await owner.execute("update outbox set created_at = created_at - interval '5 minutes', due_at = created_at")
    with pytest.raises(ConnectionError):
        await jobs.perform(db, {"ring": fail}, due)
    assert 298 <= await owner.fetchval(wait) <= 310


async def test_an_effect_that_is_being_performed_is_left_alone(db: Db, owner: Conn) -> None:
    due = await effect_in_a_new_tenant(owner, "ring")
    seen: list[bool] = []

    async def ring_within_a_ring(conn: Conn, effect: Effect) -> None:
        seen.append(await jobs.perform(db, {"ring": ring_within_a_ring}, due))

    assert await jobs.perform(db, {"ring": ring_within_a_ring}, due)
    assert seen == [False]
