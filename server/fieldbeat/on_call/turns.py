"""The arithmetic of turns, pure: local days, hand-over by the wall clock.

A hand-over that falls into the gap when clocks go forward takes the offset from before the gap; of an hour that comes
twice it means the first. So a turn is an hour longer or shorter over such a night, and somebody is always on call.
"""

from collections.abc import Iterator, Set
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from fieldbeat.on_call.model import Rota, Shift, StandIn, Watch, WatchReason


def on_call(rota: Rota, at: datetime, away: Set[UUID] = frozenset()) -> Watch | None:
    """Who is on call at an instant: who stands in, else whose turn it is, else the next member; None: all are away."""
    passed: dict[UUID, None] = {}
    for user_id, reason in _in_order(rota, at):
        if user_id not in away:
            return Watch(user_id, reason, _next_change(rota, at), tuple(passed))
        passed[user_id] = None
    return None


def shifts(rota: Rota, from_at: datetime, *, shifts_max: int) -> list[Shift]:
    """The next shifts from an instant on, without a gap. Leave is not looked at: it may yet be entered or cancelled."""
    found: list[Shift] = []
    at = from_at
    while len(found) < shifts_max:
        user_id, reason = next(_in_order(rota, at))
        until_at = _next_change(rota, at)
        found.append(Shift(user_id, reason, at, until_at))
        at = until_at
    return found


def turn_at(rota: Rota, at: datetime) -> int:
    """The number of the turn that an instant lies in: 0 begins on the anchor."""
    days = (at.astimezone(ZoneInfo(rota.time_zone)).date() - rota.anchor_on).days
    number = days // rota.days_per_turn + 1
    while starts_at(rota, number) > at:
        number -= 1
    return number


def starts_at(rota: Rota, number: int) -> datetime:
    """When a turn begins: never before the one before it."""
    on = rota.anchor_on + timedelta(days=number * rota.days_per_turn)
    return datetime.combine(on, rota.hand_over, ZoneInfo(rota.time_zone)).astimezone(UTC)


def _in_order(rota: Rota, at: datetime) -> Iterator[tuple[UUID, WatchReason]]:
    for each in reversed(rota.stand_ins):
        if _covers(each, at):
            yield each.user_id, WatchReason.STANDS_IN
    first = turn_at(rota, at)
    for further in range(len(rota.members)):
        reason = WatchReason.NEXT if further else WatchReason.TURN
        yield rota.members[(first + further) % len(rota.members)], reason


def _next_change(rota: Rota, at: datetime) -> datetime:
    edges = [edge for each in rota.stand_ins for edge in (each.from_at, each.until_at) if edge > at]
    return min([starts_at(rota, turn_at(rota, at) + 1), *edges])


def _covers(stand_in: StandIn, at: datetime) -> bool:
    return stand_in.from_at <= at < stand_in.until_at
