"""When an edit was made: by its age, whatever the device's calendar says; and no edit is refused for its clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldbeat.exchange import reads
from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import Pusher, rows, verdicts
from fieldbeat_testing.world import World

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("at", [FIRST, LAST], ids=["the first day", "the last day"])
@pytest.mark.parametrize("device_now", [FIRST, LAST], ids=["the clock at the first day", "the clock at the last day"])
async def test_no_edit_is_refused_for_its_clock(
    db: Db, world: World, nina: Pusher, at: datetime, device_now: datetime
) -> None:
    edits = [nina.update("account", world.tea, patch, base_rev=1, at=at) for patch in ({"note": "x"}, {"colour": 1})]
    answer = await nina.push(*edits, device_now=device_now)
    assert verdicts(answer) == ["APPLIED", "REJECTED INVALID"]
    async with db.reading(world.tenant_id) as conn:
        arguments: dict[str, Any] = {"collection": "account", "record_id": edits[0].record_id, "field": "note"}
        [written, _] = await reads.why_value(conn, world.nina.actor, **arguments)
        [parked] = await reads.rejections_page(conn, world.nina.actor, after=None, rows_max=1)
    for effective in (written.at, parked.at):
        assert effective <= answer.server_time


async def test_the_time_since_boot_counts_where_the_calendar_jumped(world: World, nina: Pusher, vera: Pusher) -> None:
    await vera.push(vera.update("account", world.tea, {"note": "by Vera"}, base_rev=1))
    booted = {"boot_id": "b1", "uptime_ms": 1_000_000.0}
    early = nina.update("account", world.tea, {"note": "by Nina"}, base_rev=1, **booted)
    answer = await nina.push(early, boot_id="b1", uptime_ms=5_000_000.0)
    assert rows(answer)[world.tea]["row"]["note"] == "by Vera"
    rebooted = nina.update("account", world.tea, {"phone": "by Nina"}, base_rev=1, **booted)
    await vera.push(vera.update("account", world.tea, {"phone": "by Vera"}, base_rev=1))
    answer = await nina.push(rebooted, boot_id="b2", uptime_ms=5_000_000.0, device_now=rebooted.at)
    assert rows(answer)[world.tea]["row"]["phone"] == "by Nina"


@pytest.mark.parametrize("uptime_ms", [1e308, -1e308, float("nan"), float("inf"), 1e18])
async def test_an_impossible_time_since_boot_is_left_out(world: World, nina: Pusher, uptime_ms: float) -> None:
    edits = [
        nina.update("account", world.tea, patch, base_rev=1, boot_id="b", uptime_ms=uptime_ms)
        for patch in ({"note": "x"}, {"colour": 1})
    ]
    assert verdicts(await nina.push(*edits, boot_id="b", uptime_ms=-uptime_ms)) == ["APPLIED", "REJECTED INVALID"]


async def test_a_clock_that_is_a_minute_off_is_noted(db: Db, world: World, nina: Pusher) -> None:
    for skew, noted in ((timedelta(minutes=-2), True), (timedelta(seconds=5), False)):
        nina.skew = skew
        await nina.push()
        async with db.reading(world.tenant_id) as conn:
            skew_ms = await conn.fetchval("select skew_ms from device where id = $1", nina.device_id)
        assert (skew_ms is not None) is noted
