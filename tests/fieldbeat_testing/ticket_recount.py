"""Clocks counted again from rows of changes, in the plainest way: open minutes laid out one by one."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fieldbeat import records
from fieldbeat.accounts.actions import create_contact, update_account
from fieldbeat.importing.actions import run_import
from fieldbeat.importing.plan import make_plan
from fieldbeat.kit.db import Db
from fieldbeat.tickets import policies
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_testing.ticket_histories import BEGIN, Row, write
from fieldbeat_testing.world import World

MINUTE = timedelta(minutes=1)
DAYS = 420  # from the first opening on, all that the recount looks at
NOW = BEGIN + timedelta(days=DAYS - 1)
SPANS = (("09:00", "12:00"), ("13:30", "18:00"))
WEEK = [
    {"weekday": day, "from": from_, "until": until}
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    for from_, until in SPANS
]
OFFICE: dict[str, Any] = {
    "timeZone": "Asia/Shanghai",
    "weekly": WEEK,
    "closed": [f"{year}-10-0{day}" for year in (2025, 2026) for day in range(1, 8)],
    "open": [
        {"on": on, "from": from_, "until": until} for on in ("2025-10-11", "2026-10-10") for from_, until in SPANS
    ],
}
TARGETS = {
    "FIRST_RESPONSE": {"LOW": 480, "NORMAL": 300, "HIGH": 240, "URGENT": 120},
    "NEXT_RESPONSE": {"LOW": 960, "NORMAL": 480, "HIGH": 180, "URGENT": 45},
    "RESOLUTION": {"LOW": 3_000, "NORMAL": 1_500, "HIGH": 700, "URGENT": 240},
}
WAITING = ("PENDING_CUSTOMER", "PENDING_THIRD", "ON_HOLD")
DONE = ("RESOLVED", "CLOSED")


class Recounted(NamedTuple):
    """A clock as the recount has it at `NOW`."""

    started_at: datetime
    ended_at: datetime | None
    elapsed_min: int
    breached_at: datetime | None


class Minutes:
    """How many open minutes lie before each minute since `BEGIN`, laid out one by one by what the wall clock shows."""

    def __init__(self, zone: str) -> None:
        self.passed = [0]
        for n in range(DAYS * 1440):
            self.passed.append(self.passed[-1] + _is_open((BEGIN + n * MINUTE).astimezone(ZoneInfo(zone))))

    def between(self, start: datetime, end: datetime) -> int:
        """Open minutes."""
        return self.passed[_minute(end)] - self.passed[_minute(start)]

    def after(self, start: datetime, minutes: int) -> datetime:
        """The first minute at which so many have passed."""
        return BEGIN + bisect_left(self.passed, self.passed[_minute(start)] + minutes) * MINUTE


class Stretch(NamedTuple):
    """From one row to the next."""

    start: datetime
    end: datetime
    status: str
    priority: str


async def promise(db: Db, world: World, zone: str) -> None:
    """Hours, a policy, codes for the accounts, and a contact at each."""
    wanted = [
        {"metric": metric, "priority": priority, "minutes": minutes}
        for metric, own in TARGETS.items()
        for priority, minutes in own.items()
    ]
    async with records.writing(db, world.tenant_id) as tx:
        await set_business_hours(tx, world.adam.actor, patch={**OFFICE, "timeZone": zone})
        for id, code in ((world.lunch, "L"), (world.tea, "T"), (world.diner, "D")):
            await update_account(tx, world.adam.actor, account_id=UUID(id), patch={"code": code})
            await create_contact(tx, world.adam.actor, account_id=UUID(id), patch={"name": "Zoe"})
    async with records.writing(db, world.tenant_id) as tx:
        await policies.create_policy(tx, world.adam.actor, patch={"name": "All", "targets": wanted})


async def imported(db: Db, world: World, folder: Path, rows: list[Row]) -> None:
    """Nothing is at fault."""
    done = await run_import(db, world.adam.actor, make_plan(folder, write(folder, rows)))
    assert done.tally.faults == []
    assert done.tally.added == len({row.ticket for row in rows})


def recount(rows: list[Row], minutes: Minutes) -> Iterator[tuple[tuple[int, str, int], Recounted]]:
    """Every clock at `NOW`, by ticket, metric and instance."""
    by_ticket: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: each.at):
        by_ticket[row.ticket].append(row)
    for ticket, own in by_ticket.items():
        stretches = _stretches(own)
        for metric, number, start, end in _spans(own, stretches):
            yield (ticket, metric, number), _measured(stretches, minutes, metric, start, end)


def _stretches(rows: list[Row]) -> list[Stretch]:
    status, priority, found = "NEW", "NORMAL", []
    for row, end in zip(rows, [*(row.at for row in rows[1:]), NOW], strict=True):
        woken = row.speaker == "CUSTOMER" and status in ("PENDING_CUSTOMER", *DONE)
        status = row.status or ("OPEN" if woken else status)
        priority = row.priority or priority
        found.append(Stretch(row.at, end, status, priority))
    return found


def _spans(rows: list[Row], stretches: list[Stretch]) -> Iterator[tuple[str, int, datetime, datetime | None]]:
    """What each clock measures: metric, number, from when, until when."""
    opened = rows[0].at
    answers = [row.at for row in rows if row.speaker == "AGENT"]
    done = [now.start for was, now in pairwise(stretches) if now.status in DONE and was.status not in DONE]
    yield "FIRST_RESPONSE", 1, opened, answers[0] if answers else None
    yield "RESOLUTION", 1, opened, done[-1] if stretches[-1].status in DONE else None
    asked, number = None, 0
    for row in rows:
        if asked and (row.speaker == "AGENT" or row.at in done):
            yield "NEXT_RESPONSE", number, asked, row.at
            asked = None
        if row.speaker == "CUSTOMER" and asked is None:
            asked, number = row.at, number + 1
    if asked:
        yield "NEXT_RESPONSE", number, asked, None


def _measured(
    stretches: list[Stretch], minutes: Minutes, metric: str, start: datetime, end: datetime | None
) -> Recounted:
    elapsed, broken = 0, None
    for stretch in stretches:
        begin, until = max(stretch.start, start), min(stretch.end, end or NOW)
        if begin >= until or stretch.status in DONE:
            continue
        counts = metric != "RESOLUTION" or stretch.status not in WAITING
        passed = minutes.between(begin, until) if counts else 0
        left = TARGETS[metric][stretch.priority] - elapsed
        if broken is None and left <= passed:
            reached = minutes.after(begin, left) if left > 0 else begin
            broken = reached if reached < until else None
        elapsed += passed
    return Recounted(start, end, elapsed, broken)


def _is_open(local: datetime) -> bool:
    on, at = local.date().isoformat(), f"{local:%H:%M}"
    works = any(each["on"] == on for each in OFFICE["open"]) or (local.weekday() < 5 and on not in OFFICE["closed"])
    return works and any(from_ <= at < until for from_, until in SPANS)


def _minute(at: datetime) -> int:
    return (at.astimezone(UTC) - BEGIN) // MINUTE
