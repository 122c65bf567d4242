"""What every resolver is given, and who is let in: an operation that needs a token is refused before any of it runs."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import strawberry
from starlette.requests import HTTPConnection

from fieldbeat import records
from fieldbeat.exchange.poke import Pokes
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.settings import Settings
from fieldbeat.people.keys import KeyRing, Keys
from fieldbeat.people.model import Origin, SignedIn, Unauthenticated
from fieldbeat.people.rules import client_address, is_forwarded
from fieldbeat.people.sessions import authenticate
from fieldbeat.portal.model import Customer
from fieldbeat.portal.sessions import authenticate_customer
from fieldbeat.portal.tokens import is_portal_token
from fieldbeat_graphql.loaders import KeyT, Loaders, Read, ReadBy, ValueT

PUBLIC_FIELDS = frozenset({"signIn", "refreshSession", "__typename", "__schema", "__type"})
PUSH_FIELDS = PUBLIC_FIELDS | {"syncPush", "registerDevice"}  # of an install that is his already
PORTAL_FIELDS = frozenset({"portal", "portalCreateTicket", "portalAddMessage", "portalRateTicket"})  # customers' alone

GONE = "This account was deactivated: only edits made offline are still taken."


@dataclass
class Context:
    """One operation's surroundings. `keys` is there once it was admitted, and one of `signed_in` and `bearer`."""

    db: Db
    ring: KeyRing
    settings: Settings
    origin: Origin
    pokes: Pokes
    token: str | None
    signed_in: SignedIn | None = None
    bearer: Customer | None = None
    keys: Keys | None = None
    loaders: Loaders = field(default_factory=Loaders)
    connection_params: dict[str, Any] | None = None  # of a WebSocket: set by its connection_init

    @property
    def session(self) -> SignedIn:
        """Who asks. Refuses (`Unauthenticated`) when nobody does."""
        if self.signed_in is None:
            raise Unauthenticated
        return self.signed_in

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.session.actor

    @property
    def customer(self) -> Customer:
        """Which customer asks. Refuses (`Unauthenticated`) when none does."""
        if self.bearer is None:
            raise Unauthenticated
        return self.bearer

    @property
    def tenant_id(self) -> UUID:
        """Whose rows may be asked for."""
        return self.bearer.tenant_id if self.bearer else self.actor.tenant_id

    @property
    def push_only(self) -> bool:
        """Whether the actor was deactivated and may only hand in what he edited offline."""
        return self.session.push_only

    @property
    def received_at(self) -> datetime:
        """PostgreSQL's clock when the operation was admitted."""
        return self.session.at

    @property
    def seal_key(self) -> bytes:
        """The key that seals cursors."""
        if self.keys is None:
            raise Unauthenticated
        return self.keys.seal_key

    def reading(self) -> AbstractAsyncContextManager[Conn]:
        """A snapshot of the actor's tenant."""
        return self.db.reading(self.actor.tenant_id)

    def noting(self) -> AbstractAsyncContextManager[Conn]:
        """A writing transaction of the actor's tenant, for reads that write a note of themselves."""
        return self.db.writing(self.actor.tenant_id)

    def changing(self) -> AbstractAsyncContextManager[records.Tx]:
        """A transaction of the actor's tenant that changes records; those whom it concerns are told once it is over."""
        return records.writing(self.db, self.actor.tenant_id)

    async def load(self, read: Read[KeyT, ValueT], key: KeyT) -> ValueT | None:
        """What a scoped read finds under `key`, batched with the operation's other keys."""
        return await self.loaders.load(self, read, key)

    async def load_noted(self, read: Read[KeyT, ValueT], key: KeyT) -> ValueT | None:
        """As `load`, of a read that writes a note of itself."""
        return await self.loaders.load(Noting(self), read, key)

    async def load_own(self, read: ReadBy[Customer, KeyT, ValueT], key: KeyT) -> ValueT | None:
        """As `load`, for the customer who asks."""
        return await self.loaders.load(Visiting(self), read, key)

    def for_operation(self) -> "Context":
        """The same surroundings for one operation: with loaders of its own, and nobody admitted yet."""
        return replace(self, signed_in=None, bearer=None, keys=None, loaders=Loaders())

    async def renew(self) -> Actor:
        """Who asks, for the next event of a subscription: asked anew, and what was read before is forgotten.

        Refuses (`Unauthenticated`) when his session has ended.
        """
        if self.token is None:
            raise Unauthenticated
        signed_in = await authenticate(self.db, self.ring, self.token)
        if signed_in.push_only:
            raise Unauthenticated(GONE)
        self.signed_in, self.loaders = signed_in, Loaders()
        return signed_in.actor

    async def admit(self, root_fields: frozenset[str]) -> None:
        """Lets the bearer of the token in. Refuses (`Unauthenticated`) unless all of `root_fields` are open to him."""
        if root_fields <= PUBLIC_FIELDS:
            return
        if self.token is None:
            raise Unauthenticated
        if is_portal_token(self.token):
            await self._admit_customer(self.token, root_fields)
            return
        if root_fields & PORTAL_FIELDS:
            raise Unauthenticated("The portal is opened by a portal token.")
        signed_in = await authenticate(self.db, self.ring, self.token)
        if signed_in.push_only and not root_fields <= PUSH_FIELDS:
            raise Unauthenticated(GONE)
        self.signed_in, self.keys = signed_in, await self.ring.current()

    async def _admit_customer(self, token: str, root_fields: frozenset[str]) -> None:
        bearer = await authenticate_customer(self.db, token, address=self.origin.address)
        if not root_fields <= PORTAL_FIELDS | PUBLIC_FIELDS:
            raise Unauthenticated("A portal token opens the portal alone.")
        self.bearer, self.keys = bearer, await self.ring.current()


@dataclass(frozen=True)
class Noting:
    """Reads in writing transactions of the actor's tenant."""

    context: Context

    @property
    def actor(self) -> Actor:
        """Who reads."""
        return self.context.actor

    def reading(self) -> AbstractAsyncContextManager[Conn]:
        """A writing transaction."""
        return self.context.noting()


@dataclass(frozen=True)
class Visiting:
    """Reads of a customer."""

    context: Context

    @property
    def actor(self) -> Customer:
        """Who reads."""
        return self.context.customer

    def reading(self) -> AbstractAsyncContextManager[Conn]:
        """A snapshot of his tenant; the reads keep to his account."""
        return self.context.db.reading(self.actor.tenant_id)


Info: TypeAlias = strawberry.Info[Context, None]


def context_of(connection: HTTPConnection) -> Context:
    """The surroundings of a request or WebSocket, from the application's state and the connection's headers."""
    state, headers = connection.app.state, connection.headers
    settings: Settings = state.settings
    peer = connection.client.host if connection.client else ""
    forwarded_for = ",".join(headers.getlist("x-forwarded-for"))  # a proxy may add a line of its own
    address = client_address(peer, forwarded_for, proxies=settings.proxies)
    origin = Origin(settings.listens_on_loopback, headers.get("host", ""), is_forwarded(headers.keys()), address)
    token = bearer_token(headers.get("authorization"))
    return Context(state.db, state.key_ring, settings, origin, state.pokes, token)


def bearer_token(authorization: object) -> str | None:
    """The token of an `Authorization: Bearer …` value (RFC 6750 section 2.1)."""
    scheme, _, token = authorization.partition(" ") if isinstance(authorization, str) else ("", "", "")
    return token.strip() or None if scheme.lower() == "bearer" else None
