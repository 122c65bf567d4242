"""`fieldbeat up`: one command for a newcomer. Servers, migrations, the demo company, the API and the worker, all under
one roof, and all gone with it."""

import asyncio
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import orjson
import structlog
import typer

from fieldbeat.cli.demo import Login, load_demo
from fieldbeat.cli.migrate import migrated
from fieldbeat.cli.servers import with_embedded
from fieldbeat.cli.supervision import Family, Stop, stop_on_signals
from fieldbeat.embedded.account import servers_account
from fieldbeat.embedded.child import Child
from fieldbeat.embedded.folder import DataFolder, claimed_folder
from fieldbeat.embedded.postgres import start_postgres
from fieldbeat.embedded.refusal import CannotStart
from fieldbeat.embedded.valkey import start_valkey
from fieldbeat.kit.db import open_db
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.migrations import check_current
from fieldbeat.kit.settings import Settings, child_environment, read_settings

READY_WITHIN_S = 60.0

log = structlog.stdlib.get_logger(__name__)


class Stopped(Exception):
    """A stop was asked for before everything ran."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.  [default: 8000]")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data.  [default: .fieldbeat]")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo company also into a named database.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line when ready.")] = False,
) -> None:
    """Start everything and serve until SIGINT or SIGTERM: embedded PostgreSQL and Valkey unless the settings name
    servers, migrations, the demo company on first start, API and worker. The data stay in the data folder."""
    settings = read_settings(host=host, port=port, data_dir=data_dir)
    configure_log(settings)
    with stop_on_signals() as stop, ExitStack() as stack:
        try:
            _run(settings, stop, stack, demo=demo, as_json=as_json)
        except Stopped:
            log.info("stopped while starting")
    log.info("stopped")


def _run(settings: Settings, stop: Stop, stack: ExitStack, *, demo: bool, as_json: bool) -> None:
    own_database = settings.database_url is None
    folder = stack.enter_context(claimed_folder(settings.data_dir)) if _needs_folder(settings) else None
    listener = stack.enter_context(_listen(settings))
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    family = Family()
    stack.callback(family.stop)
    if folder is not None:
        settings = _start_servers(settings, folder, family, stop)
    _bring_up_to_date(settings, stop)
    logins = asyncio.run(_demo(settings)) if demo or own_database else []
    _go_on(stop)
    _start_services(settings, listener, family)
    _wait_until_ready(settings, family, stop)
    _announce(settings, logins, as_json=as_json)
    family.watch(stop)


def _needs_folder(settings: Settings) -> bool:
    return settings.database_url is None or settings.redis_url is None


def _listen(settings: Settings) -> socket.socket:
    """The API's socket, held here: a taken port is found before anything starts, and none is lost while it restarts."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        raise CannotStart(
            f"Cannot listen on {settings.host} port {settings.port} ({error.strerror}). Choose another one with --port."
        ) from error
    return listener


def _start_servers(settings: Settings, folder: DataFolder, family: Family, stop: Stop) -> Settings:
    account = servers_account(folder.postgres)
    if settings.database_url is None:
        log.info("starting PostgreSQL", data=str(folder.postgres))
        family.adopt_server(start_postgres(folder, account))
        _go_on(stop)
    if settings.redis_url is None:
        log.info("starting Valkey")
        family.adopt_server(start_valkey(folder, account))
        _go_on(stop)
    return with_embedded(settings, folder)


def _bring_up_to_date(settings: Settings, stop: Stop) -> None:
    """Migrate with the owner's role; without one the database must be up to date."""
    if settings.migrate_url is None:
        check_current(settings.needs_database_url())
    else:
        log.info("migrated", added=migrated(settings))
    _go_on(stop)


async def _demo(settings: Settings) -> list[Login]:
    db = await open_db(settings.needs_database_url(), size=2, statement_cache_size=settings.statement_cache_size)
    try:
        return await load_demo(db, progress=log.info)
    finally:
        await db.close()


def _start_services(settings: Settings, listener: socket.socket, family: Family) -> None:
    environment = child_environment(settings)
    environment.pop("FIELDBEAT_MIGRATE_URL", None)  # the owner's role is for migrations alone
    serve = [sys.executable, "-m", "fieldbeat.app", str(listener.fileno())]
    work = [sys.executable, "-m", "fieldbeat.worker"]
    family.start_service(Child("api", serve, environment, pass_fds=(listener.fileno(),)))
    family.start_service(Child("worker", work, environment))


def _wait_until_ready(settings: Settings, family: Family, stop: Stop) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    said = "it did not answer"
    while time.monotonic() < deadline:
        _go_on(stop)
        fallen = family.fallen()
        if fallen is not None:
            raise CannotStart(
                f"The {fallen.name} process ended while starting (code {fallen.exit_code()}); see its log."
            )
        said = _asked_ready(settings)
        if not said:
            return
        time.sleep(0.05)
    raise CannotStart(f"Not ready after {READY_WITHIN_S:.0f} seconds: {said}.")


def _asked_ready(settings: Settings) -> str:
    """Empty when ready, else what is missing."""
    try:
        with urllib.request.urlopen(f"{_url(settings)}/readyz", timeout=5) as answer:  # noqa: S310 - our own address
            return "" if answer.status == HTTPStatus.OK else str(answer.status)
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return str(error)


def _url(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - told apart, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _announce(settings: Settings, logins: Sequence[Login], *, as_json: bool) -> None:
    url = _url(settings)
    if as_json:
        ready = {"ready": True, "url": url, "graphql": f"{url}/graphql", "logins": [asdict(one) for one in logins]}
        typer.echo(orjson.dumps(ready))
        return
    typer.echo(f"Fieldbeat is ready.\n\n  GraphQL   {url}/graphql\n  Health    {url}/readyz\n")
    if logins:
        typer.echo(
            "  Logins of the demo company" + ("" if settings.listens_on_loopback else " (refused: not on loopback)")
        )
        for one in logins:
            typer.echo(f"    {one.email:<26} {one.password:<12} {one.role}")
    typer.echo("\nCtrl-C stops everything; the data stay.")


def _go_on(stop: Stop) -> None:
    if stop.asked:
        raise Stopped
