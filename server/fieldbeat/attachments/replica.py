"""How attachments live on a phone: where the visit, ticket, asset or account is to which they belong."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fieldbeat.attachments import store
from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept, Row, Tx
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.attachments import attachment


async def scopes_of_attachments(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """Each is where its record is; one statement for all. Without its record it is nowhere."""
    ids = sorted({UUID(row["recordId"]) for row in rows.values()})
    places = {str(place.id): place for place in await store.places_of_records(conn, tenant_id, ids)}
    return {id: _scopes(places.get(row["recordId"])) for id, row in rows.items()}


async def attachments_of(tx: Tx, record_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The attachments of records that are about to move, for whoever moves them. Locks: the attachments."""
    return await store.attachments_of_records(tx.conn, tx.tenant_id, record_ids) if record_ids else {}


def _scopes(place: store.Place | None) -> frozenset[str]:
    if place is None:
        return frozenset()
    return frozenset({scope.territory(place.territory_id), *map(scope.user, place.people)})


KEPT_ATTACHMENT = Kept(attachment, "attachment", scopes_of_attachments, scope_fields=("recordId",))
