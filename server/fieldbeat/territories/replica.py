"""How territories live on a phone: everyone of the tenant holds all of them."""

from collections.abc import Mapping
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records.model import Kept, Row
from fieldbeat.territories.reads import TENANT_SCOPE
from fieldbeat_sync.catalogue.people import territory


async def _scopes(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    return dict.fromkeys(rows, frozenset({TENANT_SCOPE}))


KEPT_TERRITORY = Kept(territory, "territory", _scopes)
