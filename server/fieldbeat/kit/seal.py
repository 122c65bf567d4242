"""Opaque tokens that a client carries for us (page cursors, sync cursors, ratchets) and cannot forge or lend.

A seal is HMAC-SHA256 (RFC 2104, cut to 128 bits) over its purpose and payload. The payload can be read by whoever holds
the token: seal nothing secret.
"""

import base64
import binascii
import hmac

from fieldbeat.kit.refusal import Refusal

_MAC_BYTES = 16


class SealBroken(Refusal):
    """The token was not issued by this service for this use."""


def seal(purpose: str, payload: bytes, key: bytes) -> str:
    """`payload` as a URL-safe token that only `unseal` with the same purpose and key opens."""
    return base64.urlsafe_b64encode(_mac(purpose, payload, key) + payload).rstrip(b"=").decode()


def unseal(purpose: str, token: str, key: bytes) -> bytes:
    """The payload of a token that `seal` made. Refuses (`SealBroken`) every other one, in constant time."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise SealBroken from None
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(purpose, payload, key)):
        raise SealBroken
    return payload


def _mac(purpose: str, payload: bytes, key: bytes) -> bytes:
    # NUL ends the purpose, so that no payload can be read as part of another purpose.
    return hmac.digest(key, purpose.encode() + b"\0" + payload, "sha256")[:_MAC_BYTES]
