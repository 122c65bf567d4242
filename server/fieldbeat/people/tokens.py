"""The access token is a JWT (RFC 7519, HS256) that names its key; the refresh token is a secret that names its row.

Signing and reading are pure; whether a token is still good is asked of the database (`sessions.authenticate`).
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

import jwt

from fieldbeat.kit.ids import uuid7
from fieldbeat.people.keys import Keys
from fieldbeat.people.model import RefreshRefused, Unauthenticated

_ALGORITHM = "HS256"
_ISSUER = "fieldbeat"
_SECRET_BYTES = 32
_KEPT_MAX = 4_096  # tokens that a process need not take apart again; some 2 MB
# Expiry is compared with PostgreSQL's clock, so the library must not look at the process's.
_OPTIONS: jwt.types.Options = {"verify_exp": False, "verify_iat": False, "require": ["exp", "sub", "tenant", "family"]}


@dataclass(frozen=True)
class Claims:
    """What an access token says. `family_id`: the sign-in that it came from."""

    tenant_id: UUID
    user_id: UUID
    family_id: UUID
    expires_at: datetime


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token taken apart. Only the secret's hash is kept."""

    tenant_id: UUID
    token_id: UUID
    secret: bytes

    @property
    def token_hash(self) -> bytes:
        """The secret has 256 random bits, so that a plain hash will do."""
        return hashlib.sha256(self.secret).digest()

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(self.tenant_id.bytes + self.token_id.bytes + self.secret).rstrip(b"=").decode()


def sign_access(keys: Keys, claims: Claims) -> str:
    """The access token for these claims."""
    body = {
        "iss": _ISSUER,
        "sub": str(claims.user_id),
        "tenant": str(claims.tenant_id),
        "family": str(claims.family_id),
        "exp": int(claims.expires_at.timestamp()),
    }
    return jwt.encode(body, keys.signing, algorithm=_ALGORITHM, headers={"kid": keys.kid})


@lru_cache(maxsize=_KEPT_MAX)
def kid_of(token: str) -> str:
    """The key that a token names, not yet believed. Refuses (`Unauthenticated`) what is no token."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except jwt.InvalidTokenError:
        kid = None
    if not isinstance(kid, str):
        raise Unauthenticated("This is not an access token.")
    return kid


def read_access(keys: Keys, token: str) -> Claims:
    """What a token of ours says, expired or not. Refuses (`Unauthenticated`) a forged one or one of a key gone by."""
    secret = keys.verifying.get(kid_of(token))
    if secret is None:
        raise Unauthenticated("This access token is not valid.")
    return _claims(secret, token)


@lru_cache(maxsize=_KEPT_MAX)
def _claims(secret: bytes, token: str) -> Claims:
    """What a token says never changes; whether it is worth anything is asked of the database each time."""
    try:
        body = jwt.decode(token, secret, algorithms=[_ALGORITHM], issuer=_ISSUER, options=_OPTIONS)
        expires_at = datetime.fromtimestamp(body["exp"], tz=UTC)
        return Claims(UUID(body["tenant"]), UUID(body["sub"]), UUID(body["family"]), expires_at)
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise Unauthenticated("This access token is not valid.") from None


def new_refresh_token(tenant_id: UUID) -> RefreshToken:
    """A fresh secret."""
    return RefreshToken(tenant_id, uuid7(), secrets.token_bytes(_SECRET_BYTES))


def read_refresh_token(text: str) -> RefreshToken:
    """Takes a refresh token apart. Refuses (`RefreshRefused`) what cannot be one."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise RefreshRefused from None
    if len(raw) != 32 + _SECRET_BYTES:
        raise RefreshRefused
    return RefreshToken(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])
