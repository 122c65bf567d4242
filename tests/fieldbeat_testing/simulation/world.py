"""One simulated world from its seed: founded, troubled for a while, then left in peace until everybody agrees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from fieldbeat.exchange import chunks, garbage
from fieldbeat.kit import ids
from fieldbeat.phone import NotAdmitted, Unreachable
from fieldbeat_testing.simulation import hands, office
from fieldbeat_testing.simulation.company import Company, found
from fieldbeat_testing.simulation.connection import Stepped
from fieldbeat_testing.simulation.handset import Backup, Handset, empty_store, twin_of
from fieldbeat_testing.simulation.hours import Watch
from fieldbeat_testing.simulation.ledger import Ledger, RecordId
from fieldbeat_testing.simulation.line import Fate, Line, Server, drawn
from fieldbeat_testing.simulation.stage import Stage
from fieldbeat_testing.simulation.stepper import Job, State, Stepper

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
YEARS_MS = 3 * 365 * DAY_MS
ROUNDS_MAX = 12
JOBS_MAX = 12  # at once; a few more come of requests that are sent twice
LIVES_MAX_MS = 5 * DAY_MS  # below the 7 days for which phones keep what was acknowledged


@dataclass(frozen=True)
class Trouble:
    """How bad a world is. `moves`: how many things happen in it; `restores`, `kills`: of the database;
    `plans`: published at headquarters.

    `favour`: what its people do much more often than else. `resets`: of a calendar. With `right_clocks` the same
    things happen to phones whose calendars are right.
    """

    moves: int = 320
    network: float = 0.3
    cuts: float = 1.0
    copies: float = 1.0
    resets: float = 0.6
    right_clocks: bool = False
    favour: str = ""
    restores: float = 0.0
    kills: float = 0.0
    plans: float = 0.0


@dataclass
class World:
    """Everything that a run needs. `delayed`: requests that are still on their way."""

    seed: int
    stage: Stage
    stepper: Stepper
    trouble: Trouble
    company: Company
    ledger: Ledger
    handsets: list[Handset] = field(default_factory=list)
    delayed: list[Callable[[], Job]] = field(default_factory=list)
    may_fork: set[str] = field(default_factory=set)
    clocks_set: set[str] = field(default_factory=set)
    peaceful: bool = True
    builder: Job | None = None
    office_then: dict[tuple[RecordId, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draw = Random(f"{self.seed}:world")

    async def live(self) -> None:
        """Everybody is registered, most are given what they may see; the others get it in the midst of trouble."""
        for handset in self.handsets:
            if self.draw.random() < 0.75:
                await self._sync_in_peace(handset)
            else:
                await self._register_in_peace(handset)
        self.peaceful = False
        for _ in range(self.trouble.moves):
            await self._move()
        await self._make_peace()

    async def _move(self) -> None:
        ready, calm = self.stepper.ready(), len(self.stepper.jobs) < JOBS_MAX
        cuts, copies = self.trouble.cuts, self.trouble.copies
        moves: list[tuple[Callable[[], object], float]] = [
            (self._go_on, 60 if ready else 0),
            (self._edit, 18),
            (self._sync, 12 if calm else 0),
            (self._office, 3 + self.trouble.plans if calm else 0),
            (self._pass_time, 5),
            (self._collect_garbage, 0.8 if calm else 0),
            (self._build_chunks, 0.6 if calm else 0),
            (self._arrive_late, 3 if self.delayed and calm else 0),
            (self._stop_a_server_task, 1.2 * cuts if ready else 0),
            (self._cut_a_connection, 0.6 * cuts if ready else 0),
            (self._kill_a_phone, 1.0 * cuts),
            (self._set_a_clock, self.trouble.resets),
            (self._reboot, 0.6),
            (self._back_up, 0.8 * copies),
            (self._restore, 0.6 * copies),
            (self._twin, 0.15 * copies),
            (self._back_up_database, self.trouble.restores),
            (self._restore_database, self.trouble.restores if self.stage.copy else 0),
            (self._kill_postgres, self.trouble.kills),
        ]
        [move] = self.draw.choices([each for each, _ in moves], weights=[weight for _, weight in moves])
        came = move()
        if came is not None:
            await came  # type: ignore[misc]

    async def _go_on(self) -> None:
        await self._step(self.draw.choice(self.stepper.ready()))

    async def _step(self, job: Job) -> None:
        self.stage.now_ms += self.draw.choice((0, 0, 0, 0, 0, 0, 1, 40))
        await self.stage.tell()
        await self.stepper.step(job)

    def _edit(self) -> None:
        handset = self.draw.choice(self.handsets)
        hands.edit(handset, self.draw, str(self.company.tally), favour=self.trouble.favour)
        self.stage.now_ms += self.draw.choice((0, 1, 500, 20_000))

    async def _sync(self) -> None:
        idle = [handset for handset in self.handsets if not handset.syncs]
        if idle:
            handset = self.draw.choice(idle)
            handset.job = await self.stepper.start(f"{handset.name}", self._synced(handset))

    async def _synced(self, handset: Handset) -> None:
        phone = handset.phone
        try:
            standing = await phone.sync()
        except (Unreachable, NotAdmitted) as cut:
            self.stepper.trace.note(f"{handset.name}: {cut}")
            return
        self.ledger.counts["syncs"] += standing.settled
        if standing.settled and handset.phone is phone:
            self._check_checkpoint(handset)

    def _check_checkpoint(self, handset: Handset) -> None:
        device = handset.phone.device
        if device.link.resyncs:
            self.ledger.find(f"diverged: {handset.name} differs from the server at a checkpoint")
        for uuid, settled in device.settled.items():
            held = device.rows.get((settled.edit.collection, settled.edit.record_id))
            if settled.status != "REJECTED" and held and settled.rev and held.rev < settled.rev:
                self.ledger.find(
                    f"unread: {handset.name} holds {held.key} at {held.rev}, its {uuid} made {settled.rev}"
                )

    async def _office(self) -> None:
        work = office.do_something(self.stage, self.company, self.ledger, self.draw, plans=self.trouble.plans)
        await self.stage.tell()
        await self.stepper.start("office", work)

    async def _collect_garbage(self) -> None:
        self.ledger.counts["garbage collected"] += 1
        older_than = timedelta(hours=self.draw.choice((0, 1, 24)))
        work = garbage.collect_batch(self.stage.db, self.company.tenant_id, older_than=older_than, entries_max=20)
        await self.stage.tell()
        await self.stepper.start("garbage", work)

    async def _build_chunks(self) -> None:
        """As the worker does for large scopes; one at a time, for each holds two connections."""
        if self.builder is None or self.builder.done:
            self.ledger.counts["chunks built"] += 1
            scope_id = self.draw.choice(["tenant", *(f"territory:{id_}" for id_ in self.company.territories.values())])
            await self.stage.tell()
            work = chunks.build(self.stage.db, self.company.tenant_id, scope_id)
            self.builder = await self.stepper.start("chunks", work)

    def _pass_time(self) -> None:
        skip = self.draw.choice((MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS))
        if self.stage.now_ms + skip < self.born_ms + LIVES_MAX_MS:
            self.stage.now_ms += skip

    async def _arrive_late(self) -> None:
        send = self.delayed.pop(self.draw.randrange(len(self.delayed)))
        await self.stage.tell()
        send()
        await self.stepper.settle()

    async def _stop_a_server_task(self) -> None:
        stopped = [job for job in self.stepper.jobs if self._is_servers(job)]
        if stopped:
            self.ledger.counts["server task stopped"] += 1
            await self.stepper.cancel(self.draw.choice(stopped))

    async def _cut_a_connection(self) -> None:
        busy = [job for job in self.stepper.ready() if job.pid]
        if busy:
            job = self.draw.choice(busy)
            self.ledger.counts["connection cut"] += 1
            self.stepper.trace.note(f"{job.name}: its connection is cut")
            await self.stage.watcher.fetchval("select pg_terminate_backend($1, 5000)", job.pid)
            await self.stepper.settle(locks_may_be_free=True)

    def _is_servers(self, job: Job) -> bool:
        return job.state in (State.AT_GATE, State.BLOCKED) and job.pid != 0

    async def _kill_a_phone(self) -> None:
        handset = self.draw.choice(self.handsets)
        self.ledger.counts["phone killed"] += 1
        await self._stop(handset)
        handset.restart()

    async def _stop(self, handset: Handset) -> None:
        if handset.job is not None and not handset.job.done:
            await self.stepper.cancel(handset.job)
        handset.job = None

    def _set_a_clock(self) -> None:
        """Without consequence only until the next boot: then nothing tells by how much an edit's calendar was wrong."""
        handset = self.draw.choice(self.handsets)
        watch = handset.watch
        if watch.boot_id is not None:
            self.ledger.counts["clock set"] += 1
            self.clocks_set.add(handset.name.rstrip("'"))
            skew_ms = self.draw.choice((0, YEARS_MS, -YEARS_MS, 90_000))
            watch.skew_ms = 0 if self.trouble.right_clocks else skew_ms

    async def _reboot(self) -> None:
        handset = self.draw.choice(self.handsets)
        self.ledger.counts["reboot"] += 1
        await self._stop(handset)
        handset.watch.boot_id, handset.watch.booted_ms = self._uuid(), self.stage.now_ms
        handset.restart()

    def _back_up(self) -> None:
        self.draw.choice(self.handsets).back_up()

    async def _restore(self) -> None:
        kept = [handset for handset in self.handsets if handset.backup]
        if kept:
            handset = self.draw.choice(kept)
            self.ledger.counts["restored from a backup"] += 1
            await self._stop(handset)
            assert handset.backup is not None
            self.may_fork.add(handset.install_id)
            handset.put_back(handset.backup)

    def _twin(self) -> None:
        kept = [handset for handset in self.handsets if handset.backup and not handset.name.endswith("'")]
        if kept and len(self.handsets) < 8:
            handset = self.draw.choice(kept)
            backup = handset.backup
            assert isinstance(backup, Backup)
            self.ledger.counts["two phones from one backup"] += 1
            self.may_fork.add(handset.install_id)
            self.handsets.append(twin_of(handset, backup, Random(f"{self.seed}:{len(self.handsets)}"), self._uuid()))

    async def _back_up_database(self) -> None:
        await self._finish()
        await self.stage.back_up()
        self.office_then = dict(self.ledger.office)

    async def _restore_database(self) -> None:
        """The database goes back in time; what it had acknowledged since lies on the phones alone."""
        await self._finish()
        await self.stage.restore()
        self.ledger.counts["database restored"] += 1
        self.ledger.restored, self.ledger.office = True, dict(self.office_then)

    async def _kill_postgres(self) -> None:
        self.ledger.counts["kill -9 of PostgreSQL"] += 1
        self.stepper.trace.note("PostgreSQL is killed")
        await self.stage.kill_postgres()
        await self.stepper.settle(locks_may_be_free=True)

    def _uuid(self) -> UUID:
        return UUID(int=self.draw.getrandbits(128), version=4)

    async def _make_peace(self) -> None:
        """No more faults: what is on its way arrives, and everybody syncs until nothing is left."""
        self.peaceful = True
        await self._finish()
        while self.delayed:
            await self._arrive_late()
        await self._finish()
        for turn in range(ROUNDS_MAX):
            settled = [await self._sync_in_peace(handset) for handset in self.handsets]
            if turn and all(settled):
                self.ledger.counts["rounds"] += turn
                return
        self.ledger.find(f"stuck: after {ROUNDS_MAX} rounds of syncs somebody is not through")

    async def _sync_in_peace(self, handset: Handset) -> bool:
        """Whether nothing came of it that others, or the next round, must see."""
        before = _standing(handset)
        handset.job = await self.stepper.start(handset.name, self._synced(handset))
        await self._finish()
        return before == _standing(handset) and not handset.phone.device.queue

    async def _register_in_peace(self, handset: Handset) -> None:
        """Who is dismissed gets no new device, so a phone in use has been registered; its first sync goes on."""
        handset.job = await self.stepper.start(handset.name, self._synced(handset))
        while handset.phone.device.link.register_due:
            await self._step(self.stepper.ready()[0])

    async def _finish(self) -> None:
        while self.stepper.jobs:
            ready = self.stepper.ready()
            if not ready:
                raise AssertionError(f"{[(job.name, job.at, job.state) for job in self.stepper.jobs]} stand still")
            await self._step(ready[0])

    @property
    def born_ms(self) -> int:
        """When the world began."""
        return self._born_ms

    async def populate(self, people: list[str]) -> None:
        """Phones into hands; every one begins offline and new."""
        self._born_ms = self.stage.now_ms
        rates: dict[Fate, float] = {fate: self.trouble.network / 5 for fate in Fate if fate is not Fate.ANSWERED}
        bounds = {
            "pushMutationsMax": self.draw.choice((4, 6, 500)),
            "pushBytesMax": 1 << 20,
            "mutationBytesMax": 256 << 10,
            "pullRowsMax": self.draw.choice((2, 5, 1000)),
        }
        server = Server(self.stage, self.company.tenant_id, self.ledger, bounds)
        network = drawn(Random(f"{self.seed}:network"), rates)
        for number, who in enumerate(people):
            draw = Random(f"{self.seed}:phone {number}")
            boot_id = self._uuid() if draw.random() < 0.8 else None
            skew_ms = draw.choice((0, 0, 60_000, YEARS_MS, -YEARS_MS))
            watch = Watch(self.stage, 0 if self.trouble.right_clocks else skew_ms, self.stage.now_ms, boot_id)
            line = Line(
                f"{who}{number}",
                self.company.people[who],
                server,
                self.stepper,
                lambda: Fate.ANSWERED if self.peaceful else network(),
                self.delayed,
                self.may_fork,
            )
            self.handsets.append(Handset(f"{who}{number}", who, line, watch, draw, empty_store(), self.ledger))


def _standing(handset: Handset) -> object:
    device = handset.phone.device
    return (len(device.settled), {key: held.rev for key, held in device.rows.items()})


PEOPLE = ["nina", "nina", "otto", "pia", "vera", "adam"]


async def run(seed: int, stage: Stage, trouble: Trouble | None = None) -> World:
    """The world of a seed, lived to its end; what is wrong with it is for `checks`."""
    draw = Random(f"{seed}:founding")
    stage.begin()
    with _seeded_ids(draw, stage):
        await stage.tell()
        stepper = Stepper(stage.blocked, stage.halt, stage.resume)
        company = await found(stage.db, f"world-{seed}", draw)
        world = World(seed, stage, stepper, trouble or Trouble(), company, Ledger())
        Stepped.stepper = stepper
        try:
            await world.populate(sorted(draw.sample(PEOPLE, draw.randint(2, 5))))
            await world.live()
        finally:
            Stepped.stepper = None
            stepper.let_go()
    return world


@contextmanager
def _seeded_ids(draw: Random, stage: Stage) -> Iterator[None]:
    """While the block runs, the server's ids come from the seed and the world's time."""
    module: Any = ids
    real = module.secrets, module.time
    module.secrets = SimpleNamespace(randbits=draw.getrandbits)
    module.time = SimpleNamespace(time_ns=lambda: stage.now_ms * 1_000_000)
    try:
        yield
    finally:
        module.secrets, module.time = real
