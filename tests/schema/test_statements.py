"""How many SQL statements an operation of the apps costs, however many rows it shows: nothing is read one by one.

The count holds what everything costs: who asks (three: begin, one, commit) and, for each snapshot, begin and commit.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from fieldbeat.kit.db import Conn, Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World

from .conftest import Caller, Callers
from .test_pushing import register


@dataclass
class CountingPool:
    """The pool, with a note of each statement."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    statements: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Conn]:
        async with self.pool.acquire() as conn:
            with conn.query_logger(self._note):
                yield conn

    async def close(self) -> None:
        await self.pool.close()

    def _note(self, record: "asyncpg.connection.LoggedQuery") -> None:
        # What asyncpg asks once a connection about PostgreSQL's types is not ours.
        if not any(sign in record.query for sign in ("typeinfo_tree", "'jit'")):
            self.statements.append(record.query)


@pytest.fixture
def counted(app: FastAPI) -> CountingPool:
    counting = CountingPool(app.state.db.pool)
    app.state.db = Db(counting)  # type: ignore[arg-type]
    return counting


async def statements(counted: CountingPool, caller: Caller, operation: str, **variables: Any) -> int:
    counted.statements.clear()
    await caller.ask(document(operation), variables)
    return len(counted.statements)


async def test_reading_costs_the_same_for_one_row_and_for_many(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    vera = await signed_in(harbour.vera)
    create = document("create_contact")
    for name in ("Ann", "Bea", "Cem"):
        await vera.ask(create, {"input": {"accountId": harbour.lunch, "name": name}})
    for first in (1, 3):
        # Accounts; then, side by side, owners and territories.
        assert await statements(counted, vera, "accounts", first=first) == 3 + 3 + 3 + 3
    near = {"latitude": 0, "longitude": 0}
    assert await statements(counted, vera, "accounts", near=near) == 3 + 3
    for contacts in (1, 3):
        # The account; its owner, territory, contacts and timeline; who did it; the contacts that were created.
        count = await statements(counted, vera, "account", id=harbour.lunch, contacts=contacts)
        assert count == 3 + 3 + 4 * 3 + 2 * 3
    assert await statements(counted, vera, "account_timeline", id=harbour.lunch) == 3 + 3 + 3 + 3 + 3
    assert await statements(counted, vera, "territories") == 3 + 3 + 3 + 3


async def test_measures_are_one_statement_and_one_more_for_whom_they_name(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    vera = await signed_in(harbour.vera)
    create = document("create_ticket")
    for n, account_id in enumerate((harbour.lunch, harbour.tea, harbour.diner)):
        for _ in range(n + 1):
            await vera.ask(create, {"input": {"accountId": account_id, "kind": "FAULT", "subject": "It leaks"}})
        asked = {"from": "2026-01-01", "until": "2027-01-01"}
        assert await statements(counted, vera, "ticket_measures", by="KIND", **asked) == 3 + 3
        assert await statements(counted, vera, "ticket_measures", by="REP", **asked) == 3 + 3 + 3


async def test_doubtful_pauses_are_two_statements_and_one_for_the_tickets_and_people_they_name(
    counted: CountingPool, owner: Conn, harbour: World, signed_in: Callers
) -> None:
    adam = await signed_in(harbour.adam)
    targets = [{"metric": "RESOLUTION", "priority": "NORMAL", "minutes": 6_000}]
    policy = {"name": "All", "targets": targets, "aroundTheClock": True}
    await adam.ask(document("create_sla_policy"), {"input": policy})
    create, move = (document(name) for name in ("create_ticket", "change_ticket_status"))
    for _ in range(3):
        asked = {"accountId": harbour.lunch, "kind": "FAULT", "subject": "It leaks"}
        made = (await adam.ask(create, {"input": asked}))["createTicket"]["ticket"]
        await adam.ask(move, {"input": {"id": made["id"], "status": "ON_HOLD"}})
        await owner.execute("update field_write set hlc = hlc - ((3600000 * 30)::bigint << 16) where field = 'status'")
        assert await statements(counted, adam, "doubtful_pauses") == 3 + 4 + 3 + 3


async def test_a_pull_is_one_statement_and_one_more_at_a_checkpoint(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    nina = await signed_in(harbour.nina)
    device = await register(nina)
    given = {"deviceId": device["deviceId"], "incarnation": device["incarnation"], "schemaVersion": 1}
    assert await statements(counted, nina, "sync_pull", input={**given, "limit": 1}) == 1
    assert await statements(counted, nina, "sync_pull", input=given) == 2
    whole = (await nina.ask(document("sync_pull"), {"input": given}))["syncPull"]
    assert await statements(counted, nina, "sync_pull", input={**given, "cursor": whole["cursor"]}) == 1


async def test_a_page_with_places_costs_who_leads_others_one_statement_more(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    vera = await signed_in(harbour.vera)
    device = await register(vera)
    given = {"deviceId": device["deviceId"], "incarnation": device["incarnation"], "schemaVersion": 2}
    window = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
    pull = document("sync_pull")
    for count in (1, 3):
        before = (await vera.ask(pull, {"input": given}))["syncPull"]["cursor"]
        for _ in range(count):
            wanted = {"accountId": harbour.lunch, "window": window}
            made = await vera.ask(document("create_visit"), {"input": wanted})
            came = {"id": made["createVisit"]["visit"]["id"], "latitude": 1, "longitude": 1}
            await vera.ask(document("check_in"), {"input": came})
        # The page, what was given, and the note between begin and commit.
        assert await statements(counted, vera, "sync_pull", input={**given, "cursor": before}) == 2 + 3


async def test_visits_cost_the_same_for_one_and_for_many(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    vera = await signed_in(harbour.vera)
    window = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
    create = document("create_visit")
    made_ids = []
    for account in (harbour.lunch, harbour.tea, harbour.diner):
        made = await vera.ask(create, {"input": {"accountId": account, "window": window}})
        made_ids.append(made["createVisit"]["visit"]["id"])
    for id in made_ids:
        place = {"latitude": 1, "longitude": 1}
        await vera.ask(document("check_in"), {"input": {"id": id, **place}})
        await vera.ask(document("check_out"), {"input": {"id": id, **place}})
        await vera.ask(document("reopen_visit"), {"input": {"id": id}})
    for first in (1, 3):
        # Visits; then, side by side, accounts and reps.
        assert await statements(counted, vera, "visits", first=first) == 3 + 3 + 3 + 3
    # Nodes of the kinds before visits, then these; one statement reads the places of all and notes it.
    one, many = [await statements(counted, vera, "visit_places", ids=ids) for ids in (made_ids[:1], made_ids)]
    assert one == many
    costs = {}
    for operation, more in (("reschedule_visit", {"window": window}), ("update_visit", {"note": "new"})):
        input = {"id": made_ids[0], **more}
        costs[operation] = await statements(counted, vera, operation, input=input)
    assert costs == dict.fromkeys(costs, 21)


async def test_a_verb_costs_a_fixed_number(counted: CountingPool, harbour: World, signed_in: Callers) -> None:
    vera = await signed_in(harbour.vera)
    costs = {}
    for operation, input in (
        ("create_account", {"name": "New", "ownerId": str(harbour.nina.id)}),
        ("update_account", {"id": harbour.lunch, "note": "new"}),
        ("create_contact", {"accountId": harbour.lunch, "name": "Ann"}),
        ("reassign_account", {"id": harbour.lunch, "ownerId": str(harbour.otto.id)}),
        ("assign_territory", {"territoryId": str(harbour.north), "userId": str(harbour.otto.id), "from": "2026-01-01"}),
        ("delete_account", {"id": harbour.tea}),
    ):
        costs[operation] = await statements(counted, vera, operation, input=input)
    assert costs == {
        "create_account": 20,
        "update_account": 19,
        "create_contact": 15,
        "reassign_account": 32,
        "assign_territory": 16,
        "delete_account": 13,
    }


async def test_hours_and_leave_cost_a_fixed_number(counted: CountingPool, harbour: World, signed_in: Callers) -> None:
    adam = await signed_in(harbour.adam)
    days, week = (
        {"from": "2026-05-04", "until": "2026-05-09"},
        [{"weekday": "MONDAY", "from": "09:00", "until": "17:00"}],
    )
    costs = []
    for people in ([harbour.nina], [harbour.otto, harbour.vera]):
        entered = {
            await statements(counted, adam, "set_leave", input={"userId": str(each.id), **days}) for each in people
        }
        named = {"timeZone": "UTC", "weekly": week, "userIds": [str(each.id) for each in people]}
        made = await statements(counted, adam, "set_business_hours", input=named)
        # Leave, then the people; hours.
        assert await statements(counted, adam, "leaves", **days) == 3 + 3 + 3
        assert await statements(counted, adam, "business_hours") == 3 + 3
        costs.append((entered, made))
    assert costs == [({12}, 14), ({12}, 14)]


async def test_rotas_cost_the_same_for_one_and_for_many(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    adam, costs = await signed_in(harbour.adam), []
    people = [str(each.id) for each in (harbour.nina, harbour.otto, harbour.vera)]
    for n, territory in ((1, harbour.north), (3, harbour.south)):
        whole = {"name": "Nights", "timeZone": "UTC", "anchorOn": "2026-11-23", "territoryId": str(territory)}
        made = await statements(counted, adam, "create_on_call_rota", input={**whole, "userIds": people[:n]})
        [rota, *_] = (await adam.ask(document("on_call_rotas")))["onCallRotas"]["edges"]
        night = {"rotaId": rota["node"]["id"], "from": "2100-01-01T20:00:00Z", "until": "2100-01-02T08:00:00Z"}
        # Rotas; then, side by side, territories and people.
        listed = await statements(counted, adam, "on_call_rotas")
        # The territory and its rotas; then, side by side, the person and the rota.
        asked = await statements(counted, adam, "on_call", territoryId=str(territory), at="2026-11-24T03:00:00Z")
        costs.append((made, await statements(counted, adam, "stand_in", input=night), listed, asked))
    assert costs == [(20, 23, 3 + 3 + 3 + 3, 3 + 4 + 3 + 3)] * 2


async def test_dispatch_costs_the_same_for_one_rep_and_for_many(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    nina, vera, adam = [await signed_in(each) for each in (harbour.nina, harbour.vera, harbour.adam)]
    fault = {"accountId": harbour.lunch, "kind": "FAULT", "subject": "It leaks", "requiredSkills": ["lift"]}
    opened = await vera.ask(document("create_ticket"), {"input": fault})
    ticket = opened["createTicket"]["ticket"]["id"]
    costs = [await statements(counted, each, "dispatch_candidates", ticketId=ticket) for each in (nina, vera, adam)]
    # The ticket, twice; whom one leads (a rep is not asked), the reps, hours, leave, the rotas; then the people.
    assert costs == [3 + 2 + 6 + 3, 3 + 2 + 7 + 3, 3 + 2 + 7 + 3]


async def test_tickets_cost_a_fixed_number(counted: CountingPool, harbour: World, signed_in: Callers) -> None:
    vera = await signed_in(harbour.vera)

    async def opened() -> Any:
        input = {"accountId": harbour.lunch, "kind": "FAULT", "subject": "It leaks"}
        answer = await vera.ask(document("create_ticket"), {"input": input})
        return answer["createTicket"]["ticket"]

    first, second = await opened(), await opened()
    said = document("add_ticket_message")
    for body in ("one", "two", "three"):
        await vera.ask(said, {"input": {"ticketId": first["id"], "body": body, "public": True}})
    for rows in (1, 2):
        # What happened; then who did it and whom it concerns, together.
        assert await statements(counted, vera, "team_activities", first=rows) == 3 + 3 + 3
        # Tickets; then, side by side, accounts and assignees.
        assert await statements(counted, vera, "tickets", first=rows) == 3 + 3 + 2 * 3
    for rows in (1, 3):
        # The ticket; its account, assignee, clocks, messages and merged ones (two statements); the author.
        assert await statements(counted, vera, "ticket", id=first["id"], messages=rows) == 3 + 3 + 4 * 3 + 4 + 3
    costs = {}
    for operation, input in (
        ("create_ticket", {"accountId": harbour.lunch, "kind": "FAULT", "subject": "It leaks"}),
        ("update_ticket", {"id": first["id"], "priority": "HIGH"}),
        ("change_ticket_status", {"id": first["id"], "status": "PENDING_CUSTOMER"}),
        ("add_ticket_message", {"ticketId": first["id"], "body": "x", "public": True}),
        ("assign_ticket", {"id": first["id"], "assigneeId": str(harbour.otto.id)}),
        ("merge_tickets", {"id": first["id"], "intoId": second["id"]}),
    ):
        costs[operation] = await statements(counted, vera, operation, input=input)
    assert costs == {
        "add_ticket_message": 27,
        "assign_ticket": 32,
        "change_ticket_status": 23,
        "create_ticket": 26,
        "merge_tickets": 25,
        "update_ticket": 23,
    }
    promise = {
        "name": "All", "targets": [{"metric": "RESOLUTION", "priority": "HIGH", "minutes": 60}], "aroundTheClock": True,
    }  # fmt: skip
    adam = await signed_in(harbour.adam)
    await adam.ask(document("create_sla_policy"), {"input": promise})
    costs = {}
    for operation, input in (
        ("create_ticket", {"accountId": harbour.lunch, "kind": "FAULT", "subject": "It leaks", "priority": "HIGH"}),
        ("change_ticket_status", {"id": second["id"], "status": "PENDING_CUSTOMER"}),
        ("add_ticket_message", {"ticketId": second["id"], "body": "x", "public": True}),
    ):
        costs[operation] = await statements(counted, vera, operation, input=input)
    assert costs == {
        "add_ticket_message": 33,
        "change_ticket_status": 31,
        "create_ticket": 37,
    }


async def test_assets_and_used_parts_cost_the_same_for_one_and_for_many(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    vera, adam = await signed_in(harbour.vera), await signed_in(harbour.adam)

    async def made(caller: Caller, operation: str, **input: Any) -> Any:
        (answer,) = (await caller.ask(document(operation), {"input": input})).values()
        return next(iter(answer[name] for name in answer if name != "__typename"))

    part = await made(adam, "create_part", sku="S", name="Seal")
    for name, account in (("A", harbour.lunch), ("B", harbour.lunch), ("C", harbour.tea)):
        asset = await made(vera, "create_asset", accountId=account, name=name)
        about = {"accountId": account, "kind": "FAULT", "subject": "It leaks", "assetId": asset["id"]}
        for _ in range(3):
            ticket = await made(vera, "create_ticket", **about)
        for _ in range(3):
            used = await made(vera, "add_ticket_part", ticketId=ticket["id"], partId=part["id"], quantity=1)
    for first in (1, 3):
        # Assets, then their accounts; the account, its assets, then theirs.
        assert await statements(counted, vera, "assets", first=first) == 3 + 3 + 3
        assert await statements(counted, vera, "account_assets", id=harbour.lunch, first=first) == 3 + 3 + 3
        # The asset; side by side its account and tickets; their accounts are the same, then who answers for them.
        assert await statements(counted, vera, "asset", id=asset["id"], first=first) == 3 + 3 + 3 + 3 + 3
        # The ticket; its uses; side by side their parts and authors.
        assert await statements(counted, vera, "ticket_parts", id=ticket["id"], first=first) == 3 + 3 + 3 + 3 + 3
        assert await statements(counted, vera, "parts", first=first) == 3 + 3
        # Tickets; side by side accounts, assets and assignees.
        assert await statements(counted, vera, "tickets", first=first) == 3 + 3 + 3 * 3
    costs = {
        operation: await statements(counted, caller, operation, input=input)
        for caller, operation, input in (
            (vera, "create_asset", {"accountId": harbour.lunch, "name": "D"}),
            (vera, "update_asset", {"id": asset["id"], "note": "x"}),
            (vera, "add_ticket_part", {"ticketId": ticket["id"], "partId": part["id"], "quantity": 1}),
            (vera, "update_ticket_part", {"id": used["id"], "addQuantity": 1}),
            (adam, "set_part_cost", {"partId": part["id"], "from": "2026-01-01", "amount": 1}),
        )
    }
    assert costs == {
        "add_ticket_part": 23,
        "create_asset": 18,
        "set_part_cost": 11,
        "update_asset": 17,
        "update_ticket_part": 21,
    }


async def test_articles_cost_the_same_for_one_and_for_many(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    vera, adam = await signed_in(harbour.vera), await signed_in(harbour.adam)
    create = document("create_article")
    opened = await vera.ask(
        document("create_ticket"),
        {"input": {"accountId": harbour.lunch, "kind": "FAULT", "subject": "Cooler leaks"}},
    )
    ticket, made_ids, costs = opened["createTicket"]["ticket"]["id"], [], []
    for title in ("Cooler leaks", "Cooler hums", "Cooler is warm"):
        made = await vera.ask(create, {"input": {"title": title, "body": "b"}})
        made_ids.append(id := made["createArticle"]["article"]["id"])
        costs.append(
            [
                await statements(counted, vera, "submit_article", input={"id": id}),
                await statements(counted, adam, "approve_article", input={"id": id}),
                await statements(counted, vera, "vote_article", input={"id": id, "helpful": True}),
                await statements(counted, vera, "link_article", input={"ticketId": ticket, "articleId": id}),
                # The ticket; side by side what solved it (the ticket's sight, then the articles), what may.
                await statements(counted, vera, "ticket_articles", id=ticket),
            ]
        )
    assert costs == [[20, 20, 13, 22, 13]] * 3
    for first in (1, 3):
        # Articles; then their votes.
        assert await statements(counted, vera, "articles", first=first) == 3 + 3 + 3
    # The article; side by side its author, approver and votes, and tickets with their sight.
    assert await statements(counted, vera, "article", id=made_ids[0]) == 3 + 3 + 3 + 3 + 4


async def test_the_portal_costs_the_same_for_one_ticket_and_for_many(
    counted: CountingPool, harbour: World, signed_in: Callers
) -> None:
    nina = await signed_in(harbour.nina)
    made = await nina.ask(document("create_contact"), {"input": {"accountId": harbour.lunch, "name": "Ann"}})
    issue = document("issue_portal_token")
    issued = await nina.ask(issue, {"input": {"contactId": made["createContact"]["contact"]["id"]}})
    ann = Caller(nina.http, issued["issuePortalToken"]["token"])
    create = document("portal_create_ticket")
    costs = []
    for _ in range(3):
        opened = await ann.ask(create, {"input": {"subject": "x"}})
        ticket = opened["portalCreateTicket"]["ticket"]["id"]
        costs.append(await statements(counted, ann, "portal_add_message", input={"ticketId": ticket, "body": "x"}))
    assert costs == [42] * 3  # one of them asks whether the contact is at the account
    for first in (1, 3):
        # Tickets; then, side by side, messages and ratings (the ticket's sight, then the rating).
        assert await statements(counted, ann, "portal", first=first) == 3 + 3 + 3 + 4


async def test_attachments_cost_the_same_for_one_and_for_many(
    counted: CountingPool, db: Db, harbour: World, signed_in: Callers
) -> None:
    nina, phone = await signed_in(harbour.nina), await registered(db, harbour.nina)
    window = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
    visits = [phone.create("visit", {"accountId": harbour.lunch, "window": window}) for _ in range(3)]
    declared = {"sha256": "a" * 64, "bytes": 9, "contentType": "image/png"}
    photos = [
        phone.create("attachment", {"recordId": str(each.record_id), **declared}) for each in visits for _ in "ab"
    ]
    assert await phone.said(*visits, *photos) == ["APPLIED"] * 9
    for first in (1, 2):
        # The visit; its attachments; their authors.
        assert await statements(counted, nina, "visit_attachments", id=str(visits[0].record_id), first=first) == 12
    whole = "query ($first: Int) { visits(first: $first) { edges { node { attachments { edges { node { id } } } } } } }"
    for visits_max in (1, 3):
        counted.statements.clear()
        await nina.ask(whole, {"first": visits_max})
        assert len(counted.statements) == 3 + 3 + 3
