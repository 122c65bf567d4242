"""One typed function per query; no decisions. Articles are read as the actor may see them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.knowledge.model import Article, ArticleFilter, ArticleStatus, Position, Votes

SQL = load(__file__)


async def lock_articles(conn: Conn, tenant_id: UUID, article_id: UUID) -> None:
    """An article and the one that it replaces, to the end of the transaction, in the order of their ids."""
    await conn.execute(SQL["lock_articles"], tenant_id, article_id)


async def articles_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> list[Article]:
    """Those in the actor's sight."""
    return [_article(row) for row in await conn.fetch(SQL["articles_by_ids"], actor.user_id, actor.role, ids)]


async def articles_page(
    conn: Conn, actor: Actor | None, wanted: ArticleFilter, patterns: Sequence[str], after: Position | None, *,
    alike: bool, rows_max: int,
) -> list[Article]:  # fmt: skip
    """One page in the order of (title, id); without an actor of what is published."""
    seen_by = (actor.user_id, actor.role) if actor else (None, None)
    position = (after.title, after.id) if after else (None, None)
    rows = await conn.fetch(
        SQL["articles_page"], *seen_by, patterns, alike, list(wanted.tags) or None, wanted.language,
        list(wanted.statuses) or None, *position, rows_max,
    )  # fmt: skip
    return [_article(row) for row in rows]


async def articles_alike(
    conn: Conn, actor: Actor, asked: Mapping[str, Sequence[str]], *, rows_max: int
) -> list[tuple[str, Article]]:
    """For each subject the published articles most like its words, the best first."""
    subjects = list(asked)
    words = [" ".join(asked[subject]) for subject in subjects]
    rows = await conn.fetch(SQL["articles_alike"], actor.user_id, actor.role, words, rows_max)
    return [(subjects[row["n"] - 1], _article(row)) for row in rows]


async def successor_of(conn: Conn, tenant_id: UUID, article_id: UUID) -> UUID | None:
    """The version that is in work, or has replaced an article."""
    found: UUID | None = await conn.fetchval(SQL["successor_of"], tenant_id, article_id)
    return found


async def put_vote(conn: Conn, actor: Actor, article_id: UUID, helpful: bool) -> None:
    """The actor's only vote on it."""
    await conn.execute(SQL["put_vote"], actor.tenant_id, article_id, actor.user_id, helpful)


async def votes_of(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Votes]:
    """By article; absent where nobody has voted."""
    rows = await conn.fetch(SQL["votes_of"], actor.tenant_id, actor.user_id, ids)
    return {row["article_id"]: Votes(row["helpful"], row["unhelpful"], row["mine"]) for row in rows}


async def put_link(conn: Conn, actor: Actor, ticket_id: UUID, article_id: UUID) -> None:
    """Once, however often."""
    await conn.execute(SQL["put_link"], actor.tenant_id, ticket_id, article_id, actor.user_id)


async def drop_link(conn: Conn, actor: Actor, ticket_id: UUID, article_id: UUID) -> bool:
    """Whether there was one."""
    return await conn.fetchval(SQL["drop_link"], actor.tenant_id, ticket_id, article_id) is not None


async def move_links(conn: Conn, tenant_id: UUID, *, left: UUID, entered: UUID) -> None:
    """From a version of an article to the next, which nothing is linked to yet."""
    await conn.execute(SQL["move_links"], tenant_id, left, entered)


async def tickets_of_articles(conn: Conn, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The tickets last solved with each article, newest first; not scoped."""
    found: dict[UUID, list[UUID]] = {id: [] for id in ids}
    for row in await conn.fetch(SQL["tickets_of_articles"], tenant_id, ids):
        found[row["article_id"]].append(row["ticket_id"])
    return found


async def articles_of_tickets(conn: Conn, actor: Actor, ticket_ids: Sequence[UUID]) -> list[tuple[UUID, Article]]:
    """Those in the actor's sight, by title."""
    rows = await conn.fetch(SQL["articles_of_tickets"], actor.user_id, actor.role, ticket_ids)
    return [(row["ticket_id"], _article(row)) for row in rows]


def _article(row: asyncpg.Record) -> Article:
    fields = {name: row[name] for name in Article.__dataclass_fields__}
    return Article(**{**fields, "status": ArticleStatus(row["status"]), "tags": tuple(row["tags"])})
