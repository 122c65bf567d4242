"""Tickets over GraphQL: who sees them, who answers for them, what is said, and how two become one."""

from typing import Any
from uuid import uuid4

import pytest

from fieldbeat.kit.db import Conn, Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, do, run

NODE = "query ($id: ID!) { node(id: $id) { __typename } }"


async def opened(caller: Caller, account_id: str, **more: Any) -> Any:
    answer = await do(caller, "create_ticket", accountId=account_id, **{"kind": "FAULT", "subject": "It leaks", **more})
    return answer["ticket"]


async def found(caller: Caller, **filter: Any) -> list[int]:
    answer = await run(caller, "tickets", filter=filter)
    return [edge["node"]["number"] for edge in answer["edges"]]


async def contact_at(caller: Caller, account_id: str) -> str:
    made = await do(caller, "create_contact", accountId=account_id, name="Ann")
    return str(made["contact"]["id"])


async def bodies(caller: Caller, ticket_id: str) -> list[str]:
    ticket = await run(caller, "ticket", id=ticket_id)
    return [edge["node"]["body"] for edge in ticket["messages"]["edges"]]


async def test_a_ticket_is_opened_and_its_accounts_owner_answers_for_it(harbour: World, vera: Caller) -> None:
    ticket = await opened(vera, harbour.lunch, priority="HIGH", description="Since Monday", tags=["cooler"])
    assert ticket == {
        **ticket, "number": 1, "status": "NEW", "priority": "HIGH", "tags": ["cooler"], "offeredTo": None,
        "assignee": {"id": str(harbour.nina.id), "name": "Nina"},
    }  # fmt: skip
    assert (await opened(vera, harbour.diner))["assignee"]["name"] == "Otto"


async def test_whoever_covers_the_account_finds_it(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, otto: Caller, vera: Caller
) -> None:
    leak = await opened(nina, harbour.lunch, tags=["cooler", "leak"], subject="Café cooler leaks")
    await opened(otto, harbour.diner, kind="REQUEST", priority="URGENT", subject="More menus")
    await do(nina, "change_ticket_status", id=leak["id"], status="RESOLVED")
    rival = await settle(db, "rival")
    theirs = await signed_in(rival.adam)
    assert await opened(theirs, rival.lunch)
    for caller, numbers in ((nina, [1]), (otto, [2]), (vera, [2, 1]), (theirs, [1])):
        assert await found(caller) == numbers
    for filter, numbers in (
        ({"search": "cafe LEAK"}, [1]), ({"search": "2"}, [2]), ({"search": "  "}, []),
        ({"status": ["RESOLVED"]}, [1]),
        ({"priority": ["URGENT", "LOW"]}, [2]), ({"kind": ["REQUEST"]}, [2]), ({"tags": ["leak", "cooler"]}, [1]),
        ({"tags": ["leak", "x"]}, []), ({"assigneeId": str(harbour.otto.id)}, [2]), ({"accountId": harbour.lunch}, [1]),
        ({"queue": "OPEN"}, [2]), ({"queue": "MINE"}, []),
    ):  # fmt: skip
        assert await found(vera, **filter) == numbers, filter
    page = await run(vera, "tickets", first=1)
    assert page["pageInfo"]["hasNextPage"]
    rest = await run(vera, "tickets", first=1, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["number"] for edge in rest["edges"]] == [1]
    assert await nina.ask(NODE, {"id": leak["id"]}) == {"node": {"__typename": "Ticket"}}


MANY_CLOCKS = """
insert into sla_clock (tenant_id, ticket_id, metric, instance, started_at, target, elapsed, anchor_at, runs, deadline,
                       breached_by_change, policy_id, version, hours_rev, deadline_version)
select tenant_id, ticket_id, metric, n, started_at, target, elapsed, anchor_at, runs, deadline, breached_by_change,
       policy_id, version, hours_rev, deadline_version
from sla_clock cross join generate_series(2, 10_001) n
where ticket_id = $1 and metric = 'FIRST_RESPONSE' and instance = 1
"""


async def test_queues_by_deadline_show_what_is_overdue_or_soon_will_be(
    db: Db, owner: Conn, harbour: World, signed_in: Callers, nina: Caller, otto: Caller, vera: Caller
) -> None:
    rival = await settle(db, "rival")
    theirs = await signed_in(rival.adam)
    targets = [
        {"metric": metric, "priority": priority, "minutes": minutes}
        for metric, minutes in (("FIRST_RESPONSE", 60), ("RESOLUTION", 6_000)) for priority in ("NORMAL", "HIGH")
    ]  # fmt: skip
    for admin in (await signed_in(harbour.adam), theirs):
        await do(admin, "create_sla_policy", name="All", targets=targets, aroundTheClock=True)
    mine, later, done = [await opened(nina, harbour.lunch) for _ in range(3)]
    his, other = await opened(otto, harbour.diner, priority="HIGH"), await opened(theirs, rival.lunch)
    unpromised = await opened(nina, harbour.lunch, priority="LOW")
    for ticket in (mine, done, his, other):
        await owner.execute("update sla_clock set deadline = now() - interval '1 s' where ticket_id = $1", ticket["id"])
    await do(nina, "change_ticket_status", id=done["id"], status="RESOLVED")
    for ticket in (None, mine, later):  # few, then so many overdue and so many that soon will be that none are gathered
        if ticket:
            await owner.execute(MANY_CLOCKS, ticket["id"])
        for queue, numbers in (("BREACHED", ([1], [4], [4, 1], [1])), ("DUE_SOON", ([2], [], [2], []))):
            for caller, seen in zip((nina, otto, vera, theirs), numbers, strict=True):
                assert await found(caller, queue=queue) == seen, queue
    await owner.execute("update sla_clock set deadline = now() + interval '25 hours' where ticket_id = $1", later["id"])
    assert await found(vera, queue="DUE_SOON") == []
    assert await found(vera, queue="BREACHED", priority=["HIGH"]) == [his["number"]]
    page = await run(vera, "tickets", first=1, filter={"queue": "BREACHED"})
    rest = await run(vera, "tickets", first=1, filter={"queue": "BREACHED"}, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["number"] for edge in rest["edges"]] == [1]
    assert unpromised["number"] in await found(nina, queue="OPEN")
    answer = await nina.post(document("tickets"), {"filter": {"queue": "BREACHED", "status": ["CLOSED"]}})
    assert answer.json()["errors"][0]["extensions"]["fields"] == ["queue"]


async def test_another_reps_ticket_and_another_companys_are_not_there(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, otto: Caller
) -> None:
    ticket = await opened(nina, harbour.lunch)
    other = await opened(otto, harbour.diner)
    said = await do(nina, "add_ticket_message", ticketId=ticket["id"], body="On my way", public=True)
    rival = await settle(db, "rival")
    for stranger, own in ((otto, other["id"]), (await signed_in(rival.adam), None)):
        assert await run(stranger, "ticket", id=ticket["id"]) is None
        for id in (ticket["id"], said["ticketMessage"]["id"]):
            assert await stranger.ask(NODE, {"id": id}) == {"node": None}
        for operation, input, field in (
            ("update_ticket", {"id": ticket["id"], "subject": "Mine"}, "id"),
            ("change_ticket_status", {"id": ticket["id"], "status": "OPEN"}, "id"),
            ("add_ticket_message", {"ticketId": ticket["id"], "body": "Mine", "public": True}, "ticketId"),
            ("assign_ticket", {"id": ticket["id"], "assigneeId": str(harbour.otto.id)}, "id"),
            ("answer_ticket_offer", {"id": ticket["id"], "accept": True}, "id"),
            ("merge_tickets", {"id": ticket["id"], "intoId": own or ticket["id"]}, "id"),
            *([("merge_tickets", {"id": own, "intoId": ticket["id"]}, "intoId")] if own else []),
            ("create_ticket", {"accountId": harbour.lunch, "kind": "FAULT", "subject": "x"}, "accountId"),
        ):
            refused = await do(stranger, operation, **input)
            assert (refused["code"], refused["fields"]) == ("NOT_FOUND", [field]), operation
    assert (await run(nina, "ticket", id=ticket["id"]))["rev"] == ticket["rev"]


async def test_who_is_below_may_not_be_given_what_is_not_theirs(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, vera: Caller
) -> None:
    ticket, rival = await opened(nina, harbour.lunch), await settle(db, "rival")
    for caller, to, code, field in (
        (vera, harbour.adam, "FORBIDDEN", "assigneeId"),
        (vera, rival.nina, "NOT_FOUND", "assigneeId"),
        (nina, rival.nina, "NOT_FOUND", "assigneeId"),
    ):
        refused = await do(caller, "assign_ticket", id=ticket["id"], assigneeId=str(to.id))
        assert (refused["code"], refused["fields"]) == (code, [field])
    refused = await do(nina, "answer_ticket_offer", id=ticket["id"], accept=True)
    assert (refused["code"], refused["fields"]) == ("FORBIDDEN", ["id"])
    assert await do(await signed_in(harbour.adam), "assign_ticket", id=ticket["id"], assigneeId=str(harbour.adam.id))
    refused = await do(nina, "assign_ticket", id=ticket["id"], assigneeId=str(harbour.otto.id))
    assert (refused["code"], refused["fields"]) == ("FORBIDDEN", ["id"])


async def test_a_hand_over_between_colleagues_takes_two(
    harbour: World, nina: Caller, otto: Caller, vera: Caller
) -> None:
    def holders(ticket: Any) -> tuple[str, str | None]:
        return ticket["assignee"]["name"], ticket["offeredTo"] and ticket["offeredTo"]["name"]

    ticket = await opened(nina, harbour.lunch)
    to_otto = {"id": ticket["id"], "assigneeId": str(harbour.otto.id)}
    assert holders((await do(nina, "assign_ticket", **to_otto))["ticket"]) == ("Nina", "Otto")
    assert await found(otto, queue="OFFERED") == [1]
    assert (await do(otto, "answer_ticket_offer", id=ticket["id"], accept=False))["ticket"] is None
    assert holders(await run(nina, "ticket", id=ticket["id"])) == ("Nina", None)
    await do(nina, "assign_ticket", **to_otto)
    assert holders((await do(otto, "answer_ticket_offer", id=ticket["id"], accept=True))["ticket"]) == ("Otto", None)
    assert await found(otto, queue="MINE") == [1]
    to_nina = {"id": ticket["id"], "assigneeId": str(harbour.nina.id)}
    assert holders((await do(otto, "assign_ticket", **to_nina))["ticket"]) == ("Otto", "Nina")
    assert holders((await do(nina, "assign_ticket", **to_nina))["ticket"]) == ("Nina", None)  # which accepts
    assert holders((await do(vera, "assign_ticket", **to_otto))["ticket"]) == ("Otto", None)  # from above: at once


async def test_a_customers_word_opens_what_waits_or_is_done(harbour: World, nina: Caller) -> None:
    ann, ticket = await contact_at(nina, harbour.lunch), await opened(nina, harbour.lunch)

    async def status_after(*moves: dict[str, Any], **said: Any) -> str:
        for move in moves:
            answer = await do(nina, "change_ticket_status", id=ticket["id"], **move)
            assert answer["__typename"] == "ChangeTicketStatusPayload"
        message = {"ticketId": ticket["id"], "body": "Still wet", "public": True, **said}
        return str((await do(nina, "add_ticket_message", **message))["ticket"]["status"])

    by_ann = {"onBehalfOfContactId": ann}
    closing = {"status": "CLOSED", "cause": "wear", "solution": "new seal"}
    assert await status_after(**by_ann) == "NEW"
    assert await status_after({"status": "PENDING_CUSTOMER"}) == "PENDING_CUSTOMER"
    assert await status_after(**by_ann) == "OPEN"
    assert await status_after({"status": "ON_HOLD"}, **by_ann) == "ON_HOLD"
    assert await status_after({"status": "RESOLVED"}) == "RESOLVED"
    assert await status_after(**by_ann) == "OPEN"
    assert await status_after(closing, **by_ann) == "OPEN"


async def test_who_resolves_without_having_seen_the_customers_word_leaves_it_open(harbour: World, nina: Caller) -> None:
    ann, ticket = await contact_at(nina, harbour.lunch), await opened(nina, harbour.lunch)
    said = {"ticketId": ticket["id"], "body": "Still wet", "public": True, "onBehalfOfContactId": ann}
    await do(nina, "add_ticket_message", **said)
    resolve = {"id": ticket["id"], "status": "RESOLVED"}
    beside = (await do(nina, "change_ticket_status", **resolve, baseRev=ticket["rev"]))["ticket"]
    assert beside["status"] == "OPEN"
    assert (await do(nina, "change_ticket_status", **resolve, baseRev=beside["rev"]))["ticket"]["status"] == "RESOLVED"


async def test_a_message_is_from_a_contact_of_the_account(harbour: World, nina: Caller, otto: Caller) -> None:
    ticket, stranger = await opened(nina, harbour.lunch), await contact_at(otto, harbour.diner)
    said = {"ticketId": ticket["id"], "public": True}
    refused = await do(nina, "add_ticket_message", body="x", onBehalfOfContactId=stranger, **said)
    assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["onBehalfOfContactId"])
    refused = await do(nina, "update_ticket", id=ticket["id"], contactId=stranger)
    assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["contactId"])
    for body in ("", "x" * 20_001):
        refused = await do(nina, "add_ticket_message", body=body, **said)
        assert (refused["code"], refused["fields"]) == ("INVALID", ["body"])
    assert await bodies(nina, ticket["id"]) == []


@pytest.mark.parametrize(
    ("moves", "code", "fields"),
    [
        ([{"status": "CLOSED"}], "ILLEGAL_TRANSITION", ["status", "cause", "solution"]),
        ([{"status": "CLOSED", "cause": " ", "solution": "\n"}], "ILLEGAL_TRANSITION", ["status", "cause", "solution"]),
        ([{"status": "OPEN"}, {"status": "NEW"}], "ILLEGAL_TRANSITION", ["status"]),
        ([{"status": "RESOLVED"}, {"status": "ON_HOLD"}], "ILLEGAL_TRANSITION", ["status"]),
        ([{"status": "OPEN", "baseRev": 99}], "INVALID", ["baseRev"]),
    ],
)
async def test_what_the_machine_forbids_is_refused(
    harbour: World, nina: Caller, moves: list[Any], code: str, fields: list[str]
) -> None:
    ticket = await opened(nina, harbour.lunch)
    *before, refused = [await do(nina, "change_ticket_status", id=ticket["id"], **move) for move in moves]
    assert all(each["__typename"] == "ChangeTicketStatusPayload" for each in before)
    assert (refused["code"], refused["fields"]) == (code, fields)


async def test_a_colleague_in_the_territory_does_not_reopen(harbour: World, nina: Caller, vera: Caller) -> None:
    ticket = await opened(nina, harbour.lunch)
    assert await do(vera, "assign_ticket", id=ticket["id"], assigneeId=str(harbour.otto.id))
    await do(nina, "change_ticket_status", id=ticket["id"], status="RESOLVED")
    again = {"id": ticket["id"], "status": "OPEN"}
    assert (await do(nina, "change_ticket_status", **again))["code"] == "FORBIDDEN"
    assert (await do(vera, "change_ticket_status", **again))["ticket"]["status"] == "OPEN"


async def test_two_tickets_become_one_and_keep_their_numbers(harbour: World, nina: Caller, vera: Caller) -> None:
    ann = await contact_at(nina, harbour.lunch)
    first, second, third = [await opened(nina, harbour.lunch) for _ in range(3)]
    for ticket, body in ((first, "one"), (second, "two"), (first, "three"), (third, "four")):
        await do(nina, "add_ticket_message", ticketId=ticket["id"], body=body, public=False)
    assert (await do(nina, "merge_tickets", id=first["id"], intoId=second["id"]))["ticket"]["number"] == 2
    assert (await do(vera, "merge_tickets", id=second["id"], intoId=third["id"]))["ticket"]["number"] == 3
    shown = await run(nina, "ticket", id=third["id"])
    assert [each["number"] for each in shown["merged"]] == [1, 2]
    assert await bodies(nina, third["id"]) == ["one", "two", "three", "four"]
    ended = await run(nina, "ticket", id=first["id"])
    assert (ended["status"], ended["number"], ended["mergedInto"]["number"]) == ("CLOSED", 1, 3)
    await do(nina, "change_ticket_status", id=third["id"], status="RESOLVED")
    late = {"ticketId": first["id"], "body": "Hello?", "public": True, "onBehalfOfContactId": ann}
    await do(nina, "add_ticket_message", **late)
    assert (await run(nina, "ticket", id=third["id"]))["status"] == "OPEN"
    assert (await run(nina, "ticket", id=first["id"]))["status"] == "CLOSED"


async def test_what_cannot_be_one_is_refused(harbour: World, nina: Caller, vera: Caller) -> None:
    leak, noise = [await opened(nina, harbour.lunch) for _ in range(2)]
    menus = await opened(vera, harbour.diner)
    for id, into in ((leak, leak), (leak, menus)):
        refused = await do(vera, "merge_tickets", id=id["id"], intoId=into["id"])
        assert (refused["code"], refused["fields"]) == ("INVALID", ["intoId"])
    assert await do(vera, "assign_ticket", id=leak["id"], assigneeId=str(harbour.otto.id))
    refused = await do(nina, "merge_tickets", id=leak["id"], intoId=noise["id"])
    assert (refused["code"], refused["fields"]) == ("FORBIDDEN", ["id"])


async def test_edits_of_two_forms_meet_and_labour_adds_up(harbour: World, nina: Caller, vera: Caller) -> None:
    ticket = await opened(nina, harbour.lunch)
    change = {"id": ticket["id"], "baseRev": ticket["rev"], "addLabourMinutes": 15}
    assert (await do(nina, "update_ticket", **change, tags={"add": ["a"]}))["status"] == "APPLIED"
    made = await do(vera, "update_ticket", **change, tags={"add": ["b"]}, priority="LOW")
    assert (made["status"], made["ticket"]["labourMinutes"], made["ticket"]["tags"]) == ("MERGED", 30, ["a", "b"])


async def test_filters_are_kept_by_name(harbour: World, nina: Caller, otto: Caller) -> None:
    kept = (await do(nina, "save_ticket_filter", name="Hot", filter={"priority": ["URGENT"], "search": "x"}))["filter"]
    assert kept["filter"] == {"priority": ["URGENT"], "search": "x"}
    again = (await do(nina, "save_ticket_filter", name="Hot", filter={"queue": "MINE"}))["filter"]
    assert (
        await run(nina, "ticket_filters") == [{"id": kept["id"], "name": "Hot", "filter": {"queue": "MINE"}}] == [again]
    )
    assert await run(otto, "ticket_filters") == []
    assert (await do(nina, "save_ticket_filter", name="", filter={}))["fields"] == ["name"]
    for caller, id in ((otto, kept["id"]), (nina, str(uuid4()))):
        assert (await do(caller, "delete_ticket_filter", id=id))["code"] == "NOT_FOUND"
    assert (await do(nina, "delete_ticket_filter", id=kept["id"]))["id"] == kept["id"]
    assert await run(nina, "ticket_filters") == []


async def test_a_queue_decides_what_it_decides(harbour: World, nina: Caller) -> None:
    query = document("tickets")
    for filter in ({"queue": "OPEN", "status": ["NEW"]}, {"queue": "MINE", "assigneeId": str(harbour.otto.id)}):
        assert await nina.refused(query, {"filter": filter}) == "BAD_REQUEST"


@pytest.mark.parametrize("field", ["assigneeId", "accountId"])
async def test_an_empty_id_is_no_condition_that_is_left_out(vera: Caller, field: str) -> None:
    answer = (await vera.post(document("tickets"), {"filter": {field: ""}})).json()
    assert answer["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "reason": "INVALID", "fields": [field]}


async def test_an_empty_id_is_not_taken_for_none(adam: Caller) -> None:
    refused = await do(adam, "create_territory", id="", name="East")
    assert (refused["code"], refused["fields"]) == ("INVALID", ["id"])
