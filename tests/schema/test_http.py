"""GraphQL over HTTP: media types, statuses, and what is no request at all."""

from typing import Any

import pytest

from .conftest import Caller

RESPONSE_JSON = "application/graphql-response+json"
BOTH = pytest.mark.parametrize("accept", [RESPONSE_JSON, "application/json"])


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (RESPONSE_JSON, RESPONSE_JSON),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        (f"{RESPONSE_JSON}; charset=utf-8, application/json; charset=utf-8", RESPONSE_JSON),
        (f"application/json;q=0.9, {RESPONSE_JSON}", RESPONSE_JSON),
        ("", "application/json"),
    ],
)
async def test_the_answer_is_of_the_accepted_type(nobody: Caller, accept: str, answered: str) -> None:
    response = await nobody.post("{ __typename }", accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_another_type_is_not_acceptable(nobody: Caller) -> None:
    response = await nobody.post("{ __typename }", accept="text/html")
    assert response.status_code == 406


NO_REQUESTS: dict[str, tuple[bytes, str, int]] = {
    "malformed JSON": (b'{"query": "{ me', "application/json", 400),
    "a list": (b'[{"query": "{ __typename }"}]', "application/json", 400),
    "nothing": (b"", "application/json", 400),
    "no query": (b"{}", "application/json", 400),
    "a query that is no string": (b'{"query": 7}', "application/json", 400),
    "an empty query": (b'{"query": ""}', "application/json", 400),
    "variables that are no object": (b'{"query": "{ __typename }", "variables": "x"}', "application/json", 400),
    "extensions that are no object": (b'{"query": "{ __typename }", "extensions": []}', "application/json", 400),
    "a name that is no string": (b'{"query": "{ __typename }", "operationName": 1}', "application/json", 400),
    "an unknown operation": (b'{"query": "query a { __typename }", "operationName": "b"}', "application/json", 400),
    "nesting": (
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 600 + b"1" + b"}" * 601,
        "application/json",
        400,
    ),
    "a lone surrogate": (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', "application/json", 400),
    "not UTF-8": (b'{"query": "\xff"}', "application/json", 400),
    "another charset": (b'{"query": "{ __typename }"}', "application/json; charset=latin-1", 415),
    "another type": (b"query={ __typename }", "application/x-www-form-urlencoded", 415),
    "multipart": (b"--x--", "multipart/form-data; boundary=x", 415),
}


@BOTH
@pytest.mark.parametrize(("body", "kind", "status"), NO_REQUESTS.values(), ids=NO_REQUESTS)
async def test_what_is_no_request_is_a_bad_one(
    nobody: Caller, body: bytes, kind: str, status: int, accept: str
) -> None:
    response = await nobody.http.post("/graphql", content=body, headers={"content-type": kind, "accept": accept})
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_of_several_operations_the_request_names_one(nobody: Caller) -> None:
    several = "query a { __typename } query b { again: __typename }"
    response = await nobody.post(several, accept=RESPONSE_JSON)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    named = await nobody.http.post("/graphql", json={"query": several, "operationName": "b"})
    assert named.json() == {"data": {"again": "Query"}}


BAD_DOCUMENTS = {
    "a syntax error": ("{ me {", {}),
    "an unknown field": ("{ me { shoeSize } }", {}),
    "an unknown argument": ("{ users(last: 3) { edges { cursor } } }", {}),
    "an unknown enum value": (
        'mutation { createUser(input: {name: "a", email: "a@b", role: KING}) { __typename } }',
        {},
    ),
    "an unknown type": ("query ($a: Nothing) { __typename }", {}),
    "a missing variable": ("query ($id: ID!) { node(id: $id) { id } }", {}),
    "a variable of another type": ("query ($first: Int) { users(first: $first) { edges { cursor } } }", {"first": "x"}),
    "an unknown input field": (
        "mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }",
        {"input": {"email": "a@b", "password": "x", "otp": "1"}},
    ),
    "NUL in a variable": (
        "mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }",
        {"input": {"email": "a\0@b", "password": "x"}},
    ),
    "NUL in the document": ('{ node(id: "\\u0000") { id } }', {}),
}


@pytest.mark.parametrize(("query", "variables"), BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
async def test_a_bad_document_is_refused_before_anything_runs(
    nobody: Caller, query: str, variables: dict[str, Any]
) -> None:
    modern = await nobody.post(query, variables, accept=RESPONSE_JSON)
    assert modern.status_code in (400, 401)  # a variable is read after the token
    assert "data" not in modern.json()
    old = await nobody.post(query, variables, accept="application/json")
    assert old.status_code in (200, 401)
    assert old.json() == modern.json()
    assert old.json()["errors"][0]["extensions"]["code"] in ("BAD_REQUEST", "UNAUTHENTICATED")


async def test_a_text_that_only_looks_like_nul_is_fine(nobody: Caller) -> None:
    query = "mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }"
    answer = await nobody.ask(query, {"input": {"email": "a\\u0000@b", "password": "x"}})
    assert answer["signIn"]["__typename"] == "SignInRefused"


async def test_queries_may_come_by_get_and_mutations_may_not(nobody: Caller) -> None:
    query = await nobody.http.get("/graphql", params={"query": "{ __typename }", "variables": "{}"})
    assert query.json() == {"data": {"__typename": "Query"}}
    mutation = await nobody.http.get("/graphql", params={"query": "mutation { signOut }"})
    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")
    for params in ({}, {"query": "{ __typename }", "variables": "{"}):
        assert (await nobody.http.get("/graphql", params=params)).status_code == 400


async def test_a_body_beyond_the_limit_is_refused(nobody: Caller) -> None:
    response = await nobody.post("{ __typename }" + " " * 5_000_000)
    assert response.status_code == 413
