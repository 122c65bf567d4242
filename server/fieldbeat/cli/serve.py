"""`fieldbeat serve`: the API alone, against the servers that the settings name."""

import os
import sys
from typing import Annotated

import typer

from fieldbeat.kit.settings import child_environment, read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.  [default: 8000]")] = None,
) -> None:
    """Serve the API until SIGINT or SIGTERM; requests under way get a few seconds to end."""
    settings = read_settings(host=host, port=port)
    settings.needs_database_url()
    settings.needs_redis_url()
    os.execve(sys.executable, [sys.executable, "-m", "fieldbeat.app"], child_environment(settings))  # noqa: S606
