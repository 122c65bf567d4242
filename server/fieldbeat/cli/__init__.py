"""The program `fieldbeat`: one module a command, gathered here."""

import typer

from fieldbeat.cli import bench, doctor, epoch, import_, keys, migrate, serve, simulate, tenant, up, worker

app = typer.Typer(
    help="Fieldbeat: field sales with phones that work offline and lose nothing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (up, serve, worker, migrate, tenant, import_, epoch, keys, simulate, bench, doctor):
    command.register(app)
