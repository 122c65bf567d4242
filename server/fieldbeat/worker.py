"""The worker's composition root: arq on the queue, beside the database. Whatever can wait runs here, at least once."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
import uvloop
from arq import cron, func
from arq.constants import in_progress_key_prefix
from arq.cron import CronJob
from arq.worker import Worker
from prometheus_client import start_http_server

from fieldbeat.activity import jobs as activity_jobs
from fieldbeat.attachments import jobs as attachment_jobs
from fieldbeat.days import team
from fieldbeat.days.planning.travel import travel_by
from fieldbeat.escalation import bounces
from fieldbeat.escalation import jobs as escalation_jobs
from fieldbeat.exchange import jobs as exchange_jobs
from fieldbeat.exchange.poke import announcing
from fieldbeat.kit import metrics
from fieldbeat.kit.blobs import open_blobs
from fieldbeat.kit.db import open_db
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.memory import keep_memory
from fieldbeat.kit.queue import dump_job, load_job, queue_settings
from fieldbeat.kit.settings import Settings, read_settings
from fieldbeat.outbox import jobs
from fieldbeat.outbox.model import DueEffect, Performers
from fieldbeat.people import jobs as people_jobs
from fieldbeat.tickets import jobs as ticket_jobs
from fieldbeat.visits import jobs as visit_jobs

POLL_DELAY_S = 0.05
QUEUE_READ_LIMIT = 1000
JOB_TIMEOUT_S = 20
STOP_WITHIN_S = 5
ESCALATION_SECONDS = set(range(0, 60, 5))
SWEEP_SECONDS = set(range(0, 60, 10))
SNAPSHOTS_SECOND = 25  # of every minute
GARBAGE_MINUTE = 17  # of every hour
NO_SHOWS_SECOND = 40  # of every minute
PLACES_MINUTE = 47  # of every hour
SLOW_TIMEOUT_S = 600
CLOCKS_SECONDS = set(range(5, 60, 10))
CHECK_HOUR = 3  # of every night, UTC
CHECK_TIMEOUT_S = 3 * 3600
PLAN_TIMEOUT_S = 60
HELD_S = PLAN_TIMEOUT_S + 10  # a job whose worker was killed runs again this long after it was begun

log = structlog.stdlib.get_logger("fieldbeat.worker")


def run(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM; jobs under way get a few seconds to end."""
    asyncio.set_event_loop(uvloop.new_event_loop())  # arq takes the thread's loop
    worker = build_worker(settings)
    keep_memory()
    log.info("working")
    worker.run()


def performers_of(settings: Settings) -> Performers:
    """The kinds of effects of this release, each from its capability."""
    return {**attachment_jobs.performers(open_blobs(settings)), **ticket_jobs.PERFORMERS, **bounces.PERFORMERS}


def build_worker(settings: Settings, performers: Performers | None = None, **more: Any) -> Worker:
    """The worker by `settings`, with the `performers` of the release; `more` goes to arq as it is."""

    async def open_all(ctx: dict[str, Any]) -> None:
        ctx["performers"] = performers_of(settings) if performers is None else performers
        ctx["settings"] = settings
        ctx["travel"] = travel_by(settings.travel_speed_kmh, settings.travel_road_factor, settings.travel_table)
        stack = ctx["stack"] = AsyncExitStack()
        if settings.worker_metrics_port is not None:
            shown, _ = start_http_server(settings.worker_metrics_port, "127.0.0.1", metrics.REGISTRY)
            stack.callback(shown.shutdown)
        db = await open_db(
            settings.needs_database_url(),
            size=settings.pool_size,
            statement_cache_size=settings.statement_cache_size,
        )
        stack.push_async_callback(db.close)
        ctx["db"] = replace(db, poke=await stack.enter_async_context(announcing(ctx["redis"])))

    async def close_all(ctx: dict[str, Any]) -> None:
        if "stack" in ctx:
            await ctx["stack"].aclose()

    worker = Worker(
        functions=[func(perform_effect, keep_result=0), func(plan_rep, keep_result=0, timeout=PLAN_TIMEOUT_S)],
        cron_jobs=_regularly(),
        redis_settings=queue_settings(settings.needs_redis_url()),
        on_startup=open_all,
        on_shutdown=close_all,
        on_job_start=hold,
        poll_delay=POLL_DELAY_S,
        queue_read_limit=QUEUE_READ_LIMIT,
        job_timeout=JOB_TIMEOUT_S,
        job_completion_wait=STOP_WITHIN_S,
        keep_result=0,
        job_serializer=dump_job,
        job_deserializer=load_job,
        log_results=False,
        health_check_interval=10,
        **more,
    )
    worker.in_progress_timeout_s = HELD_S  # else every job is held as long as the longest of all may take
    return worker


def _regularly() -> list[CronJob]:
    """What is done by the clock. One that fails is not tried again: the next time comes."""
    once = partial(cron, keep_result=0, max_tries=1)
    slow = partial(once, timeout=SLOW_TIMEOUT_S)
    return [
        once(sweep_outbox, second=SWEEP_SECONDS, run_at_startup=True),
        slow(escalate, second=ESCALATION_SECONDS, run_at_startup=True),
        once(plan_teams, second=SWEEP_SECONDS, run_at_startup=True),
        slow(build_snapshots, second=SNAPSHOTS_SECOND),
        slow(mark_no_shows, second=NO_SHOWS_SECOND),
        slow(forget_places, minute=PLACES_MINUTE),
        slow(recalculate_clocks, second=CLOCKS_SECONDS),
        once(check_clocks, hour=CHECK_HOUR, minute=0, timeout=CHECK_TIMEOUT_S),
        slow(collect_garbage, minute=GARBAGE_MINUTE),
    ]


async def hold(ctx: dict[str, Any]) -> None:
    """Before each job: one that is done by the clock may take as long as the longest; it is not begun twice."""
    if ctx["job_id"].startswith("cron:"):
        await ctx["redis"].expire(f"{in_progress_key_prefix}{ctx['job_id']}", CHECK_TIMEOUT_S + 10)


@metrics.job
async def sweep_outbox(ctx: dict[str, Any]) -> int:
    """Every ten seconds: queue what is due in the outbox."""
    return await jobs.sweep(ctx["db"], ctx["redis"], ctx["performers"])


@metrics.job
async def escalate(ctx: dict[str, Any]) -> int:
    """Every five seconds: tell people what their tickets' clocks ask for."""
    return await escalation_jobs.sweep(ctx["db"])


@metrics.job
async def plan_teams(ctx: dict[str, Any]) -> int:
    """Every ten seconds: queue the reps who wait to be planned."""
    return await team.sweep(ctx["db"], ctx["redis"])


@metrics.job
async def plan_rep(ctx: dict[str, Any], tenant_id: str, run_id: str, rep_id: str) -> bool:
    """Plan one rep of a team."""
    return await team.plan_rep(ctx["db"], *map(UUID, (tenant_id, run_id, rep_id)), travel=ctx["travel"])


@metrics.job
async def build_snapshots(ctx: dict[str, Any]) -> int:
    """Every minute: chunks for the snapshots of large scopes."""
    return await exchange_jobs.build_snapshots(ctx["db"])


@metrics.job
async def mark_no_shows(ctx: dict[str, Any]) -> int:
    """Every minute: visits that nobody made."""
    settings: Settings = ctx["settings"]
    return await visit_jobs.mark_no_shows(
        ctx["db"],
        grace=timedelta(minutes=settings.no_show_grace_min),
        offline_grace=timedelta(hours=settings.no_show_offline_grace_h),
    )


@metrics.job
async def forget_places(ctx: dict[str, Any]) -> int:
    """Every hour: where reps were, once that is too long ago."""
    return await visit_jobs.forget_places(ctx["db"], older_than=timedelta(days=ctx["settings"].location_kept_days))


@metrics.job
async def collect_garbage(ctx: dict[str, Any]) -> int:
    """Every hour: old tombstones, activities and failed sign-ins, uploads that expired, blobs of nobody."""
    db = ctx["db"]
    return sum([await job(db) for job in (
        exchange_jobs.collect_garbage, attachment_jobs.collect_files, activity_jobs.forget_activities,
        people_jobs.forget_failures
    )])  # fmt: skip


@metrics.job
async def recalculate_clocks(ctx: dict[str, Any]) -> int:
    """Every ten seconds: the clocks of open tickets, where policies or business hours changed."""
    return await ticket_jobs.recalculate(ctx["db"])


@metrics.job
async def check_clocks(ctx: dict[str, Any]) -> int:
    """Every night: whether the cached clocks are what the events give; returns how many tickets have others."""
    return (await ticket_jobs.check(ctx["db"])).wrong


@metrics.job
async def perform_effect(ctx: dict[str, Any], tenant_id: str, effect_id: str) -> bool:
    """Perform one effect of the outbox."""
    return await jobs.perform(ctx["db"], ctx["performers"], DueEffect(UUID(tenant_id), UUID(effect_id)))


def main() -> None:
    """Run the worker by the environment's settings."""
    settings = read_settings()
    configure_log(settings)
    run(settings)


if __name__ == "__main__":
    main()
