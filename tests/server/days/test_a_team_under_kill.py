"""A hundred reps are planned by real workers that are killed at it: every rep once, whatever was under way.

`make large ARGS="-s tests/server/days/test_a_team_under_kill.py"`; the counts are printed.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from fieldbeat import records
from fieldbeat.cli.demo_days import SHIFT, hire_seller
from fieldbeat.days import team
from fieldbeat.days.planning.city import city
from fieldbeat.days.planning.model import Effort
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db
from fieldbeat.people.actions import create_tenant
from fieldbeat.worktime.actions import set_business_hours
from fieldbeat_sync.schema import Role
from fieldbeat_testing.database import Servers, opened, running_servers
from fieldbeat_testing.workers import Crew, crew
from fieldbeat_testing.world import PASSWORD

REPS, OUTLETS_EACH = 100, 200
KILLED_AT = (REPS // 4, REPS // 2)  # so many are done
CYCLE = timedelta(days=28)

# Each rep with the plan that his run names, how many plans he has, and whether the visits of it are those that it says.
PLANNED = """
select r.rep_id, r.refused, (select count(*) from visit_plan p where p.rep_id = r.rep_id) as plans,
       (select array_agg((v ->> 'accountId', (v ->> 'plannedStart')::timestamptz)::text)
        from plan_outcome o cross join jsonb_array_elements(o.days) d cross join jsonb_array_elements(d -> 'visits') v
        where o.plan_id = r.plan_id) as wanted,
       (select array_agg((v.account_id::text, v.starts_at)::text)
        from visit v where v.rep_id = r.rep_id and v.plan_id = r.plan_id and v.deleted_at is null) as made,
       (select count(*) from visit v where v.rep_id = r.rep_id) as visits
from plan_run_rep r where r.run_id = $1
"""


@pytest.fixture
def own_servers() -> Iterator[Servers]:
    """Durable ones, for processes that are killed."""
    with running_servers(durable=True) as running:
        yield running


@pytest.mark.large
async def test_every_rep_is_planned_once_though_the_workers_are_killed(own_servers: Servers, tmp_path: Path) -> None:
    database = own_servers.new_database()
    settings = {"database_url": database.app_url, "redis_url": own_servers.redis_url, "data_dir": str(tmp_path)}
    async with opened(database) as db:
        actor, rep_ids = await _company(db)
        async with records.writing(db, actor.tenant_id) as tx:
            first = tx.at.date() + timedelta(days=7)
            run_id = await team.plan_team(
                tx, actor, rep_ids=rep_ids, from_on=first, until_on=first + CYCLE, effort=Effort.QUICK, publish=True
            )
        begun = perf_counter()
        with crew(tmp_path / "workers.log", **settings) as workers:
            told = await _watch(db, actor, run_id, workers)
        took = perf_counter() - begun
    owner = await asyncpg.connect(database.owner_url)
    rows = await owner.fetch(PLANNED, run_id)
    await owner.close()
    visits = sum(row["visits"] for row in rows)
    print(  # noqa: T201 (the counts are the result)
        f"\n{REPS} reps of {OUTLETS_EACH} outlets, {visits:,} visits planned and published in {took:.0f} s; progress "
        f"told {len(told)} times; both workers killed at {', '.join(map(str, KILLED_AT))} done"
    )
    assert told == sorted(set(told))
    assert len(told) > 10
    assert Counter(row["plans"] for row in rows) == {1: REPS}
    assert [row["rep_id"] for row in rows if row["refused"] or sorted(row["made"]) != sorted(row["wanted"])] == []
    assert visits == sum(len(row["made"]) for row in rows)


async def _watch(db: Db, actor: Actor, run_id: UUID, workers: Crew) -> list[int]:
    """The progress as it is told, to the end; both workers are killed on the way, in the middle of whatever they do."""
    told, to_come = [], list(KILLED_AT)
    for number in (0, 1):
        workers.start(number)
    async for run in team.watch(db, actor, run_id):
        told.append(run.progress.done)
        if to_come and run.progress.done >= to_come[0]:
            assert run.progress.done < REPS, "they were too quick to be killed"
            to_come.pop(0)
            for number in (0, 1):
                workers.kill(number)
            for number in (0, 1):
                workers.start(number)
    assert not to_come
    return told


async def _company(db: Db) -> tuple[Actor, list[UUID]]:
    """An administrator, and reps with the outlets of a generated city."""
    tenant_id, admin_id = await create_tenant(
        db,
        name="city",
        admin_email="ada@city.example",
        admin_name="Ada",
        password=PASSWORD,
        time_zone="Europe/Berlin",
    )
    actor, rep_ids = Actor(tenant_id, admin_id, Role.ADMIN), []
    async with records.writing(db, tenant_id) as tx:
        await set_business_hours(tx, actor, patch=SHIFT)
    for number, beat in enumerate(city(1, outlets=REPS * OUTLETS_EACH, reps=REPS)):
        async with records.writing(db, tenant_id) as tx:
            hired: dict[str, Any] = {"leader_id": admin_id, "password": PASSWORD, "begun": tx.at}
            rep_ids.append((await hire_seller(tx, actor, f"Rep{number}", beat, **hired)).id)
    return actor, rep_ids
