"""`fieldbeat bench`: how fast this installation answers phones, measured from outside over HTTP."""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer
from rich.console import Console
from rich.table import Table

from fieldbeat.cli.plainly import Failed
from fieldbeat.cli.simulate import account_of, address_of
from fieldbeat.phone import NotAdmitted, Unreachable
from fieldbeat.phone.edge import Edge
from fieldbeat_sync.catalogue import SCHEMA

MUTATIONS = 100
ROWS = 500


@dataclass(frozen=True)
class Measure:
    """One kind of request: how many were answered, how many a second, and the milliseconds they took."""

    name: str
    requests: int
    per_second: float
    p50_ms: float
    p95_ms: float


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(
    seconds: Annotated[float, typer.Option(min=0.5, max=300, help="How long each kind of request is sent.")] = 5.0,
    clients: Annotated[int, typer.Option(min=1, max=64, help="How many at once.")] = 4,
    url: Annotated[str | None, typer.Option(help="The server; on this machine only.  [default: the settings']")] = None,
    login: Annotated[
        str, typer.Option(metavar="EMAIL:PASSWORD", help="Whose data.")
    ] = "nancy@demo.fieldbeat:fieldbeat",
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as one line of JSON.")] = False,
) -> None:
    """Measure pulls and pushes of this installation. Writes contacts to one account of the login's and removes them."""
    measures = asyncio.run(_measured(address_of(url), login, seconds=seconds, clients=clients))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in measures]))
    else:
        Console().print(_table(measures))


async def _measured(url: str, login: str, *, seconds: float, clients: int) -> list[Measure]:
    account = account_of(login)
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        edges = [Edge(http, email=account.email, password=account.password) for _ in range(clients)]
        try:
            devices = [await _registered(edge) for edge in edges]
            page = await _page(edges[0], devices[0], None)
            place = next((e["id"] for e in page["changes"] if e["collection"] == "account"), None)
            if place is None:
                raise Failed(f"{account.email} sees no account to write to; choose another --login.")
            phones = list(zip(edges, devices, strict=True))
            return [
                await _timed("first page", phones, seconds, lambda edge, device: _page(edge, device, None)),
                await _timed("idle pull", phones, seconds, lambda edge, device: _page(edge, device, page["cursor"])),
                await _timed(f"push of {MUTATIONS}", phones, seconds, lambda edge, device: _push(edge, device, place)),
            ]
        except NotAdmitted as refused:
            raise Failed(f"The server at {url} does not let {account.email} in: {refused}") from refused
        except Unreachable as away:
            raise Failed(f"No answer from {url} ({away}). Is `fieldbeat up` running?") from away


async def _registered(edge: Edge) -> dict[str, Any]:
    wanted = {
        "installId": str(uuid4()),
        "platform": "OTHER",
        "name": "bench",
        "appVersion": "bench",
        "schemaVersion": SCHEMA.version,
    }
    return {**await edge.ask("register_device", input=wanted), "seq": 0}


async def _page(edge: Edge, device: dict[str, Any], cursor: str | None) -> Any:
    wanted = {
        "deviceId": device["deviceId"],
        "incarnation": device["incarnation"],
        "schemaVersion": SCHEMA.version,
        "cursor": cursor,
        "limit": ROWS,
    }
    return await edge.ask("sync_pull", input=wanted)


async def _push(edge: Edge, device: dict[str, Any], account_id: str) -> None:
    """Contacts that are created and deleted again: half of the mutations each."""
    ids = [str(uuid4()) for _ in range(MUTATIONS // 2)]
    created = [_mutation("CREATE", id_, {"accountId": account_id, "name": "bench"}) for id_ in ids]
    removed = [_mutation("DELETE", id_, None) for id_ in ids]
    numbered = [{**each, "seq": device["seq"] + n} for n, each in enumerate([*created, *removed], start=1)]
    wanted = {
        "deviceId": device["deviceId"],
        "incarnation": device["incarnation"],
        "epoch": device["epoch"],
        "ratchet": device["ratchet"],
        "schemaVersion": SCHEMA.version,
        "deviceNow": _now(),
        "ackedThrough": device["seq"],
        "mutations": numbered,
    }
    answer = await edge.ask("sync_push", input=wanted)
    if answer["problem"]:
        raise Failed(f"The push was not answered: {answer['problem']['message']}")
    device.update(ratchet=answer["ratchet"], seq=answer["lastSeq"])


def _mutation(op: str, record_id: str, patch: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()),
        "at": _now(),
        "collection": "contact",
        "recordId": record_id,
        "op": op,
        "patch": patch,
    }


async def _timed(
    name: str,
    phones: list[tuple[Edge, dict[str, Any]]],
    seconds: float,
    send: Callable[[Edge, dict[str, Any]], Awaitable[Any]],
) -> Measure:
    """Every phone sends one request after the other until the time is over."""
    took_ms: list[float] = []
    began = time.perf_counter()

    async def one(edge: Edge, device: dict[str, Any]) -> None:
        while time.perf_counter() - began < seconds:
            sent = time.perf_counter()
            await send(edge, device)
            took_ms.append((time.perf_counter() - sent) * 1000)

    await asyncio.gather(*(one(edge, device) for edge, device in phones))
    elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(took_ms, n=20) if len(took_ms) > 1 else took_ms * 19
    return Measure(name, len(took_ms), len(took_ms) / elapsed, statistics.median(took_ms), cuts[18])


def _table(measures: list[Measure]) -> Table:
    table = Table("", "requests", "a second", "p50 ms", "p95 ms")
    for each in measures:
        table.add_row(
            each.name, str(each.requests), f"{each.per_second:.1f}", f"{each.p50_ms:.1f}", f"{each.p95_ms:.1f}"
        )
    return table


def _now() -> str:
    return datetime.now(UTC).isoformat()
