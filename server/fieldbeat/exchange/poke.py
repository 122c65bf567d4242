"""The poke: "pull now", without a word of what has changed (docs/protocol.md, "Poke").

A commit is told to Valkey, from there to every API process, and in each to the devices that hold one of its scopes.
Any of it may be lost: a phone pulls from time to time anyway, so a lost poke costs latency and nothing else. Membership
is read again now and then, so a device hears of scopes that it gained, and never long of those that it lost.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

import msgspec
import structlog
from arq.connections import ArqRedis
from redis.exceptions import RedisError

from fieldbeat.exchange import store
from fieldbeat.exchange.push import AWAY
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.kit.refusal import NotFound
from fieldbeat.territories.reads import scopes_held
from fieldbeat_sync import scope

CHANNEL = "fieldbeat:poke"
PAUSE_S = (0.4, 1.2)  # between two pokes of one device: a burst becomes one, and devices do not come all at once
REREAD_S = (15.0, 25.0)  # how often a device's scopes are read again
RETRY_S = (0.5, 1.5)  # before Valkey is tried again
QUIET_S = 15.0  # without a message the connection is probed

log = structlog.stdlib.get_logger(__name__)

Announce: TypeAlias = Callable[[UUID, frozenset[str]], None]
_AWAY = (RedisError, OSError, TimeoutError)


@dataclass(eq=False)
class Listener:
    """One device that waits; woken by any of its scopes."""

    tenant_id: UUID
    scopes: frozenset[str] = frozenset()
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    moved: bool = False  # its membership may have changed


class Pokes:
    """The devices that wait in this process, by what they hold."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[UUID, str], set[Listener]] = defaultdict(set)

    def place(self, listener: Listener, scopes: frozenset[str]) -> None:
        """From now on the listener is woken by exactly these scopes."""
        for scope_id in listener.scopes - scopes:
            key = (listener.tenant_id, scope_id)
            self._waiting[key].discard(listener)
            if not self._waiting[key]:
                del self._waiting[key]
        for scope_id in scopes - listener.scopes:
            self._waiting[listener.tenant_id, scope_id].add(listener)
        listener.scopes = scopes

    def wake(self, tenant_id: UUID, scopes: frozenset[str]) -> None:
        """Something changed in these scopes."""
        for scope_id in scopes:
            for listener in self._waiting.get((tenant_id, scope_id), ()):
                listener.moved = listener.moved or scope_id.startswith(scope.user(""))
                listener.woken.set()

    def wake_all(self) -> None:
        """Something may have been missed."""
        for waiting in self._waiting.values():
            for listener in waiting:
                listener.moved = True
                listener.woken.set()

    def __len__(self) -> int:
        return len({listener for waiting in self._waiting.values() for listener in waiting})


async def listen(db: Db, pokes: Pokes, actor: Actor, device_id: UUID) -> AsyncIterator[None]:
    """Yields whenever the device should pull: at once on the first change, a burst behind it as one.

    Refuses NOT_FOUND: the device is not the actor's.
    """
    async with db.reading(actor.tenant_id) as conn:
        device = await store.device_by_id(conn, actor.tenant_id, device_id)
        if device is None or device.user_id != actor.user_id:
            raise NotFound(fields=("deviceId",))
        held = await scopes_held(conn, actor)
    async with aclosing(wakings(db, pokes, actor, held)) as woken:
        async for told in woken:
            if told:
                yield


async def wakings(
    db: Db, pokes: Pokes, actor: Actor, held: frozenset[str], *, at_once: bool = False
) -> AsyncGenerator[bool, None]:
    """Yields True at a poke in one of the actor's scopes, or when these have changed; False now and then without one.

    `held`: his scopes, as they were read just now. `at_once`: what happened since they were read may have been missed.
    """
    listener = Listener(actor.tenant_id)
    pokes.place(listener, held)
    try:
        if at_once:
            yield True
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(*REREAD_S)):  # noqa: S311
                    await listener.woken.wait()
            poked, listener.moved = listener.woken.is_set(), listener.moved or not listener.woken.is_set()
            listener.woken.clear()
            if poked:
                yield True
            if listener.moved:
                moved = await _moved(db, pokes, actor, listener)
                if not poked:
                    yield moved
            await asyncio.sleep(random.uniform(*PAUSE_S) if poked else 0)  # noqa: S311
    finally:
        pokes.place(listener, frozenset())


@asynccontextmanager
async def announcing(valkey: ArqRedis) -> AsyncIterator[Announce]:
    """What a composition root gives to its `Db`: a commit is told to every API process. It neither waits nor raises."""
    due: dict[UUID, set[str]] = {}
    wake = asyncio.Event()

    def announce(tenant_id: UUID, scopes: frozenset[str]) -> None:
        due.setdefault(tenant_id, set()).update(scopes)
        wake.set()

    async def publish() -> None:
        while True:
            await wake.wait()
            wake.clear()
            told = dict(due)
            due.clear()
            await _publish(valkey, told)

    async with _running(publish()):
        yield announce


@asynccontextmanager
async def hearing(valkey: ArqRedis) -> AsyncIterator[Pokes]:
    """The devices of this process, woken by what any process announces; subscribes once for all of them."""
    pokes = Pokes()
    async with _running(_hear(valkey, pokes)):
        yield pokes


async def _moved(db: Db, pokes: Pokes, actor: Actor, listener: Listener) -> bool:
    """Whether the device holds other scopes than it did; it is woken by the new ones from now on."""
    listener.moved = False
    try:
        async with db.reading(actor.tenant_id) as conn:
            held = await scopes_held(conn, actor)
    except AWAY:
        listener.moved = True
        return False
    if held == listener.scopes:
        return False
    pokes.place(listener, held)
    return True


async def _publish(valkey: ArqRedis, told: Mapping[UUID, set[str]]) -> None:
    for tenant_id, scopes in told.items():
        try:
            await valkey.publish(CHANNEL, msgspec.json.encode((tenant_id, scopes)))
        except _AWAY as away:
            log.warning("poke lost", error=repr(away))


async def _hear(valkey: ArqRedis, pokes: Pokes) -> None:
    while True:
        try:
            async with valkey.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                while True:
                    message = await channel.get_message(timeout=QUIET_S)
                    if message is None:
                        await channel.ping()
                    else:
                        _take(pokes, message)
        except _AWAY as away:
            log.warning("pokes are not heard", error=repr(away))
            await asyncio.sleep(random.uniform(*RETRY_S))  # noqa: S311


def _take(pokes: Pokes, message: Mapping[str, object]) -> None:
    match message:
        case {"type": "subscribe"}:
            pokes.wake_all()  # between two subscriptions nothing was heard
        case {"type": "message", "data": bytes(data)}:
            with suppress(msgspec.MsgspecError):
                pokes.wake(*msgspec.json.decode(data, type=tuple[UUID, frozenset[str]]))


@asynccontextmanager
async def _running(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
