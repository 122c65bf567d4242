"""Attachments over GraphQL: what there is of them, where they are, and a visit that waits for its photo."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from fieldbeat.kit.db import Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.files import WINDOW, Back, Sender, photo, sender, sha256
from fieldbeat_testing.world import World

NODE = "query ($id: ID!) { node(id: $id) { __typename ... on Attachment { recordId status url } } }"
PAGES = """query ($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Visit { attachments(first: 1) { edges { node { id } } pageInfo { hasNextPage endCursor } } } } }"""

PATCHES: dict[str, dict[str, Any]] = {
    "visit": {"window": WINDOW},
    "ticket": {"kind": "FAULT", "subject": "It leaks"},
    "asset": {"name": "Cooler"},
}


async def ask(whose: Sender, query: str, **variables: Any) -> Any:
    """The data of an answer without errors."""
    headers = {"Authorization": whose.headers["Authorization"]}
    answer = (await whose.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def shown(whose: Sender, visit: UUID, **page: Any) -> list[Any]:
    """What he sees at the visit."""
    found = (await ask(whose, document("visit_attachments"), id=str(visit), **page))["visit"]
    return [edge["node"] for edge in found["attachments"]["edges"]]


async def completeness(whose: Sender, visit: UUID) -> Any:
    """What the visit lacks."""
    return (await ask(whose, document("visit_form"), id=str(visit)))["visit"]["completeness"]


async def test_a_visit_is_complete_only_when_the_bytes_of_its_photo_are_there(
    nina: Sender, harbour: World, back: Back
) -> None:
    made = nina.phone.create("visit", {"accountId": harbour.lunch, "window": WINDOW})
    assert await nina.phone.said(made) == ["APPLIED"]
    visit, content = made.record_id, photo()
    attachment = await nina.declare(content, visit)
    assert await nina.phone.said(
        nina.phone.update("visit", visit, {"photoIds": {"$add": [attachment]}}, base_rev=1)
    ) == ["APPLIED"]
    lacking = {"complete": False, "outstanding": [attachment]}
    place = (await nina.begin(attachment, len(content))).headers["location"]
    assert (await completeness(nina, visit)).items() >= lacking.items()
    half = len(content) // 2
    assert (await nina.patch(place, 0, content[:half])).status_code == 204
    assert (await completeness(nina, visit)).items() >= lacking.items()
    [waiting] = await shown(nina, visit)
    assert (waiting["status"], waiting["url"], waiting["thumbnailUrl"]) == ("DECLARED", None, None)
    assert (await nina.patch(place, half, content[half:])).status_code == 204
    assert (await completeness(nina, visit)).items() >= {"complete": True, "outstanding": []}.items()
    [there] = await shown(nina, visit)
    assert there == {
        **there, "id": attachment, "contentType": "image/jpeg", "bytes": len(content), "sha256": sha256(content),
        "status": "COMPLETE", "url": f"/files/{attachment}", "thumbnailUrl": None,
        "author": {"id": str(harbour.nina.id), "name": "Nina"},
    }  # fmt: skip
    await back.work()
    [there] = await shown(nina, visit)
    for url in (there["url"], there["thumbnailUrl"]):
        answer = await nina.http.get(url, headers=nina.headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")


async def test_a_photo_whose_bytes_are_others_leaves_the_visit_incomplete(nina: Sender, harbour: World) -> None:
    made = nina.phone.create("visit", {"accountId": harbour.lunch, "window": WINDOW})
    assert await nina.phone.said(made) == ["APPLIED"]
    content = photo()
    attachment = await nina.declare(content, made.record_id, sha256="a" * 64)
    added = nina.phone.update("visit", made.record_id, {"photoIds": {"$add": [attachment]}}, base_rev=1)
    assert await nina.phone.said(added) == ["APPLIED"]
    place = (await nina.begin(attachment, len(content))).headers["location"]
    assert (await nina.patch(place, 0, content)).status_code >= 400
    [failed] = await shown(nina, made.record_id)
    assert (failed["status"], failed["url"]) == ("FAILED", None)
    assert (await completeness(nina, made.record_id))["outstanding"] == [attachment]


async def test_pages_of_many_visits_at_once(nina: Sender, harbour: World) -> None:
    visits = [nina.phone.create("visit", {"accountId": harbour.lunch, "window": WINDOW}) for _ in range(2)]
    assert await nina.phone.said(*visits) == ["APPLIED"] * 2
    ids = [each.record_id for each in visits]
    declared = {id: [await nina.declare(photo(), id) for _ in range(n)] for id, n in zip(ids, (2, 1), strict=True)}
    pages = [node["attachments"] for node in (await ask(nina, PAGES, ids=[str(id) for id in ids]))["nodes"]]
    for id, page, more in zip(ids, pages, (True, False), strict=True):
        assert [edge["node"]["id"] for edge in page["edges"]] == declared[id][:1]
        assert page["pageInfo"]["hasNextPage"] is more
    rest = await shown(nina, ids[0], first=1, after=pages[0]["pageInfo"]["endCursor"])
    assert [each["id"] for each in rest] == declared[ids[0]][1:]


@pytest.mark.parametrize("collection", PATCHES)
async def test_somebody_elses_attachment_is_not_there(
    db: Db, http: httpx.AsyncClient, nina: Sender, harbour: World, rival: World, collection: str
) -> None:
    made = nina.phone.create(collection, {"accountId": harbour.lunch, **PATCHES[collection]})
    assert await nina.phone.said(made) == ["APPLIED"]
    attachment = await nina.declare(photo(), made.record_id)
    vera = await sender(db, http, harbour.vera)
    for one in (nina, vera):
        found = (await ask(one, document(f"{collection}_attachments"), id=str(made.record_id)))[collection]
        assert [edge["node"]["id"] for edge in found["attachments"]["edges"]] == [attachment]
        assert (await ask(one, NODE, id=attachment))["node"] == {
            "__typename": "Attachment", "recordId": str(made.record_id), "status": "DECLARED", "url": None,
        }  # fmt: skip
    for stranger in (await sender(db, http, harbour.otto), await sender(db, http, rival.adam)):
        answer = await ask(stranger, document(f"{collection}_attachments"), id=str(made.record_id))
        assert answer == {collection: None}
        assert await ask(stranger, NODE, id=attachment) == {"node": None}
