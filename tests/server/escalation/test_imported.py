"""A company brings its past: what was due then is nobody's news, what comes due from now on is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fieldbeat.escalation import jobs
from fieldbeat.importing.actions import run_import
from fieldbeat.importing.plan import make_plan
from fieldbeat.kit.db import Conn, Db
from fieldbeat_testing.world import World

MAPPING = """
format = 1
source = "desk"

[account]
file = "shops.csv"
key = "{shop}"
name = "{shop}"
owner = "nina@harbour.example"

[ticketHistory]
file = "changes.csv"
key = "{no}"
number = "{no}"
account = "{shop}"
at = "{at}"
priority = "{priority}"
assignee = "{who}"
subject = "Leak {no}"
"""
NOW = datetime.now(UTC)
NINA, OTTO = "nina@harbour.example", "otto@harbour.example"


async def imported(db: Db, world: World, folder: Path, *rows: tuple[int, float, str, str]) -> None:
    """Imports changes of tickets: number, hours ago, priority, who answers for it."""
    lines = [f"{no},L1,{(NOW - timedelta(hours=ago)).isoformat()},{how},{who}" for no, ago, how, who in rows]
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "shops.csv").write_text("shop\nL1\n")
    (folder / "changes.csv").write_text("\n".join(("no,shop,at,priority,who", *lines)) + "\n")
    done = await run_import(db, world.adam.actor, make_plan(folder, folder / "mapping.toml"))
    assert done.tally.faults == []


async def steps(owner: Conn) -> list[tuple[int, int, bool]]:
    """Number, step, and whether it is still to be taken."""
    rows = await owner.fetch(
        "select t.number, s.step, s.taken_at is null as waits from sla_step s join ticket t on t.id = s.ticket_id "
        "order by 1, 2"
    )
    return [tuple(row) for row in rows]


async def test_what_was_due_before_the_import_tells_nobody_and_stays_a_breach(
    db: Db, owner: Conn, promised: World, tmp_path: Path
) -> None:
    old = [(no, 1_000.0 + no, "HIGH", NINA) for no in range(1, 31)]
    await imported(db, promised, tmp_path, *old, (31, 2.5, "HIGH", NINA), (32, 0.6, "HIGH", NINA))
    assert await jobs.sweep(db) == 0
    assert await owner.fetchval("select count(*) from escalation") == 0
    assert await owner.fetchval("select count(*) from notification") == 0
    overdue = "select count(*) from sla_clock where deadline < now() and ended_at is null"
    assert await owner.fetchval(overdue) == 31
    waiting = [(no, step) for no, step, waits in await steps(owner) if waits]
    assert waiting == [(31, 4), (32, 1), (32, 2), (32, 3), (32, 4)]
    await owner.execute("update sla_step set due_at = now() where taken_at is null and step in (1, 4)")
    assert await jobs.sweep(db) == 3


async def test_a_past_that_goes_on_and_goes_to_and_fro_tells_nobody(
    db: Db, owner: Conn, promised: World, tmp_path: Path
) -> None:
    past = [(1, 90.0 - n, ("LOW", "HIGH")[n % 2], (NINA, OTTO)[n % 2]) for n in range(8)]
    await imported(db, promised, tmp_path, *past[:4])
    await imported(db, promised, tmp_path, *past)
    assert await jobs.sweep(db) == 0
    assert await owner.fetchval("select count(*) from outbox where effect = 'ticket.handedOver'") == 0
