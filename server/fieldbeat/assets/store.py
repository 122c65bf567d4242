"""One typed function per query; no decisions."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from fieldbeat.accounts.model import PageOf
from fieldbeat.assets.model import Asset, AssetFilter, AssetStatus, Position
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load

SQL = load(__file__)


async def assets_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Asset]:
    """Those at accounts in the actor's territories."""
    return [_asset(row) for row in await conn.fetch(SQL["assets_by_ids"], actor.user_id, actor.role, ids)]


async def assets_page(
    conn: Conn, actor: Actor, wanted: AssetFilter, *, patterns: Sequence[str], after: Position | None, rows_max: int
) -> list[Asset]:
    """One page in the order of names."""
    rows = await conn.fetch(
        SQL["assets_page"], actor.user_id, actor.role, patterns, list(wanted.statuses) or None,
        list(wanted.tags) or None, wanted.account_id, wanted.warranty_ends_before, wanted.under_warranty_on,
        *(after or (None, None)), rows_max,
    )  # fmt: skip
    return [_asset(row) for row in rows]


async def assets_of_accounts(conn: Conn, actor: Actor, pages: Sequence[PageOf]) -> list[tuple[PageOf, Asset]]:
    """The assets of each page."""
    after = [page.after or (None, None) for page in pages]
    rows = await conn.fetch(
        SQL["assets_of_accounts"], actor.user_id, actor.role, [page.account_id for page in pages],
        [page.rows_max for page in pages], [key[0] for key in after], [key[1] for key in after],
    )  # fmt: skip
    return [(pages[row["n"] - 1], _asset(row)) for row in rows]


async def accounts_of_assets(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """At which account each of these assets is, deleted ones too."""
    rows = await conn.fetch(SQL["accounts_of_assets"], tenant_id, ids)
    return {row["id"]: row["account_id"] for row in rows}


async def lock_assets_of_account(conn: Conn, tenant_id: UUID, account_id: UUID) -> list[UUID]:
    """All assets of an account, deleted ones too. Locks them in the order of their ids."""
    return [row["id"] for row in await conn.fetch(SQL["lock_assets_of_account"], tenant_id, account_id)]


def _asset(row: asyncpg.Record) -> Asset:
    fields = {name: row[name] for name in Asset.__dataclass_fields__}
    return Asset(**{**fields, "status": AssetStatus(row["status"]), "tags": tuple(row["tags"])})
