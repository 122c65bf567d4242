"""A crowd of phones on one server: offline for most of the time, edited all along, and agreeing in the end.

For `fieldbeat simulate` and the load tests. What is drawn comes from a seed; what the server makes of it is counted.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import httpx

from fieldbeat.phone.clock import SystemClock
from fieldbeat.phone.edge import Unreachable
from fieldbeat.phone.hands import do_something
from fieldbeat.phone.network import Fault, Network
from fieldbeat.phone.phone import Account, Phone, open_phone
from fieldbeat_sync.holdings import Key

FAULTY_SHARE = 0.1  # of the requests that a phone with a network makes
SKIP_MS_MAX = 20 * 60_000  # what one pause of the hands lasts by the phone's own clock
SKEW_MINUTES = (0, 0, 1, -1, 5, -5, 3 * 365 * 24 * 60)  # calendars are a little wrong, and now and then by years
SETTLE_S_MAX = 60.0  # beyond the time asked for
ROUNDS_MAX = 20
WAIT_MS_MAX = 200  # hours are minutes here, and so are pauses


@dataclass
class Member:
    """One phone of the crowd, with the uuids of all edits that were made on it."""

    phone: Phone
    network: Network
    clock: SystemClock
    draw: Random
    made: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What became of the edits. `lost`: neither a verdict nor a place in a queue. `differing`: who disagrees where."""

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
        """Whether nothing is lost or left over, and all agree."""
        return self.equal and not self.lost and not self.queued


def hand_out(folder: Path, url: str, accounts: Sequence[Account], *, devices: int, seed: int) -> list[Member]:
    """`devices` phones with their stores in `folder`, two by two in the same hands."""
    draws = [Random(f"{seed}:{number}") for number in range(devices)]  # noqa: S311 (a seed is wanted)
    return [
        _member(folder / f"{number}.db", url, accounts[number // 2 % len(accounts)], draw)
        for number, draw in enumerate(draws)
    ]


async def run(crowd: Sequence[Member], *, seconds: float, offline: float) -> Result:
    """Let the crowd live for `seconds`, then catch up; ends at most `SETTLE_S_MAX` later.

    `offline` is the share of the time without a network. Raises what the first sync raises.
    """
    began = time.monotonic()
    editing_until = began + seconds - min(seconds / 3, 10 + len(crowd) / 5)
    await asyncio.gather(*(member.phone.sync() for member in crowd))
    await asyncio.gather(*(_live(member, offline, editing_until) for member in crowd))
    differing = await _agree(crowd, give_up_at=began + seconds + SETTLE_S_MAX)
    return counted(crowd, differing, time.monotonic() - began)


def differences(crowd: Sequence[Member]) -> Iterator[str]:
    """Where a phone's checksum is not the server's, or two phones that hold a scope hold other rows of it."""
    first: dict[str, dict[Key, object]] = {}
    for number, member in enumerate(crowd):
        if member.phone.device.link.resyncs:
            yield f"phone {number} differs from the server"
        for scope, rows in _by_scope(member.phone).items():
            if first.setdefault(scope, rows) != rows:
                yield f"phone {number} differs from another in {scope}"


def counted(crowd: Sequence[Member], differing: Sequence[str], seconds: float) -> Result:
    """The verdicts of all edits that the crowd made."""
    fates = Counter(_fate(member.phone, uuid) for member in crowd for uuid in member.made)
    known = {name.lower(): fates.pop(name, 0) for name in ("APPLIED", "MERGED", "CONFLICT", "REJECTED", "QUEUED")}
    return Result(
        devices=len(crowd),
        edits=sum(len(member.made) for member in crowd),
        **known,
        lost=fates.total(),
        equal=not differing,
        differing=tuple(differing),
        seconds=round(seconds, 1),
    )


def _member(path: Path, url: str, account: Account, draw: Random) -> Member:
    network = Network(httpx.AsyncHTTPTransport())
    clock = SystemClock(skew_ms=draw.choice(SKEW_MINUTES) * 60_000)
    phone = open_phone(path, url=url, account=account, clock=clock, transport=network, durable=False)
    return Member(phone, network, clock, draw)


async def _live(member: Member, offline: float, until: float) -> None:
    """Hours without a network and minutes with one, in small: each pause is longer by the phone's own clock."""
    member.network.fault = partial(_fault, member.draw)
    while time.monotonic() < until:
        spell = member.draw.uniform(0.5, 3.0)
        member.network.offline = True
        await _edit_for(member, spell * offline, until)
        await _sync(member)
        member.network.offline = False
        async with _following(member):
            await _edit_for(member, spell * (1 - offline), until)
        await _sync(member)


@asynccontextmanager
async def _following(member: Member) -> AsyncIterator[None]:
    """The phone syncs at every poke until its network goes, be it in the middle of an answer."""
    following = asyncio.create_task(member.phone.follow())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def _fault(draw: Random) -> Fault:
    if draw.random() >= FAULTY_SHARE:
        return Fault.NONE
    return draw.choice((Fault.LOSE_REQUEST, Fault.LOSE_ANSWER, Fault.SEND_TWICE, Fault.CUT_ANSWER))


async def _edit_for(member: Member, seconds: float, until: float) -> None:
    end = min(time.monotonic() + seconds, until)
    while time.monotonic() < end:
        member.made += do_something(member.phone, member.draw)
        member.clock.skip(member.draw.uniform(0, SKIP_MS_MAX))
        await asyncio.sleep(member.draw.uniform(0.05, 0.4))


async def _sync(member: Member) -> bool:
    """Whether all was pushed and pulled; a cut network leaves it for the next time."""
    try:
        standing = await member.phone.sync()
    except Unreachable:
        await asyncio.sleep(min(member.phone.retry_after_ms, WAIT_MS_MAX) / 1000)
        return False
    await asyncio.sleep(standing.retry_after_ms / 1000)
    return standing.settled


async def _agree(crowd: Sequence[Member], *, give_up_at: float) -> tuple[str, ...]:
    """Give every phone its network back until all have caught up; returns what still differs when time is over."""
    for member in crowd:
        member.network.offline, member.network.fault = False, lambda: Fault.NONE
    differing: tuple[str, ...] = ("the phones did not catch up",)
    for _ in range(ROUNDS_MAX):
        if time.monotonic() > give_up_at:
            break
        # Twice: the first to finish has not seen what the last one pushed.
        settled = [all(await asyncio.gather(*(_sync(member) for member in crowd))) for _ in range(2)]
        if all(settled):
            differing = tuple(differences(crowd))
            if not differing:
                break
        await asyncio.sleep(0.2)
    return differing


def _by_scope(phone: Phone) -> dict[str, dict[Key, object]]:
    scopes: dict[str, dict[Key, object]] = {}
    for key, held in phone.device.rows.items():
        for scope in held.scopes:
            scopes.setdefault(scope, {})[key] = (held.rev, held.row)
    return scopes


def _fate(phone: Phone, uuid: str) -> str:
    settled, queued = phone.device.settled.get(uuid), uuid in phone.device.queue
    if settled and queued:
        return "BOTH"
    return settled.status if settled else "QUEUED" if queued else "LOST"
