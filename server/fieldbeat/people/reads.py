"""Who is there and who reports to whom. People are in the scope `tenant`: every member sees every other."""

from collections.abc import Collection
from uuid import UUID

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.people import store
from fieldbeat.people.model import Person
from fieldbeat_sync.schema import Role


async def people_by_ids(conn: Conn, actor: Actor, ids: Collection[UUID]) -> dict[UUID, Person]:
    """The people among `ids` whom `actor` may see; the others are absent, not refused."""
    return {person.id: person for person in await store.people_by_ids(conn, actor.tenant_id, ids)}


async def person_by_id(conn: Conn, actor: Actor, user_id: UUID) -> Person | None:
    """One person, if `actor` may see him."""
    return (await people_by_ids(conn, actor, [user_id])).get(user_id)


async def people_page(conn: Conn, actor: Actor, *, limit: int, after: tuple[str, UUID] | None = None) -> list[Person]:
    """Up to `limit` people by name, then id, behind `after`."""
    return await store.people_page(conn, actor.tenant_id, limit=limit, after=after)


async def people_below(conn: Conn, actor: Actor) -> frozenset[UUID]:
    """Those whose rows `actor` sees: his own; a supervisor those of everyone below as well; an administrator all."""
    match actor.role:
        case Role.ADMIN:
            return await store.everyone(conn, actor.tenant_id)
        case Role.SUPERVISOR:
            return await store.people_below(conn, actor.tenant_id, actor.user_id)
        case _:
            return frozenset({actor.user_id})
