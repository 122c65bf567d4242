"""The verbs of articles. Each looks whether the actor sees the article, locks it, decides, and records."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.knowledge import rules, store
from fieldbeat.knowledge.model import (
    Article,
    ArticleStatus,
    ArticleUnknown,
    NotPublished,
    SuccessorExists,
)
from fieldbeat.knowledge.replica import KEPT_ARTICLE
from fieldbeat.records import Change, Changed, Tx
from fieldbeat_sync.clock import text_of
from fieldbeat_sync.schema import Op

DRAFT, REVIEW, PUBLISHED, OBSOLETE = ArticleStatus


async def create_article(tx: Tx, actor: Actor, *, patch: Mapping[str, Any], id: UUID | None = None) -> Changed:
    """Begins an article as a draft of the actor's. `patch`: title, body, tags, language. Refuses INVALID."""
    rules.check_words(patch)
    return await _create(tx, actor, id or uuid7(), patch)


async def update_article(
    tx: Tx, actor: Actor, *, article_id: UUID, patch: Mapping[str, Any], base_rev: int | None = None
) -> Changed:
    """Changes a draft; what waits for approval becomes a draft again; of a published article a new version begins.

    `base_rev`: the rev that was read; what another one has written since is not overwritten.
    Refuses NOT_FOUND, INVALID (also: it is obsolete, it was changed since, a new version is in work).
    """
    rules.check_words(patch)
    article = await _locked(tx, actor, article_id)
    rules.check_stands(article, DRAFT, REVIEW, PUBLISHED, base_rev=base_rev)
    if article.status is PUBLISHED:
        if await store.successor_of(tx.conn, tx.tenant_id, article_id) is not None:
            raise SuccessorExists(fields=("id",))
        return await _create(tx, actor, uuid7(), rules.next_version(article, patch))
    return await _update(tx, actor, article_id, {**patch, "status": DRAFT, "submittedById": None})


async def submit_article(tx: Tx, actor: Actor, *, article_id: UUID, base_rev: int | None = None) -> Changed:
    """Hands a draft in for approval. Refuses NOT_FOUND, INVALID (no draft, or changed since it was read)."""
    article = await _locked(tx, actor, article_id)
    rules.check_stands(article, DRAFT, base_rev=base_rev)
    return await _update(tx, actor, article_id, {"status": REVIEW, "submittedById": str(actor.user_id)})


async def approve_article(tx: Tx, actor: Actor, *, article_id: UUID, base_rev: int | None = None) -> Changed:
    """Publishes what waits for approval: everyone has it from now on, and the version before it is obsolete. What
    that one solved is shown with the new one.

    Refuses NOT_FOUND, FORBIDDEN (no supervisor, or his own), INVALID (not in review, or changed since it was read).
    """
    article = await _locked(tx, actor, article_id)
    rules.check_may_approve(actor, article)
    rules.check_stands(article, REVIEW, base_rev=base_rev)
    published = {"status": PUBLISHED, "approvedById": str(actor.user_id), "publishedAt": text_of(tx.at)}
    changes = [Change(KEPT_ARTICLE, article_id, Op.UPDATE, published)]
    if article.previous_id is not None:
        changes.append(Change(KEPT_ARTICLE, article.previous_id, Op.UPDATE, {"status": OBSOLETE}))
        await store.move_links(tx.conn, tx.tenant_id, left=article.previous_id, entered=article_id)
    return (await records.change(tx, actor, changes))[0]


async def retire_article(tx: Tx, actor: Actor, *, article_id: UUID) -> Changed:
    """Takes an article away from everyone, or gives up a draft. Refuses NOT_FOUND, FORBIDDEN, INVALID (obsolete)."""
    article = await _locked(tx, actor, article_id)
    rules.check_may_retire(actor, article)
    rules.check_stands(article, DRAFT, REVIEW, PUBLISHED, base_rev=None)
    return await _update(tx, actor, article_id, {"status": OBSOLETE})


async def vote_article(tx: Tx, actor: Actor, *, article_id: UUID, helpful: bool) -> None:
    """Says whether a published article helped; a second vote of the same person replaces his first. The article
    stays as it is, and so do the phones that hold it.

    Refuses NOT_FOUND, INVALID (not published).
    """
    article = await _locked(tx, actor, article_id)
    if article.status is not PUBLISHED:
        raise NotPublished(fields=("id",))
    await store.put_vote(tx.conn, actor, article_id, helpful)


async def link_ticket(tx: Tx, actor: Actor, *, ticket_id: UUID, article_id: UUID) -> None:
    """Notes that a published article solved a ticket, which the caller has seen. Refuses NOT_FOUND, INVALID."""
    article = await _locked(tx, actor, article_id, field="articleId")
    if article.status is not PUBLISHED:
        raise NotPublished(fields=("articleId",))
    await store.put_link(tx.conn, actor, ticket_id, article_id)


async def unlink_ticket(tx: Tx, actor: Actor, *, ticket_id: UUID, article_id: UUID) -> None:
    """Takes such a note back. Refuses NOT_FOUND (there is none)."""
    if not await store.drop_link(tx.conn, actor, ticket_id, article_id):
        raise ArticleUnknown(fields=("articleId",))


async def _locked(tx: Tx, actor: Actor, article_id: UUID, *, field: str = "id") -> Article:
    """The article as it stands until the end of the transaction. Locks: it, and with it the one that it replaces."""
    await store.lock_articles(tx.conn, tx.tenant_id, article_id)
    found = await store.articles_by_ids(tx.conn, actor, [article_id])
    if not found:
        raise ArticleUnknown(fields=(field,))
    return found[0]


async def _create(tx: Tx, actor: Actor, id: UUID, patch: Mapping[str, Any]) -> Changed:
    [changed] = await records.change(tx, actor, [Change(KEPT_ARTICLE, id, Op.CREATE, patch)])
    return changed


async def _update(tx: Tx, actor: Actor, id: UUID, patch: Mapping[str, Any]) -> Changed:
    [changed] = await records.change(tx, actor, [Change(KEPT_ARTICLE, id, Op.UPDATE, patch)])
    return changed
