"""Transactions on real connections, stepped by hand through one order of their steps after another.

A step that has to wait for another connection's lock is left waiting, and the others go on; its actor's later steps
come when it is free again. A step that PostgreSQL ends for a deadlock is raised.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from fieldbeat.kit.db import Conn

Step: TypeAlias = Callable[[], Awaitable[object]]
LOOK_EVERY_S = 0.0005
STUCK_AFTER_S = 10.0


def orders(lengths: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """Every order in which actors can take so many steps each: ("a", "a", "b"), ("a", "b", "a"), …"""
    if not any(lengths.values()):
        yield ()
    for name, left in lengths.items():
        if left:
            for rest in orders({**lengths, name: left - 1}):
                yield (name, *rest)


def sampled(lengths: Mapping[str, int], draw: Random, *, count: int) -> Iterator[tuple[str, ...]]:
    """Some of these orders, each as likely as any other: where actors are many, all are too many to be listed."""
    steps = [name for name, length in lengths.items() for _ in range(length)]
    for _ in range(count):
        yield tuple(draw.sample(steps, len(steps)))


@dataclass
class Actor:
    """One connection's steps: those to come, and the one under way."""

    steps: Sequence[Step]
    pid: int
    taken: int = 0
    owed: int = 0
    running: asyncio.Task[object] | None = field(default=None, repr=False)


async def play(order: Sequence[str], actors: Mapping[str, Actor], watcher: Conn, *, between: Step) -> int:
    """Takes the steps in this order, with `between` behind each; returns how many had to wait for a lock."""
    waited = 0
    for name in order:
        actors[name].owed += 1
        waited += await _go_on(actors, watcher)
        await between()
    async with asyncio.timeout(STUCK_AFTER_S):
        while any(actor.owed for actor in actors.values()):
            await _go_on(actors, watcher)
    await between()
    return waited


async def _go_on(actors: Mapping[str, Actor], watcher: Conn) -> int:
    """Until every actor has taken the steps that it owes, or waits; how many began to wait."""
    waiting: set[str] = set()
    while True:
        busy = [name for name, actor in actors.items() if actor.owed and name not in waiting]
        if not busy:
            return len(waiting)
        for name in busy:
            actor = actors[name]
            if actor.running is None:
                actor.running = asyncio.ensure_future(_taken(actor.steps[actor.taken]))
            await asyncio.wait([actor.running], timeout=LOOK_EVERY_S)
            if actor.running.done():
                actor.running.result()
                actor.running, actor.taken, actor.owed = None, actor.taken + 1, actor.owed - 1
                waiting.clear()  # it may have let somebody go on
            elif await watcher.fetchval("select cardinality(pg_blocking_pids($1)) > 0", actor.pid):
                waiting.add(name)


async def _taken(step: Step) -> object:
    return await step()
