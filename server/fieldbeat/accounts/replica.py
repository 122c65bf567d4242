"""How accounts and contacts live on a phone: in the scope of the account's territory."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldbeat.accounts import store
from fieldbeat.accounts.model import NoTerritory
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.refusal import Refusal
from fieldbeat.records import Kept
from fieldbeat.records.model import as_id
from fieldbeat.territories.reads import primary_territory, territory_scope
from fieldbeat_sync.catalogue.customers import account, contact


async def scopes_of_accounts(
    conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, frozenset[str]]:
    """Each account is in its territory."""
    return {id: frozenset({territory_scope(row["territoryId"])}) for id, row in rows.items()}


async def scopes_of_contacts(
    conn: Conn, tenant_id: UUID, rows: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, frozenset[str]]:
    """Each contact is where its account is; one statement for all. Without its account it is nowhere."""
    homes = await homes_of(conn, tenant_id, {row["accountId"] for row in rows.values()})
    return {id: homes.get(row["accountId"], frozenset()) for id, row in rows.items()}


async def homes_of(conn: Conn, tenant_id: UUID, account_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """The scopes in which the dependants of each account live with it; one statement. Unknown accounts are absent."""
    homes = await store.homes_of_accounts(conn, tenant_id, sorted({UUID(id) for id in account_ids}))
    return {str(home.id): frozenset({territory_scope(home.territory_id)}) for home in homes}


async def owners_of(conn: Conn, tenant_id: UUID, account_ids: Iterable[Any]) -> dict[str, str]:
    """Who serves each account, by ids as phones write them; what names no account, or one without owner, is absent."""
    homes = await store.homes_of_accounts(conn, tenant_id, sorted({id for each in account_ids if (id := as_id(each))}))
    return {str(home.id): str(home.owner_id) for home in homes if home.owner_id}


async def prepare_create(conn: Conn, actor: Actor) -> dict[str, str]:
    """What the server adds to an account that `actor` creates: he owns it, and it lives in his primary territory.

    Refuses INVALID (`territoryId`) when he covers no territory today.
    """
    home = await primary_territory(conn, actor.tenant_id, actor.user_id)
    if home is None:
        raise NoTerritory(fields=("territoryId",))
    return {"ownerId": str(actor.user_id), "territoryId": str(home)}


async def prepare_accounts(
    conn: Conn, actor: Actor, patches: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any] | Refusal]:
    """A device's new accounts belong to its author and live in his primary territory; without one they are refused."""
    try:
        placed = await prepare_create(conn, actor)
    except NoTerritory as homeless:
        return [homeless for _ in patches]
    return [placed for _ in patches]


KEPT_ACCOUNT = Kept(account, "account", scopes_of_accounts, scope_fields=("territoryId",), prepare=prepare_accounts)
KEPT_CONTACT = Kept(contact, "contact", scopes_of_contacts, scope_fields=("accountId",), parent=KEPT_ACCOUNT)
