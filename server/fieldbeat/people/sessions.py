"""How a person proves who he is: sign-in, refresh, sign-out, and what a token is worth now.

A session is one sign-in: a family of refresh tokens of which one is unused at a time (RFC 9700 section 4.14.2). These
verbs start without a tenant, so they open their transactions themselves; a refusal is raised after the commit, so that
what it taught us (a replayed token) stands.
"""

import hmac
from datetime import timedelta
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.settings import Settings
from fieldbeat.people import attempts, store
from fieldbeat.people.attempts import Subject
from fieldbeat.people.keys import KeyRing, Keys
from fieldbeat.people.model import (
    Login,
    Origin,
    Person,
    RefreshRefused,
    Session,
    SignedIn,
    SignInRefused,
    Standing,
    Unauthenticated,
)
from fieldbeat.people.passwords import verify_password
from fieldbeat.people.rules import check_demo_is_local, is_email, may_still_push
from fieldbeat.people.tokens import (
    Claims,
    RefreshToken,
    kid_of,
    new_refresh_token,
    read_access,
    read_refresh_token,
    sign_access,
)

_NOBODY = Login(UUID(int=0), UUID(int=0), demo=False)


async def sign_in(db: Db, ring: KeyRing, settings: Settings, *, email: str, password: str, origin: Origin) -> Session:
    """A new session. Refuses (`SignInRefused`) without telling, even by its time, which of the two is wrong;
    `TooManyAttempts` when many have failed of this e-mail, or from this address.
    """
    keys = await ring.current()
    subject, elsewhere = attempts.of_email(email), attempts.of_address(origin.address)
    login = await _find_login(db, email.strip(), [subject, *elsewhere]) or _NOBODY
    if login.demo:
        check_demo_is_local(origin)
    async with db.reading(login.tenant_id) as conn:
        password_hash = await store.password_hash(conn, login.tenant_id, login.user_id)
    if not await verify_password(password, password_hash):
        await attempts.note_failure(db, [subject, *elsewhere])
        raise SignInRefused
    async with db.writing(login.tenant_id) as conn:
        await attempts.forget(conn, subject)
        if not await store.has_password(conn, login.tenant_id, login.user_id, password_hash):
            raise SignInRefused  # it was changed meanwhile
        return await _issue(conn, keys, settings, tenant_id=login.tenant_id, user_id=login.user_id, family_id=uuid7())


async def refresh_session(db: Db, ring: KeyRing, settings: Settings, *, refresh_token: str, origin: Origin) -> Session:
    """The session's next pair of tokens; the presented one is spent. Refuses (`SignInRefused`).

    A spent token presented again revokes the whole family: either it or its successor was stolen.
    *Locks*: the token's row, so that concurrent refreshes have one successor.
    """
    token = read_refresh_token(refresh_token)
    keys = await ring.current()
    async with db.writing(token.tenant_id) as conn:
        session = await _rotate(conn, keys, settings, token, origin)
    if session is None:
        raise RefreshRefused
    return session


async def sign_out(db: Db, signed_in: SignedIn) -> None:
    """Ends the session: its refresh tokens and, with them, its access tokens."""
    async with db.writing(signed_in.actor.tenant_id) as conn:
        await store.revoke_family(conn, signed_in.actor.tenant_id, signed_in.family_id)


async def authenticate(db: Db, ring: KeyRing, token: str) -> SignedIn:
    """Who bears this access token. The role is the one of now, not of the day when the token was signed.

    Refuses (`Unauthenticated`) a token that is forged, expired, signed out, or of a person deactivated too long ago.
    """
    claims = await claims_of(ring, token)
    async with db.reading(claims.tenant_id) as conn:
        standing = await store.standing(conn, claims.user_id, claims.family_id)
    return signed_in_by(claims, standing)


async def claims_of(ring: KeyRing, token: str) -> Claims:
    """What an access token says, whatever it is worth now. Refuses (`Unauthenticated`) a forged one."""
    return read_access(await ring.knowing(kid_of(token)), token)


def signed_in_by(claims: Claims, standing: Standing | None) -> SignedIn:
    """Who bears a token with these claims, by how his session stands in the database. Refuses (`Unauthenticated`)."""
    if standing is None or not standing.live:
        raise Unauthenticated("This session has ended.")
    if standing.at >= claims.expires_at:
        raise Unauthenticated("This access token has expired.")
    gone_at = standing.deactivated_at
    if gone_at is not None and not may_still_push(gone_at, at=standing.at):
        raise Unauthenticated("This session has ended.")
    actor = Actor(claims.tenant_id, claims.user_id, standing.role)
    return SignedIn(actor, claims.family_id, push_only=gone_at is not None, at=standing.at)


async def _find_login(db: Db, email: str, subjects: list[Subject]) -> Login | None:
    async with db.unscoped() as conn:
        await attempts.check(conn, subjects)
        return await store.find_login(conn, email) if is_email(email) else None


async def _rotate(conn: Conn, keys: Keys, settings: Settings, token: RefreshToken, origin: Origin) -> Session | None:
    kept = await store.lock_refresh_token(conn, token.tenant_id, token.token_id)
    if kept is None or not hmac.compare_digest(kept.token_hash, token.token_hash):
        return None
    if kept.demo:
        check_demo_is_local(origin)
    if kept.used and not kept.raced:
        await store.revoke_family(conn, token.tenant_id, kept.family_id)
    if kept.used or kept.expired or kept.revoked:
        return None
    if await _has_gone(conn, kept.user_id, kept.family_id):
        return None
    await store.use_refresh_token(conn, token.tenant_id, token.token_id)
    return await _issue(conn, keys, settings, tenant_id=token.tenant_id, user_id=kept.user_id, family_id=kept.family_id)


async def _has_gone(conn: Conn, user_id: UUID, family_id: UUID) -> bool:
    standing = await store.standing(conn, user_id, family_id)
    if standing is None:
        return True
    # Somebody deactivated still gets tokens for a while: his phone may hold edits.
    return standing.deactivated_at is not None and not may_still_push(standing.deactivated_at, at=standing.at)


async def _issue(
    conn: Conn, keys: Keys, settings: Settings, *, tenant_id: UUID, user_id: UUID, family_id: UUID
) -> Session:
    refresh = new_refresh_token(tenant_id)
    await store.issue_refresh_token(
        conn,
        tenant_id,
        token_id=refresh.token_id,
        family_id=family_id,
        user_id=user_id,
        token_hash=refresh.token_hash,
        days=settings.refresh_token_ttl_days,
    )
    person = await _person(conn, tenant_id, user_id)
    expires_at = await store.clock(conn) + timedelta(seconds=settings.access_token_ttl_s)
    access = sign_access(keys, Claims(tenant_id, user_id, family_id, expires_at))
    actor = Actor(tenant_id, user_id, person.role)
    return Session(access, str(refresh), settings.access_token_ttl_s, actor, person)


async def _person(conn: Conn, tenant_id: UUID, user_id: UUID) -> Person:
    [person] = await store.people_by_ids(conn, tenant_id, [user_id])
    return person
