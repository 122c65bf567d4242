"""Business time: what a ticket's clocks cost, with the calendar's year in memory and without.

.venv/bin/python loadtests/clocks.py
"""

import random
import time
from datetime import UTC, date, datetime, timedelta

from fieldbeat.worktime.arithmetic import deadline, elapsed
from fieldbeat.worktime.model import CLOSED, BusinessHours, Interval, Span
from fieldbeat.worktime.timeline import year_of

TICKETS = 100_000
CLOCKS = 3
OFFICE = (Interval(540, 720), Interval(780, 1080))
HOURS = BusinessHours("Europe/Berlin", (OFFICE,) * 5 + (CLOSED,) * 2, {date(2026, 12, day): CLOSED for day in (25, 31)})


def main() -> None:
    chance = random.Random(1)
    begin = time.perf_counter()
    year_of(HOURS, 2026)
    print(f"a year of a calendar: {(time.perf_counter() - begin) * 1e3:.2f} ms")
    year_of(HOURS, 2027)
    begin = time.perf_counter()
    for _ in range(TICKETS):
        _clocks(chance)
    took = time.perf_counter() - begin
    print(f"{CLOCKS} clocks of a ticket with 3 pauses: {took / TICKETS * 1e6:.0f} us; {TICKETS} tickets: {took:.1f} s")


def _clocks(chance: random.Random) -> None:
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(500_000))
    pauses = [Span(created + timedelta(days=n), created + timedelta(days=n, hours=9)) for n in range(3)]
    for hours in (4, 24, 80)[:CLOCKS]:
        deadline(HOURS, created, timedelta(hours=hours), pauses)
        elapsed(HOURS, created, created + timedelta(days=9), pauses)


if __name__ == "__main__":
    main()
