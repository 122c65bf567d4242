"""A client on the real application, and the company that it is for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from fieldbeat.phone.documents import document
from fieldbeat_testing.database import TestDatabase
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import PASSWORD, Person, World, client, serving

__all__ = ["database", "founded", "harbour"]  # fixtures

SIGN_IN = """
mutation ($input: SignInInput!) { signIn(input: $input) { ... on Session { accessToken refreshToken } } }
"""


@dataclass(frozen=True)
class Caller:
    """Asks as somebody, or as nobody."""

    http: httpx.AsyncClient
    token: str | None = None
    refresh_token: str | None = None

    async def post(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """The raw response."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named.setdefault("authorization", f"Bearer {self.token}")
        return await self.http.post("/graphql", json={"query": query, "variables": variables or {}}, headers=named)

    async def ask(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of an answer without errors."""
        answer = (await self.post(query, variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def refused(self, query: str, variables: dict[str, Any] | None = None) -> str:
        """The code of the first top-level error."""
        answer = (await self.post(query, variables)).json()
        code: str = answer["errors"][0]["extensions"]["code"]
        return code


async def run(caller: Caller, operation: str, **variables: Any) -> Any:
    """The first field of an operation of the apps."""
    data = await caller.ask(document(operation), variables)
    return next(iter(data.values()))


async def do(caller: Caller, operation: str, **input: Any) -> Any:
    """The same of a mutation, by its input."""
    return await run(caller, operation, input=input)


Callers = Callable[[Person], Awaitable[Caller]]


@pytest.fixture
async def app(database: TestDatabase, redis_url: str) -> AsyncIterator[FastAPI]:
    """The real application on this test's database."""
    async with serving(database, redis_url) as served:
        yield served


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[Caller]:
    """Somebody without a token."""
    async with client(app) as http:
        yield Caller(http)


@pytest.fixture
def signed_in(nobody: Caller) -> Callers:
    """Signs one of the cast in."""

    async def sign_in(person: Person) -> Caller:
        answer = await nobody.ask(SIGN_IN, {"input": {"email": person.email, "password": PASSWORD}})
        session = answer["signIn"]
        return Caller(nobody.http, session["accessToken"], session["refreshToken"])

    return sign_in


@pytest.fixture
async def nina(harbour: World, signed_in: Callers) -> Caller:
    """A rep of the north."""
    return await signed_in(harbour.nina)


@pytest.fixture
async def otto(harbour: World, signed_in: Callers) -> Caller:
    """A rep of the south."""
    return await signed_in(harbour.otto)


@pytest.fixture
async def vera(harbour: World, signed_in: Callers) -> Caller:
    """Who leads both."""
    return await signed_in(harbour.vera)


@pytest.fixture
async def adam(harbour: World, signed_in: Callers) -> Caller:
    """The administrator."""
    return await signed_in(harbour.adam)
