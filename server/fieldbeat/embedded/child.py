"""One child process: started so that it outlives neither a Ctrl-C unattended nor the death of its parent, and stopped
in its own way."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fieldbeat.embedded.account import Account

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """How to run one process, and the process while it runs. Start it from the main thread (the leash hangs on it)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 10.0
    account: Account | None = None
    log: Path | None = None  # None: our own stderr
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process in a session of its own, so that a Ctrl-C reaches the parent alone."""
        if self.log is None:
            self._start(sys.stderr.fileno())
        else:
            with self.log.open("ab") as log:
                self._start(log)

    def exit_code(self) -> int | None:
        """None while it runs; after its end the exit code, or the negated signal that ended it."""
        return self.process.poll() if self.process else None

    def signal_stop(self) -> None:
        """Ask it to stop; does not wait."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask it to stop, wait, and kill it when it does not."""
        if self.process is None:
            return
        self.signal_stop()
        try:
            self.process.wait(self.stop_within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _start(self, output: BinaryIO | int) -> None:
        user = {} if self.account is None else {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        self.process = subprocess.Popen(  # type: ignore[call-overload]
            self.command,
            env=self.environment,
            cwd="/" if self.account else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=self.pass_fds,
            preexec_fn=_leash(self.stop_signal),
            **user,
        )


def wait_until(ready: Callable[[], bool], child: Child, *, within_s: float) -> bool:
    """Whether `ready` came true before `child` ended or the time was over."""
    deadline = time.monotonic() + within_s
    while child.exit_code() is None and time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(0.02)
    return False


def _leash(stop_signal: signal.Signals) -> Callable[[], None]:
    """What the child does before its program: ask for `stop_signal` when the parent dies, even by kill -9."""
    parent = os.getpid()

    def arm() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return arm
