"""The way to the server: GraphQL, the snapshot and the poke, signing in when it must, and three kinds of failure.

Unreachable      no answer, or one that settles nothing (5xx, 429, a deadline): try again later
NotAdmitted      the password or the person is refused
NotUnderstood    the server calls the request itself wrong: a fault of this client
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import httpx

from fieldbeat.phone import poke
from fieldbeat.phone.documents import document

_TRY_LATER = frozenset({"TIMEOUT", "INTERNAL", "LIMIT_EXCEEDED"})


class Unreachable(Exception):
    """The server gave no answer that settles anything."""


class NotAdmitted(Exception):
    """The server does not let this person in."""


class NotUnderstood(Exception):
    """The server refused the request as such."""


def _forget(token: str) -> None:
    """A desk keeps no token."""


class Edge:
    """One person's session with the server, which goes on where `refresh` left it.

    `keep` takes every new refresh token to where it outlives the app; on a real phone that is the system's keychain.
    Without it a person who was dismissed could not hand in his queue once his phone had been switched off.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        email: str,
        password: str,
        refresh: str = "",
        keep: Callable[[str], None] = _forget,
    ) -> None:
        self._client = client
        self._email = email
        self._password = password
        self._access = ""
        self._refresh = refresh
        self._keep = keep
        self._admitting = asyncio.Lock()  # the poke and the sync share the session, and a refresh token works once
        self.user_id: str | None = None

    async def ask(self, name: str, **variables: Any) -> Any:
        """Send a committed document and return the one field that it asks for. Signs in first, and again on a 401."""
        token = await self._admitted()
        status, body = await self._post(name, variables)
        if status == httpx.codes.UNAUTHORIZED:
            await self._admitted(instead_of=token)
            status, body = await self._post(name, variables)
        return _field(status, body)

    async def snapshot(self, **parameters: Any) -> AsyncGenerator[Mapping[str, Any], None]:
        """The lines of a snapshot as they come, or one `{"refusal": code or None, "retryAfterMs": …}`.

        Raises `Unreachable` where it breaks off: only the line that is `done` ends it.
        """
        told = {name: value for name, value in parameters.items() if value is not None}
        token = await self._admitted()
        try:
            async with aclosing(self._stream(told)) as lines:
                async for line in lines:
                    yield line
                return
        except NotAdmitted:
            await self._admitted(instead_of=token)
        async with aclosing(self._stream(told)) as lines:
            async for line in lines:
                yield line

    async def pokes(self, device_id: str) -> AsyncGenerator[None, None]:
        """Yields when it listens, and whenever the device should pull. Raises `Unreachable` when it hears no more."""
        token = await self._admitted()
        try:
            async with aclosing(poke.heard(str(self._client.base_url), token, device_id)) as heard:
                async for _ in heard:
                    yield
        except poke.Silent as silent:
            # It may be for the token, and no answer says so: the next one is a new one.
            self._access = "" if self._access == token else self._access
            raise Unreachable(str(silent)) from silent
        raise Unreachable("the server has closed the connection")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _admitted(self, *, instead_of: str = "") -> str:
        """An access token: the one that there is, or a new one where there is none but that."""
        async with self._admitting:
            if self._access == instead_of:
                await self._admit()
            return self._access

    async def _admit(self) -> None:
        """By the refresh token if there is one, else by password: a refresh whose answer was lost ends its family.

        The token is kept until the server has refused it: a request that never arrived has not spent it.
        """
        self._access = ""
        if self._refresh:
            answer = _field(*await self._post("refresh_session", {"input": {"refreshToken": self._refresh}}))
            if self._taken(answer):
                return
            self._refresh = ""
        answer = _field(*await self._post("sign_in", {"input": {"email": self._email, "password": self._password}}))
        if not self._taken(answer):
            raise NotAdmitted(answer.get("message", self._email))

    def _taken(self, session: Mapping[str, Any]) -> bool:
        if "accessToken" not in session:
            return False
        self._access, self._refresh = session["accessToken"], session["refreshToken"]
        self._keep(self._refresh)
        self.user_id = session["user"]["id"]
        return True

    async def _post(self, name: str, variables: Mapping[str, Any]) -> tuple[int, Any]:
        body = {"query": document(name), "variables": variables}
        try:
            answer = await self._client.post("/graphql", json=body, headers=self._headers())
            return answer.status_code, answer.json()
        except (httpx.TransportError, ValueError) as failure:
            raise Unreachable(f"{name}: {type(failure).__name__} {failure}") from failure

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._access}"} if self._access else {}

    async def _stream(self, parameters: Mapping[str, str | int]) -> AsyncGenerator[Mapping[str, Any], None]:
        asking = self._client.stream("GET", "/sync/snapshot", params=dict(parameters), headers=self._headers())
        ended = False
        try:
            async with asking as answer:
                if answer.status_code != httpx.codes.OK:
                    await answer.aread()
                    yield _refusal(answer)
                    return
                async for line in _lines(answer):
                    ended = ended or "done" in line
                    yield line
        except (httpx.TransportError, httpx.DecodingError, ValueError) as failure:
            raise Unreachable(f"snapshot: {type(failure).__name__} {failure}") from failure
        if not ended:
            raise Unreachable("snapshot: cut")


async def _lines(answer: httpx.Response) -> AsyncGenerator[Mapping[str, Any], None]:
    """Lines end with a line feed alone: what else Python takes for an end may stand within a text."""
    rest = b""
    async for part in answer.aiter_bytes():
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield json.loads(line)


def _refusal(answer: httpx.Response) -> Mapping[str, Any]:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise NotAdmitted("the session is over")
    if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
        raise Unreachable(f"snapshot: HTTP {answer.status_code}")
    wait_s = answer.headers.get("retry-after")
    return {"refusal": answer.json().get("code"), "retryAfterMs": int(wait_s) * 1000 if wait_s else None}


def _field(status: int, body: Any) -> Any:
    errors = body.get("errors") if isinstance(body, dict) else None
    code = errors[0].get("extensions", {}).get("code") if errors else None
    if status == httpx.codes.UNAUTHORIZED:
        raise NotAdmitted("the session is over")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS or code in _TRY_LATER:
        raise Unreachable(f"HTTP {status} {code or ''}: {errors[0]['message'] if errors else body}")
    if errors or status != httpx.codes.OK:
        raise NotUnderstood(f"HTTP {status}: {errors or body}")
    return next(iter(body["data"].values()))
