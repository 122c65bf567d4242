"""A stage goes back in time whatever its connections were doing."""

import asyncio

from fieldbeat_testing.simulation.stage import Stage


async def test_a_stage_is_copied_while_a_backend_is_busy_for_nobody(stage: Stage) -> None:
    [epoch] = await stage.owner.fetch("select epoch from installation")
    busy = asyncio.ensure_future(stage.owner.execute("select pg_sleep(600)"))
    await asyncio.sleep(0.05)
    await stage.back_up()
    await asyncio.wait([busy])
    assert busy.exception() is not None
    await stage.restore()
    assert await stage.owner.fetchval("select epoch from installation") != epoch["epoch"]
