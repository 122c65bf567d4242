"""The queries of people as typed functions; no decisions here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.people.model import Login, Person, Standing
from fieldbeat_sync.schema import Role

SQL = load(__file__)


@dataclass(frozen=True)
class KeptToken:
    """A refresh token as it stands under its lock."""

    family_id: UUID
    user_id: UUID
    token_hash: bytes
    expired: bool
    revoked: bool
    used: bool
    raced: bool
    demo: bool


@dataclass(frozen=True)
class KeyRow:
    """A key as it is kept."""

    kid: str
    purpose: str
    secret: bytes
    is_current: bool


async def find_login(conn: Conn, email: str) -> Login | None:
    """Whose e-mail this is, over all tenants."""
    row = await conn.fetchrow(SQL["find_login"], email)
    return Login(**row) if row else None


async def claim_login(conn: Conn, email: str, user_id: UUID) -> bool:
    """Takes the e-mail for a person of this tenant; False when somebody else has it."""
    return bool(await conn.fetchval(SQL["claim_login"], email, user_id))


async def create_tenant(conn: Conn, tenant_id: UUID, *, name: str, demo: bool) -> None:
    """Opens a company."""
    await conn.execute(SQL["create_tenant"], tenant_id, name, demo)


async def put_credential(conn: Conn, tenant_id: UUID, user_id: UUID, password_hash: str) -> None:
    """Sets a person's password."""
    await conn.execute(SQL["put_credential"], tenant_id, user_id, password_hash)


async def password_hash(conn: Conn, tenant_id: UUID, user_id: UUID) -> str | None:
    """The hash of someone who may sign in."""
    found: str | None = await conn.fetchval(SQL["password_hash"], tenant_id, user_id)
    return found


async def has_password(conn: Conn, tenant_id: UUID, user_id: UUID, password_hash: str | None) -> bool:
    """Whether it is a person's still. Locks it against change to the end of the transaction."""
    return await conn.fetchval(SQL["has_password"], tenant_id, user_id, password_hash) is not None


async def replace_credential(conn: Conn, actor: Actor, known_hash: str, password_hash: str) -> bool:
    """Sets the actor's password unless it was changed since `known_hash` was read; whether it did."""
    asked = (actor.tenant_id, actor.user_id, known_hash, password_hash)
    return await conn.fetchval(SQL["replace_credential"], *asked) is not None


async def attempts_wait_ms(conn: Conn, subjects: Sequence[bytes]) -> int:
    """For how long the longest of them waits; 0: none does."""
    return await conn.fetchval(SQL["attempts_wait"], subjects) or 0


async def note_failures(conn: Conn, free: Mapping[bytes, int]) -> None:
    """One more failure of each; `free`: how many cost no wait."""
    await conn.execute(SQL["note_failures"], list(free), list(free.values()))


async def forget_failures(conn: Conn, subject: bytes) -> int:
    """Begins anew; for how many milliseconds it waited still."""
    return await conn.fetchval(SQL["forget_failures"], subject) or 0


async def forget_old_failures(conn: Conn) -> int:
    """Those of more than a day ago; returns how many."""
    tag = await conn.execute(SQL["forget_old_failures"])
    return int(tag.rsplit(" ", 1)[-1])


async def revoke_sessions(conn: Conn, tenant_id: UUID, user_id: UUID, *, but: UUID | None) -> None:
    """Ends all sessions of a person but the one of a family; also one that is being refreshed."""
    await _to_the_last(conn, SQL["revoke_sessions"], tenant_id, user_id, but)


async def issue_refresh_token(
    conn: Conn, tenant_id: UUID, *, token_id: UUID, family_id: UUID, user_id: UUID, token_hash: bytes, days: int
) -> None:
    """Keeps a refresh token that was just minted."""
    await conn.execute(SQL["issue_refresh_token"], tenant_id, token_id, family_id, user_id, token_hash, days)


async def lock_refresh_token(conn: Conn, tenant_id: UUID, token_id: UUID) -> KeptToken | None:
    """The token under a row lock that lasts until the transaction ends."""
    row = await conn.fetchrow(SQL["lock_refresh_token"], tenant_id, token_id)
    return KeptToken(**row) if row else None


async def use_refresh_token(conn: Conn, tenant_id: UUID, token_id: UUID) -> None:
    """Marks the token as rotated."""
    await conn.execute(SQL["use_refresh_token"], tenant_id, token_id)


async def revoke_family(conn: Conn, tenant_id: UUID, family_id: UUID) -> None:
    """Ends every session that came from one sign-in; also one that is being refreshed."""
    await _to_the_last(conn, SQL["revoke_family"], tenant_id, family_id)


async def _to_the_last(conn: Conn, update: str, *arguments: object) -> None:
    """A statement that waited for a refresh does not see the successor that it made; the next one does."""
    while await conn.execute(update, *arguments) != "UPDATE 0":
        pass


async def standing(conn: Conn, user_id: UUID, family_id: UUID) -> Standing | None:
    """What an access token's bearer is now; None when there is no such person."""
    row = await conn.fetchrow(SQL["standing"], user_id, family_id)
    return Standing(Role(row["role"]), row["deactivated_at"], row["at"], row["live"]) if row else None


async def clock(conn: Conn) -> datetime:
    """PostgreSQL's time."""
    now: datetime = await conn.fetchval(SQL["clock"])
    return now


async def people_by_ids(conn: Conn, tenant_id: UUID, ids: Collection[UUID]) -> list[Person]:
    """Those that exist."""
    return [_person(row) for row in await conn.fetch(SQL["people_by_ids"], tenant_id, list(ids))]


async def people_page(conn: Conn, tenant_id: UUID, *, limit: int, after: tuple[str, UUID] | None) -> list[Person]:
    """A page by name, then id."""
    name, last_id = after or (None, None)
    return [_person(row) for row in await conn.fetch(SQL["people_page"], tenant_id, limit, name, last_id)]


async def people_below(conn: Conn, tenant_id: UUID, user_id: UUID) -> frozenset[UUID]:
    """A person and everyone below."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["people_below"], tenant_id, user_id))


async def everyone(conn: Conn, tenant_id: UUID) -> frozenset[UUID]:
    """All people of the tenant."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["everyone"], tenant_id))


async def manager_chain(conn: Conn, tenant_id: UUID, user_id: UUID) -> frozenset[UUID]:
    """A person and everyone above."""
    return frozenset(row["id"] for row in await conn.fetch(SQL["manager_chain"], tenant_id, user_id))


async def lock_reporting_line(conn: Conn, tenant_id: UUID) -> None:
    """Makes changes of the reporting line wait for each other, until the transaction ends."""
    await conn.execute(SQL["lock_reporting_line"], str(tenant_id))


async def deactivate(conn: Conn, tenant_id: UUID, user_id: UUID) -> None:
    """Nothing when done before."""
    await conn.execute(SQL["deactivate"], tenant_id, user_id)


async def current_keys(conn: Conn) -> list[KeyRow]:
    """Every key that is good for something now, the newest first."""
    return [KeyRow(**row) for row in await conn.fetch(SQL["current_keys"])]


async def add_key(conn: Conn, *, kid: str, purpose: str, secret: bytes) -> None:
    """Nothing when another process was faster."""
    await conn.execute(SQL["add_key"], kid, purpose, secret)


async def retire_key(conn: Conn, purpose: str, *, verifies_for_s: int) -> None:
    """The current key signs no more; what it signed still verifies for a while."""
    await conn.execute(SQL["retire_key"], purpose, verifies_for_s)


def _person(row: Record) -> Person:
    return Person(
        row["id"],
        row["rev"],
        row["name"],
        row["email"],
        Role(row["role"]),
        row["manager_id"],
        row["time_zone"],
        tuple(row["skills"]),
        row["deactivated_at"],
    )
