"""Hybrid logical time by age: a device's calendar cancels out, and no stamp is from the future."""

from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync import clock
from fieldbeat_sync.clock import DeviceTime

NOON_MS = 1_800_000_000_000
YEAR_MS = 365 * 86_400_000

instants = st.integers(0, 1 << 47)
hlcs = st.integers(0, (1 << 63) - 1)


@given(made=instants, age=st.integers(0, YEAR_MS), off=st.integers(-3 * YEAR_MS, 3 * YEAR_MS))
def test_a_clock_that_is_years_off_cancels_out(made: int, age: int, off: int) -> None:
    assert clock.age_ms(made=DeviceTime(made + off), sent=DeviceTime(made + age + off)) == age


def test_a_calendar_that_was_set_between_edit_and_push_does_not_matter_within_one_boot() -> None:
    made = DeviceTime(NOON_MS, 5_000.4, "boot-1")
    sent = DeviceTime(NOON_MS - YEAR_MS, 65_000.6, "boot-1")
    assert clock.age_ms(made=made, sent=sent) == 60_000


def test_after_a_new_boot_only_the_calendar_can_tell_the_age() -> None:
    made = DeviceTime(NOON_MS, 900_000.0, "boot-1")
    sent = DeviceTime(NOON_MS + 3_600_000, 10_000.0, "boot-2")
    assert clock.age_ms(made=made, sent=sent) == 3_600_000
    assert clock.age_ms(made=DeviceTime(NOON_MS), sent=sent) == 3_600_000
    assert clock.age_ms(made=DeviceTime(NOON_MS, None, "boot-2"), sent=sent) == 3_600_000


def test_an_edit_from_the_devices_own_future_has_no_age() -> None:
    assert clock.age_ms(made=DeviceTime(NOON_MS + 1), sent=DeviceTime(NOON_MS)) == 0
    assert clock.age_ms(made=DeviceTime(0, 9.0, "b"), sent=DeviceTime(0, 8.0, "b")) == 0


@given(received=instants, age=st.integers(0, 1 << 48), floor=instants)
def test_effective_time_lies_between_what_was_seen_and_the_receive_time(received: int, age: int, floor: int) -> None:
    effective = clock.effective_ms(received_ms=received, age_ms=age, floor_ms=floor)
    assert effective <= received
    assert effective >= min(floor, received)
    if floor <= received - age:
        assert effective == received - age


@given(effective=instants, after=hlcs)
def test_a_stamp_is_greater_than_what_it_follows_and_not_before_its_time(effective: int, after: int) -> None:
    stamp = clock.stamp(effective, after=after)
    assert stamp > after
    assert clock.ms_of(stamp) >= effective
    assert stamp in (clock.pack(effective), after + 1)


def test_a_full_counter_moves_on_by_one_millisecond() -> None:
    full = clock.pack(NOON_MS, clock.COUNTER_MAX)
    assert clock.stamp(NOON_MS, after=full) == clock.pack(NOON_MS + 1)
    assert clock.stamp(NOON_MS, after=clock.pack(NOON_MS, 7)) == clock.pack(NOON_MS, 8)


@given(one=st.tuples(instants, st.integers(0, clock.COUNTER_MAX)), other=st.tuples(instants, st.integers(0, 65_535)))
def test_hybrid_instants_order_as_time_then_counter(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (clock.pack(*one) < clock.pack(*other)) == (one < other)
    assert clock.ms_of(clock.pack(*one)) == one[0]
