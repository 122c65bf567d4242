"""The program `fieldbeat` as a person runs it: in a process of its own, judged by what it prints and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-W", "ignore", "-m", "fieldbeat"]
END_WITHIN_S = 30.0


@dataclass
class RunningUp:
    """`fieldbeat up`, ready."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    log: Path

    @property
    def url(self) -> str:
        """Where the API answers."""
        return str(self.ready["url"])

    def descendants(self) -> list[int]:
        """Every process below it."""
        return list(_below(self.process.pid))

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(END_WITHIN_S)


@contextmanager
def running_up(data_dir: Path, *options: str, log: Path, **settings: str) -> Iterator[RunningUp]:
    """`fieldbeat up --json` on a free port, from its ready line to the end of the block."""
    command = [*PROGRAM, "up", "--json", "--port", "0", "--data-dir", str(data_dir), *options]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, cwd=ROOT, env=environment(**settings)
        )
    assert process.stdout is not None
    try:
        yield RunningUp(process, _ready_line(process.stdout, log), log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(END_WITHIN_S)
        process.stdout.close()


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; `settings` are FIELDBEAT_* variables by their lower-case names."""
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=ROOT, env=environment(**settings), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def environment(**settings: str) -> dict[str, str]:
    """Ours without any FIELDBEAT_* variable but the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FIELDBEAT_")}
    return kept | {f"FIELDBEAT_{name.upper()}": value for name, value in settings.items()}


def gone(pids: list[int], *, within_s: float) -> bool:
    """Whether all these processes ended in time."""
    deadline = time.monotonic() + within_s
    while any(_lives(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _ready_line(stdout: IO[bytes], log: Path) -> dict[str, Any]:
    line = stdout.readline()
    assert line, f"`fieldbeat up` ended before it was ready:\n{log.read_text()}"
    ready: dict[str, Any] = orjson.loads(line)
    return ready


def _below(pid: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:  # a backend of PostgreSQL that has ended meanwhile
        return
    for child in children:
        yield int(child)
        yield from _below(int(child))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
