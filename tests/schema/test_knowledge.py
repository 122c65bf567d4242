"""Articles over GraphQL and on phones: two pairs of eyes, versions, votes, what is found, and who sees what."""

from typing import Any
from uuid import uuid4

import pytest

from fieldbeat.kit.db import Db
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.world import World, settle

from .conftest import Caller, Callers, do, run

NODE = "query ($id: ID!) { node(id: $id) { __typename } }"
KIND = "knowledgeArticle"
ABOUT_IT: dict[str, dict[str, Any]] = {
    "updateArticle": {"title": "Mine"}, "submitArticle": {}, "approveArticle": {}, "retireArticle": {},
    "voteArticle": {"helpful": True},
}  # fmt: skip


async def said(caller: Caller, operation: str, **input: Any) -> tuple[str, list[str]]:
    """What a verb refuses, and about which fields."""
    answer = await do(caller, operation, **input)
    assert "code" in answer, answer
    return answer["code"], answer["fields"]


async def drafted(caller: Caller, title: str = "Defrost the cooler", **more: Any) -> Any:
    made = await do(caller, "create_article", **{"title": title, "body": "Pull the plug, wait an hour.", **more})
    return made["article"]


async def published(author: Caller, lead: Caller, title: str = "Defrost the cooler", **more: Any) -> Any:
    article = await drafted(author, title, **more)
    await do(author, "submit_article", id=article["id"])
    return (await do(lead, "approve_article", id=article["id"]))["article"]


async def titles(caller: Caller, **wanted: Any) -> list[str]:
    found = await run(caller, "articles", **wanted)
    return [edge["node"]["title"] for edge in found["edges"]]


async def opened(caller: Caller, account: str, subject: str) -> Any:
    return (await do(caller, "create_ticket", accountId=account, kind="FAULT", subject=subject))["ticket"]


async def test_an_article_is_written_submitted_and_approved_by_somebody_else(
    harbour: World, nina: Caller, otto: Caller, vera: Caller
) -> None:
    article = await drafted(nina, tags=["cooler"], language="en-GB")
    assert (article["status"], article["version"], article["author"]["name"]) == ("DRAFT", 1, "Nina")
    submitted = (await do(nina, "submit_article", id=article["id"], baseRev=1))["article"]
    assert submitted["status"] == "REVIEW"
    assert await said(nina, "approve_article", id=article["id"]) == ("FORBIDDEN", ["id"])
    approved = (await do(vera, "approve_article", id=article["id"], baseRev=2))["article"]
    assert (approved["status"], approved["publishedAt"] is None) == ("PUBLISHED", False)
    shown = await run(otto, "article", id=article["id"])
    assert (shown["body"], shown["tags"], shown["language"]) == (article["body"], ["cooler"], "en-GB")
    assert (shown["approvedBy"]["name"], shown["previous"], shown["myVote"]) == ("Vera", None, None)
    assert await otto.ask(NODE, {"id": article["id"]}) == {"node": {"__typename": "KnowledgeArticle"}}


async def test_nobody_approves_what_he_wrote_or_submitted_but_an_administrator(
    harbour: World, signed_in: Callers, nina: Caller, vera: Caller
) -> None:
    own, edited = await drafted(vera), await drafted(nina)
    await do(vera, "update_article", id=edited["id"], body="Better")
    for id in (own["id"], edited["id"]):
        await do(vera, "submit_article", id=id)
        assert await said(vera, "approve_article", id=id) == ("FORBIDDEN", ["id"])
    adam = await signed_in(harbour.adam)
    for article in (own, edited, await drafted(adam)):
        await do(adam, "submit_article", id=article["id"])  # of the first two: it waits already
        assert (await do(adam, "approve_article", id=article["id"]))["article"]["status"] == "PUBLISHED"


async def test_anothers_draft_and_another_companys_article_are_not_there(
    db: Db, harbour: World, signed_in: Callers, nina: Caller, otto: Caller, vera: Caller
) -> None:
    draft, known = await drafted(nina, "Draft"), await published(nina, vera, "Known")
    strangers = await signed_in((await settle(db, "rival")).adam)
    ticket = await opened(otto, harbour.diner, "Warm")
    for stranger, id in ((otto, draft["id"]), (strangers, draft["id"]), (strangers, known["id"])):
        assert await run(stranger, "article", id=id) is None
        assert await stranger.ask(NODE, {"id": id}) == {"node": None}
        for verb, more in ABOUT_IT.items():
            operation = verb.replace("Article", "_article")
            assert await said(stranger, operation, id=id, **more) == ("NOT_FOUND", ["id"]), operation
    assert await said(otto, "link_article", ticketId=ticket["id"], articleId=draft["id"]) == (
        "NOT_FOUND",
        ["articleId"],
    )
    assert await titles(strangers) == []
    assert (await titles(otto), await titles(nina), await titles(vera)) == (["Known"], *[["Draft", "Known"]] * 2)
    assert (await run(nina, "article", id=draft["id"]))["rev"] == draft["rev"]


async def test_phones_hold_what_is_published_and_drafts_where_their_author_is_led(
    db: Db, harbour: World, nina: Caller, vera: Caller
) -> None:
    phones = {name: await registered(db, getattr(harbour, name)) for name in ("nina", "otto", "vera")}

    async def holders(id: str) -> set[str]:
        for phone in phones.values():
            await phone.pull()
        return {name for name, phone in phones.items() if phone.row(id, KIND)}

    article = await drafted(nina)
    assert await holders(article["id"]) == {"nina", "vera"}
    await do(nina, "submit_article", id=article["id"])
    await do(vera, "approve_article", id=article["id"])
    assert await holders(article["id"]) == {"nina", "otto", "vera"}
    row = phones["otto"].row(article["id"], KIND)
    assert row is not None
    assert (row["body"], row["status"], row["version"]) == (article["body"], "PUBLISHED", 1)
    await do(vera, "retire_article", id=article["id"])
    assert await holders(article["id"]) == {"nina", "vera"}
    refused = await phones["nina"].said(phones["nina"].update(KIND, article["id"], {"title": "x"}, base_rev=4))
    assert refused == ["REJECTED FIELD_READ_ONLY"]


async def test_a_new_version_takes_the_place_of_the_one_before(
    harbour: World, nina: Caller, otto: Caller, vera: Caller
) -> None:
    first, ticket = await published(nina, vera), await opened(nina, harbour.lunch, "Cooler is warm")
    await do(nina, "link_article", ticketId=ticket["id"], articleId=first["id"])
    second = (await do(otto, "update_article", id=first["id"], body="Wait two hours."))["article"]
    assert (second["id"] == first["id"], second["version"], second["status"]) == (False, 2, "DRAFT")
    assert (second["title"], second["author"]["name"]) == (first["title"], "Otto")
    assert await said(nina, "update_article", id=first["id"], body="Three.") == ("INVALID", ["id"])
    assert (await run(nina, "article", id=first["id"]))["body"] == first["body"]
    await do(otto, "submit_article", id=second["id"])
    await do(vera, "approve_article", id=second["id"])
    assert await titles(nina, status=["PUBLISHED"]) == [first["title"]]
    shown = await run(vera, "article", id=second["id"])
    assert shown["previous"] == {"id": first["id"], "version": 1, "status": "OBSOLETE"}
    assert [each["number"] for each in shown["tickets"]] == [1]
    assert await run(otto, "article", id=first["id"]) is None  # an obsolete version is its author's
    assert (await do(nina, "update_article", id=second["id"], body="Three."))["article"]["version"] == 3


async def test_what_was_changed_since_is_neither_overwritten_nor_approved_unread(nina: Caller, vera: Caller) -> None:
    article = await drafted(nina)
    await do(vera, "update_article", id=article["id"], baseRev=1, body="Vera's")
    assert await said(nina, "update_article", id=article["id"], baseRev=1, body="x") == ("INVALID", ["baseRev"])
    await do(nina, "submit_article", id=article["id"], baseRev=2)
    await do(nina, "update_article", id=article["id"], baseRev=3, body="Nina's")
    assert await said(vera, "approve_article", id=article["id"], baseRev=3) == ("INVALID", ["id"])  # a draft again
    await do(nina, "submit_article", id=article["id"])
    assert await said(vera, "approve_article", id=article["id"], baseRev=3) == ("INVALID", ["baseRev"])
    assert (await do(vera, "approve_article", id=article["id"], baseRev=5))["article"]["body"] == "Nina's"


async def test_a_person_has_one_vote_and_may_change_his_mind(
    db: Db, harbour: World, nina: Caller, otto: Caller, vera: Caller
) -> None:
    article, phone = await published(nina, vera), await registered(db, harbour.nina)
    await phone.pull()

    async def votes(caller: Caller, helpful: bool) -> tuple[int, int, bool]:
        shown = (await do(caller, "vote_article", id=article["id"], helpful=helpful))["article"]
        return shown["helpfulVotes"], shown["unhelpfulVotes"], shown["myVote"]

    assert await votes(otto, True) == (1, 0, True)
    assert await votes(otto, True) == (1, 0, True)
    assert await votes(vera, True) == (2, 0, True)
    assert await votes(otto, False) == (1, 1, False)
    shown = await run(nina, "article", id=article["id"])
    assert (shown["helpfulVotes"], shown["unhelpfulVotes"], shown["rev"]) == (1, 1, article["rev"])
    assert (await phone.pull()).changes == [], "a vote is nothing to pull"
    draft = await drafted(nina)
    assert await said(nina, "vote_article", id=draft["id"], helpful=True) == ("INVALID", ["id"])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["Cooler défrost", "Fridge doors", "Milk"]),
        ({"search": "DEFROST plug"}, ["Cooler défrost"]),  # of the title and the body
        ({"search": "dairy"}, ["Milk"]),  # a tag
        ({"search": "defrozt"}, ["Cooler défrost"]),  # misspelt
        ({"search": "100%"}, []),
        ({"search": " "}, []),
        ({"tags": ["cold"]}, ["Cooler défrost", "Fridge doors"]),
        ({"tags": ["cold", "door"]}, ["Fridge doors"]),
        ({"language": "de"}, ["Milk"]),
        ({"status": ["DRAFT"]}, ["Milk"]),
        ({"status": ["PUBLISHED"], "language": "en"}, ["Cooler défrost", "Fridge doors"]),
    ],
)
async def test_articles_are_found(nina: Caller, vera: Caller, wanted: dict[str, Any], expected: list[str]) -> None:
    await published(nina, vera, "Cooler défrost", tags=["cold"])
    await published(nina, vera, "Fridge doors", body="Seal", tags=["cold", "door"])
    await drafted(nina, "Milk", body="Sour", tags=["dairy"], language="de")
    assert await titles(nina, **wanted) == expected


async def test_a_listing_goes_on_where_its_page_ended(nina: Caller) -> None:
    for title in ("C", "A", "B"):
        await drafted(nina, title)
    page = await run(nina, "articles", first=2)
    rest = await run(nina, "articles", first=2, after=page["pageInfo"]["endCursor"])
    shown = [[edge["node"]["title"] for edge in part["edges"]] for part in (page, rest)]
    assert (shown, rest["pageInfo"]["hasNextPage"]) == ([["A", "B"], ["C"]], False)


async def test_a_ticket_shows_what_solved_it_and_what_may(
    harbour: World, nina: Caller, otto: Caller, vera: Caller
) -> None:
    defrost = await published(nina, vera, "Defrost the cooler")
    doors = await published(nina, vera, "The doors of a cooler close badly")
    await published(nina, vera, "Returning the empties")
    await drafted(nina, "Cooler leaks")
    ticket = await opened(nina, harbour.lunch, "The cooler's doors do not close")
    theirs = await opened(otto, harbour.diner, "Cooler")
    shown = await run(nina, "ticket_articles", id=ticket["id"])
    assert ([each["title"] for each in shown["suggestedArticles"]], shown["solvedWith"]) == (
        [doors["title"], defrost["title"]], [],
    )  # fmt: skip
    for _ in range(2):
        linked = await do(nina, "link_article", ticketId=ticket["id"], articleId=doors["id"])
        assert [each["title"] for each in linked["ticket"]["solvedWith"]] == [doors["title"]]
    await do(otto, "link_article", ticketId=theirs["id"], articleId=doors["id"])
    for caller, numbers in ((nina, [1]), (otto, [2]), (vera, [2, 1])):
        article = await run(caller, "article", id=doors["id"])
        assert [each["number"] for each in article["tickets"]] == numbers
    unlink = {"ticketId": ticket["id"], "articleId": doors["id"]}
    assert (await do(nina, "unlink_article", **unlink))["ticket"]["solvedWith"] == []
    assert await said(nina, "unlink_article", **unlink) == ("NOT_FOUND", ["articleId"])
    short = await opened(nina, harbour.lunch, "It is off")
    assert (await run(nina, "ticket_articles", id=short["id"]))["suggestedArticles"] == []


async def test_another_reps_ticket_is_not_linked(harbour: World, nina: Caller, otto: Caller, vera: Caller) -> None:
    article, ticket = await published(nina, vera), await opened(nina, harbour.lunch, "Warm")
    draft = await drafted(nina)
    for operation in ("link_article", "unlink_article"):
        input = {"ticketId": ticket["id"], "articleId": article["id"]}
        assert await said(otto, operation, **input) == ("NOT_FOUND", ["ticketId"])
    assert await said(nina, "link_article", ticketId=ticket["id"], articleId=draft["id"]) == ("INVALID", ["articleId"])


@pytest.mark.parametrize(
    ("input", "fields"),
    [
        ({"title": ""}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"body": "x" * 20_001}, ["body"]),
        ({"language": "English!"}, ["language"]),
        ({"language": None}, ["language"]),
        ({"tags": None}, ["tags"]),
        ({"tags": [""]}, ["tags"]),
        ({"tags": ["a", "a"]}, ["tags"]),
        ({"tags": ["x" * 61]}, ["tags"]),
        ({"tags": [str(n) for n in range(21)]}, ["tags"]),
    ],
)
async def test_what_is_no_article_is_refused(nina: Caller, input: dict[str, Any], fields: list[str]) -> None:
    whole = {"title": "t", "body": "b", **input}
    assert await said(nina, "create_article", **whole) == ("INVALID", fields)
    draft = await drafted(nina)
    assert await said(nina, "update_article", id=draft["id"], **input) == ("INVALID", fields)
    assert (await run(nina, "article", id=draft["id"]))["rev"] == 1


async def test_who_takes_articles_away(nina: Caller, otto: Caller, vera: Caller) -> None:
    draft, known = await drafted(nina), await published(nina, vera)
    assert await said(otto, "retire_article", id=known["id"]) == ("FORBIDDEN", ["id"])
    assert await said(nina, "retire_article", id=known["id"]) == ("FORBIDDEN", ["id"])
    assert (await do(nina, "retire_article", id=draft["id"]))["article"]["status"] == "OBSOLETE"
    assert (await do(vera, "retire_article", id=known["id"]))["article"]["status"] == "OBSOLETE"
    for verb, more in ABOUT_IT.items():
        if verb != "approveArticle":
            assert await said(vera, verb.replace("Article", "_article"), id=known["id"], **more) == ("INVALID", ["id"])
    assert await said(nina, "submit_article", id=str(uuid4())) == ("NOT_FOUND", ["id"])
