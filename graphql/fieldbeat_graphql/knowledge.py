"""Articles over GraphQL: what they look like, and how they are found."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias
from uuid import UUID

import strawberry

from fieldbeat.days import solutions
from fieldbeat.knowledge import model, reads
from fieldbeat_graphql import tickets as ticket_types  # each shows the other: neither is there before both are
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, Page, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import given, parse_id

if TYPE_CHECKING:
    from fieldbeat_graphql.tickets import Ticket

LazyTicket: TypeAlias = Annotated["Ticket", strawberry.lazy("fieldbeat_graphql.tickets")]

strawberry.enum(
    model.ArticleStatus,
    description="How far one version of an article is. PUBLISHED: everyone of the company reads it, offline too.",
)


@strawberry.type(description="One version of what the company knows about something.")
class KnowledgeArticle(Node):
    row: strawberry.Private[model.Article]
    rev: int
    title: str
    body: str
    tags: list[str]
    language: str = strawberry.field(description="A tag of BCP 47.")
    version: int
    status: model.ArticleStatus
    published_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @strawberry.field
    async def author(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.author_id)

    @strawberry.field
    async def approved_by(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.approved_by_id)

    @strawberry.field(description="The version that this one replaces once it is published, if you may see it.")
    async def previous(self, info: Info) -> Annotated["KnowledgeArticle", strawberry.lazy(__name__)] | None:
        row = await info.context.load(reads.articles_by_ids, self.row.previous_id) if self.row.previous_id else None
        return KnowledgeArticle.of(row) if row else None

    @strawberry.field(description="Whether you said that it helped; null: you have not said.")
    async def my_vote(self, info: Info) -> bool | None:
        return (await self._votes(info)).mine

    @strawberry.field(description="How many people said that it helped.")
    async def helpful_votes(self, info: Info) -> int:
        return (await self._votes(info)).helpful

    @strawberry.field(description="How many people said that it did not.")
    async def unhelpful_votes(self, info: Info) -> int:
        return (await self._votes(info)).unhelpful

    @strawberry.field(description="Tickets that it solved, of the last 100 those that you may see, the newest first.")
    async def tickets(self, info: Info) -> list[LazyTicket]:
        return [
            ticket_types.Ticket.of(row) for row in await info.context.load(solutions.solved_tickets, self.row.id) or ()
        ]

    async def _votes(self, info: Info) -> model.Votes:
        return await info.context.load(reads.votes_of_articles, self.row.id) or model.Votes()

    @classmethod
    def of(cls, row: model.Article) -> "KnowledgeArticle":
        """The article as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, title=row.title, body=row.body, tags=list(row.tags),
            language=row.language, version=row.version, status=row.status, published_at=row.published_at,
            created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


NODES = (NodeKind(reads.articles_by_ids, KnowledgeArticle.of),)


@strawberry.type
class Query:
    @strawberry.field(description="One article; null when there is none that you may see.")
    async def article(self, info: Info, id: strawberry.ID) -> KnowledgeArticle | None:
        row = await info.context.load(reads.articles_by_ids, parse_id(id))
        return KnowledgeArticle.of(row) if row else None

    @strawberry.field(description="The articles that you may see, by title: published, yours, of those below you.")
    async def articles(
        self,
        info: Info,
        search: Annotated[
            str | None, strawberry.argument(description="Words of title, tags or body, all of them, accents aside.")
        ] = strawberry.UNSET,
        tags: list[str] | None = strawberry.UNSET,
        language: str | None = strawberry.UNSET,
        status: list[model.ArticleStatus] | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[KnowledgeArticle]:
        page = page_of(info.context, "articles", first, after)
        wanted = model.ArticleFilter(
            given(search) or "", tuple(given(tags) or ()), given(language), tuple(given(status) or ())
        )
        async with info.context.reading() as conn:
            found = await reads.search_articles(
                conn, info.context.actor, wanted=wanted, after=behind(page), rows_max=page.limit
            )
        return connect(page, found, key=position_of, node=lambda one: KnowledgeArticle.of(one.article))


def behind(page: Page) -> model.Position | None:
    """Where a page of articles begins."""
    return model.Position(page.after[0], UUID(page.after[1]), page.after[2]) if page.after else None


def position_of(found: model.Found) -> tuple[str, str, bool]:
    """What the next page of articles is read behind."""
    position = found.position
    return (position.title, str(position.id), position.alike)
