"""How assets live on a phone: where their account is."""

from collections.abc import Mapping
from uuid import UUID

from fieldbeat.accounts.replica import KEPT_ACCOUNT, homes_of
from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept, Row
from fieldbeat_sync.catalogue.assets import asset


async def scopes_of_assets(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """Each asset is where its account is; one statement for all."""
    homes = await homes_of(conn, tenant_id, {row["accountId"] for row in rows.values()})
    return {id: homes.get(row["accountId"], frozenset()) for id, row in rows.items()}


KEPT_ASSET = Kept(asset, "asset", scopes_of_assets, scope_fields=("accountId",), parent=KEPT_ACCOUNT)
