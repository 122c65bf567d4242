"""The portal: a customer's token opens his account's tickets and what is published, and nothing else of anybody's."""

import asyncio
import base64
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from fieldbeat.kit.db import Db
from fieldbeat.people.model import Unauthenticated
from fieldbeat.phone.documents import document
from fieldbeat_graphql.context import PORTAL_FIELDS, PUBLIC_FIELDS, context_of
from fieldbeat_graphql.schema import schema
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, do, run


async def contact_at(caller: Caller, account: str, name: str = "Ann") -> str:
    made = await do(caller, "create_contact", accountId=account, name=name, emails=["ann@lunch.example"])
    return str(made["contact"]["id"])


async def customer_of(caller: Caller, account: str) -> Caller:
    """The bearer of a new token of a new contact."""
    issued = await do(caller, "issue_portal_token", contactId=await contact_at(caller, account))
    return Caller(caller.http, issued["token"])


async def opened(caller: Caller, account: str, **more: Any) -> Any:
    """A ticket that a colleague opened."""
    whole = {"accountId": account, "kind": "FAULT", "subject": "Cooler leaks", **more}
    return (await do(caller, "create_ticket", **whole))["ticket"]


async def listed(customer: Caller) -> list[int]:
    portal = await run(customer, "portal")
    return [edge["node"]["number"] for edge in portal["tickets"]["edges"]]


async def test_a_customer_opens_a_ticket_speaks_and_rates(harbour: World, nina: Caller) -> None:
    ann = await customer_of(nina, harbour.lunch)
    made = await do(ann, "portal_create_ticket", subject="Cooler leaks", description="Since Monday", kind="FAULT")
    ticket = made["ticket"]
    assert (ticket["number"], ticket["status"], ticket["description"]) == (1, "NEW", "Since Monday")
    kept = await run(nina, "ticket", id=ticket["id"])
    assert (kept["subject"], kept["kind"], kept["contact"]["name"]) == ("Cooler leaks", "FAULT", "Ann")
    assert (kept["assignee"]["name"], kept["account"]["name"]) == ("Nina", "Lunch")

    said = await do(ann, "portal_add_message", ticketId=ticket["id"], body="It is worse")
    await do(nina, "add_ticket_message", ticketId=ticket["id"], body="On my way", public=True)
    shown = (await run(ann, "portal_ticket", id=ticket["id"]))["ticket"]
    messages = [(edge["node"]["body"], edge["node"]["contactName"]) for edge in shown["messages"]["edges"]]
    assert messages == [("It is worse", "Ann"), ("On my way", None)]
    assert said["ticket"]["messages"]["edges"][0] == shown["messages"]["edges"][0]

    early = await do(ann, "portal_rate_ticket", ticketId=ticket["id"], score=5)
    assert (early["code"], early["fields"]) == ("INVALID", ["ticketId"])
    await do(nina, "change_ticket_status", id=ticket["id"], status="RESOLVED")
    for score in (2, 5):
        rated = await do(ann, "portal_rate_ticket", ticketId=ticket["id"], score=score, comment="Quick")
        assert (rated["ticket"]["rating"]["score"], rated["ticket"]["rating"]["comment"]) == (score, "Quick")
    rating = (await run(nina, "ticket_rating", id=ticket["id"]))["rating"]
    assert (rating["score"], rating["comment"], rating["contact"]["name"]) == (5, "Quick", "Ann")
    assert (await run(ann, "portal"))["contactName"] == "Ann"


@pytest.mark.parametrize("status", ["PENDING_CUSTOMER", "RESOLVED", "CLOSED"])
async def test_a_customers_word_opens_what_waits_or_is_done(harbour: World, nina: Caller, status: str) -> None:
    ann, ticket = await customer_of(nina, harbour.lunch), await opened(nina, harbour.lunch)
    done = {"cause": "wear", "solution": "seal"} if status == "CLOSED" else {}
    await do(nina, "change_ticket_status", id=ticket["id"], status=status, **done)
    said = await do(ann, "portal_add_message", ticketId=ticket["id"], body="Still wet")
    assert said["ticket"]["status"] == "OPEN"


async def test_another_accounts_tickets_and_another_companys_are_not_there(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, otto: Caller
) -> None:
    ann = await customer_of(nina, harbour.lunch)
    own, theirs, tea = (
        await opened(nina, harbour.lunch), await opened(otto, harbour.diner), await opened(nina, harbour.tea),
    )  # fmt: skip
    rival = await settle(db, "rival")
    company = await signed_in(rival.adam)
    foreign = await opened(company, rival.lunch)
    assert await listed(ann) == [own["number"]]
    assert await listed(await customer_of(company, rival.lunch)) == [foreign["number"]]
    for ticket in (theirs, tea, foreign):
        assert (await run(ann, "portal_ticket", id=ticket["id"]))["ticket"] is None
        await do(otto if ticket is theirs else nina, "change_ticket_status", id=ticket["id"], status="RESOLVED")
        for operation, more in (("portal_add_message", {"body": "x"}), ("portal_rate_ticket", {"score": 1})):
            refused = await do(ann, operation, ticketId=ticket["id"], **more)
            assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["ticketId"])
    assert (await run(otto, "ticket", id=theirs["id"]))["messages"]["edges"] == []
    assert (await run(otto, "ticket_rating", id=theirs["id"]))["rating"] is None


async def test_nothing_of_the_company_shows_in_any_answer(harbour: World, nina: Caller, vera: Caller) -> None:
    ann = await customer_of(nina, harbour.lunch)
    own = (await do(ann, "portal_create_ticket", subject="Cooler", description="Said by Ann"))["ticket"]
    ticket = await opened(nina, harbour.lunch, description="hidden-description", tags=["hidden-tag"])
    for id in (own["id"], ticket["id"]):
        words = {"cause": "hidden-cause", "solution": "hidden-solution", "description": "hidden-description"}
        await do(nina, "update_ticket", id=id, addLabourMinutes=7654, **words)
        await do(nina, "add_ticket_message", ticketId=id, body="hidden-internal", public=False)
        await do(nina, "add_ticket_message", ticketId=id, body="shown-public", public=True)
        await do(nina, "change_ticket_status", id=id, status="RESOLVED")
    known = await do(nina, "create_article", title="shown-article", body="b")
    await do(nina, "submit_article", id=known["article"]["id"])
    await do(vera, "approve_article", id=known["article"]["id"])
    await do(nina, "create_article", title="hidden-draft", body="b")
    await do(nina, "link_article", ticketId=ticket["id"], articleId=known["article"]["id"])
    answers = [
        (await ann.post(document(operation), variables)).text
        for operation, variables in (
            ("portal", {}), ("portal_ticket", {"id": own["id"]}), ("portal_ticket", {"id": ticket["id"]}),
            ("portal_articles", {}), ("portal_articles", {"search": "hidden-draft"}),
            ("portal_add_message", {"input": {"ticketId": ticket["id"], "body": "shown-mine"}}),
            ("portal_rate_ticket", {"input": {"ticketId": own["id"], "score": 4}}),
            ("portal_create_ticket", {"input": {"subject": "shown-new"}}),
            ("portal_add_message", {"input": {"ticketId": ticket["id"], "body": ""}}),
        )
    ]  # fmt: skip
    told = "\n".join(answers)
    for shown in ("shown-public", "shown-article", "shown-mine", "shown-new", "Said by Ann", '"score":4'):
        assert shown in told, shown
    for hidden in ("hidden", ":7654", "@", "Nina", "Vera", str(harbour.nina.id), str(harbour.vera.id), "labour"):
        assert hidden not in told, hidden


async def test_a_portal_token_opens_no_other_field_and_no_other_token_opens_the_portal(
    app: FastAPI, harbour: World, nina: Caller
) -> None:
    ann = await customer_of(nina, harbour.lunch)

    async def admits(caller: Caller, *fields: str) -> bool:
        headers = [(b"authorization", f"Bearer {caller.token}".encode())]
        try:
            await context_of(Request({"type": "http", "app": app, "headers": headers})).admit(frozenset(fields))
        except Unauthenticated:
            return False
        return True

    kinds = (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type)
    fields = {name for kind in kinds if kind for name in kind.fields}
    assert fields > PORTAL_FIELDS
    opens = {field for field in fields if await admits(ann, field)}
    assert opens == PORTAL_FIELDS | (PUBLIC_FIELDS & fields)
    assert {field for field in PORTAL_FIELDS if await admits(nina, field)} == set()
    assert not await admits(ann, "portal", "me")
    mixed = await ann.post("{ portal { contactName } users { edges { node { email } } } }")
    assert (mixed.status_code, "data" in mixed.json()) == (401, False)
    assert await nina.refused("{ portal { contactName } }") == "UNAUTHENTICATED"
    for path in (f"/sync/snapshot?deviceId={uuid4()}", f"/files/{uuid4()}"):
        answer = await ann.http.get(path, headers={"authorization": f"Bearer {ann.token}"})
        assert answer.status_code == 401, path


async def test_a_token_is_given_by_whoever_sees_the_contact_and_ends_at_once(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, otto: Caller, vera: Caller
) -> None:
    contact = await contact_at(nina, harbour.lunch)
    issued = await do(nina, "issue_portal_token", contactId=contact)
    ann, id = Caller(nina.http, issued["token"]), issued["portalToken"]["id"]
    strangers = await signed_in((await settle(db, "rival")).adam)
    for stranger in (otto, strangers):
        for operation, input, field in (
            ("issue_portal_token", {"contactId": contact}, "contactId"), ("revoke_portal_token", {"id": id}, "id"),
        ):  # fmt: skip
            refused = await do(stranger, operation, **input)
            assert (refused["code"], refused["fields"]) == ("NOT_FOUND", [field])
        assert await run(stranger, "portal_tokens", contactId=contact) == []
    assert await listed(ann) == []
    [kept] = await run(vera, "portal_tokens", contactId=contact)
    assert (kept["id"], kept["issuedBy"]["name"], kept["revokedAt"]) == (id, "Nina", None)
    revoked = (await do(vera, "revoke_portal_token", id=id))["portalToken"]
    assert revoked["revokedAt"] is not None
    assert (await do(vera, "revoke_portal_token", id=id))["portalToken"] == revoked
    assert await ann.refused(document("portal")) == "UNAUTHENTICATED"


async def test_a_token_that_is_not_the_one_given_opens_nothing(
    db: Db, database: TestDatabase, harbour: World, nina: Caller
) -> None:
    ann = await customer_of(nina, harbour.lunch)
    assert ann.token is not None
    raw = base64.urlsafe_b64decode(ann.token.removeprefix("portal_") + "==")
    rival = await settle(db, "rival")
    for forged in (
        b"", raw[:-1], raw[:-1] + bytes([raw[-1] ^ 1]), rival.tenant_id.bytes + raw[16:],
        raw[:16] + uuid4().bytes + raw[32:],
    ):  # fmt: skip
        bearer = Caller(nina.http, "portal_" + base64.urlsafe_b64encode(forged).rstrip(b"=").decode())
        assert await bearer.refused(document("portal")) == "UNAUTHENTICATED", forged
    assert await Caller(nina.http, "portal_!").refused(document("portal")) == "UNAUTHENTICATED"
    owner = await asyncpg.connect(database.owner_url)
    [row] = await owner.fetch("select * from portal_token")
    assert raw[32:] not in row.values()  # the secret is nowhere kept
    await owner.execute("update portal_token set expires_at = clock_timestamp()")
    assert await ann.refused(document("portal")) == "UNAUTHENTICATED"
    await owner.execute("update portal_token set expires_at = clock_timestamp() + interval '1 hour'")
    assert await listed(ann) == []
    await do(nina, "delete_contact", id=str(row["contact_id"]))
    assert await ann.refused(document("portal")) == "UNAUTHENTICATED"
    await owner.close()


async def test_so_much_is_taken_with_one_token_in_an_hour(database: TestDatabase, harbour: World, nina: Caller) -> None:
    ann, bea = await customer_of(nina, harbour.lunch), await customer_of(nina, harbour.lunch)
    for _ in range(9):
        assert (await do(ann, "portal_create_ticket", subject="x"))["ticket"]
    both = await asyncio.gather(*(do(ann, "portal_create_ticket", subject="y") for _ in range(2)))
    refused = [each for each in both if "code" in each]
    assert [each["code"] for each in refused] == ["TOO_MANY"]
    assert 0 < refused[0]["retryAfterMs"] <= 3_600_000
    assert len(await listed(ann)) == 10
    assert (await do(bea, "portal_create_ticket", subject="x"))["ticket"]
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        "insert into portal_entry (tenant_id, id, token_id, kind) select tenant_id, uuidv7(), token_id, 'MESSAGE' "
        "from (select tenant_id, token_id from portal_entry where kind = 'TICKET' limit 10) t, generate_series(1, 6)"
    )
    ticket = (await run(ann, "portal"))["tickets"]["edges"][0]["node"]
    refused = await do(ann, "portal_add_message", ticketId=ticket["id"], body="x")
    assert (refused["code"], ticket["messages"]["edges"]) == ("TOO_MANY", [])
    await owner.execute("update portal_entry set at = at - interval '1 hour'")
    assert (await do(ann, "portal_create_ticket", subject="z"))["ticket"]
    assert (await do(ann, "portal_add_message", ticketId=ticket["id"], body="x"))["ticket"]
    await owner.close()


@pytest.mark.parametrize(
    ("operation", "input", "fields"),
    [
        ("portal_create_ticket", {"subject": ""}, ["subject"]),
        ("portal_create_ticket", {"subject": "x", "description": "x" * 20_001}, ["description"]),
        ("portal_add_message", {"body": ""}, ["body"]),
        ("portal_rate_ticket", {"score": 0}, ["score"]),
        ("portal_rate_ticket", {"score": 6}, ["score"]),
        ("portal_rate_ticket", {"score": 5, "comment": "x" * 2_001}, ["comment"]),
    ],
)
async def test_what_breaks_a_rule_is_refused(
    harbour: World, nina: Caller, operation: str, input: dict[str, Any], fields: list[str]
) -> None:
    ann, ticket = await customer_of(nina, harbour.lunch), await opened(nina, harbour.lunch)
    await do(nina, "change_ticket_status", id=ticket["id"], status="RESOLVED")
    about = {} if operation == "portal_create_ticket" else {"ticketId": ticket["id"]}
    refused = await do(ann, operation, **about, **input)
    assert (refused["code"], refused["fields"]) == ("INVALID", fields)
    assert len(await listed(ann)) == 1


async def test_lists_go_on_where_their_page_ended_and_a_cursor_is_nobody_elses(
    harbour: World, nina: Caller, otto: Caller
) -> None:
    ann, dan = await customer_of(nina, harbour.lunch), await customer_of(otto, harbour.diner)
    for _ in range(3):
        await do(ann, "portal_create_ticket", subject="x")
    page = (await run(ann, "portal", first=2))["tickets"]
    rest = (await run(ann, "portal", first=2, after=page["pageInfo"]["endCursor"]))["tickets"]
    assert [[edge["node"]["number"] for edge in part["edges"]] for part in (page, rest)] == [[3, 2], [1]]
    assert await dan.refused(document("portal"), {"after": page["pageInfo"]["endCursor"]}) == "BAD_REQUEST"
