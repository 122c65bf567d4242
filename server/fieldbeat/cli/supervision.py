"""A family of child processes: started in order, started again when they crash, stopped in the other order, and never
left behind."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import structlog

from fieldbeat.embedded.child import Child

BACK_OFF_S_MIN, BACK_OFF_S_MAX = 0.5, 30.0
STEADY_AFTER_S = 60.0
LOOK_EVERY_S = 0.2

log = structlog.stdlib.get_logger(__name__)


@dataclass
class Stop:
    """Whether SIGINT or SIGTERM came. Checked between steps, so that no step is left half done."""

    asked: bool = False

    def ask(self, signal_number: int, frame: FrameType | None) -> None:
        """The signals' handler."""
        self.asked = True


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """SIGINT, SIGTERM and a closed terminal set the given flag instead of ending the process here and now."""
    stop = Stop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # under nohup it stays ignored
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, stop.ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class _Member:
    child: Child
    started_at: float = field(default_factory=time.monotonic)
    back_off_s: float = BACK_OFF_S_MIN
    restart_at: float | None = None


@dataclass
class Family:
    """The children: the servers, and the services that stand on them."""

    servers: list[_Member] = field(default_factory=list)
    services: list[_Member] = field(default_factory=list)

    def adopt_server(self, child: Child) -> None:
        """Care for a server that runs already."""
        self.servers.append(_Member(child))

    def start_service(self, child: Child) -> None:
        """Start a service and care for it."""
        child.start()
        self.services.append(_Member(child))

    def fallen(self) -> Child | None:
        """A child that ended, if there is one (while starting up this is a reason to give up)."""
        ended = (m.child for m in [*self.servers, *self.services] if m.child.exit_code() is not None)
        return next(ended, None)

    def watch(self, stop: Stop) -> None:
        """Until a stop is asked for, start again what crashed: soon at first, then ever more slowly."""
        while not stop.asked:
            for member in [*self.servers, *self.services]:
                _tend(member)
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Stop the services together, then the servers, the last started first. Returns when all are gone."""
        for member in self.services:
            member.child.signal_stop()
        for member in [*self.services, *reversed(self.servers)]:
            member.child.stop()


def _tend(member: _Member) -> None:
    now = time.monotonic()
    code = member.child.exit_code()
    if code is None:
        if now - member.started_at > STEADY_AFTER_S:
            member.back_off_s = BACK_OFF_S_MIN
    elif member.restart_at is None:
        log.error("a process ended; starting it again", process=member.child.name, code=code, wait_s=member.back_off_s)
        member.restart_at = now + member.back_off_s
        member.back_off_s = min(member.back_off_s * 2, BACK_OFF_S_MAX)
    elif now >= member.restart_at:
        member.child.start()
        member.started_at, member.restart_at = now, None
