"""`fieldbeat worker`: the worker alone, against the servers that the settings name."""

import os
import sys

import typer

from fieldbeat.kit.settings import child_environment, read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)


def worker() -> None:
    """Work off the queue and the outbox until SIGINT or SIGTERM."""
    settings = read_settings()
    settings.needs_database_url()
    settings.needs_redis_url()
    os.execve(sys.executable, [sys.executable, "-m", "fieldbeat.worker"], child_environment(settings))  # noqa: S606
