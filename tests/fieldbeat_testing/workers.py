"""Workers in processes of their own, to be killed; one may believe that it is another time.

As a program (`python -m fieldbeat_testing.workers SECONDS`) it is one worker whose clock is so many seconds off.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

from fieldbeat_testing.program import END_WITHIN_S, ROOT, environment


@dataclass
class Crew:
    """Some workers by their numbers, each started, killed and started again at will."""

    settings: dict[str, str]
    log: Path
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    off: dict[int, timedelta] = field(default_factory=dict)
    ended: int = 0

    def start(self, number: int, *, off: timedelta = timedelta()) -> None:
        """Start one that does not run; `off`: how far its clock is ahead."""
        self.off[number] = off
        program = ["fieldbeat_testing.workers", str(off.total_seconds())] if off else ["fieldbeat.worker"]
        with self.log.open("ab") as log:
            self.running[number] = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", *program], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=ROOT, env=environment(**self.settings) | {"PYTHONPATH": str(ROOT / "tests")},
            )  # fmt: skip

    def kill(self, number: int) -> None:
        """SIGKILL to one; nothing, when it does not run."""
        if process := self.running.pop(number, None):
            process.kill()
            process.wait(END_WITHIN_S)

    def tend(self) -> None:
        """As whoever runs workers does: one that ended by itself, for want of a database, is started again."""
        for number, process in list(self.running.items()):
            if process.poll() is not None:
                self.ended += 1
                self.start(number, off=self.off[number])


@contextmanager
def crew(log: Path, **settings: str) -> Iterator[Crew]:
    """Nobody yet; whoever runs at the end is killed."""
    made = Crew(settings, log)
    try:
        yield made
    finally:
        for process in made.running.values():
            process.kill()
            process.wait(END_WITHIN_S)


def main(seconds_off: float) -> None:
    """The worker, with a clock that is off and runs on."""
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds_off), tick=True):
        from fieldbeat.worker import main as work  # it shall know no other time

        work()


if __name__ == "__main__":
    main(float(sys.argv[1]))
