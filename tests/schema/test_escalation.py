"""Escalation over GraphQL: who was told about a ticket, for whoever sees it; and taking care."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.escalation import jobs
from fieldbeat.kit.db import Db
from fieldbeat.phone.documents import document
from fieldbeat.tickets.actions import create_ticket
from fieldbeat.tickets.policies import create_policy
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers

PROMISE = {"name": "Soon", "targets": [{"metric": "FIRST_RESPONSE", "priority": "NORMAL", "minutes": 60}]}


@pytest.fixture
async def overdue(db: Db, harbour: World) -> str:
    """A fault at LUNCH that should have been answered a minute ago."""
    async with records.writing(db, harbour.tenant_id) as tx:
        await create_policy(tx, harbour.adam.actor, patch=PROMISE, around_the_clock=True)
        made = await create_ticket(
            tx, harbour.vera.actor, account_id=UUID(harbour.lunch), at=tx.at - timedelta(minutes=61),
            patch={"kind": "FAULT", "subject": "Leaks"},
        )  # fmt: skip
    assert await jobs.sweep(db) == 3
    return str(made.record_id)


async def told(caller: Caller, ticket: str, **page: Any) -> Any:
    return (await caller.ask(document("escalations"), {"ticketId": ticket, **page}))["escalations"]


async def take_care(caller: Caller, ticket: str) -> Any:
    return (await caller.ask(document("acknowledge_escalation"), {"input": {"ticketId": ticket}}))[
        "acknowledgeEscalation"
    ]


async def test_who_was_told_is_shown_page_by_page(harbour: World, signed_in: Callers, overdue: str) -> None:
    vera = await signed_in(harbour.vera)
    whole = [(edge["node"]["step"], edge["node"]["user"]["name"]) for edge in (await told(vera, overdue))["edges"]]
    assert sorted(whole) == [(0, "Nina"), (1, "Nina"), (1, "Vera"), (2, "Vera")]
    page = await told(vera, overdue, first=3)
    rest = await told(vera, overdue, after=page["pageInfo"]["endCursor"])
    assert page["pageInfo"]["hasNextPage"]
    assert len(page["edges"]) + len(rest["edges"]) == 4


async def test_only_who_answers_or_leads_takes_care(db: Db, harbour: World, signed_in: Callers, overdue: str) -> None:
    rival = await settle(db, "rival")
    for person in (harbour.otto, rival.adam):
        caller = await signed_in(person)
        assert (await take_care(caller, overdue))["code"] == "NOT_FOUND"
        assert (await told(caller, overdue))["edges"] == []
    assert (await take_care(await signed_in(harbour.nina), overdue))["ticket"] == {"id": overdue}
    assert (await take_care(await signed_in(harbour.vera), overdue))["ticket"] == {
        "id": overdue
    }  # again changes nothing
