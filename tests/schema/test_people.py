"""People over GraphQL: the list, the verbs, node and nodes, and the walls between companies."""

from typing import Any
from uuid import uuid4

from fieldbeat.kit.db import Db
from fieldbeat.phone.documents import document
from fieldbeat_testing.world import PASSWORD, Person, World, settle

from .conftest import Caller, Callers

USERS = """
query ($first: Int, $after: String) {
  users(first: $first, after: $after) { edges { node { id name } } pageInfo { hasNextPage hasPreviousPage endCursor } }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
CREATE = """
mutation ($input: CreateUserInput!) {
  createUser(input: $input) {
    __typename
    ... on CreateUserPayload { initialPassword user { id rev name email role managerId timeZone } }
    ... on Refusal { code fields }
  }
}
"""
UPDATE = """
mutation ($input: UpdateUserInput!) {
  updateUser(input: $input) {
    __typename ... on UpdateUserPayload { user { rev name role managerId } } ... on Refusal { code fields }
  }
}
"""
SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }"


async def create(caller: Caller, **given: Any) -> Any:
    fields = {"name": "Olga", "email": "olga@harbour.example", "role": "REP", **given}
    return (await caller.ask(CREATE, {"input": fields}))["createUser"]


async def update(caller: Caller, **given: Any) -> Any:
    return (await caller.ask(UPDATE, {"input": given}))["updateUser"]


async def test_the_list_is_paged_by_name(harbour: World, signed_in: Callers) -> None:
    nina, names, after = await signed_in(harbour.nina), [], None
    for _ in range(2):
        page = (await nina.ask(USERS, {"first": 2, "after": after}))["users"]
        names += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert names == ["Adam", "Nina", "Otto", "Vera"]
    assert page["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True, "endCursor": after}


async def test_a_forged_or_borrowed_cursor_is_refused(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    nina, theirs = await signed_in(harbour.nina), await signed_in(rival.nina)
    borrowed = (await theirs.ask(USERS, {"first": 1}))["users"]["pageInfo"]["endCursor"]
    own = (await nina.ask(USERS, {"first": 1}))["users"]["pageInfo"]["endCursor"]
    for forged in (borrowed, "x", "ä", own[:-2], own[:-2] + "AA", "WyJBIiwiMSJd"):
        response = await nina.post(USERS, {"after": forged})
        error = response.json()["errors"][0]
        assert error["extensions"] == {"code": "BAD_REQUEST", "reason": "INVALID", "fields": ["after"]}
        assert error["message"] == "This cursor was not issued for this list."


async def test_a_node_of_another_company_is_not_there(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    for person in (harbour.nina, harbour.adam):
        caller = await signed_in(person)
        assert (await caller.ask(NODE, {"id": str(harbour.otto.id)}))["node"]["__typename"] == "User"
        for absent in (str(rival.nina.id), str(uuid4()), "nonsense"):
            assert await caller.ask(NODE, {"id": absent}) == {"node": None}


async def test_nodes_stand_in_the_order_asked_for(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    ids = [str(harbour.otto.id), str(uuid4()), "x", str(harbour.nina.id), str(harbour.otto.id)]
    nodes = (await nina.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}))["nodes"]
    assert [node and node["id"] for node in nodes] == [ids[0], None, None, ids[3], ids[0]]


async def test_a_created_person_signs_in(harbour: World, signed_in: Callers, nobody: Caller) -> None:
    adam, id = await signed_in(harbour.adam), str(uuid4())
    made = await create(adam, id=id, managerId=str(harbour.vera.id), timeZone="Asia/Shanghai", password=PASSWORD)
    assert made == {
        "__typename": "CreateUserPayload",
        "initialPassword": None,
        "user": {
            "id": id,
            "rev": 1,
            "name": "Olga",
            "email": "olga@harbour.example",
            "role": "REP",
            "managerId": str(harbour.vera.id),
            "timeZone": "Asia/Shanghai",
        },
    }
    answer = await nobody.ask(SIGN_IN, {"input": {"email": "Olga@Harbour.Example", "password": PASSWORD}})
    assert answer["signIn"]["__typename"] == "Session"


async def test_an_initial_password_is_told_once_when_none_was_given(
    harbour: World, signed_in: Callers, nobody: Caller
) -> None:
    made = await create(await signed_in(harbour.adam))
    answer = await nobody.ask(
        SIGN_IN, {"input": {"email": "olga@harbour.example", "password": made["initialPassword"]}}
    )
    assert answer["signIn"]["__typename"] == "Session"


async def test_what_cannot_be_a_person_is_refused(db: Db, harbour: World, signed_in: Callers) -> None:
    rival = await settle(db, "rival")
    adam, nina = await signed_in(harbour.adam), await signed_in(harbour.nina)
    id = str(uuid4())
    refused: list[tuple[dict[str, Any], str, str, list[str]]] = [
        ({"email": "no address"}, "Invalid", "INVALID", ["email"]),
        ({"timeZone": "Mars/Olympus"}, "Invalid", "INVALID", ["timeZone"]),
        ({"password": "short"}, "Invalid", "INVALID", ["password"]),
        ({"password": ""}, "Invalid", "INVALID", ["password"]),
        ({"id": "x"}, "Invalid", "INVALID", ["id"]),
        ({"name": " "}, "ChangeRefused", "INVALID", ["name"]),
        ({"managerId": str(rival.vera.id)}, "Invalid", "INVALID", ["managerId"]),
        ({"id": id, "managerId": id}, "ReportsInCircle", "INVALID", ["managerId"]),
        ({"id": str(harbour.otto.id)}, "ChangeRefused", "UNIQUE", ["id"]),
        ({"email": "NINA@harbour.example"}, "EmailTaken", "UNIQUE", ["email"]),
        ({"email": rival.nina.email}, "EmailTaken", "UNIQUE", ["email"]),
    ]
    for given, kind, code, fields in refused:
        assert await create(adam, **given) == {"__typename": kind, "code": code, "fields": fields}, given
    assert (await create(nina))["__typename"] == "Forbidden"
    assert len((await adam.ask(USERS))["users"]["edges"]) == 4


async def test_absent_leaves_and_null_clears(harbour: World, signed_in: Callers) -> None:
    adam = await signed_in(harbour.adam)
    renamed = await update(adam, id=str(harbour.nina.id), name="Nina B.")
    assert renamed["user"] == {"rev": 2, "name": "Nina B.", "role": "REP", "managerId": str(harbour.vera.id)}
    freed = await update(adam, id=str(harbour.nina.id), managerId=None, baseRev=2)
    assert freed["user"] == {"rev": 3, "name": "Nina B.", "role": "REP", "managerId": None}
    for field in ("name", "role", "timeZone", "skills"):
        kept = await update(adam, id=str(harbour.nina.id), **{field: None})
        assert (kept["code"], kept["fields"]) == ("INVALID", [field])


async def test_the_reporting_line_closes_no_circle(harbour: World, signed_in: Callers) -> None:
    adam = await signed_in(harbour.adam)
    for manager in (harbour.nina, harbour.vera):
        refused = await update(adam, id=str(harbour.vera.id), managerId=str(manager.id))
        assert refused == {"__typename": "ReportsInCircle", "code": "INVALID", "fields": ["managerId"]}
    assert (await update(adam, id=str(harbour.adam.id), role="REP"))["__typename"] == "Forbidden"
    assert (await update(adam, id=str(uuid4()), name="x"))["__typename"] == "NotFound"


async def test_skills_are_said_by_who_leads_and_compared_without_case(harbour: World, signed_in: Callers) -> None:
    async def able(caller: Caller, person: Person, *skills: str, **more: Any) -> Any:
        given = {"input": {"id": str(person.id), "skills": list(skills), **more}}
        return (await caller.ask(document("update_user"), given))["updateUser"]

    adam, vera, nina = [await signed_in(each) for each in (harbour.adam, harbour.vera, harbour.nina)]
    said = await able(vera, harbour.nina, " Wine", "lift", "LIFT", "coolers")
    assert said["user"]["skills"] == ["coolers", "lift", "Wine"]
    assert (await able(adam, harbour.vera, "wine"))["user"]["skills"] == ["wine"]
    for caller, person, more in (
        (nina, harbour.nina, {}),
        (vera, harbour.adam, {}),
        (vera, harbour.nina, {"name": "N"}),
    ):
        assert (await able(caller, person, "wine", **more))["code"] == "FORBIDDEN"
    for bad in ([" "], ["x" * 61], [f"skill {n}" for n in range(51)]):
        refused = await able(vera, harbour.nina, *bad)
        assert (refused["code"], refused["fields"]) == ("INVALID", ["skills"])
    assert (await create(adam, skills=["wine"]))["__typename"] == "CreateUserPayload"
    assert (await create(adam, email="o@harbour.example", skills=[""]))["fields"] == ["skills"]
