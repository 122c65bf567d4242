"""The clocks of imported pasts: the promised deadlines, and totals that equal a recount from the files themselves."""

import random
from collections import Counter
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat.tickets import jobs
from fieldbeat.tickets.clock_store import clocks_of
from fieldbeat.tickets.clocks import breached_at, elapsed_of
from fieldbeat.tickets.promise import Clock
from fieldbeat.worktime.rules import hours_of
from fieldbeat_testing.ticket_histories import Row, made_up
from fieldbeat_testing.ticket_recount import (
    MINUTE,
    NOW,
    OFFICE,
    TARGETS,
    Minutes,
    Recounted,
    imported,
    promise,
    recount,
)
from fieldbeat_testing.world import World


async def test_the_promised_deadlines_hold_over_imported_tickets(
    db: Db, owner: Conn, harbour: World, tmp_path: Path
) -> None:
    await promise(db, harbour, "Asia/Shanghai")
    shanghai = ZoneInfo("Asia/Shanghai")

    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=shanghai)

    rows = [
        Row(1, "L", at("2026-09-30T17:00"), "NEW", "HIGH"),
        Row(2, "L", at("2026-10-09T17:00"), "NEW", "URGENT"),
        Row(3, "L", at("2026-09-30T17:00"), "NEW", "URGENT"),
        Row(3, "L", at("2026-09-30T18:30"), "ON_HOLD"),
        Row(3, "L", at("2026-10-08T08:59"), "OPEN"),
    ]
    await imported(db, harbour, tmp_path, rows)
    ids = {row["number"]: row["id"] for row in await owner.fetch("select number, id from ticket")}
    async with db.reading(harbour.tenant_id) as conn:
        kept = await clocks_of(conn, harbour.tenant_id, list(ids.values()))
    deadlines = {(each.ticket_id, each.clock.metric.value): each.clock.deadline for each in kept}
    assert deadlines[ids[1], "FIRST_RESPONSE"] == at("2026-10-08T12:00")
    assert deadlines[ids[2], "FIRST_RESPONSE"] == at("2026-10-10T10:00")
    assert deadlines[ids[3], "RESOLUTION"] == at("2026-10-08T12:00")  # as if it had not been on hold


@pytest.mark.parametrize(
    ("zone", "rows_min"),
    [
        ("Europe/Berlin", 3_000),
        pytest.param("Asia/Shanghai", 100_000, marks=pytest.mark.large),
    ],
)
async def test_every_clock_of_an_imported_past_equals_the_recount(
    db: Db, owner: Conn, harbour: World, tmp_path: Path, zone: str, rows_min: int
) -> None:
    await promise(db, harbour, zone)
    people = [harbour.nina.email, harbour.otto.email, harbour.vera.email]
    rows = made_up(random.Random(rows_min), ["L", "T", "D"], people, rows_min=rows_min)
    await imported(db, harbour, tmp_path, rows)
    ids = {row["id"]: row["number"] for row in await owner.fetch("select number, id from ticket")}
    assert await jobs.wrong_clocks(db, harbour.tenant_id, sorted(ids)[:1_000]) == []
    cached = {
        (ids[id], clock.metric.value, clock.instance): _shown(clock, zone)
        for id, clock in await _clocks(db, harbour, sorted(ids))
    }
    recounted = dict(recount(rows, Minutes(zone)))
    assert _totals(cached) == _totals(recounted)
    assert cached == recounted
    totals = _totals(recounted)
    assert all(totals[metric, what] > 0 for metric in TARGETS for what in ("clocks", "minutes", "breached", "met"))


async def _clocks(db: Db, world: World, ids: list[UUID]) -> list[tuple[UUID, Clock]]:
    found: list[tuple[UUID, Clock]] = []
    async with db.reading(world.tenant_id) as conn:
        for first in range(0, len(ids), 1_000):
            kept = await clocks_of(conn, world.tenant_id, ids[first : first + 1_000])
            found += [(each.ticket_id, each.clock) for each in kept]
    return found


def _shown(clock: Clock, zone: str) -> Recounted:
    elapsed = elapsed_of(clock, hours_of({**OFFICE, "timeZone": zone}), NOW)
    return Recounted(clock.started_at, clock.ended_at, elapsed // MINUTE, breached_at(clock, NOW))


def _totals(clocks: dict[tuple[int, str, int], Recounted]) -> Counter[tuple[str, str]]:
    totals: Counter[tuple[str, str]] = Counter()
    for (_, metric, _), clock in clocks.items():
        totals[metric, "clocks"] += 1
        totals[metric, "minutes"] += clock.elapsed_min
        totals[metric, "breached"] += clock.breached_at is not None
        totals[metric, "met"] += clock.ended_at is not None and clock.breached_at is None
    return totals
