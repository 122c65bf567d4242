"""A phone: it edits at once and offline, and syncs when asked. All of its state is in its store."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import httpx

from fieldbeat.phone.clock import PhoneClock, SystemClock
from fieldbeat.phone.edge import Edge, NotAdmitted, Unreachable
from fieldbeat.phone.store import Store
from fieldbeat_sync import answers, filling
from fieldbeat_sync import device as kernel
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.device import Delta, Device, Draft, Link, Pull, Push, Register, Snapshot, Step, Wipe, Wish
from fieldbeat_sync.replay import Row
from fieldbeat_sync.schema import Op
from fieldbeat_sync.upgrade import upgraded

STEPS_MAX = 1_000  # of one sync; what is left waits for the next
PROBLEMS_MAX = 20  # answers that settled nothing, in one sync: it is not getting anywhere
JITTER = 0.5  # every wait is lengthened by up to this share, lest all phones come back at once
UNREACHABLE_WAIT_MS, UNREACHABLE_WAIT_MS_MAX = 1_000, 300_000
UNPOKED_MS = 60_000  # after so long it pulls without a poke: one may have been lost


def _new_id() -> str:
    return str(uuid4())


class WrongPerson(ValueError):
    """The store holds the edits of somebody else."""


@dataclass(frozen=True)
class Account:
    """Who uses the phone."""

    email: str
    password: str


@dataclass(frozen=True)
class Standing:
    """How a sync ended: `settled` when nothing is left to push or to pull, else when to try again."""

    settled: bool
    retry_after_ms: int = 0
    upgrade_required: bool = False
    wiped: bool = False


@dataclass
class Phone:
    """One person's device. Edits need no network; `sync` needs one and may fail at any point without loss."""

    device: Device
    store: Store
    edge: Edge
    clock: PhoneClock
    mint: Callable[[], str] = _new_id  # ids of records, edits and groups
    draw: Callable[[], float] = random.random  # the jitter of waits

    def __post_init__(self) -> None:
        self._syncing = asyncio.Lock()
        self._failures = 0  # syncs in a row that reached nobody

    @property
    def retry_after_ms(self) -> int:
        """How long to wait after a sync that raised `Unreachable`: twice as long each time, up to a bound."""
        return self._wait_after(self._failures)

    def create(self, collection: str, record_id: str | None = None, /, **fields: Any) -> str:
        """Queue a new record and return its id."""
        made = record_id or self.mint()
        self.queue(Wish(collection, made, Op.CREATE, fields))
        return made

    def edit(self, collection: str, record_id: str, /, saw_rev: int | None = None, **fields: Any) -> str:
        """Queue a change of these fields and return its uuid. `saw_rev`: what a form opened earlier had shown."""
        return self.queue(Wish(collection, record_id, Op.UPDATE, fields, saw_rev))[0]

    def delete(self, collection: str, record_id: str) -> str:
        """Queue the deletion of a record and return its uuid."""
        return self.queue(Wish(collection, record_id, Op.DELETE))[0]

    def queue(self, *wishes: Wish, together: bool = False) -> tuple[str, ...]:
        """Queue edits, all or none if `together`, and return their uuids. They are on disk when this returns."""
        uuids = tuple(self.mint() for _ in wishes)
        group = self.mint() if together else None
        self._keep(kernel.enqueue(self.device, wishes, uuids=uuids, made=self.clock.read(), group=group))
        return uuids

    def row(self, collection: str, record_id: str) -> Row | None:
        """The record as the user sees it: confirmed, with his queued edits over it."""
        return kernel.view(self.device, collection, record_id)

    def rows(self, collection: str) -> dict[str, Row]:
        """Every record of a collection as the user sees it, by id."""
        return kernel.view_all(self.device, collection)

    def drafts(self) -> tuple[Draft, ...]:
        """What the user wrote and no row shows."""
        return kernel.drafts(self.device)

    def dismiss(self, uuid: str) -> None:
        """Forget a rejected edit."""
        self._keep(kernel.dismiss(self.device, uuid))

    async def sync(self) -> Standing:
        """Push until the queue is empty, then pull until nothing more comes; ends early when the server asks to wait.

        Raises `Unreachable`, `NotAdmitted`, `NotUnderstood`; whatever was settled until then is kept.
        """
        async with self._syncing:
            try:
                standing = await self._sync()
            except Unreachable:
                self._failures += 1
                raise
            self._failures = 0
            return standing

    async def follow(self) -> NoReturn:
        """Stay in sync until cancelled: at every poke, and now and then without one.

        A server that cannot be reached is tried again as `retry_after_ms` says. Raises `NotAdmitted`, `NotUnderstood`.
        """
        poked = asyncio.Event()
        listening: asyncio.Task[NoReturn] | None = None
        try:
            while True:
                poked.clear()
                wait_ms = await self._attempt()
                if listening is None and self.device.link.device_id:
                    listening = asyncio.create_task(self._listen(poked))
                if listening and listening.done():
                    await listening
                await asyncio.sleep(wait_ms / 1000)
                if not wait_ms:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(poked.wait(), self._jittered(UNPOKED_MS) / 1000)
        finally:
            if listening:
                listening.cancel()

    async def aclose(self) -> None:
        """Close the connections and the store."""
        await self.edge.aclose()
        self.store.close()

    async def _attempt(self) -> int:
        """One sync; how long to wait before the next, 0 where nothing is left to do."""
        try:
            return (await self.sync()).retry_after_ms
        except Unreachable:
            return self.retry_after_ms

    async def _listen(self, poked: asyncio.Event) -> NoReturn:
        """Subscribes, and again whenever the connection ends; who is refused learns it from the sync."""
        failures = 0
        while True:
            try:
                async with aclosing(self.edge.pokes(self.device.link.device_id or "")) as pokes:
                    async for _ in pokes:
                        failures = 0
                        poked.set()
            except (Unreachable, NotAdmitted):
                failures += 1
                await asyncio.sleep(self._wait_after(failures) / 1000)

    async def _sync(self) -> Standing:
        self._keep(kernel.due(self.device))
        problems = 0
        for _ in range(STEPS_MAX):
            step = kernel.next_step(self.device)
            if step is None or problems == PROBLEMS_MAX:
                break
            delta = await self._take(step)
            self._keep(delta)
            problems += delta.problem is not None
            if delta.wait_ms or isinstance(step, Wipe):
                return self._standing(delta.wait_ms, wiped=isinstance(step, Wipe))
        return self._standing(0)

    async def _take(self, step: Step) -> Delta:
        if isinstance(step, Wipe):
            return answers.wiped(self.device)
        wanted = kernel.step_input(self.device, step, self.clock.read())
        match step:
            case Register():
                return answers.registered(self.device, await self.edge.ask("register_device", input=wanted))
            case Push():
                return answers.pushed(self.device, step, await self.edge.ask("sync_push", input=wanted))
            case Snapshot():
                return await self._fill(wanted)
            case Pull():
                try:
                    return answers.pulled(self.device, await self.edge.ask("sync_pull", input=wanted))
                except NotAdmitted:
                    return await self._ask_by_push()

    async def _ask_by_push(self) -> Delta:
        """Who was dismissed may only push; what has become of what he had pushed he learns by a push of nothing.

        Raises `NotAdmitted` where all is as it was.
        """
        nothing = Push(())
        wanted = kernel.step_input(self.device, nothing, self.clock.read())
        answer = await self.edge.ask("sync_push", input=wanted)
        if not answer["problem"]:
            raise NotAdmitted("this person was dismissed")
        return answers.pushed(self.device, nothing, answer)

    async def _fill(self, wanted: Mapping[str, Any]) -> Delta:
        """Each line is on disk before the next is taken, so a stream that breaks off goes on behind it."""
        delta = Delta()
        async with aclosing(self.edge.snapshot(**wanted)) as lines:
            async for line in lines:
                self._keep(delta)
                if "refusal" in line:
                    return filling.refused(self.device, line["refusal"], line["retryAfterMs"])
                delta = filling.took(self.device, line)
        return delta

    def _keep(self, delta: Delta) -> None:
        """On disk first, then in memory: what a kill leaves behind is what the next start reads."""
        self.store.write(delta)
        self.device.apply(delta)

    def _wait_after(self, failures: int) -> int:
        doubled = UNREACHABLE_WAIT_MS * 2 ** min(max(failures - 1, 0), 20)
        return self._jittered(min(doubled, UNREACHABLE_WAIT_MS_MAX))

    def _jittered(self, wait_ms: int) -> int:
        return round(wait_ms * (1 + JITTER * self.draw()))

    def _standing(self, wait_ms: int, *, wiped: bool = False) -> Standing:
        return Standing(
            settled=kernel.next_step(self.device) is None,
            retry_after_ms=self._jittered(wait_ms),
            upgrade_required=self.device.link.upgrade_required,
            wiped=wiped,
        )


def open_phone(
    path: Path,
    *,
    url: str,
    account: Account,
    clock: PhoneClock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    install_id: str | None = None,
    durable: bool = True,
) -> Phone:
    """The phone whose store is `path`, as it was left, or a new one; `transport` stands between it and the network.

    Raises `WrongPerson`: one person's store never sends as another.
    """
    store = Store(path, durable=durable)
    device = store.load(SCHEMA)
    if device is None:
        device = Device(SCHEMA, Link(install_id or _new_id(), SCHEMA.version, owner=account.email))
        store.write(Delta(link=device.link))
    if device.link.owner != account.email:
        store.close()
        raise WrongPerson(f"{path} belongs to {device.link.owner}")
    if device.link.schema_version != SCHEMA.version:
        newer = upgraded(device)
        store.write(newer)
        device.apply(newer)
    client = httpx.AsyncClient(base_url=url, transport=transport, timeout=30)
    edge = Edge(
        client,
        email=account.email,
        password=account.password,
        refresh=store.refresh_token(),
        keep=store.keep_refresh_token,
    )
    return Phone(device, store, edge, clock or SystemClock())
