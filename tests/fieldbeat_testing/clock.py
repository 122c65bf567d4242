"""A settable clock for a phone: tests decide what day it is, and how wrong."""

from dataclasses import dataclass

from fieldbeat_sync.clock import DeviceTime

MONDAY_MS = 1_800_000_000_000


@dataclass
class HandClock:
    """Stands still until it is moved. Without a boot id the server goes by the calendar alone."""

    wall_ms: int = MONDAY_MS
    uptime_ms: float | None = None
    boot_id: str | None = None

    def read(self) -> DeviceTime:
        return DeviceTime(self.wall_ms, self.uptime_ms, self.boot_id)

    def skip(self, ms: float) -> None:
        """Let time pass."""
        self.wall_ms += round(ms)
        if self.uptime_ms is not None:
            self.uptime_ms += ms
