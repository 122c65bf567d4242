"""What time a phone believes it is. Its calendar may be wrong by years; the server goes by ages."""

import time
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from fieldbeat_sync.clock import DeviceTime


class PhoneClock(Protocol):
    """Gives one reading of the calendar and of the time since boot."""

    def read(self) -> DeviceTime:
        """Now, by this phone."""


@dataclass
class SystemClock:
    """This machine's clocks, with the calendar wrong by `skew_ms`; `ahead_ms` of sleep can be skipped over."""

    skew_ms: int = 0
    ahead_ms: float = 0
    boot_id: str = field(default_factory=lambda: str(uuid4()))

    def read(self) -> DeviceTime:
        wall_ms = round(time.time() * 1000 + self.skew_ms + self.ahead_ms)
        return DeviceTime(wall_ms, round(time.monotonic() * 1000 + self.ahead_ms, 3), self.boot_id)

    def skip(self, ms: float) -> None:
        """Let time pass for this phone alone."""
        self.ahead_ms += ms
