"""`fieldbeat tenant create`: a real company with its first administrator."""

import asyncio
import secrets
from typing import Annotated

import typer

from fieldbeat import records
from fieldbeat.cli.plainly import Failed
from fieldbeat.cli.servers import reachable
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import open_db
from fieldbeat.kit.log import configure_log
from fieldbeat.kit.settings import Settings, read_settings
from fieldbeat.people import actions
from fieldbeat.visits.templates import ship_audits
from fieldbeat_sync.schema import Role

PASSWORD_BYTES = 12

tenant = typer.Typer(help="Companies on this installation.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(tenant, name="tenant")


@tenant.callback()
def _group() -> None:
    """Companies on this installation."""


@tenant.command()
def create(
    name: Annotated[str, typer.Argument(help="The company's name.")],
    admin: Annotated[str, typer.Option(help="The administrator's e-mail; unique over all companies.")],
    admin_name: Annotated[
        str | None, typer.Option(help="The administrator's name.  [default: from the e-mail]")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="The administrator's time zone.")] = "UTC",
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the password instead of making one.")] = False,
) -> None:
    """Create a company and its administrator; prints the first password once, unless it is asked for."""
    settings = reachable(read_settings())
    configure_log(settings)
    if settings.database_url is None:
        raise Failed(
            "No database: set FIELDBEAT_DATABASE_URL, or start `fieldbeat up` first (with the same --data-dir)."
        )
    password = _ask_password() if ask else secrets.token_urlsafe(PASSWORD_BYTES)
    asyncio.run(_create(settings, name, admin, admin_name or admin.partition("@")[0], password, time_zone))
    typer.echo(f"Created {name} with the administrator {admin}.")
    if not ask:
        typer.echo(f"First password (shown once): {password}")


def _ask_password() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


async def _create(settings: Settings, name: str, email: str, person: str, password: str, time_zone: str) -> None:
    db = await open_db(settings.needs_database_url(), size=2, statement_cache_size=settings.statement_cache_size)
    try:
        tenant_id, admin_id = await actions.create_tenant(
            db, name=name, admin_email=email, admin_name=person, password=password, time_zone=time_zone
        )
        async with records.writing(db, tenant_id) as tx:
            await ship_audits(tx, Actor(tenant_id, admin_id, Role.ADMIN))
    finally:
        await db.close()
