"""Assets as an actor may see them: those at accounts in his territories; an administrator sees all."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.accounts.model import PageOf
from fieldbeat.accounts.rules import patterns_of, words_of
from fieldbeat.assets import store
from fieldbeat.assets.model import Asset, AssetFilter, Position
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.pages import by_page

EVERY = AssetFilter()


async def assets_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Asset]:
    """The assets among `ids` that `actor` may see; the others are absent, not refused."""
    return {one.id: one for one in await store.assets_by_ids(conn, actor, ids)}


async def search_assets(
    conn: Conn, actor: Actor, *, wanted: AssetFilter = EVERY, after: Position | None = None, rows_max: int
) -> list[Asset]:
    """One page of the assets that `actor` may see, by name."""
    words = words_of(wanted.search)
    if wanted.search and not words:
        return []
    return await store.assets_page(conn, actor, wanted, patterns=patterns_of(words), after=after, rows_max=rows_max)


async def assets_of_accounts(conn: Conn, actor: Actor, pages: Sequence[PageOf]) -> dict[PageOf, list[Asset]]:
    """Pages of assets in the order of (name, id); an empty one for an account that `actor` does not see."""
    return by_page(pages, await store.assets_of_accounts(conn, actor, pages))
