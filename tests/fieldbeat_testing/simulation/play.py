"""Plays worlds one after another and counts (`make simulate`, `make soak`).

The first world that is wrong ends it, with its seed and the command that plays it again.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice

from fieldbeat_testing.database import running_servers
from fieldbeat_testing.simulation import stage as stages
from fieldbeat_testing.simulation.checks import findings
from fieldbeat_testing.simulation.stage import Stage
from fieldbeat_testing.simulation.world import Trouble, run

FAULTS = (
    "request lost", "answer lost", "reset while it ran", "sent twice", "delayed", "server task stopped",
    "connection cut", "kill -9 of PostgreSQL", "database restored", "phone killed", "reboot", "clock set",
    "restored from a backup", "two phones from one backup",
)  # fmt: skip
KINDS = ("customers", "visits", "tickets", "assets", "attachments")
LOST = ("lost", "effect", "twice", "fate", "unknown")
DIVERGED = ("diverged", "leaked", "feed", "unread", "convergence")
STUCK = ("stuck",)


@dataclass
class Played:
    """What came of one world."""

    seed: int
    digest: str
    findings: list[str]
    counts: Counter[str]
    lines: list[str] = field(default_factory=list)


@dataclass
class Total:
    """What came of many."""

    worlds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, played: Played) -> None:
        """One more."""
        self.worlds += 1
        self.counts += played.counts
        self.kinds += Counter(each.partition(":")[0] for each in played.findings)

    def report(self) -> Iterator[str]:
        """The counts that docs/proof.md holds."""
        faults = {name: self.counts[name] for name in FAULTS}
        desks = sum(number for name, number in self.counts.items() if name.startswith("office: "))
        yield f"worlds {self.worlds}, requests {self.counts['requests']}, completed syncs {self.counts['syncs']}"
        verdicts = ", ".join(f"{name} {self.counts[name]}" for name in ("applied", "merged", "conflict", "rejected"))
        kinds = ", ".join(f"{name} {self.counts[f'edits: {name}']}" for name in KINDS)
        yield f"edits on phones {self.counts['edits']} ({kinds}; {verdicts}), deeds at headquarters {desks}"
        yield f"of them publishing a plan {self.counts['office: publish_plan']}"
        yield f"faults {sum(faults.values())}: " + ", ".join(f"{name} {number}" for name, number in faults.items())
        yield (
            f"lost {self._of(LOST)}, diverged {self._of(DIVERGED)}, stuck {self._of(STUCK)}, "
            f"other findings {self.kinds.total() - self._of(LOST + DIVERGED + STUCK)}"
        )

    def _of(self, kinds: Iterable[str]) -> int:
        return sum(self.kinds[kind] for kind in kinds)


def trouble_of(seed: int) -> Trouble:
    """Every seed has its own kind of trouble: most a bit of all, some much of one, be it restores or plans."""
    kinds = {
        3: Trouble(network=0.7),
        5: Trouble(cuts=4),
        6: Trouble(copies=4),
        7: Trouble(restores=0.8),
        8: Trouble(plans=6, favour="_move"),
        9: Trouble(network=0.05, cuts=0.2, copies=0),
    }
    return kinds.get(seed % 10, Trouble())


async def play(stage: Stage, seed: int, trouble: Trouble | None = None) -> Played:
    """One world and its findings."""
    world = await run(seed, stage, trouble or trouble_of(seed))
    found = await findings(world)
    trace = world.stepper.trace
    return Played(seed, trace.digest.hexdigest(), found, world.ledger.counts, trace.lines)


async def _play_all(seeds: Iterable[int], *, until: float, hard: bool, tell: Callable[[str], None]) -> Total | None:
    total = Total()
    with running_servers(durable=hard) as servers:
        template = await stages.template(servers)
        for batch in _batches(seeds):
            async with stages.set_up(servers, template) as stage:
                for seed in batch:
                    if time.monotonic() > until:
                        return total
                    trouble = replace(trouble_of(seed), kills=1.5) if hard else None
                    played = await play(stage, seed, trouble)
                    total.add(played)
                    if played.findings:
                        again = f'make simulate ARGS="--seed {seed}{" --hard" if hard else ""}"'
                        tell(f"seed {seed} went wrong; play it again with: {again}")
                        tell("\n".join(played.findings))
                        return None
                    if total.worlds % 50 == 0:
                        tell(f"{total.worlds} worlds, {total.counts['edits']} edits: all is well")
    return total


def _batches(seeds: Iterable[int]) -> Iterator[Iterator[int]]:
    """A database for some worlds each: a company of its own is enough to keep them apart."""
    rest = iter(seeds)
    for first in rest:
        yield iter([first, *islice(rest, 19)])


def main() -> None:
    """Play, count, and fail when a world goes wrong."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # tells of every connection that was cut on purpose
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--worlds", type=int, default=150, help="how many (default 150)")
    asked.add_argument("--from", type=int, default=0, dest="first", help="the first seed (default 0)")
    asked.add_argument("--seconds", type=float, help="as many as fit into this time")
    asked.add_argument("--seed", type=int, help="this one alone")
    asked.add_argument("--hard", action="store_true", help="on a durable server that is killed with kill -9 as well")
    args = asked.parse_args()
    until = time.monotonic() + args.seconds if args.seconds else float("inf")
    seeds: Iterable[int] = count(args.first) if args.seconds else range(args.first, args.first + args.worlds)
    if args.seed is not None:
        seeds = [args.seed]

    def tell(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    total = asyncio.run(_play_all(seeds, until=until, hard=args.hard, tell=tell))
    if total is None:
        sys.exit(1)
    tell("\n".join(total.report()))


if __name__ == "__main__":
    main()
