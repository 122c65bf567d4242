"""Who asks outside GraphQL: the bearer of an access token."""

from starlette.requests import Request

from fieldbeat.people.model import SignedIn, Unauthenticated
from fieldbeat.people.sessions import authenticate


async def admitted(request: Request) -> SignedIn:
    """Whoever bears the request's token. Refuses UNAUTHENTICATED; somebody deactivated, too."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    state = request.app.state
    signed_in = await authenticate(state.db, state.key_ring, token.strip())
    if signed_in.push_only:
        raise Unauthenticated("This account was deactivated: only edits made offline are still taken.")
    return signed_in
