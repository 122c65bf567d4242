"""How rotas live on a phone: everyone of the tenant holds all of them, and reads them alone."""

from collections.abc import Mapping
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records.model import Kept, Row
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.worktime import on_call_rota


async def _scopes(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    return dict.fromkeys(rows, frozenset({scope.TENANT}))


KEPT_ROTA = Kept(on_call_rota, "on_call_rota", _scopes)
