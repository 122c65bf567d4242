"""The deployment's keys: one signs access tokens and is rotated, one seals cursors and stays.

They live in the database, so that every API process has the same ones, and are cached for a short while in each.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldbeat.kit.db import Db
from fieldbeat.people import store

KEPT_FOR_S = 30  # how long a process may sign with a key that another one has retired
RELOAD_AFTER_S = 1  # how often an unknown kid may send a process to the database
ACCESS, SEAL = "ACCESS", "SEAL"


@dataclass(frozen=True)
class Keys:
    """What this deployment signs with now, and what it verifies."""

    kid: str
    verifying: Mapping[str, bytes] = field(repr=False)  # by kid; holds the signing one, too
    seal_key: bytes = field(repr=False)

    @property
    def signing(self) -> bytes:
        """The secret of `kid`."""
        return self.verifying[self.kid]


async def load_keys(db: Db) -> Keys:
    """The keys; made on first need, once, however many processes start together."""
    async with db.unscoped() as conn:
        rows = await store.current_keys(conn)
        missing = {ACCESS, SEAL} - {row.purpose for row in rows if row.is_current}
        for purpose in sorted(missing):
            await store.add_key(conn, kid=_new_kid(), purpose=purpose, secret=secrets.token_bytes(32))
        if missing:
            rows = await store.current_keys(conn)
    current = {row.purpose: row for row in rows if row.is_current}
    verifying = {row.kid: row.secret for row in rows if row.purpose == ACCESS}
    return Keys(current[ACCESS].kid, verifying, current[SEAL].secret)


async def rotate_key(db: Db, *, access_token_ttl_s: int) -> str:
    """A new key signs from now on; tokens of the old one verify until they expire. Returns the new kid."""
    kid = _new_kid()
    async with db.unscoped() as conn:
        await store.retire_key(conn, ACCESS, verifies_for_s=access_token_ttl_s + 2 * KEPT_FOR_S)
        await store.add_key(conn, kid=kid, purpose=ACCESS, secret=secrets.token_bytes(32))
    return kid


class KeyRing:
    """The keys as one process knows them."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._keys: Keys | None = None
        self._loaded_at = 0.0  # of the process's monotonic clock: it measures an age, it tells no time

    async def current(self) -> Keys:
        """The keys, at most `KEPT_FOR_S` old."""
        return await self._not_older_than(KEPT_FOR_S)

    async def knowing(self, kid: str) -> Keys:
        """The keys, read again for a kid that another process may have made since."""
        keys = await self.current()
        return keys if kid in keys.verifying else await self._not_older_than(RELOAD_AFTER_S)

    async def _not_older_than(self, age_s: float) -> Keys:
        if self._keys is None or time.monotonic() - self._loaded_at >= age_s:
            self._keys = await load_keys(self._db)
            self._loaded_at = time.monotonic()
        return self._keys


def _new_kid() -> str:
    return secrets.token_urlsafe(8)
