"""`fieldbeat simulate`: phones on real accounts, offline for most of the time, that must agree in the end."""

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fieldbeat.cli.plainly import Failed
from fieldbeat.kit.settings import is_loopback, read_settings
from fieldbeat.phone import Account, Fault, Network, NotAdmitted, Phone, SystemClock, Unreachable, open_phone
from fieldbeat.phone.hands import do_something
from fieldbeat_sync.clock import SKEW_MS_MAX

DEMO = tuple(
    Account(f"{name}@demo.fieldbeat", "fieldbeat")
    for name in ("nancy", "andrew", "janet", "steven", "margaret", "michael", "robert", "laura", "anne")
)
FAULTY_SHARE = 0.1  # of the requests that a phone with a network makes
SKIP_MS_MAX = 20 * 60_000  # what one pause of the hands lasts by the phone's own clock
SETTLE_S_MAX = 60.0  # beyond the minutes asked for
ROUNDS_MAX = 20


@dataclass(frozen=True)
class Result:
    """What became of the edits. `lost` have no verdict and are in no queue; `equal`: every phone agrees with the
    server's checksums, and all that hold a scope hold the same rows of it."""

    devices: int
    edits: int
    applied: int
    merged: int
    conflict: int
    rejected: int
    queued: int
    lost: int
    equal: bool
    differing: tuple[str, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """Whether nothing is lost and all agree."""
        return self.equal and not self.lost and not self.queued


@dataclass
class Hand:
    """One phone in someone's hand, with the uuids of all that he wrote."""

    phone: Phone
    network: Network
    clock: SystemClock
    draw: Random
    made: list[str] = field(default_factory=list)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    devices: Annotated[int, typer.Option(min=1, max=500, help="Phones; two by two in the same hands.")] = 6,
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
    address = _loopback(url)
    accounts = [_account(each) for each in login or ()] or DEMO
    result = asyncio.run(_simulate(address, accounts, devices, minutes * 60, offline, seed))
    typer.echo(json.dumps({**asdict(result), "ok": result.good}) if as_json else _told(result))
    if not result.good:
        raise typer.Exit(1)


def _loopback(url: str | None) -> str:
    settings = read_settings()
    address = url or f"http://{settings.host}:{settings.port}"
    if not is_loopback(urlsplit(address).hostname or ""):
        raise Failed(f"{address} is not this machine: phones are simulated against a server on loopback only.")
    return address


def _account(login: str) -> Account:
    email, colon, password = login.partition(":")
    if not colon:
        raise Failed(f"--login {login}: wanted EMAIL:PASSWORD.")
    return Account(email, password)


async def _simulate(
    url: str, accounts: Sequence[Account], devices: int, seconds: float, offline: float, seed: int
) -> Result:
    began = time.monotonic()
    editing_until = began + seconds - min(seconds / 3, 10 + devices / 5)
    give_up_at = began + seconds + SETTLE_S_MAX
    with tempfile.TemporaryDirectory(prefix="fieldbeat-phones-") as folder:
        hands = [
            _hand(Path(folder), url, accounts[n // 2 % len(accounts)], Random(f"{seed}:{n}"), n)  # noqa: S311 (a seed)
            for n in range(devices)
        ]
        try:
            with _progress(hands, began, seconds) as showing:
                await _first_sync(hands, url)
                await asyncio.gather(*(_live(hand, offline, editing_until) for hand in hands))
                differing = await _agree(hands, give_up_at)
                showing.cancel()
            return _result(hands, differing, time.monotonic() - began)
        finally:
            await asyncio.gather(*(hand.phone.aclose() for hand in hands))


def _hand(folder: Path, url: str, account: Account, draw: Random, number: int) -> Hand:
    """A phone whose calendar is wrong by up to some minutes, as phones' are, and now and then by years."""
    skew = draw.choice((0, 0, 1, -1, 5, -5, 60 * 24 * 365 * 3)) * SKEW_MS_MAX
    network, clock = Network(httpx.AsyncHTTPTransport()), SystemClock(skew_ms=skew)
    phone = open_phone(folder / f"{number}.db", url=url, account=account, clock=clock, transport=network, durable=False)
    return Hand(phone, network, clock, draw)


async def _first_sync(hands: Sequence[Hand], url: str) -> None:
    try:
        await asyncio.gather(*(hand.phone.sync() for hand in hands))
    except NotAdmitted as refused:
        raise Failed(f"The server at {url} does not let the phones in: {refused}") from refused
    except Unreachable as away:
        raise Failed(f"No answer from {url}: {away}. Is `fieldbeat up` running?") from away


async def _live(hand: Hand, offline: float, until: float) -> None:
    """Hours without a network and minutes with one, in small: each pause is longer by the phone's own clock."""
    hand.network.fault = partial(_fault, hand.draw)
    while time.monotonic() < until:
        spell = hand.draw.uniform(0.5, 3.0)
        hand.network.offline = True
        await _edit_for(hand, spell * offline, until)
        hand.network.offline = False
        await _sync(hand)
        await _edit_for(hand, spell * (1 - offline), until)
        await _sync(hand)


def _fault(draw: Random) -> Fault:
    if draw.random() >= FAULTY_SHARE:
        return Fault.NONE
    return draw.choice((Fault.LOSE_REQUEST, Fault.LOSE_ANSWER, Fault.SEND_TWICE))


async def _edit_for(hand: Hand, seconds: float, until: float) -> None:
    end = min(time.monotonic() + seconds, until)
    while time.monotonic() < end:
        hand.made += do_something(hand.phone, hand.draw)
        hand.clock.skip(hand.draw.uniform(0, SKIP_MS_MAX))
        await asyncio.sleep(hand.draw.uniform(0.05, 0.4))


async def _sync(hand: Hand) -> bool:
    """Whether all was pushed and pulled; a cut network leaves it for the next time."""
    try:
        return (await hand.phone.sync()).settled
    except Unreachable:
        return False


async def _agree(hands: Sequence[Hand], give_up_at: float) -> tuple[str, ...]:
    """Give every phone its network back until all have caught up; returns what still differs when time is over."""
    for hand in hands:
        hand.network.offline, hand.network.fault = False, lambda: Fault.NONE
    differing: tuple[str, ...] = ("the phones have not caught up",)
    for _ in range(ROUNDS_MAX):
        if time.monotonic() > give_up_at:
            break
        settled = await asyncio.gather(*(_sync(hand) for hand in hands))
        if all(settled):
            # Once more: the first to finish has not seen what the last one pushed.
            settled = await asyncio.gather(*(_sync(hand) for hand in hands))
            differing = tuple(_differences(hands))
            if all(settled) and not differing:
                break
        await asyncio.sleep(0.2)
    return differing


def _differences(hands: Sequence[Hand]) -> Iterator[str]:
    """Where two phones hold other rows of one scope, or a phone's checksum is not the server's."""
    held: dict[str, dict[tuple[str, str], object]] = {}
    for number, hand in enumerate(hands):
        device = hand.phone.device
        if device.link.resyncs:
            yield f"phone {number} differs from the server"
        mine: dict[str, dict[tuple[str, str], object]] = {}
        for key, row in device.rows.items():
            for scope in row.scopes:
                mine.setdefault(scope, {})[key] = (row.rev, row.row)
        for scope, rows in mine.items():
            if held.setdefault(scope, rows) != rows:
                yield f"phone {number} differs in {scope}"


def _result(hands: Sequence[Hand], differing: tuple[str, ...], seconds: float) -> Result:
    verdicts: Counter[str] = Counter()
    for hand in hands:
        device = hand.phone.device
        for uuid in hand.made:
            settled, queued = device.settled.get(uuid), uuid in device.queue
            verdicts[settled.status if settled and not queued else "QUEUED" if queued and not settled else "LOST"] += 1
    return Result(
        devices=len(hands),
        edits=sum(verdicts.values()),
        applied=verdicts["APPLIED"],
        merged=verdicts["MERGED"],
        conflict=verdicts["CONFLICT"],
        rejected=verdicts["REJECTED"],
        queued=verdicts["QUEUED"],
        lost=verdicts["LOST"] + verdicts["DUPLICATE"],
        equal=not differing,
        differing=differing,
        seconds=round(seconds, 1),
    )


def _told(result: Result) -> str:
    agree = "all phones agree with each other and with the server" if result.equal else "; ".join(result.differing)
    return (
        f"{result.devices} phones, {result.seconds:.0f} s: {result.edits} edits made, {result.applied} applied, "
        f"{result.merged} merged, {result.conflict} in conflict, {result.rejected} rejected, "
        f"{result.queued} still queued, {result.lost} lost; {agree}."
    )


@contextmanager
def _progress(hands: Sequence[Hand], began: float, seconds: float) -> "Iterator[asyncio.Task[None]]":
    """A bar on a terminal, a line every ten seconds elsewhere; on stderr, as the result alone goes to stdout."""
    console = Console(stderr=True)
    showing = asyncio.create_task(_show(console, hands, began, seconds))
    try:
        yield showing
    finally:
        showing.cancel()


async def _show(console: Console, hands: Sequence[Hand], began: float, seconds: float) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=seconds)
        for tick in range(1 << 30):
            line = _line(hands)
            bar.update(task, description=line, completed=min(time.monotonic() - began, seconds))
            if tick % 20 == 0 and not console.is_terminal:
                console.print(f"{time.monotonic() - began:.0f} s: {line}", highlight=False)
            await asyncio.sleep(0.5)


def _line(hands: Sequence[Hand]) -> str:
    away = sum(hand.network.offline for hand in hands)
    made = sum(len(hand.made) for hand in hands)
    queued = sum(len(hand.phone.device.queue) for hand in hands)
    return f"{len(hands)} phones, {away} offline, {made} edits made, {queued} to send"
