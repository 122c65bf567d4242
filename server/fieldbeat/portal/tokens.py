"""A portal token names its row and proves that it was given: 256 random bits, of which a plain hash is kept."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from fieldbeat.kit.ids import uuid7
from fieldbeat.people.model import Unauthenticated

PREFIX = "portal_"  # tells it from an access token, and a scanner of leaked secrets what it has found
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Token:
    """A token taken apart."""

    tenant_id: UUID
    token_id: UUID
    secret: bytes

    @property
    def token_hash(self) -> bytes:
        """What is kept of the secret."""
        return hashlib.sha256(self.secret).digest()

    def __str__(self) -> str:
        raw = self.tenant_id.bytes + self.token_id.bytes + self.secret
        return PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_token(tenant_id: UUID) -> Token:
    """A fresh secret."""
    return Token(tenant_id, uuid7(), secrets.token_bytes(_SECRET_BYTES))


def is_portal_token(text: str) -> bool:
    """Whether it claims to be one."""
    return text.startswith(PREFIX)


def read_token(text: str) -> Token:
    """Takes a token apart, not yet believed. Refuses (`Unauthenticated`) what cannot be one."""
    try:
        body = text.removeprefix(PREFIX).encode("ascii")
        raw = base64.b64decode(body + b"=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Unauthenticated("This is not a portal token.") from None
    if len(raw) != 32 + _SECRET_BYTES:
        raise Unauthenticated("This is not a portal token.")
    return Token(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])
