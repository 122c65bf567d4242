"""docs/client-in-a-day.md against the application and the demo company: all examples are sent, all answers hold."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from fieldbeat.cli.demo import PASSWORD, load_demo
from fieldbeat_testing.database import Servers, TestDatabase, opened
from fieldbeat_testing.page import Block, Differs, blocks, filled, learn, lines
from fieldbeat_testing.sockets import Socket
from fieldbeat_testing.world import client, serving

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "client-in-a-day.md"
OPERATIONS = ROOT / "graphql" / "operations"


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[TestDatabase]:
    """A database with the demo company."""
    made = servers.new_database()
    async with opened(made) as db:
        await load_demo(db, progress=lambda event, **more: None)
    yield made
    servers.drop(made)


@pytest.fixture
async def app(database: TestDatabase, redis_url: str) -> AsyncIterator[FastAPI]:
    """The application, serving the demo company."""
    async with serving(database, redis_url) as served:
        yield served


@dataclass
class Reader:
    """Somebody who types what the page says. `known`: what the answers so far have given."""

    app: FastAPI
    http: httpx.AsyncClient
    stack: AsyncExitStack
    known: dict[str, Any] = field(default_factory=dict)
    came: Any = None
    socket: Socket | None = None

    async def take(self, block: Block) -> None:
        """Send a block, or hold the last answer against it."""
        document, _, who = block.label.partition(" as:")
        if block.language == "python":
            self.calculate(block)
        elif block.language == "http":
            self.came = await self.get(filled(block.text, self.known))
        elif block.label == "lines":
            learn(lines(block.text), self.came, self.known, f"line {block.line}")
        elif block.label == "socket":
            await self.talk(block)
        elif block.label == "answer":
            learn(json.loads(block.text), self.came, self.known, f"line {block.line}")
        elif block.label:
            self.came = await self.ask(document, filled(json.loads(block.text), self.known), await self.token(who))

    def calculate(self, block: Block) -> None:
        """Run the page's sum over what the last pull gave for the territory."""
        scope = f"territory:{self.known['territory']}"
        taken = [each for each in self.came["changes"] if each["scope"] == scope]
        names = {"sha256": sha256, "held": [(each["collection"], each["id"], each["rev"]) for each in taken]}
        exec(block.text, names)
        assert [each["checksum"] for each in self.came["scopes"] if each["id"] == scope] == [names["checksum"]]

    async def ask(self, document: str, variables: Any, token: str | None) -> Any:
        """The value of the document's field."""
        query = (OPERATIONS / f"{document}.graphql").read_text(encoding="utf-8")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        body = answer.json()
        assert "errors" not in body, body
        return next(iter(body["data"].values()))

    async def token(self, who: str) -> str | None:
        """The access token of a colleague, or of the reader."""
        if not who:
            return self.known.get("token")
        variables = {"input": {"email": f"{who}@demo.fieldbeat", "password": PASSWORD}}
        token: str = (await self.ask("sign_in", variables, None))["accessToken"]
        return token

    async def get(self, request: str) -> list[Any]:
        """The lines of an answer."""
        method, url = request.split()
        answer = await self.http.request(method, url, headers={"authorization": f"Bearer {self.known['token']}"})
        assert answer.status_code == 200, answer.text
        return lines(answer.text)

    async def talk(self, block: Block) -> None:
        """Send and await messages."""
        if self.socket is None:
            self.socket = await self.stack.enter_async_context(Socket(self.app, ["graphql-transport-ws"]))
        for line in block.text.splitlines():
            message = filled(json.loads(line[1:]), self.known)
            if line.startswith("→"):
                await self.socket.send(**message)
            else:
                learn(message, await self.socket.message(), self.known, f"line {block.line}")
        await asyncio.sleep(0.5)  # the page's reader is not faster: the subscription stands


async def test_the_page_is_true(app: FastAPI) -> None:
    async with AsyncExitStack() as stack:
        reader = Reader(app, await stack.enter_async_context(client(app)), stack)
        taken = [block for block in blocks(PAGE) if block.label or block.language in ("http", "python")]
        for block in taken:
            await reader.take(block)
    labels = {block.label for block in taken}
    assert {"sync_push", "sync_pull", "answer", "lines", "socket"} <= labels
    assert len(taken) > 30


def pairs() -> Iterator[tuple[Any, Any]]:
    """Answers that must not pass for what the page says."""
    yield {"a": 1}, {"a": 2}
    yield {"a": 1}, {"a": 1, "b": 2}
    yield {"a": 1, "…": "…"}, {"b": 2}
    yield {"a": True}, {"a": 1}
    yield ["…", {"id": 1}, "…"], [{"id": 2}, {"id": 3}]
    yield [1, 2], [1]
    yield [], [1]
    yield {"a": "territory:<t>"}, {"a": "user:1"}
    yield [{"a": "x:<t>"}, {"a": "x:<t>"}], [{"a": "x:1"}, {"a": "x:2"}]


@pytest.mark.parametrize(("said", "came"), list(pairs()))
def test_what_differs_from_the_page_is_noticed(said: Any, came: Any) -> None:
    with pytest.raises(Differs):
        learn(said, came, {}, "here")
