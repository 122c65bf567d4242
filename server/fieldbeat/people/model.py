"""The nouns of people: a person, a session, where a request came from; and what may be refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.refusal import Refusal
from fieldbeat_sync.schema import Role


@dataclass(frozen=True)
class Person:
    """One member of a tenant."""

    id: UUID
    rev: int
    name: str
    email: str
    role: Role
    manager_id: UUID | None
    time_zone: str
    skills: tuple[str, ...]
    deactivated_at: datetime | None


@dataclass(frozen=True)
class NewPerson:
    """A person about to be created."""

    id: UUID
    name: str
    email: str
    role: Role
    manager_id: UUID | None = None
    time_zone: str = "UTC"
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a request came from, as far as the rules of signing in care."""

    listens_on_loopback: bool  # the server's own address
    host: str  # the request's Host header, '' when absent
    forwarded: bool  # some header says that a proxy passed it on
    address: str = ""  # the client's


@dataclass(frozen=True)
class Login:
    """What an e-mail leads to. The password is checked inside the tenant."""

    tenant_id: UUID
    user_id: UUID
    demo: bool


@dataclass(frozen=True)
class Session:
    """What a successful sign-in or refresh hands out. `expires_in_s` is of the access token."""

    access_token: str
    refresh_token: str
    expires_in_s: int
    actor: Actor
    person: Person


@dataclass(frozen=True)
class Standing:
    """What the bearer of an access token is now; `live`: he has not signed out."""

    role: Role
    deactivated_at: datetime | None
    at: datetime
    live: bool


@dataclass(frozen=True)
class SignedIn:
    """The bearer of a valid access token. `push_only`: deactivated, may still hand in what was edited offline.

    `at` is PostgreSQL's clock when the request was admitted.
    """

    actor: Actor
    family_id: UUID
    push_only: bool
    at: datetime


class SignInRefused(Refusal):
    """E-mail or password is wrong."""

    code = "INVALID_CREDENTIALS"


class DemoIsLocal(SignInRefused):
    """The demo company's passwords are public: it opens only to this machine, without a proxy in between."""

    code = "DEMO_IS_LOCAL"


class TooManyAttempts(SignInRefused):
    """Too many attempts have failed: wait, then try again."""

    code = "TOO_MANY"

    def __init__(self, *, retry_after_ms: int) -> None:
        self.retry_after_ms = retry_after_ms
        super().__init__()


class PasswordWrong(SignInRefused):
    """This is not your present password."""

    def __init__(self) -> None:
        super().__init__(fields=("currentPassword",))


class RefreshRefused(SignInRefused):
    """This refresh token is unknown, expired or revoked: sign in again."""

    code = "INVALID_TOKEN"


class Unauthenticated(Refusal):
    """A valid access token is needed."""

    code = "UNAUTHENTICATED"


class EmailTaken(Refusal):
    """Somebody else signs in with this e-mail."""

    code = "UNIQUE"

    def __init__(self) -> None:
        super().__init__(fields=("email",))


class ReportsInCircle(Refusal):
    """A person cannot report to himself, directly or through others."""

    code: ClassVar[str] = "INVALID"

    def __init__(self) -> None:
        super().__init__(fields=("managerId",))
