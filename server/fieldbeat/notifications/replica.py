"""How notifications live on a phone: each with its person alone."""

from collections.abc import Mapping
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept, Row
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.notices import notification


async def scopes_of_notifications(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """A notification is with its person."""
    return {id: frozenset({scope.user(row["userId"])}) for id, row in rows.items()}


KEPT_NOTIFICATION = Kept(notification, "notification", scopes_of_notifications, scope_fields=("userId",))
