"""How the catalogue of parts lives on a phone: everyone has all of it."""

from collections.abc import Mapping
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept, Row
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.assets import part


async def scopes_of_parts(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """Everyone may use them."""
    return dict.fromkeys(rows, frozenset({scope.TENANT}))


KEPT_PART = Kept(part, "part", scopes_of_parts)
