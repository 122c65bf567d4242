"""Measures of tickets equal a recount from what was written and said, and count what their reader may see."""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest
from fastapi import FastAPI

from fieldbeat import records
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.parts.actions import create_part, set_part_cost
from fieldbeat.phone.documents import document
from fieldbeat.tickets.actions import merge_tickets, update_ticket
from fieldbeat.tickets.parts import add_part, delete_part, update_part
from fieldbeat_sync.clock import instant_of
from fieldbeat_testing.ticket_histories import Row, made_up
from fieldbeat_testing.ticket_recount import Minutes, Recounted, imported, promise, recount
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers

DOCUMENT = document("ticket_measures")
COMPARED = """
query ($from: Date!, $turn: Date!, $until: Date!, $by: TicketMeasuresBy!) {
  before: ticketMeasures(from: $from, until: $turn, by: $by) { edges { node { kind opened resolution { mean } } } }
  since: ticketMeasures(from: $turn, until: $until, by: $by) { edges { node { kind opened resolution { mean } } } }
}
"""
FROM, TURN, UNTIL = date(2025, 2, 1), date(2025, 6, 1), date(2025, 12, 1)
ZONE = "Asia/Shanghai"
ZONES = {"adam": "Europe/Berlin", "vera": "Asia/Shanghai", "nina": "America/Los_Angeles"}
RATE = 48.0
BY = ("REP", "TEAM", "ACCOUNT_TIER", "KIND", "PRIORITY", "DAY")


async def measured(caller: Caller, by: str, **more: Any) -> list[Any]:
    asked = {"from": FROM.isoformat(), "until": UNTIL.isoformat(), "by": by, **more}
    return [edge["node"] for edge in (await caller.ask(DOCUMENT, asked))["ticketMeasures"]["edges"]]


async def happened(db: Db, owner: Conn, world: World, folder: Path, *, rows_min: int = 700) -> None:
    """A year of tickets with all that can befall them: visits, a merge, a deletion, people of two teams."""
    await promise(db, world, ZONE)
    people = [world.nina.email, world.otto.email, world.vera.email]
    await imported(db, world, folder, made_up(random.Random(9), ["L", "T", "D"], people, rows_min=rows_min))
    for name, zone in ZONES.items():
        zoned = "update person set fields = fields || jsonb_build_object('timeZone', $2::text) where id = $1"
        await owner.execute(zoned, getattr(world, name).id, zone)
    tiered = 'update account set fields = fields || \'{"tier": "VIP"}\' where id = $1'
    await owner.execute(tiered, UUID(world.lunch))
    ids = [row["id"] for row in await owner.fetch("select id from ticket order by number")]
    same = await owner.fetch("select id from ticket where account_id = $1 order by number limit 2", UUID(world.tea))
    async with records.writing(db, world.tenant_id) as tx:
        for n, id in enumerate(ids[: len(ids) // 2]):
            visits = [str(uuid7()) for _ in range(n % 3)]
            if visits:
                patch = {"visitIds": {"$add": visits, "$remove": []}}
                await update_ticket(tx, world.adam.actor, ticket_id=id, patch=patch)
        await merge_tickets(tx, world.adam.actor, ticket_id=same[0]["id"], into_id=same[1]["id"])
    await use_parts(db, world, ids)
    await owner.execute("update ticket set deleted_at = now() where id = $1", ids[-1])


async def use_parts(db: Db, world: World, ticket_ids: list[UUID]) -> None:
    """Of three parts, whose costs change and of which one has none; counted on, taken back, and taken out."""
    rnd = random.Random(3)
    async with records.writing(db, world.tenant_id) as tx:
        parts = [
            (await create_part(tx, world.adam.actor, patch={"sku": f"P{n}", "name": "Part"})).record_id
            for n in range(3)
        ]
        for part_id in parts[:2]:
            for on in (date(2025, 4, 1), date(2025, 3, 1), TURN):
                amount = round(rnd.uniform(1, 90), 4)
                await set_part_cost(tx, world.adam.actor, part_id=part_id, from_on=on, amount=amount)
    for id in ticket_ids[::2]:
        async with records.writing(db, world.tenant_id) as tx:
            for _ in range(rnd.randint(1, 3)):
                begun = datetime(
                    2025, rnd.choice((2, 3, 5, 6, 9)), rnd.choice((1, 28)), rnd.choice((0, 15, 16)), tzinfo=UTC
                )
                used = await add_part(
                    tx, world.adam.actor, ticket_id=id, part_id=rnd.choice(parts), at=begun,
                    patch={"quantity": rnd.randint(1, 5)},
                )  # fmt: skip
                if rnd.random() < 0.5:
                    more = {"quantity": {"$inc": rnd.choice((-1, 4))}}
                    await update_part(tx, world.adam.actor, used_id=used.record_id, patch=more)
                elif rnd.random() < 0.3:
                    await delete_part(tx, world.adam.actor, used_id=used.record_id)


async def spent(owner: Conn, world: World) -> dict[UUID, tuple[float, int]]:
    """By ticket, what its parts cost and how many uses have no cost, from what was written to each."""
    uses: dict[UUID, dict[str, Any]] = defaultdict(lambda: {"quantity": 0})
    for row in await owner.fetch(
        """select record_id, field, value::text as value from field_write
           where tenant_id = $1 and collection = 'ticketPart' order by record_id, rev""", world.tenant_id,
    ):  # fmt: skip
        value, use = orjson.loads(row["value"]), uses[row["record_id"]]
        if row["field"] == "quantity":
            use["quantity"] += value["$inc"] if isinstance(value, dict) else value
        else:
            use[row["field"]] = value
    costs = await owner.fetch("select part_id, from_on, amount from part_cost order by from_on")
    found: dict[UUID, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for use in uses.values():
        on = datetime.fromisoformat(use["at"]).astimezone(ZoneInfo(ZONE)).date()
        known = [each["amount"] for each in costs if str(each["part_id"]) == use["partId"] and each["from_on"] <= on]
        if "*" in use or not use["quantity"]:
            continue
        cost, unknown = found[UUID(use["ticketId"])]
        spend = use["quantity"] * float(known[-1]) if known else 0.0
        found[UUID(use["ticketId"])] = (cost + spend, unknown + (not known))
    return found


async def raw(owner: Conn, world: World) -> dict[UUID, dict[str, Any]]:
    """Of every ticket what was written to it, and its events as rows of changes."""
    tickets: dict[UUID, dict[str, Any]] = {}
    written = await owner.fetch(
        """select record_id, field, value::text as value, hlc from field_write
           where tenant_id = $1 and collection = 'ticket' and outcome <> 'LOST' order by record_id, rev""",
        world.tenant_id,
    )
    for row in written:
        ticket = tickets.setdefault(row["record_id"], {"writes": defaultdict(list), "events": {}})
        value, at = orjson.loads(row["value"]), instant_of(row["hlc"])
        ticket["writes"][row["field"]].append(value)
        if row["field"] in ("accountId", "status", "priority"):
            ticket["events"].setdefault(at, {})[row["field"]] = value
    said: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in await owner.fetch(
        """select record_id, field, value::text as value, hlc from field_write
           where tenant_id = $1 and collection = 'ticketMessage'""",
        world.tenant_id,
    ):
        said[row["record_id"]] |= {row["field"]: orjson.loads(row["value"]), "when": instant_of(row["hlc"])}
    for word in said.values():
        if word.get("public"):
            speaker = "CUSTOMER" if word.get("onBehalfOfContactId") else "AGENT"
            tickets[UUID(word["ticketId"])]["events"].setdefault(word["when"], {})["speaker"] = speaker
    return tickets


def clocks_of(tickets: dict[UUID, dict[str, Any]]) -> dict[UUID, dict[str, list[Recounted]]]:
    numbers = dict(enumerate(tickets))
    rows = [
        Row(n, "", at, each.get("status", ""), each.get("priority", ""), speaker=each.get("speaker", ""))
        for n, id in numbers.items()
        for at, each in tickets[id]["events"].items()
    ]
    found: dict[UUID, dict[str, list[Recounted]]] = defaultdict(lambda: defaultdict(list))
    for (n, metric, _), clock in recount(rows, Minutes(ZONE)):
        found[numbers[n]][metric].append(clock)
    return found


async def whole(owner: Conn, world: World) -> dict[UUID, dict[str, Any]]:
    """Every ticket that counts, with its clocks."""
    gone = {row["id"] for row in await owner.fetch("select id from ticket where deleted_at is not null")}
    tickets = {
        id: ticket
        for id, ticket in (await raw(owner, world)).items()
        if id not in gone and not any(ticket["writes"]["mergedIntoId"])
    }
    clocks, costs = clocks_of(tickets), await spent(owner, world)
    assert sum(cost > 0 for cost, _ in costs.values()) > 20
    assert sum(unknown > 0 for _, unknown in costs.values()) > 5
    return {id: ticket | {"clocks": clocks[id], "spent": costs[id]} for id, ticket in tickets.items()}


def recounted(
    tickets: dict[UUID, dict[str, Any]], bosses: dict[str, Any], vip: str, by: str, zone: str,
    sees: Callable[[str, str], bool],
) -> dict[str | None, dict[str, Any]]:  # fmt: skip
    """What is asked, in loops."""
    groups: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for ticket in tickets.values():
        last = {name: values[-1] for name, values in ticket["writes"].items() if values}
        day = datetime.fromisoformat(last["openedAt"]).astimezone(ZoneInfo(zone)).date()
        if not FROM <= day < UNTIL or not sees(last["accountId"], last["assigneeId"]):
            continue
        boss = bosses[last["assigneeId"]]
        keys: dict[str, str | None] = {
            "REP": last["assigneeId"], "TEAM": str(boss) if boss else None,
            "ACCOUNT_TIER": "VIP" if last["accountId"] == vip else None,
            "KIND": last["kind"], "PRIORITY": last.get("priority", "NORMAL"), "DAY": day.isoformat(),
        }  # fmt: skip
        groups[keys[by]].append(ticket)
    return {key: _group(own, bosses) for key, own in groups.items()}


def _group(tickets: list[dict[str, Any]], bosses: dict[str, Any]) -> dict[str, Any]:
    done = resolved = reopened = first_time = kept = judged = labour = bounces = team_bounces = 0
    times: dict[str, list[float]] = {"FIRST_RESPONSE": [], "RESOLUTION": []}
    for ticket in tickets:
        writes = ticket["writes"]
        states = [status in ("RESOLVED", "CLOSED") for status in writes["status"]]
        again = any(was and not now for was, now in pairwise(states))
        visits = sum(len(each["$add"] if isinstance(each, dict) else each) for each in writes["visitIds"])
        done, resolved, reopened = done + states[-1], resolved + any(states), reopened + again
        first_time += states[-1] and not again and visits <= 1
        labour += sum(each["$inc"] if isinstance(each, dict) else each for each in writes["labourMinutes"])
        holders = writes["assigneeId"]
        moves = [(was, now) for was, now in pairwise(holders) if was != now]
        bounces, team_bounces = bounces + len(moves), team_bounces + sum(bosses[a] != bosses[b] for a, b in moves)
        for metric, clocks in ticket["clocks"].items():
            for clock in clocks:
                broken = clock.breached_at is not None
                kept, judged = (
                    kept + (not broken and clock.ended_at is not None),
                    judged + (broken or clock.ended_at is not None),
                )
                if metric in times and clock.ended_at:
                    times[metric].append(clock.elapsed_min)
    parts, unknown = (sum(ticket["spent"][n] for ticket in tickets) for n in (0, 1))
    return {
        "opened": len(tickets), "done": done,
        "firstResponse": _spread(times["FIRST_RESPONSE"]), "resolution": _spread(times["RESOLUTION"]),
        "firstTimeFix": first_time / done if done else None, "reopenRate": reopened / resolved if resolved else None,
        "slaKept": kept / judged if judged else None, "bounces": bounces, "teamBounces": team_bounces,
        "labourMinutes": labour, "partsCost": parts, "partsWithoutCost": unknown,
        "costPerTicket": (labour / 60 * RATE + parts) / len(tickets),
    }  # fmt: skip


def _spread(values: list[float]) -> dict[str, Any]:
    if not values:
        return {"count": 0, "mean": None, "median": None, "p90": None}
    ordered, at = sorted(values), 0.9 * (len(values) - 1)
    low, high = ordered[int(at)], ordered[min(int(at) + 1, len(values) - 1)]
    return {"count": len(values), "mean": mean(values), "median": median(values), "p90": low + (high - low) * (at % 1)}


def _key(node: Any) -> str | None:
    found: str | None = (node["user"] or {}).get("id") or node["accountTier"] or node["kind"]
    return found or node["priority"] or node["day"]


async def test_measures_equal_a_recount_from_what_was_written_and_said(
    db: Db, owner: Conn, harbour: World, signed_in: Callers, app: FastAPI, tmp_path: Path
) -> None:
    await happened(db, owner, harbour, tmp_path)
    app.state.settings = app.state.settings.model_copy(update={"labour_cost_per_hour": RATE})
    bosses = {str(row["id"]): row["manager_id"] for row in await owner.fetch("select id, manager_id from person")}
    tickets = await whole(owner, harbour)
    nina, north = str(harbour.nina.id), {harbour.lunch, harbour.tea}
    for name, sees in (
        ("vera", lambda account, assignee: True),
        ("nina", lambda account, assignee: account in north or assignee == nina),
    ):
        caller = await signed_in(getattr(harbour, name))
        for by in BY:
            expected = recounted(tickets, bosses, harbour.lunch, by, ZONES[name], sees)
            shown = await measured(caller, by, first=100)
            if by == "DAY":
                expected = {key: expected[key] for key in sorted(expected, key=str)[:100]}
            assert len(shown) == len(expected) > 0
            for node in shown:
                want = expected[_key(node)]
                if name == "nina":  # what the company pays is not for her to know
                    want |= {"partsCost": None, "partsWithoutCost": None, "costPerTicket": None}
                for field in want:
                    assert node[field] == pytest.approx(want[field]), (name, by, _key(node), field)


async def test_two_periods_are_compared_in_one_request(
    db: Db, owner: Conn, harbour: World, signed_in: Callers, tmp_path: Path
) -> None:
    await happened(db, owner, harbour, tmp_path, rows_min=200)
    caller = await signed_in(harbour.adam)
    asked = {"from": FROM.isoformat(), "turn": TURN.isoformat(), "until": UNTIL.isoformat(), "by": "KIND"}
    both = await caller.ask(COMPARED, asked)
    opened = {name: sum(edge["node"]["opened"] for edge in both[name]["edges"]) for name in ("before", "since")}
    assert min(opened.values()) > 0
    whole = await measured(caller, "KIND")
    assert sum(opened.values()) == sum(node["opened"] for node in whole)
    assert all(node["costPerTicket"] is None for node in whole)  # no rate is set


async def test_they_come_in_pages_and_only_to_their_company(
    db: Db, owner: Conn, harbour: World, signed_in: Callers, tmp_path: Path
) -> None:
    await happened(db, owner, harbour, tmp_path, rows_min=200)
    rival = await settle(db, "rival")
    assert await measured(await signed_in(rival.adam), "REP") == []
    caller = await signed_in(harbour.adam)
    whole = await measured(caller, "DAY", first=100)
    asked = {"from": FROM.isoformat(), "until": UNTIL.isoformat(), "by": "DAY"}
    page = (await caller.ask(DOCUMENT, {**asked, "first": 3}))["ticketMeasures"]
    more = await measured(caller, "DAY", first=2, after=page["pageInfo"]["endCursor"])
    assert [edge["node"] for edge in page["edges"]] + more == whole[:5]
    for until in (FROM.isoformat(), "2026-02-03"):
        assert await caller.refused(DOCUMENT, {**asked, "until": until}) == "BAD_REQUEST"
