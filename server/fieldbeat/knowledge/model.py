"""An article, what is asked of a listing, and what may be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound


class ArticleStatus(StrEnum):
    """How far one version of an article is."""

    DRAFT = "DRAFT"
    REVIEW = "REVIEW"
    PUBLISHED = "PUBLISHED"
    OBSOLETE = "OBSOLETE"


@dataclass(frozen=True)
class Article:
    """One version of an article. `previous_id`: the version that it replaces once it is published."""

    id: UUID
    rev: int
    title: str
    body: str
    tags: tuple[str, ...]
    language: str
    version: int
    status: ArticleStatus
    previous_id: UUID | None
    author_id: UUID
    submitted_by_id: UUID | None
    approved_by_id: UUID | None
    published_at: datetime | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Votes:
    """On one article. `mine`: the vote of the person who asks; None: he has not said."""

    helpful: int = 0
    unhelpful: int = 0
    mine: bool | None = None


@dataclass(frozen=True)
class ArticleFilter:
    """What a listing is narrowed to; empty means no condition. `search`: words of title, tags and body, all of them."""

    search: str = ""
    tags: tuple[str, ...] = ()
    language: str | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Position:
    """Where a page goes on: behind an article in the order of titles. `alike`: of similar words."""

    title: str
    id: UUID
    alike: bool = False


@dataclass(frozen=True)
class Found:
    """One article of a listing."""

    article: Article
    alike: bool = False

    @property
    def position(self) -> Position:
        """Where the page after it begins."""
        return Position(self.article.title, self.article.id, self.alike)


class ArticleUnknown(NotFound):
    """There is no such article among those that you may see."""


class LanguageInvalid(Invalid):
    """A language is a tag such as `en`, `de-AT` or `zh-Hant` (BCP 47)."""


class TagsInvalid(Invalid):
    """An article has at most 20 different tags of 1 to 60 characters."""


class ArticleMoved(Invalid):
    """The article is not in a state in which this is done."""


class ArticleChanged(Invalid):
    """The article was changed since you read it; read it again."""


class SuccessorExists(Invalid):
    """A new version of this article is in work, or has replaced it."""


class ApprovingNotYours(Forbidden):
    """A supervisor or an administrator approves and retires articles."""


class SecondEyesNeeded(Forbidden):
    """Somebody else than who wrote or submitted an article approves it; an administrator may do so himself."""


class NotPublished(Invalid):
    """Only a published article is voted on or linked."""
