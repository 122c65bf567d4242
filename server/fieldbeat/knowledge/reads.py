"""Articles as an actor may see them: what is published, and the drafts of his own and of those below him."""

from collections.abc import Sequence
from uuid import UUID

from fieldbeat.accounts.rules import may_be_alike, patterns_of, words_of
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.knowledge import rules, store
from fieldbeat.knowledge.model import Article, ArticleFilter, Found, Position, Votes

EVERY = ArticleFilter()
SUGGESTED_MAX = 5


async def articles_by_ids(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Article]:
    """The articles among `ids` that `actor` may see; the others are absent, not refused."""
    return {each.id: each for each in await store.articles_by_ids(conn, actor, ids)}


async def search_articles(
    conn: Conn, actor: Actor | None, *, wanted: ArticleFilter = EVERY, after: Position | None = None, rows_max: int
) -> list[Found]:
    """One page of the articles that `actor` may see, by title; without an actor of those that are published.

    Words of a search that nothing contains are taken for misspelt: then what has a similar title or tag is found.
    """
    words = words_of(wanted.search)
    if wanted.search and not words:
        return []
    alike = after.alike if after else False
    found = await store.articles_page(conn, actor, wanted, patterns_of(words), after, alike=alike, rows_max=rows_max)
    if not found and after is None and may_be_alike(words):
        alike = True
        found = await store.articles_page(conn, actor, wanted, patterns_of(words), None, alike=True, rows_max=rows_max)
    return [Found(each, alike) for each in found]


async def votes_of_articles(conn: Conn, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Votes]:
    """The votes on articles that the caller has seen, counted, with `actor`'s own; absent where nobody has voted."""
    return await store.votes_of(conn, actor, ids)


async def suggested_articles(conn: Conn, actor: Actor, subjects: Sequence[str]) -> dict[str, list[Article]]:
    """For each subject the published articles whose titles and tags are most like its words, the best first."""
    found: dict[str, list[Article]] = {subject: [] for subject in subjects}
    asked = {subject: words for subject in found if (words := rules.telling_words(subject))}
    if asked:
        for subject, article in await store.articles_alike(conn, actor, asked, rows_max=SUGGESTED_MAX):
            found[subject].append(article)
    return found


async def articles_of_tickets(conn: Conn, actor: Actor, ticket_ids: Sequence[UUID]) -> dict[UUID, list[Article]]:
    """What solved tickets that the caller has seen, as far as `actor` may see it, by title."""
    found: dict[UUID, list[Article]] = {id: [] for id in ticket_ids}
    for ticket_id, article in await store.articles_of_tickets(conn, actor, ticket_ids):
        found[ticket_id].append(article)
    return found
