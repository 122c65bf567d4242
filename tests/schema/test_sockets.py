"""GraphQL over WebSocket: the protocol of today, the token in connection_init, the same guard."""

import pytest
from fastapi import FastAPI

from fieldbeat_testing.sockets import Socket
from fieldbeat_testing.world import World

from .conftest import Caller, Callers

NEW, LEGACY = "graphql-transport-ws", "graphql-ws"


async def test_a_query_over_a_socket(app: FastAPI, harbour: World, signed_in: Callers) -> None:
    nina = await signed_in(harbour.nina)
    async with Socket(app, [NEW]) as socket:
        assert socket.opening["subprotocol"] == NEW
        assert await socket.init(nina.token) == {"type": "connection_ack"}
        answer = await socket.ask("{ me { name } }")
        assert answer == {"id": "1", "type": "next", "payload": {"data": {"me": {"name": "Nina"}}}}
        assert await socket.message() == {"id": "1", "type": "complete"}


@pytest.mark.parametrize("offered", [[LEGACY], [], ["soap"]])
async def test_the_legacy_protocol_is_not_spoken(app: FastAPI, offered: list[str]) -> None:
    async with Socket(app, offered) as socket:
        assert socket.opening.get("subprotocol") is None
        assert (await socket.event())["code"] == 4406


async def test_of_both_protocols_the_new_one_is_taken(app: FastAPI) -> None:
    async with Socket(app, [LEGACY, NEW]) as socket:
        assert socket.opening["subprotocol"] == NEW


async def test_a_bad_token_closes_the_socket(app: FastAPI) -> None:
    async with Socket(app, [NEW]) as socket:
        assert await socket.init("nonsense") == 4403


async def test_without_a_token_only_the_public_fields_answer(app: FastAPI) -> None:
    async with Socket(app, [NEW]) as socket:
        await socket.init(None)
        answer = await socket.ask("{ __typename }")
        assert answer["payload"] == {"data": {"__typename": "Query"}}
        await socket.message()
        answer = await socket.ask("{ me { name } }")
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")


async def test_a_session_that_ends_ends_on_its_sockets(app: FastAPI, harbour: World, signed_in: Callers) -> None:
    nina: Caller = await signed_in(harbour.nina)
    async with Socket(app, [NEW]) as socket:
        await socket.init(nina.token)
        await nina.ask("mutation { signOut }")
        answer = await socket.ask("{ me { name } }")
        assert answer["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("query", "code"),
    [("{ nothing }", "BAD_REQUEST"), ("{", "BAD_REQUEST"), ("{ " + "__typename " * 2_000 + "}", "LIMIT_EXCEEDED")],
)
async def test_the_guard_stands_here_too(app: FastAPI, query: str, code: str) -> None:
    async with Socket(app, [NEW]) as socket:
        await socket.init(None)
        answer = await socket.ask(query)
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", code)


async def test_messages_that_break_the_protocol_close_the_socket(app: FastAPI) -> None:
    async with Socket(app, [NEW]) as socket:
        await socket.init(None)
        assert await socket.ask("{ __typename }", id=7) == 4400
    async with Socket(app, [NEW]) as socket:
        assert await socket.ask("{ __typename }") == 4401


async def test_a_page_of_another_site_cannot_open_a_socket(app: FastAPI) -> None:
    async with Socket(app, [NEW], {"origin": "https://evil.example"}) as socket:
        assert socket.opening["type"] == "websocket.close"
