"""`fieldbeat serve`: the API alone, against the servers that the settings name."""

import socket
from typing import Annotated

import typer
import uvicorn

from fieldbeat.kit.settings import Settings, read_settings

WS_BYTES_MAX = 1024 * 1024
STOP_WITHIN_S = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    fd: Annotated[int | None, typer.Option(hidden=True, help="A socket that already listens.")] = None,
) -> None:
    """Serve the API until SIGINT or SIGTERM; requests under way get a few seconds to end."""
    settings = read_settings(host=host, port=port)
    settings.needs_database_url()
    settings.needs_redis_url()
    server = uvicorn.Server(_config(settings))
    server.run(sockets=None if fd is None else [socket.socket(fileno=fd)])
    if not server.started:
        raise typer.Exit(3)


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        "fieldbeat.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=WS_BYTES_MAX,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever sits behind a proxy is not told apart by a header that anybody may send
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
