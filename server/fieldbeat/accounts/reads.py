"""Accounts and contacts as an actor may see them: those of the territories that he holds; an administrator sees all."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.accounts import rules, store
from fieldbeat.accounts.model import (
    Account,
    AccountFilter,
    Contact,
    Found,
    Near,
    PageOf,
    Position,
    TimelineEntry,
    TimelineWrite,
)
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.pages import by_page

EVERY = AccountFilter()


async def accounts_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Account]:
    """The accounts among `ids` that `actor` may see; the others are absent, not refused."""
    return {one.id: one for one in await store.accounts_by_ids(conn, actor, ids)}


async def search_accounts(
    conn: Conn, actor: Actor, *, wanted: AccountFilter = EVERY, near: Near | None = None,
    after: Position | None = None, rows_max: int,
) -> list[Found]:  # fmt: skip
    """One page of the accounts that `actor` may see: by name, or with `near` nearest first.

    Words of a search that nothing contains are taken for misspelt: then what is similar to them is found.
    Refuses INVALID (a place that does not exist, a radius out of bounds).
    """
    words = rules.words_of(wanted.search)
    if wanted.search and not words:
        return []
    alike = after.alike if after else False
    found = await _page(conn, actor, wanted, words, near, after, alike=alike, rows_max=rows_max)
    if found or after or not rules.may_be_alike(words):
        return found
    return await _page(conn, actor, wanted, words, near, None, alike=True, rows_max=rows_max)


async def contacts_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Contact]:
    """The contacts among `ids` whose account `actor` may see; the others are absent."""
    return {one.id: one for one in await store.contacts_by_ids(conn, actor, ids)}


async def contacts_of_accounts(conn: Conn, actor: Actor, pages: Sequence[PageOf]) -> dict[PageOf, list[Contact]]:
    """Pages of contacts in the order of (name, id); an empty one for an account that `actor` does not see."""
    return by_page(pages, await store.contacts_of_accounts(conn, actor, pages))


async def timelines(conn: Conn, actor: Actor, pages: Sequence[PageOf]) -> dict[PageOf, list[TimelineEntry]]:
    """Pages of what happened, newest (rev, child) first; an empty one for an account that `actor` does not see."""
    return by_page(pages, [(page, _entry(edited)) for page, edited in await store.timelines(conn, actor, pages)])


async def _page(
    conn: Conn, actor: Actor, wanted: AccountFilter, words: Sequence[str], near: Near | None, after: Position | None,
    *, alike: bool, rows_max: int,
) -> list[Found]:  # fmt: skip
    patterns = rules.patterns_of(words)
    if near is None:
        return await store.accounts_by_name(
            conn, actor, wanted, patterns=patterns, after=after, alike=alike, rows_max=rows_max
        )
    return await store.accounts_by_distance(
        conn, actor, wanted, patterns=patterns, near=near, box=rules.box_around(near), after=after, alike=alike,
        rows_max=rows_max,
    )  # fmt: skip


def _entry(edited: store.Edited) -> TimelineEntry:
    writes = tuple(TimelineWrite(**write) for write in edited.writes)
    return TimelineEntry(
        account_id=edited.account_id, rev=edited.rev, child=edited.child, at=edited.at, actor_id=edited.actor_id,
        kind=rules.kind_of(edited.rev, edited.child, writes), writes=() if edited.child else writes,
    )  # fmt: skip
