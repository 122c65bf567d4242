"""Who bears a portal token, by what it is worth now."""

import hmac

from fieldbeat.kit.db import Db
from fieldbeat.people import attempts
from fieldbeat.people.model import Unauthenticated
from fieldbeat.portal import store
from fieldbeat.portal.model import Customer
from fieldbeat.portal.tokens import read_token


async def authenticate_customer(db: Db, token: str, *, address: str) -> Customer:
    """The contact who bears this token.

    Refuses (`Unauthenticated`), without telling why, a token that is forged, expired or revoked, or whose contact or
    account is gone; and (`TooManyAttempts`) whatever comes from an address that has failed often.
    """
    subjects = attempts.of_address(address, portal=True)
    if subjects:
        async with db.unscoped() as conn:
            await attempts.check(conn, subjects)
    try:
        return await _bearer(db, token)
    except Unauthenticated:
        await attempts.note_failure(db, subjects)
        raise


async def _bearer(db: Db, token: str) -> Customer:
    claimed = read_token(token)
    async with db.reading(claimed.tenant_id) as conn:
        bearer = await store.bearer(conn, claimed.tenant_id, claimed.token_id)
    if bearer is None or not hmac.compare_digest(bearer.token_hash, claimed.token_hash) or not bearer.live:
        raise Unauthenticated("This portal token is not valid.")
    return bearer.customer(claimed.tenant_id)
