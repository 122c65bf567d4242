"""`fieldbeat keys rotate`: another key signs access tokens (docs/operating/security.md)."""

import asyncio

import typer

from fieldbeat.cli.servers import reachable
from fieldbeat.kit.db import open_db
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.settings import Settings, read_settings
from fieldbeat.people.keys import rotate_key

keys = typer.Typer(help="The keys of this installation.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="keys")


@keys.callback()
def _group() -> None:
    """The keys of this installation."""


@keys.command()
def rotate() -> None:
    """Sign access tokens with a new key from now on. Nobody is signed out; a key that leaked is soon worth nothing."""
    settings = reachable(read_settings())
    configure_log(settings)
    typer.echo(f"Key {asyncio.run(_rotate(settings))} signs from now on.")


async def _rotate(settings: Settings) -> str:
    db = await open_db(settings.needs_database_url(), size=2, statement_cache_size=settings.statement_cache_size)
    try:
        return await rotate_key(db, access_token_ttl_s=settings.access_token_ttl_s)
    finally:
        await db.close()
