"""Turns against a model that looks at every day, around the days on which clocks change."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldbeat.on_call import turns
from fieldbeat.on_call.model import Rota, StandIn, WatchReason
from fieldbeat_testing.minutes import CHANGES, instant

ANN, BOB, CEM = (UUID(int=n) for n in (1, 2, 3))
BERLIN = Rota("Europe/Berlin", time(8), 7, date(2026, 3, 23), (ANN, BOB, CEM))  # a Monday; clocks go forward on Sunday
A_MOMENT = timedelta(microseconds=1)


def by_every_day(rota: Rota, at: datetime) -> UUID:
    """Who is on call, by going through the days up to the instant one after the other."""
    for each in rota.stand_ins[::-1]:
        if each.from_at <= at < each.until_at:
            return each.user_id
    zone, found = ZoneInfo(rota.time_zone), None
    for back in range(rota.days_per_turn + 3, -3, -1):
        on = at.date() - timedelta(days=back)
        turns_since, rest = divmod((on - rota.anchor_on).days, rota.days_per_turn)
        if rest == 0 and instant(zone, datetime.combine(on, rota.hand_over)) <= at:
            found = rota.members[turns_since % len(rota.members)]
    assert found is not None
    return found


def probes() -> Iterator[tuple[Rota, datetime]]:
    """Rotas whose turns change around a change of clocks, and instants around each hand-over."""
    for zone, change in CHANGES:
        for hand_over in (time(0), time(2, 15), time(8), time(23, 30)):
            for days, off in ((1, -1), (1, 5), (2, 9), (3, -7)):
                rota = Rota(zone, hand_over, days, change + timedelta(days=off), (ANN, BOB, CEM))
                for day in range(-2, 3):
                    at = instant(ZoneInfo(zone), datetime.combine(change + timedelta(days=day), hand_over))
                    yield from ((rota, at + by) for by in (-A_MOMENT, timedelta(0), timedelta(hours=1, minutes=5)))


def mistaken() -> int:
    """How many probes the arithmetic answers otherwise than the model."""
    watches = ((turns.on_call(rota, at), rota, at) for rota, at in probes())
    return sum(watch is None or watch.user_id != by_every_day(rota, at) for watch, rota, at in watches)


@st.composite
def rotas(draw: st.DrawFn) -> tuple[Rota, datetime]:
    """A rota and an instant near a change of clocks."""
    zone, change = draw(st.sampled_from(CHANGES))
    begin = datetime(change.year, change.month, change.day, tzinfo=UTC)
    instants = st.integers(-3 * 1440, 3 * 1440).map(lambda minutes: begin + timedelta(minutes=minutes))
    stand_ins = st.tuples(st.sampled_from([ANN, BOB, CEM]), instants, st.integers(1, 3000)).map(
        lambda drawn: StandIn(drawn[0], drawn[1], drawn[1] + timedelta(minutes=drawn[2]))
    )
    rota = Rota(
        zone,
        draw(st.one_of(st.times(), st.times(max_value=time(3)))).replace(second=0, microsecond=0, fold=0),
        draw(st.integers(1, 28)),
        change + timedelta(days=draw(st.integers(-90, 90))),
        tuple(draw(st.lists(st.sampled_from([ANN, BOB, CEM]), min_size=1, max_size=5))),
        tuple(draw(st.lists(stand_ins, max_size=3))),
    )
    return rota, draw(instants)


def test_the_arithmetic_agrees_around_every_hand_over() -> None:
    assert mistaken() == 0


@given(rotas())
def test_the_arithmetic_agrees_with_every_day_looked_at(drawn: tuple[Rota, datetime]) -> None:
    rota, at = drawn
    watch = turns.on_call(rota, at)
    assert watch is not None
    assert watch.user_id == by_every_day(rota, at)
    for moment in (watch.until_at - A_MOMENT, at + (watch.until_at - at) / 2):
        assert by_every_day(rota, moment) == watch.user_id


@given(rotas())
def test_shifts_follow_each_other_without_a_gap_and_agree(drawn: tuple[Rota, datetime]) -> None:
    rota, at = drawn
    found = turns.shifts(rota, at, shifts_max=6)
    assert found[0].from_at == at
    assert all(one.until_at == following.from_at for one, following in pairwise(found))
    for each in found:
        assert each.from_at < each.until_at
        assert by_every_day(rota, each.from_at) == by_every_day(rota, each.until_at - A_MOMENT) == each.user_id


@given(rotas(), st.sets(st.sampled_from([ANN, BOB, CEM])))
def test_who_is_away_is_passed_over_in_order(drawn: tuple[Rota, datetime], away: set[UUID]) -> None:
    rota, at = drawn
    watch = turns.on_call(rota, at, away)
    if watch is None:
        assert set(rota.members) <= away
        return
    first = by_every_day(rota, at)
    assert watch.user_id not in away
    assert set(watch.passed_over) <= away
    assert (watch.passed_over[0] if watch.passed_over else watch.user_id) == first
    assert (watch.reason is WatchReason.NEXT) <= bool(watch.passed_over)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-03-30T05:59:59Z", ANN),  # 07:59:59 in Berlin, by summer time
        ("2026-03-30T06:00:00Z", BOB),
        ("2026-03-23T06:59:59Z", CEM),  # the week before the anchor
        ("2026-03-23T07:00:00Z", ANN),
        ("2026-10-26T06:59:59Z", ANN),
        ("2026-10-26T07:00:00Z", BOB),  # winter time again
    ],
)
def test_the_hand_over_keeps_to_the_wall_clock(at: str, who: UUID) -> None:
    watch = turns.on_call(BERLIN, datetime.fromisoformat(at))
    assert watch is not None
    assert (watch.user_id, watch.reason) == (who, WatchReason.TURN)


def test_a_turn_over_the_change_of_clocks_is_an_hour_shorter_or_longer() -> None:
    hours = [
        (turns.starts_at(BERLIN, number + 1) - turns.starts_at(BERLIN, number)) // timedelta(hours=1)
        for number in (0, 1, 30)
    ]
    assert hours == [7 * 24 - 1, 7 * 24, 7 * 24 + 1]


def _by_hours(rota: Rota, number: int) -> datetime:
    first = datetime.combine(rota.anchor_on, rota.hand_over, ZoneInfo(rota.time_zone)).astimezone(UTC)
    return first + timedelta(hours=24 * number * rota.days_per_turn)


def _second_of_two(rota: Rota, number: int) -> datetime:
    on = rota.anchor_on + timedelta(days=number * rota.days_per_turn)
    return datetime.combine(on, rota.hand_over.replace(fold=1), ZoneInfo(rota.time_zone)).astimezone(UTC)


def _by_utc_days(rota: Rota, at: datetime) -> int:
    return (at.date() - rota.anchor_on).days // rota.days_per_turn


def _at_midnight(rota: Rota, at: datetime) -> int:
    return (at.astimezone(ZoneInfo(rota.time_zone)).date() - rota.anchor_on).days // rota.days_per_turn


def _not_before_the_anchor(rota: Rota, at: datetime) -> int:
    number = TURN_AT(rota, at)
    return abs(number)


def _a_moment_late(rota: Rota, at: datetime) -> int:
    return TURN_AT(rota, at - A_MOMENT)


TURN_AT = turns.turn_at


@pytest.mark.parametrize("planted", [_by_hours, _second_of_two])
def test_a_planted_bug_in_when_a_turn_begins_is_found(
    planted: Callable[[Rota, int], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "starts_at", planted)
    assert mistaken() > 0


@pytest.mark.parametrize("planted", [_by_utc_days, _at_midnight, _not_before_the_anchor, _a_moment_late])
def test_a_planted_bug_in_which_turn_it_is_is_found(
    planted: Callable[[Rota, datetime], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "turn_at", planted)
    assert mistaken() > 0
