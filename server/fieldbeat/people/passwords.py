"""Password hashing: argon2id (RFC 9106), off the event loop, as much work for an unknown person as for a known one."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()  # RFC 9106's low-memory choice: 64 MiB, 3 passes
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="argon2")  # bounds memory: a wave of sign-ins queues here
_NOBODY = _HASHER.hash(secrets.token_hex())


async def hash_password(password: str) -> str:
    """The encoded hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one hashed; None (an unknown person) costs the same and is never true."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, password, password_hash)


def initial_password() -> str:
    """A random password to hand to a new person."""
    return secrets.token_urlsafe(12)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
