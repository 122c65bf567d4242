"""The way to the server: GraphQL over httpx, signing in when it must, and three kinds of failure.

Unreachable      no answer, or one that settles nothing (5xx, 429, a deadline): try again later
NotAdmitted      the password or the person is refused
NotUnderstood    the server calls the request itself wrong: a fault of this client
"""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

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
        self.user_id: str | None = None

    async def ask(self, name: str, **variables: Any) -> Any:
        """Send a committed document and return the one field that it asks for. Signs in first, and again on a 401."""
        if not self._access:
            await self._admit()
        status, body = await self._post(name, variables)
        if status == httpx.codes.UNAUTHORIZED:
            await self._admit()
            status, body = await self._post(name, variables)
        return _field(status, body)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

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
        headers = {"authorization": f"Bearer {self._access}"} if self._access else {}
        body = {"query": document(name), "variables": variables}
        try:
            answer = await self._client.post("/graphql", json=body, headers=headers)
            return answer.status_code, answer.json()
        except (httpx.TransportError, ValueError) as failure:
            raise Unreachable(f"{name}: {type(failure).__name__} {failure}") from failure


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
