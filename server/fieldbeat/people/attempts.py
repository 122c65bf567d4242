"""Guessing is slowed down: failed attempts are counted by e-mail and by the client's address, in the database, so that
all processes know of them. Beyond a few, each further failure doubles the wait (docs/operating/security.md).

An e-mail that nobody has counts like any other, and while one waits the right password is refused like a wrong one: the
answers tell nothing. Whatever succeeds is not counted.
"""

import hashlib
import ipaddress
from dataclasses import dataclass

from fieldbeat.kit.db import Conn, Db
from fieldbeat.people import store
from fieldbeat.people.model import TooManyAttempts

FREE_AN_EMAIL = 5
FREE_AN_ADDRESS = 50  # many people may sit behind one
FREE_A_PORTAL_ADDRESS = 20
ADDRESS_BITS_V6 = 64  # what one customer of a provider has


@dataclass(frozen=True)
class Subject:
    """What failures are counted of; the first that costs a wait is number `free`."""

    name: str
    free: int

    @property
    def digest(self) -> bytes:
        """How it is kept."""
        return hashlib.sha256(self.name.encode()).digest()


def of_email(email: str) -> Subject:
    """An e-mail, whether somebody has it or not; all that the database takes for one is one.

    PostgreSQL's `lower` takes letter for letter: İ is i, which in Python are two.
    """
    folded = "".join(letter.lower()[0] for letter in email.strip())
    return Subject(f"email:{folded}", FREE_AN_EMAIL)


def of_address(address: str, *, portal: bool = False) -> list[Subject]:
    """A client's address; none for this machine itself, which may be a proxy that speaks for everybody."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return []
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped  # how a socket for both kinds shows the older one: all would be of one /64
    if found.is_loopback:
        return []
    if found.version == 6:
        found = ipaddress.ip_network((found, ADDRESS_BITS_V6), strict=False).network_address
    kind, free = ("portal", FREE_A_PORTAL_ADDRESS) if portal else ("address", FREE_AN_ADDRESS)
    return [Subject(f"{kind}:{found}", free)]


async def check(conn: Conn, subjects: list[Subject]) -> None:
    """Refuses (`TooManyAttempts`) while one of them waits."""
    wait_ms = await store.attempts_wait_ms(conn, [each.digest for each in subjects])
    if wait_ms:
        raise TooManyAttempts(retry_after_ms=wait_ms)


async def note_failure(db: Db, subjects: list[Subject]) -> None:
    """One more of each."""
    if subjects:
        async with db.unscoped() as conn:
            await store.note_failures(conn, {each.digest: each.free for each in subjects})


async def forget(conn: Conn, subject: Subject) -> None:
    """He has proved who he is. Refuses (`TooManyAttempts`) when others failed meanwhile until it waits: of guesses made
    at once no more count than of guesses made one after the other."""
    wait_ms = await store.forget_failures(conn, subject.digest)
    if wait_ms:
        raise TooManyAttempts(retry_after_ms=wait_ms)
