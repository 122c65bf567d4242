"""Hybrid logical time: the order between concurrent edits, by their age and never by a device's calendar.

An instant is 48 bits of Unix milliseconds and a 16-bit counter in one integer. A device reports how long ago an edit
was made; the server subtracts that from its own receive time, so a clock that is years off cancels out.
Source: Kulkarni et al. 2014 (hybrid logical clocks); sync protocol, section "Order" (docs/protocol.md).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

COUNTER_BITS = 16
COUNTER_MAX = (1 << COUNTER_BITS) - 1
SKEW_MS_MAX = 60_000


def pack(ms: int, counter: int = 0) -> int:
    """The hybrid instant of a millisecond and a counter in 0..65535."""
    return ms << COUNTER_BITS | counter


def ms_of(hlc: int) -> int:
    """The Unix milliseconds of a hybrid instant."""
    return hlc >> COUNTER_BITS


def to_ms(at: datetime) -> int:
    """The Unix milliseconds of an instant, cut: rounding up would stamp a write later than it was received."""
    return int(at.timestamp() * 1000)


def instant_of(hlc: int) -> datetime:
    """The instant of a hybrid one, to the millisecond."""
    return datetime.fromtimestamp(ms_of(hlc) / 1000, UTC)


def text_of(at: datetime) -> str:
    """An instant as it travels: RFC 3339 in UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class DeviceTime:
    """One reading of a device's clocks, in ms: the calendar, and where the device has it the time since boot."""

    wall_ms: int
    uptime_ms: float | None = None
    boot_id: str | None = None


def age_ms(*, made: DeviceTime, sent: DeviceTime) -> int:
    """How long before `sent` an edit was made, in ms, never negative; by uptime when both readings are of one boot."""
    if by_uptime(made=made, sent=sent) and made.uptime_ms is not None and sent.uptime_ms is not None:
        return max(0, round(sent.uptime_ms - made.uptime_ms))
    return max(0, sent.wall_ms - made.wall_ms)


def by_uptime(*, made: DeviceTime, sent: DeviceTime) -> bool:
    """Whether both readings are of one boot and have the time since then."""
    one_boot = made.boot_id is not None and made.boot_id == sent.boot_id
    return one_boot and made.uptime_ms is not None and sent.uptime_ms is not None


def effective_ms(*, received_ms: int, age_ms: int, floor_ms: int) -> int:
    """The effective time of an edit: receive time less its age, clamped to [what it had seen, receive time]."""
    made_ms = received_ms - age_ms
    if made_ms < floor_ms:
        made_ms = floor_ms
    return made_ms if made_ms < received_ms else received_ms


def stamp(effective: int, *, after: int) -> int:
    """The hybrid instant of an edit: its effective ms, raised by the counter until it is greater than `after`.

    `after` is the greatest of the device's previous mutation and the values seen. A full counter moves on by one ms.
    """
    plain = effective << COUNTER_BITS
    return plain if plain > after else after + 1
