"""`fieldbeat worker`: the worker alone, against the servers that the settings name."""

import typer

from fieldbeat import worker as root


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)


def worker() -> None:
    """Work off the queue and the outbox until SIGINT or SIGTERM."""
    root.main()
