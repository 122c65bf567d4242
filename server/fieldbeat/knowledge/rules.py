"""Pure decisions about articles: what may be written, and who takes a version how far."""

import re
from collections.abc import Mapping
from typing import Any

from fieldbeat.accounts.rules import ALIKE_LENGTH_MIN, WORDS_MAX, folded
from fieldbeat.kit.actor import Actor
from fieldbeat.knowledge.model import (
    ApprovingNotYours,
    Article,
    ArticleChanged,
    ArticleMoved,
    ArticleStatus,
    LanguageInvalid,
    SecondEyesNeeded,
    TagsInvalid,
)
from fieldbeat_sync.schema import LEADS, Role

TAGS_MAX = 20
TAG_CHARACTERS_MAX = 60
WRITABLE = ("title", "body", "tags", "language")
IN_WORK = frozenset({ArticleStatus.DRAFT, ArticleStatus.REVIEW})

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def check_words(patch: Mapping[str, Any]) -> None:
    """Refuses INVALID a language or tags of another form; titles and bodies are the collection's to check."""
    if "language" in patch and not _LANGUAGE.fullmatch(patch["language"]):
        raise LanguageInvalid(fields=("language",))
    tags = patch.get("tags", ())
    well_formed = all(each.strip() and len(each) <= TAG_CHARACTERS_MAX for each in tags)
    if not well_formed or len(tags) > TAGS_MAX or len(set(tags)) < len(tags):
        raise TagsInvalid(fields=("tags",))


def check_stands(article: Article, *allowed: ArticleStatus, base_rev: int | None) -> None:
    """Refuses INVALID an article in another state, or one that is not as it was read."""
    if article.status not in allowed:
        named = " or ".join(allowed)
        raise ArticleMoved(f"The article is {article.status}; this is done while it is {named}.", fields=("id",))
    if article.status in IN_WORK and base_rev is not None and base_rev != article.rev:
        raise ArticleChanged(fields=("baseRev",))


def check_may_approve(actor: Actor, article: Article) -> None:
    """Two pairs of eyes: who wrote an article, or submitted it, does not approve it. Refuses FORBIDDEN."""
    if actor.role not in LEADS:
        raise ApprovingNotYours(fields=("id",))
    if actor.user_id in (article.author_id, article.submitted_by_id) and actor.role is not Role.ADMIN:
        raise SecondEyesNeeded(fields=("id",))


def check_may_retire(actor: Actor, article: Article) -> None:
    """What everyone reads is taken away from above; one's own draft is one's own. Refuses FORBIDDEN."""
    own_draft = article.status in IN_WORK and article.author_id == actor.user_id
    if actor.role not in LEADS and not own_draft:
        raise ApprovingNotYours(fields=("id",))


def telling_words(subject: str) -> list[str]:
    """The words of a subject that tell something, folded: short ones are in every sentence. At most six."""
    return [word for word in folded(subject).split() if len(word) >= ALIKE_LENGTH_MIN][:WORDS_MAX]


def next_version(article: Article, patch: Mapping[str, Any]) -> dict[str, Any]:
    """A draft that goes on from a published version."""
    stands = {"title": article.title, "body": article.body, "tags": list(article.tags), "language": article.language}
    return {**stands, **patch, "version": article.version + 1, "previousId": str(article.id)}
