"""The one door to the job queue (arq on Valkey or Redis). What is lost there the outbox's sweeper brings back.

Jobs travel as JSON, not as arq's pickles: whoever can write to the queue must not be able to run code here.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import orjson
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings


def queue_settings(url: str) -> RedisSettings:
    """What arq needs to reach the queue at `url` (redis, rediss or unix)."""
    settings = RedisSettings.from_dsn(url)
    if settings.unix_socket_path is not None:
        settings.unix_socket_path = unquote(settings.unix_socket_path)
    return settings


async def open_queue(url: str, *, retries: int = 5) -> ArqRedis:
    """A pool of connections to the queue; while it is away tries again each second, `retries` times."""
    settings = replace(queue_settings(url), conn_retries=retries)
    return await create_pool(settings, job_serializer=dump_job, job_deserializer=load_job)


def dump_job(job: dict[str, Any]) -> bytes:
    """A job or its result as JSON; what JSON has no shape for goes as text."""
    return orjson.dumps(job, default=str)


def load_job(job: bytes) -> dict[str, Any]:
    """The other way."""
    loaded: dict[str, Any] = orjson.loads(job)
    return loaded
