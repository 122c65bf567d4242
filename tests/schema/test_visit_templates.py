"""Templates in versions, answers that fit them whichever way they come, and what a visit lacks."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest

from fieldbeat import records
from fieldbeat.kit.db import Conn, Db
from fieldbeat.visits.templates import ship_audits
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, run

WINDOW = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}
QUESTIONS: list[dict[str, Any]] = [
    {"key": "facings", "title": "Facings", "type": "NUMBER", "required": True, "whole": True},
    {"key": "shelf", "title": "Shelf", "type": "PHOTO"},
    {"key": "order", "title": "Order", "type": "SCORE"},
]


async def drafted(caller: Caller, **more: Any) -> Any:
    made = await run(caller, "create_visit_template", input={"name": "Shelf", "questions": QUESTIONS, **more})
    return made["template"]


async def published(caller: Caller, **more: Any) -> str:
    id: str = (await drafted(caller, **more))["id"]
    await run(caller, "publish_visit_template", input={"id": id})
    return id


async def test_a_version_is_drafted_published_and_then_fixed(harbour: World, signed_in: Callers) -> None:
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    first = await drafted(vera, kind="SHELF")
    assert (first["version"], first["status"], first["kind"]) == (1, "DRAFT", "SHELF")
    edited = await run(vera, "update_visit_template", input={"id": first["id"], "questions": QUESTIONS[:1]})
    assert edited["template"]["questions"] == QUESTIONS[:1]
    shown = await run(vera, "publish_visit_template", input={"id": first["id"]})
    assert shown["template"]["status"] == "PUBLISHED"
    for operation in ("update_visit_template", "publish_visit_template"):
        refused = await run(vera, operation, input={"id": first["id"]})
        assert (refused["__typename"], refused["code"]) == ("VisitTemplateFixed", "IMMUTABLE")
    second = await drafted(vera)
    assert second["version"] == 2
    await run(vera, "publish_visit_template", input={"id": second["id"]})
    kept = [edge["node"] for edge in (await run(nina, "visit_templates"))["edges"]]
    assert {each["version"]: each["status"] for each in kept} == {1: "RETIRED", 2: "PUBLISHED"}
    assert (await run(vera, "retire_visit_template", input={"id": second["id"]}))["template"]["status"] == "RETIRED"
    assert (await run(nina, "visit_templates", status=["PUBLISHED"]))["edges"] == []


async def test_only_leads_shape_forms_and_only_their_company_s(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina, vera, theirs = [await signed_in(each) for each in (harbour.nina, harbour.vera, rival.adam)]
    made = await drafted(vera)
    for operation in ("update_visit_template", "publish_visit_template", "retire_visit_template"):
        assert (await run(nina, operation, input={"id": made["id"]}))["code"] == "FORBIDDEN"
        for caller, id in ((theirs, made["id"]), (vera, str(uuid4()))):
            refused = await run(caller, operation, input={"id": id})
            assert (refused["code"], refused["fields"]) == ("NOT_FOUND", ["id"])
    refused = await run(nina, "create_visit_template", input={"name": "X", "questions": QUESTIONS})
    assert refused["code"] == "FORBIDDEN"
    assert (await run(theirs, "visit_templates"))["edges"] == []
    foreign = {"accountId": rival.lunch, "window": WINDOW, "templateId": made["id"]}
    visit = await run(theirs, "create_visit", input=foreign)
    assert (visit["code"], visit["fields"]) == ("INVALID", ["templateId"])


@pytest.mark.parametrize(
    ("questions", "field"),
    [
        ([], "questions"),
        ([{**QUESTIONS[0], "type": "MAP"}], "questions.0.type"),
        ([QUESTIONS[0], QUESTIONS[0]], "questions.1.key"),
        ([{**QUESTIONS[0], "showIf": {"key": "x", "in": [1]}}], "questions.0.showIf.key"),
    ],
)
async def test_a_form_that_cannot_be_is_refused_by_its_path(
    harbour: World, signed_in: Callers, questions: Any, field: str
) -> None:
    vera = await signed_in(harbour.vera)
    refused = await run(vera, "create_visit_template", input={"name": "X", "questions": questions})
    assert (refused["code"], refused["fields"]) == ("INVALID", [field])
    assert (await run(vera, "visit_templates"))["edges"] == []


async def test_an_answer_of_the_wrong_type_is_refused_whichever_way_it_comes(
    db: Db, harbour: World, signed_in: Callers
) -> None:
    vera, phone = await signed_in(harbour.vera), await registered(db, harbour.nina)
    template, draft = await published(vera), (await drafted(vera, name="Draft"))["id"]
    made = phone.create("visit", {"accountId": harbour.lunch, "window": WINDOW, "templateId": template})
    wrong = phone.update("visit", made.record_id, {"answers": {"facings": "four", "order": 3}}, base_rev=1)
    right = phone.update("visit", made.record_id, {"answers": {"facings": 4, "of_version_2": [1]}}, base_rev=1)
    answer = await phone.push(made, wrong, right)
    assert [(each.status.value, each.code, each.fields) for each in answer.results] == [
        ("APPLIED", None, ()), ("REJECTED", "INVALID", ("answers.facings",)), ("APPLIED", None, ()),
    ]  # fmt: skip
    apart = phone.update("visit", made.record_id, {"answers": {"facings": -0.5}}, base_rev=2)
    assert await phone.said(apart) == ["REJECTED INVALID"]
    assert await phone.said(phone.update("visit", made.record_id, {"templateId": draft}, base_rev=2)) == [
        "REJECTED INVALID"
    ]
    born = phone.create(
        "visit",
        {"accountId": harbour.lunch, "window": WINDOW, "templateId": template, "answers": {"shelf": "a picture"}},
    )
    assert await phone.said(born) == ["REJECTED INVALID"]
    id = str(made.record_id)
    online = await run(vera, "update_visit", input={"id": id, "answers": {"order": 11, "facings": []}})
    assert (online["code"], online["fields"]) == ("INVALID", ["answers.order", "answers.facings"])
    form = await run(vera, "visit_form", id=id)
    assert form["answers"] == {"facings": 4, "of_version_2": [1]}
    retired = await run(vera, "retire_visit_template", input={"id": template})
    assert retired["template"]["status"] == "RETIRED"
    assert await phone.said(phone.update("visit", made.record_id, {"answers": {"facings": 5}}, base_rev=2)) == [
        "APPLIED"
    ]


async def test_a_visit_is_complete_when_its_answers_and_photos_are_there(
    db: Db, owner: Conn, harbour: World, signed_in: Callers
) -> None:
    vera, phone = await signed_in(harbour.vera), await registered(db, harbour.nina)
    made = phone.create("visit", {"accountId": harbour.lunch, "window": WINDOW, "templateId": await published(vera)})
    id = str(made.record_id)
    declared = {"recordId": id, "sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1, "contentType": "image/jpeg"}
    photo, extra = phone.create("attachment", declared), phone.create("attachment", declared)
    ids = [str(each.record_id) for each in (photo, extra)]
    answers = {"answers": {"shelf": ids[:1], "order": 7}, "photoIds": {"$add": ids[1:]}}
    assert await phone.said(made, photo, extra, phone.update("visit", id, answers, base_rev=1)) == ["APPLIED"] * 4
    lacking = (await run(vera, "visit_form", id=id))["completeness"]
    assert lacking == {
        "complete": False, "unanswered": ["facings"], "outstanding": sorted(ids), "points": 7, "pointsMax": 10,
    }  # fmt: skip
    await phone.push(phone.update("visit", id, {"answers": {"facings": 1}}, base_rev=2))
    await owner.execute("update attachment set fields = fields || jsonb_build_object('status', 'COMPLETE')")
    found = (await run(vera, "visit_form", id=id))["completeness"]
    assert (found["complete"], found["unanswered"], found["outstanding"]) == (True, [], [])


async def test_audits_ship_once_and_are_good_forms(db: Db, harbour: World, signed_in: Callers) -> None:
    for shipped in (4, 0):
        async with records.writing(db, harbour.tenant_id) as tx:
            assert await ship_audits(tx, harbour.adam.actor) == shipped
    nina, vera = await signed_in(harbour.nina), await signed_in(harbour.vera)
    audits = [edge["node"] for edge in (await run(nina, "visit_templates", status=["PUBLISHED"]))["edges"]]
    assert {each["kind"] for each in audits} == {"SHELF", "PRICE", "STOCK", "COMPETITOR"}
    for each in audits:
        again = await run(vera, "create_visit_template", input={"name": each["name"], "questions": each["questions"]})
        assert again["template"]["version"] == 2
