"""`fieldbeat epoch`: after the database was restored to an earlier point (docs/operating/restore.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from fieldbeat.cli.servers import reachable, with_embedded
from fieldbeat.embedded.account import servers_account
from fieldbeat.embedded.folder import DataFolder, claimed_folder, holder
from fieldbeat.embedded.postgres import start_postgres
from fieldbeat.exchange.epoch import raise_epoch, read_epoch
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.settings import Settings, read_settings

epoch = typer.Typer(help="The database among its own restores.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(epoch, name="epoch")


@epoch.callback()
def _group() -> None:
    """The database among its own restores."""


@epoch.command()
def show() -> None:
    """Print the epoch."""
    with _database() as settings:
        typer.echo(str(read_epoch(settings.needs_migrate_url()).number))


@epoch.command("raise")
def raise_(
    while_serving: Annotated[
        bool, typer.Option("--while-serving", help="Also while API or worker are connected; devices may be misled.")
    ] = False,
) -> None:
    """Say that the database was restored to an earlier point: every device registers anew and hands in again what it
    was told to be settled. With API and worker stopped, as the owner's role (FIELDBEAT_MIGRATE_URL)."""
    with _database() as settings:
        raised = raise_epoch(settings.needs_migrate_url(), while_serving=while_serving)
    typer.echo(f"The epoch is {raised.number} now. Start the service: devices come back with what was lost.")


@contextmanager
def _database() -> Iterator[Settings]:
    """The settings with a database that answers: the one that they name, the one that runs, or the embedded one."""
    settings = read_settings()
    configure_log(settings)
    folder = DataFolder(settings.data_dir.absolute())
    named = settings.database_url is not None or settings.migrate_url is not None
    if named or holder(folder) is not None or not folder.postgres.exists():
        yield reachable(settings)
        return
    with claimed_folder(settings.data_dir) as claimed:
        server = start_postgres(claimed, servers_account(claimed.postgres))
        try:
            yield with_embedded(settings, claimed)
        finally:
            server.stop()
