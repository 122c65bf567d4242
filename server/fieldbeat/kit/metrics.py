"""What this process counts of itself, for Prometheus (docs/operating/metrics.md). No label names a tenant, a person or
anything that a client may invent, so that there are never more series than this program has names.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

# It would be one more series for each, which tells when this process first counted it.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry(auto_describe=True)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE", "PUT"})
SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)

REQUESTS = Counter(
    "fieldbeat_http_requests", "Answered requests.", ("route", "method", "status"), registry=REGISTRY
)  # fmt: skip
OPERATIONS = Histogram(
    "fieldbeat_operation_seconds", "GraphQL operations, by their one root field.", ("operation",),
    buckets=SECONDS, registry=REGISTRY,
)  # fmt: skip
PULLS = Counter("fieldbeat_sync_pulls", "Pages of pulls, by their problem.", ("problem",), registry=REGISTRY)
PUSHES = Counter("fieldbeat_sync_pushes", "Pushes, by their problem.", ("problem",), registry=REGISTRY)
MUTATIONS = Counter("fieldbeat_sync_mutations", "Verdicts on mutations.", ("status",), registry=REGISTRY)
REJECTIONS = Counter("fieldbeat_sync_rejections", "Rejected mutations.", ("code",), registry=REGISTRY)
JOBS = Histogram(
    "fieldbeat_worker_job_seconds", "Jobs of the worker.", ("job", "outcome"), buckets=SECONDS, registry=REGISTRY
)  # fmt: skip
DONE = Counter("fieldbeat_worker_done", "What jobs found to do, as each counts it.", ("job",), registry=REGISTRY)

JobT = TypeVar("JobT", bound=Callable[..., Awaitable[Any]])


@contextmanager
def operation(name: str) -> Iterator[None]:
    """How long the block takes, as that of an operation; `name` is one of the schema's."""
    began = time.perf_counter()
    try:
        yield
    finally:
        OPERATIONS.labels(name).observe(time.perf_counter() - began)


def job(work: JobT) -> JobT:
    """The same job, with a note of how long it took, how it ended and how much it found to do."""
    name = work.__name__

    @wraps(work)
    async def noted(*args: Any, **kwargs: Any) -> Any:
        began, outcome = time.perf_counter(), "failed"
        try:
            found = await work(*args, **kwargs)
            outcome = "done"
        finally:
            JOBS.labels(name, outcome).observe(time.perf_counter() - began)
        DONE.labels(name).inc(int(found))
        return found

    return cast(JobT, noted)
