"""Plans published at headquarters: a few days, drawn and not worked out, over one another and over other visits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from fieldbeat import records
from fieldbeat.days import store
from fieldbeat.days.model import Proposal
from fieldbeat.days.planning.model import Effort
from fieldbeat.days.plans import publish_plan
from fieldbeat.kit.ids import uuid7
from fieldbeat.records import Change, Tx
from fieldbeat.visits.replica import KEPT_PLAN
from fieldbeat_sync.schema import Op
from fieldbeat_testing.simulation.company import Company
from fieldbeat_testing.simulation.hours import MORNING_MS

FIRST = datetime.fromtimestamp(MORNING_MS / 1000, UTC).date() + timedelta(days=2)  # what is nearer is frozen
DAYS = 4


async def publish(tx: Tx, company: Company, now: datetime, draw: Random) -> None:
    """A plan of one rep is made and published: visits come, move to other hours and days, and go."""
    plan_id, rep = uuid7(), company.people[draw.choice(("nina", "nina", "otto"))]
    head = {"repId": str(rep), "from": FIRST.isoformat(), "until": (FIRST + timedelta(days=DAYS)).isoformat()}
    await records.change(tx, company.admin, [Change(KEPT_PLAN, plan_id, Op.CREATE, head)])
    made = Proposal(str(plan_id), list(_days(company, draw)), [])
    await store.save_outcome(
        tx.conn, company.tenant_id, plan_id, made, effort=Effort.QUICK, made_by=company.admin.user_id
    )
    await publish_plan(tx, company.admin, plan_id=plan_id, now=now)


def _days(company: Company, draw: Random) -> Iterator[dict[str, Any]]:
    for number in range(DAYS):
        on = FIRST + timedelta(days=number)
        accounts = draw.sample(company.accounts, draw.choice((0, 1, 2)))
        visits = [_visit(str(account), f"{on}T{draw.randrange(8, 18):02}") for account in accounts]
        yield {"date": on.isoformat(), "travelKm": 1.0, "travelMinutes": 2, "visits": visits}


def _visit(account_id: str, hour: str) -> dict[str, Any]:
    window = {"plannedStart": f"{hour}:00:00Z", "plannedEnd": f"{hour}:30:00Z"}
    return {"accountId": account_id, **window, "pinned": False}
