"""How articles live on a phone: what is published is everyone's offline pack, the rest is with its author alone."""

from collections.abc import Mapping
from uuid import UUID

from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept, Row
from fieldbeat_sync import scope
from fieldbeat_sync.catalogue.knowledge import knowledge_article


async def scopes_of_articles(conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Row]) -> dict[UUID, frozenset[str]]:
    """By status; those above the author hold his scope, too."""
    return {id: frozenset({_home(row)}) for id, row in rows.items()}


def _home(row: Row) -> str:
    return scope.TENANT if row["status"] == "PUBLISHED" else scope.user(row["authorId"])


KEPT_ARTICLE = Kept(knowledge_article, "knowledge_article", scopes_of_articles, scope_fields=("status", "authorId"))
