"""How accounts and contacts live on a phone: in the scope of the account's territory."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldbeat.accounts import store
from fieldbeat.accounts.model import NoTerritory
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.records import Kept
from fieldbeat.territories.reads import primary_territory, territory_scope
from fieldbeat_sync.catalogue import account, contact


async def scopes_of_accounts(
    conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, frozenset[str]]:
    """Each account is in its territory."""
    return {id: frozenset({territory_scope(row["territoryId"])}) for id, row in rows.items()}


async def scopes_of_contacts(
    conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, frozenset[str]]:
    """Each contact is where its account is; one statement for all. Without its account it is nowhere."""
    homes = {id: UUID(row["accountId"]) for id, row in rows.items()}
    territories = await store.territories_of_accounts(conn, tenant_id, sorted(set(homes.values())))
    return {
        id: frozenset({territory_scope(territories[home])}) if home in territories else frozenset()
        for id, home in homes.items()
    }


KEPT_ACCOUNT = Kept(account, "account", scopes_of_accounts, scope_fields=("territoryId",))
KEPT_CONTACT = Kept(contact, "contact", scopes_of_contacts, scope_fields=("accountId",), parent=KEPT_ACCOUNT)


async def prepare_create(conn: Conn, actor: Actor) -> dict[str, str]:
    """What the server adds to an account that `actor` creates: he owns it, and it lives in his primary territory.

    Refuses INVALID (`territoryId`) when he covers no territory today.
    """
    home = await primary_territory(conn, actor.tenant_id, actor.user_id)
    if home is None:
        raise NoTerritory(fields=("territoryId",))
    return {"ownerId": str(actor.user_id), "territoryId": str(home)}
