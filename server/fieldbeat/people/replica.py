"""How people live on a phone: collection `user`, all of it in the scope `tenant`, written by online verbs alone."""

from collections.abc import Mapping
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept, Row
from fieldbeat_sync.catalogue import SCHEMA


async def scopes_of_people(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """Everybody knows everybody."""
    return dict.fromkeys(rows, frozenset({"tenant"}))


KEPT_USER = Kept(schema=SCHEMA.collections["user"], table="person", scopes=scopes_of_people)
