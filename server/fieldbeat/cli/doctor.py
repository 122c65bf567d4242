"""`fieldbeat doctor`: what a support person would ask, answered line by line."""

import asyncio
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer

from fieldbeat.cli.checkup import Finding, State, examine
from fieldbeat.cli.servers import reachable
from fieldbeat.kit.settings import read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    host: Annotated[str | None, typer.Option(help="Where the API listens.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Where the API listens.  [default: 8000]")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data.  [default: .fieldbeat]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line a finding.")] = False,
) -> None:
    """Examine this installation: one line a finding, with what to do next. Exit code 1 when something fails."""
    settings = reachable(read_settings(host=host, port=port, data_dir=data_dir))
    states: Counter[State] = Counter()

    async def tell() -> None:
        async for finding in examine(settings):
            states[finding.state] += 1
            typer.echo(orjson.dumps(asdict(finding)) if as_json else _line(finding))

    asyncio.run(tell())
    if not as_json:
        typer.echo(f"\n{states[State.OK]} ok, {states[State.WARN]} warnings, {states[State.FAIL]} failures")
    if states[State.FAIL]:
        raise typer.Exit(1)


def _line(finding: Finding) -> str:
    told = " ".join(finding.said.split())
    return f"{finding.state:<5} {finding.about:<12} {told}" + (f" -> {finding.advice}" if finding.advice else "")
