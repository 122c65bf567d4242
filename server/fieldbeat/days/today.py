"""A person's own day in a handful of statements: the phone's first screen."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from fieldbeat.days import reads, rules, store, today_store
from fieldbeat.days.model import Alert, AlertKind, Day, DayOutOfRange, DayProfile, Leg, Stop
from fieldbeat.days.planning.travel import Place, Places, Travel
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.worktime.model import YEARS


async def my_day(conn: Conn, actor: Actor, *, on: date | None, travel: Travel, now: datetime) -> Day:
    """The actor's visits of a local date (today when it is not said), in order, with travel and alerts.

    Refuses INVALID (`date`) a day that is not reckoned with.
    """
    if on is not None and on.year not in YEARS:
        raise DayOutOfRange(fields=("date",))
    around = now.date()
    zone = await reads.zone_of(conn, actor.tenant_id, actor.user_id, around, around + timedelta(days=1))
    on = on or now.astimezone(zone).date()
    begin, end = rules.midnight(on, zone), rules.midnight(on + timedelta(days=1), zone)
    stops = await today_store.day_stops(conn, actor, begin, end)
    profile = await store.day_profile(conn, actor.tenant_id, actor.user_id)
    legs = legs_of(stops, profile, travel)
    forgotten = [Alert(AlertKind.LEFT_OPEN, id) for id in await today_store.left_open(conn, actor, begin)]
    return Day(on, zone.key, tuple(stops), legs, (*forgotten, *alerts_of(stops, legs)))


def legs_of(stops: Sequence[Stop], profile: DayProfile | None, travel: Travel) -> tuple[Leg, ...]:
    """The way to each stop, and home: one more leg than stops. What has no place is no detour."""
    first = next((place for stop in stops if (place := _place(stop))), Place(0, 0))
    here = profile.start if profile else first
    way = [here]
    for stop in stops:
        here = _place(stop) or here
        way.append(here)
    way.append((profile.end or profile.start) if profile else here)
    places = Places.of(way)
    legs = travel.legs(places.take(slice(None, -1)), places.take(slice(1, None)))
    return tuple(
        Leg(int(minutes), round(int(metres) / 1000, 1))
        for minutes, metres in zip(legs.minutes, legs.metres, strict=True)
    )


def alerts_of(stops: Sequence[Stop], legs: Sequence[Leg]) -> Iterator[Alert]:
    """What deserves a look, in the order of the day."""
    open_before = False
    for number, stop in enumerate(stops):
        before = stops[number - 1] if number else None
        if before is not None and stop.starts_at < before.ends_at:
            yield Alert(AlertKind.OVERLAP, stop.id)
        elif before is not None and stop.starts_at - before.ends_at < timedelta(minutes=legs[number].minutes):
            yield Alert(AlertKind.LATE, stop.id)
        if stop.conflicts:
            yield Alert(AlertKind.CONFLICT, stop.id)
        if stop.status == "CHECKED_IN":
            if open_before:
                yield Alert(AlertKind.TWO_OPEN, stop.id)
            open_before = True


def _place(stop: Stop) -> Place | None:
    if stop.latitude is None or stop.longitude is None:
        return None
    return Place(stop.latitude, stop.longitude, (stop.account or {}).get("code") or "")
