"""How visits, their plans and their templates live on a phone."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT, homes_of, owners_of
from fieldbeat.attachments.replica import KEPT_ATTACHMENT, attachments_of
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Refusal
from fieldbeat.outbox.actions import announce
from fieldbeat.records import Kept, Row, Saved, Tx
from fieldbeat.visits import store
from fieldbeat.visits.activities import activities_of
from fieldbeat.visits.forms import judge_visits
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.visits import visit, visit_plan, visit_plan_line, visit_template
from fieldbeat_sync.schema import Role

ARRIVED = "visit.arrived"  # the effect's payload: {"visitIds": […]}


async def scopes_of_visits(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A visit is in its account's territory and with its rep."""
    homes = await homes_of(conn, tenant_id, {row["accountId"] for row in rows.values()})
    return {id: homes.get(row["accountId"], frozenset()) | _of_rep(row) for id, row in rows.items()}


async def scopes_of_plans(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A plan is with its rep."""
    return {id: _of_rep(row) for id, row in rows.items()}


async def scopes_of_lines(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A line is where its plan is; one statement for all."""
    reps = await store.reps_of_plans(conn, tenant_id, sorted({UUID(row["planId"]) for row in rows.values()}))
    return {
        id: frozenset({scope.user(reps[UUID(row["planId"])])}) if UUID(row["planId"]) in reps else frozenset()
        for id, row in rows.items()
    }


async def scopes_of_templates(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """Everyone fills in the same forms."""
    return dict.fromkeys(rows, frozenset({scope.TENANT}))


async def prepare_visits(
    conn: Conn, actor: Actor, patches: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any] | Refusal]:
    """A rep makes the visits that he creates; what others create is made by the account's owner."""
    if actor.role is Role.REP:
        return [{"repId": str(actor.user_id)} for _ in patches]
    owners = await owners_of(conn, actor.tenant_id, [patch.get("accountId") for patch in patches])
    return [{"repId": owners.get(str(patch.get("accountId")), str(actor.user_id))} for patch in patches]


async def follow_visits(tx: Tx, actor: Actor, saved: Sequence[Saved]) -> None:
    """Attachments and conflicts go where their visits went; the team is told, and who waits for an arrival."""
    tx.activities += [activity for each in saved for activity in activities_of(each, tx.at)]
    await _tell_arrivals(tx, saved)
    given = [each for each in saved if each.before and each.after and _of_rep(each.before) != _of_rep(each.after)]
    attachments = await attachments_of(tx, [each.record_id for each in given])
    homes = await homes_of(tx.conn, tx.tenant_id, {each.after["accountId"] for each in given if each.after})
    for each in given:
        if each.before and each.after:
            [home] = homes[each.after["accountId"]]
            await records.move(
                tx, left=next(iter(_of_rep(each.before)), None), entered=next(iter(_of_rep(each.after)), None),
                standing_in=home, record_ids=[each.record_id, *attachments[each.record_id]],
                collections=[KEPT_ATTACHMENT.schema.name],
            )  # fmt: skip


async def _tell_arrivals(tx: Tx, saved: Sequence[Saved]) -> None:
    """By the outbox, one effect for all: what follows locks other records, which a visit's transaction may not."""
    arrived = [
        str(each.record_id)
        for each in saved
        if each.after and each.after["checkIn"] and not (each.before and each.before["checkIn"])
    ]
    if arrived:
        await announce(tx.conn, tx.tenant_id, cause=uuid7(), effect=ARRIVED, payload={"visitIds": arrived})


def _of_rep(row: Row) -> frozenset[str]:
    return frozenset({scope.user(row["repId"])}) if row["repId"] else frozenset()


KEPT_VISIT = Kept(
    visit, "visit", scopes_of_visits, scope_fields=("accountId", "repId"), parent=KEPT_ACCOUNT, prepare=prepare_visits,
    follow_up=follow_visits, judge=judge_visits,
)  # fmt: skip
KEPT_PLAN = Kept(visit_plan, "visit_plan", scopes_of_plans, scope_fields=("repId",))
KEPT_PLAN_LINE = Kept(visit_plan_line, "visit_plan_line", scopes_of_lines, scope_fields=("planId",), parent=KEPT_PLAN)
KEPT_TEMPLATE = Kept(visit_template, "visit_template", scopes_of_templates)
