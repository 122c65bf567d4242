"""What happens at headquarters meanwhile: customers change hands, territories too, people go, forms are saved."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from fieldbeat import records
from fieldbeat.accounts.actions import delete_account, update_account
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.exchange import push, reads
from fieldbeat.exchange.actions import resolve_conflict
from fieldbeat.exchange.model import Choice
from fieldbeat.kit.refusal import Refusal
from fieldbeat.people.actions import deactivate_user
from fieldbeat.records import Changed, Tx
from fieldbeat.territories.actions import assign_territory
from fieldbeat_testing.simulation import plans as plans_at_desks
from fieldbeat_testing.simulation.company import ALWAYS, Company
from fieldbeat_testing.simulation.ledger import Ledger
from fieldbeat_testing.simulation.stage import Stage


async def do_something(stage: Stage, company: Company, ledger: Ledger, draw: Random, *, plans: float) -> None:
    """One deed at a desk, in one transaction; what is refused, or cut off, has not happened.

    `plans`: how often one is published, beside three other deeds.
    """
    deeds = (_reassign, _move_territory, _save_form, _delete, _deactivate, _resolve, _publish_plan)
    weights = (30, 14, 34, 5, 3, 14, 33 * plans)
    [deed] = draw.choices(deeds, weights=weights)
    ledger.counts[f"office: {deed.__name__.strip('_')}"] += 1
    try:
        async with records.writing(stage.db, company.tenant_id) as tx:
            bases = await deed(tx, company, stage, draw)
    except (Refusal, *push.AWAY):
        return
    for about, rev, base_rev in bases:
        ledger.office[about, rev] = base_rev


_Bases = list[tuple[tuple[str, str], int, int]]


async def _reassign(tx: Tx, company: Company, stage: Stage, draw: Random) -> _Bases:
    owner, home = draw.choice((("nina", "north"), ("otto", "south"), ("pia", "coast"), ("nina", "coast")))
    account = draw.choice(company.accounts)
    changed = await reassign_account(
        tx,
        company.admin,
        account_id=account,
        owner_id=company.people[owner],
        territory_id=company.territories[home],
    )
    return _seeing_all("account", [changed])


async def _move_territory(tx: Tx, company: Company, stage: Stage, draw: Random) -> _Bases:
    """Somebody begins to cover a territory, or stops, today or in a while."""
    territory, person = draw.choice(sorted(company.territories)), draw.choice(("nina", "otto", "pia", "vera"))
    today = datetime.fromtimestamp(stage.now_ms / 1000, UTC).date()
    begins, ends = draw.choice(((ALWAYS, None), (ALWAYS, today), (today, None), (ALWAYS, today + timedelta(days=1))))
    await assign_territory(
        tx,
        company.admin,
        territory_id=company.territories[territory],
        user_id=company.people[person],
        from_on=begins,
        until_on=ends,
    )
    return []


async def _save_form(tx: Tx, company: Company, stage: Stage, draw: Random) -> _Bases:
    """With the rev that the form was opened with, or, as a job of the server, with none."""
    account = draw.choice(company.accounts)
    patch: dict[str, Any] = draw.choice(
        (
            {"note": f"from the desk {draw.randrange(1000)}"},
            {"tags": {"$add": ["desk"], "$remove": ["seed"]}},
            {"status": draw.choice(("ACTIVE", "INACTIVE"))},
            {"phone": "+353 1"},
        )
    )
    base = draw.choice((None, 1, 2))
    changed = await update_account(tx, company.actor("adam"), account_id=account, patch=patch, base_rev=base)
    return [(("account", str(account)), changed.rev, changed.rev - 1 if base is None else base)]


async def _delete(tx: Tx, company: Company, stage: Stage, draw: Random) -> _Bases:
    changed = await delete_account(tx, company.admin, account_id=draw.choice(company.accounts))
    return _seeing_all("account", [changed])


async def _deactivate(tx: Tx, company: Company, stage: Stage, draw: Random) -> _Bases:
    await deactivate_user(tx, company.admin, user_id=company.people[draw.choice(("otto", "pia"))])
    return []


async def _resolve(tx: Tx, company: Company, stage: Stage, draw: Random) -> _Bases:
    page = await reads.conflicts_page(tx.conn, company.admin, status="OPEN", after=None, rows_max=10)
    if not page:
        return []
    conflict = draw.choice(sorted(page, key=lambda each: each.id))
    choice = draw.choice((Choice.KEEP_WINNER, Choice.TAKE_LOSER))
    await resolve_conflict(tx, company.admin, conflict_id=conflict.id, choice=choice)
    return []


async def _publish_plan(tx: Tx, company: Company, stage: Stage, draw: Random) -> _Bases:
    await plans_at_desks.publish(tx, company, datetime.fromtimestamp(stage.now_ms / 1000, UTC), draw)
    return []


def _seeing_all(collection: str, changed: Sequence[Changed]) -> _Bases:
    return [((collection, str(each.record_id)), each.rev, each.rev - 1) for each in changed]
