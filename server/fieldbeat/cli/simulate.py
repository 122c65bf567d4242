"""`fieldbeat simulate`: phones on real accounts, offline for most of the time, that must agree in the end."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fieldbeat.cli.plainly import Failed
from fieldbeat.kit.settings import is_loopback, read_settings
from fieldbeat.phone import Account, NotAdmitted, Unreachable
from fieldbeat.phone.crowd import Member, Result, hand_out, run

DEMO = tuple(
    Account(f"{name}@demo.fieldbeat", "fieldbeat")
    for name in ("nancy", "andrew", "janet", "steven", "margaret", "michael", "robert", "laura", "anne")
)
TICK_S = 0.5
LINE_S = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    devices: Annotated[int, typer.Option(min=1, max=400, help="Phones; two by two in the same hands.")] = 6,
    minutes: Annotated[float, typer.Option(min=0.05, max=24 * 60, help="How long; a part of one is fine.")] = 1.0,
    offline: Annotated[float, typer.Option(min=0.0, max=0.95, help="Share of the time without a network.")] = 0.6,
    seed: Annotated[int, typer.Option(help="Who edits what, and which requests fail.")] = 1,
    url: Annotated[str | None, typer.Option(help="The server; on this machine only.  [default: the settings']")] = None,
    login: Annotated[
        list[str] | None, typer.Option(metavar="EMAIL:PASSWORD", help="Whose phones.  [default: the demo's people]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
) -> None:
    """Let phones edit the same customers offline and reconnect; exit code 1 unless nothing is lost and all agree.

    Ends by itself: after the minutes asked for, at most one more to let every phone catch up.
    """
    address = address_of(url)
    accounts = [account_of(each) for each in login or ()] or DEMO
    result = asyncio.run(
        simulated(address, accounts, devices=devices, seconds=minutes * 60, offline=offline, seed=seed)
    )
    typer.echo(json.dumps({**asdict(result), "ok": result.good}) if as_json else _told(result))
    if not result.good:
        raise typer.Exit(1)


def address_of(url: str | None) -> str:
    """The server's address. Refuses one that is not on this machine."""
    settings = read_settings()
    address = url or f"http://{settings.host}:{settings.port}"
    if not is_loopback(urlsplit(address).hostname or ""):
        raise Failed(f"{address} is not this machine: phones are simulated against a server on loopback only.")
    return address


async def simulated(
    url: str, accounts: Sequence[Account], *, devices: int, seconds: float, offline: float, seed: int
) -> Result:
    """One simulation, with its progress on stderr. Refuses when the server is away or lets the phones not in."""
    with tempfile.TemporaryDirectory(prefix="fieldbeat-phones-") as folder:
        crowd = hand_out(Path(folder), url, accounts, devices=devices, seed=seed)
        try:
            with _progress(crowd, seconds):
                return await run(crowd, seconds=seconds, offline=offline)
        except NotAdmitted as refused:
            raise Failed(f"The server at {url} does not let the phones in: {refused}") from refused
        except Unreachable as away:
            raise Failed(f"No answer from {url} ({away}). Is `fieldbeat up` running?") from away
        finally:
            await asyncio.gather(*(member.phone.aclose() for member in crowd))


def account_of(login: str) -> Account:
    """The login of `EMAIL:PASSWORD`. Refuses anything else."""
    email, colon, password = login.partition(":")
    if not colon:
        raise Failed(f"--login {login}: wanted EMAIL:PASSWORD.")
    return Account(email, password)


def _told(result: Result) -> str:
    agree = "all phones agree with each other and with the server" if result.equal else "; ".join(result.differing)
    return (
        f"{result.devices} phones, {result.seconds:.0f} s: {result.edits} edits made, {result.applied} applied, "
        f"{result.merged} merged, {result.conflict} in conflict, {result.rejected} rejected, "
        f"{result.queued} still queued, {result.lost} lost; {agree}."
    )


@contextmanager
def _progress(crowd: Sequence[Member], seconds: float) -> Iterator[None]:
    """A bar on a terminal, a line now and then elsewhere; on stderr, as the result alone goes to stdout."""
    showing = asyncio.create_task(_show(Console(stderr=True), crowd, seconds))
    try:
        yield
    finally:
        showing.cancel()


async def _show(console: Console, crowd: Sequence[Member], seconds: float) -> None:
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task, told_at = bar.add_task("", total=seconds), began
        while True:
            now, line = time.monotonic(), _line(crowd)
            bar.update(task, description=line, completed=min(now - began, seconds))
            if not console.is_terminal and now >= told_at:
                console.print(f"{now - began:.0f} s: {line}", highlight=False, soft_wrap=True)
                told_at += LINE_S
            await asyncio.sleep(TICK_S)


def _line(crowd: Sequence[Member]) -> str:
    away = sum(member.network.offline for member in crowd)
    made = sum(len(member.made) for member in crowd)
    queued = sum(len(member.phone.device.queue) for member in crowd)
    return f"{len(crowd)} phones, {away} offline, {made} edits made, {queued} to send"
