"""One step at a time: which task goes on next is drawn, never raced for.

A task of the world stops at a gate before every statement and every message. The stepper opens one gate and waits until
everything stands still again: at a gate, at an end, or blocked in PostgreSQL by a lock that another task holds. So the
order of all steps, and with it the whole run, follows from the seed.

Two backends that wait for the same row would race for it when it is let go, and the machine would decide. So a blocked
backend is halted, and when locks may be free the halted ones go on one by one, the oldest task first.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

LOOKS_MS = 4  # how long a statement may run before it is asked whether a lock blocks it
STUCK_S = 30.0


class Stuck(AssertionError):
    """The world stands still although somebody should be running."""


class Cut(Exception):
    """The job that was waited for was cancelled."""


class State(Enum):
    """Where a task of the world stands."""

    RUNNING = auto()
    AT_GATE = auto()
    WAITING = auto()  # for another task
    BLOCKED = auto()  # by a lock in the database
    DONE = auto()


@dataclass(eq=False)
class Job:
    """A task of the world. `at`: what it will do when its gate opens; `pid`: the backend that works for it."""

    name: str
    number: int
    state: State = State.RUNNING
    at: str = ""
    pid: int = 0
    gate: "asyncio.Future[None] | None" = None
    task: "asyncio.Task[Any] | None" = None
    waiters: "list[Job]" = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.state is State.DONE


@dataclass
class Trace:
    """Everything that happened, as a hash, and its last lines."""

    digest: Any = field(default_factory=hashlib.sha256)
    lines: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        """Something happened."""
        self.digest.update(line.encode() + b"\n")
        self.lines.append(line)


@dataclass
class Stepper:
    """The jobs of one world, and the only one who lets them go on.

    `look` asks the database who is blocked; `halt` stops a backend where it is, `resume` lets it go on.
    """

    look: Callable[[list[int]], Awaitable[set[int]]]
    halt: Callable[[int], None]
    resume: Callable[[int], None]
    trace: Trace = field(default_factory=Trace)
    jobs: list[Job] = field(default_factory=list)
    started: int = 0

    def __post_init__(self) -> None:
        self._of: dict[asyncio.Task[Any], Job] = {}
        self._changed = asyncio.Event()

    async def start(self, name: str, work: Coroutine[Any, Any, Any]) -> Job:
        """Begin a job; it runs up to its first gate."""
        job = self._begin(name, work)
        await self.settle()
        return job

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> Job:
        """Begin a job from within another, which goes on."""
        return self._begin(name, work)

    async def gate(self, at: str, *, pid: int = 0) -> None:
        """Called in a job: wait to be let go on. Outside of any job there is nothing to wait for."""
        task = asyncio.current_task()
        job = self._of.get(task) if task else None
        if job is None:
            return
        job.at, job.pid = at, pid
        job.gate = asyncio.get_running_loop().create_future()
        job.state = State.AT_GATE
        self._changed.set()
        try:
            await job.gate
        finally:
            job.gate = None
            job.state = State.RUNNING

    async def join(self, other: Job) -> Any:
        """Called in a job: the result of another, or what it raised. To be cancelled here leaves the other alone."""
        job = self._of[asyncio.current_task()]  # type: ignore[index]
        assert other.task is not None
        if not other.done:
            other.waiters.append(job)
            job.state = State.WAITING
            self._changed.set()
            try:
                await asyncio.wait({other.task})
            finally:
                job.state = State.RUNNING
                if job in other.waiters:
                    other.waiters.remove(job)
        if other.task.cancelled():
            raise Cut
        return other.task.result()

    def ready(self) -> list[Job]:
        """The jobs at a gate, oldest first."""
        return [job for job in self.jobs if job.state is State.AT_GATE]

    async def step(self, job: Job) -> None:
        """Open one gate."""
        assert job.gate is not None
        self.trace.note(f"{job.name}: {job.at}")
        ends = job.at.startswith(("commit", "rollback"))
        job.state = State.RUNNING
        job.gate.set_result(None)
        await self.settle(locks_may_be_free=ends)

    async def cancel(self, job: Job) -> None:
        """As when a server stops: the job is cancelled where it stands, be it in the middle of waiting for a lock."""
        assert job.task is not None
        self.trace.note(f"{job.name}: cancelled at {job.at} ({job.state.name})")
        self._resume(job)
        job.task.cancel()
        await self.settle(locks_may_be_free=True)

    async def settle(self, *, locks_may_be_free: bool = False) -> None:
        """Wait until nobody runs."""
        await self._still()
        for job in [job for job in self.jobs if locks_may_be_free and job.state is State.BLOCKED]:
            self._resume(job)
            await self._still()
        self.jobs = [job for job in self.jobs if not job.done]

    def let_go(self) -> None:
        """Nobody is stepped any more: a halted backend could not even end."""
        for job in self.jobs:
            self._resume(job)

    async def finish(self) -> None:
        """Let every job go on, the oldest first, until all have ended."""
        while self.jobs:
            ready = self.ready()
            if not ready:
                raise Stuck(f"{[(job.name, job.at, job.state.name) for job in self.jobs]} wait for one another")
            await self.step(ready[0])

    async def _still(self) -> None:
        waited_s = 0.0
        while running := [job for job in self.jobs if job.state is State.RUNNING]:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), LOOKS_MS / 1000)
            except TimeoutError:
                waited_s += LOOKS_MS / 1000
                await self._look(running)
                if waited_s > STUCK_S:
                    raise Stuck(f"{[(job.name, job.at) for job in running]} neither end nor wait") from None

    async def _look(self, running: list[Job]) -> None:
        pids = [job.pid for job in running if job.pid]
        blocked = await self.look(pids) if pids else set()
        if all(job.pid in blocked for job in running if job.state is State.RUNNING):
            for job in running:
                if job.state is State.RUNNING:
                    job.state = State.BLOCKED
                    self.halt(job.pid)
                    self.trace.note(f"{job.name}: blocked")

    def _resume(self, job: Job) -> None:
        if job.state is State.BLOCKED:
            self.resume(job.pid)
        if not job.done:
            job.state = State.RUNNING

    def _begin(self, name: str, work: Coroutine[Any, Any, Any]) -> Job:
        self.started += 1
        job = Job(f"{name}#{self.started}", self.started)
        self.jobs.append(job)
        job.task = asyncio.get_running_loop().create_task(self._run(job, work))
        self._of[job.task] = job
        # What a job raises is for whoever joins it; if nobody does, it has been lost like any answer.
        job.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return job

    async def _run(self, job: Job, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await work
        finally:
            job.state = State.DONE
            for waiter in job.waiters:
                waiter.state = State.RUNNING
            job.waiters.clear()
            self._of.pop(job.task, None)  # type: ignore[arg-type]
            self._changed.set()
