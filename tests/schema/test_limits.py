"""The guard at the edge: attack documents get their typed answer, fast, and nothing of them runs."""

import time

import pytest
from graphql import get_introspection_query

from fieldbeat_testing.world import World

from .conftest import Caller, Callers

FAST_S = 1.0


def fragment_bomb(doublings: int) -> str:
    """2^doublings fields out of a few hundred bytes."""
    links = [f"fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} }}" for i in range(doublings)]
    return "{ ...f0 } " + " ".join(links) + f" fragment f{doublings} on Query {{ __typename }}"


def nested_bomb(levels: int) -> str:
    """Fields that validation would compare pair by pair on every level."""
    inner = "name"
    for _ in range(levels):
        inner = f"manager {{ {inner} }} manager {{ {inner} }}"
    return f"{{ me {{ {inner} }} }}"


ATTACKS = {
    "fragments that spread fragments": fragment_bomb(20),
    "fragments as deep as they are wide": fragment_bomb(45),
    "aliases": "{ " + " ".join(f"a{i}: __typename" for i in range(100)) + " }",
    "aliases behind a fragment": "{ "
    + "...f " * 11
    + "} fragment f on Query { a: __typename b: __typename c: __typename }",
    "depth": "{ me " + "{ manager " * 20 + "{ id }" + " }" * 20 + " }",
    "depth by fragments": "{ me { ...f0 } } "
    + " ".join(f"fragment f{i} on User {{ manager {{ ...f{i + 1} }} }}" for i in range(20))
    + " fragment f20 on User { id }",
    "nesting beyond the parser": "{ me " + "{ manager " * 900 + "{ id }" + " }" * 900 + " }",
    "tokens": "{ " + "__typename " * 2_000 + "}",
    "tokens in a list": "{ nodes(ids: [" + '"a",' * 2_000 + "]) { id } }",
    "length": "{ me { id } } #" + "x" * 40_000,
    "directives": "{ me { id " + "@include(if: true) " * 40 + "} }",
    "width": "{ me { " + "id " * 600 + "} }",
    "fields that repeat on every level": nested_bomb(8),
    "fragments": "{ __typename } " + " ".join(f"fragment f{i} on Query {{ __typename }}" for i in range(60)),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_an_attack_document_is_refused_fast(nobody: Caller, attack: str) -> None:
    began = time.monotonic()
    response = await nobody.post(attack, accept="application/graphql-response+json")
    assert time.monotonic() - began < FAST_S
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "data" not in response.json()


async def test_fragments_in_a_circle_are_refused(nobody: Caller) -> None:
    circle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
    assert await nobody.refused(circle) == "BAD_REQUEST"


async def test_the_tools_introspection_query_is_within_the_limits(nobody: Caller) -> None:
    answer = await nobody.ask(get_introspection_query(specified_by_url=True, input_value_deprecation=True))
    assert answer["__schema"]["queryType"]["name"] == "Query"


async def test_a_page_has_at_most_a_hundred_rows(harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    assert await nina.refused("{ users(first: 101) { edges { cursor } } }") == "LIMIT_EXCEEDED"
    assert await nina.refused("{ users(first: 0) { edges { cursor } } }") == "BAD_REQUEST"
    ids = [str(harbour.nina.id)] * 101
    assert await nina.refused("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}) == "LIMIT_EXCEEDED"


async def test_a_root_field_is_admitted_wherever_it_hides(nobody: Caller) -> None:
    for query in (
        "{ ...f } fragment f on Query { me { id } }",
        "{ ... { ... on Query { me { id } } } }",
        "{ x: me { id } }",
        "{ me @skip(if: true) { id } }",
        "query a { __typename } query b { me { id } }",
    ):
        body = {"query": query, "operationName": "b" if "query b" in query else None}
        response = await nobody.http.post("/graphql", json=body)
        assert response.status_code == 401, query
