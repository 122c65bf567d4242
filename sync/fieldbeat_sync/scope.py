"""What a device should hold: scope ids, and the checksum by which device and server agree that they hold the same.

Source: contract of the feed, docs/protocol.md "Checksum".
"""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

TENANT = "tenant"
MODULUS = 1 << 64


def territory(territory_id: object) -> str:
    """The scope of what belongs to a territory."""
    return f"territory:{territory_id}"


def user(user_id: object) -> str:
    """The scope of what belongs to one person alone."""
    return f"user:{user_id}"


def ids_of(kind: str, scopes: Iterable[str]) -> set[UUID]:
    """The ids in those of `scopes` that are of one kind."""
    return {UUID(scope_id.removeprefix(f"{kind}:")) for scope_id in scopes if scope_id.startswith(f"{kind}:")}


def row_hash(collection: str, record_id: object, rev: int) -> int:
    """The first 8 bytes, big-endian, of SHA-256 of `collection:id:rev`."""
    return int.from_bytes(sha256(f"{collection}:{record_id}:{rev}".encode()).digest()[:8], "big")


def checksum(hashes: Iterable[int]) -> str:
    """The sum modulo 2^64 of row hashes as 16 hex digits."""
    return digits(sum(hashes) % MODULUS)


def digits(total: int) -> str:
    """A checksum as it travels."""
    return f"{total:016x}"
