"""The verbs of articles over GraphQL: absent leaves; `baseRev` is what the form had read."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.days import solutions
from fieldbeat.knowledge import actions, reads, rules
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.knowledge import KnowledgeArticle
from fieldbeat_graphql.patches import MINTED, check_not_cleared, patch_of
from fieldbeat_graphql.scalars import given, optional_id, parse_id
from fieldbeat_graphql.tickets import Ticket, ticket_of

BASE_REV = "The rev that the form had read: what was changed since is not overwritten. Absent: the rev now."


@strawberry.input(description="Begins an article as your draft.")
class CreateArticleInput:
    title: str
    body: str
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)
    tags: strawberry.Maybe[list[str] | None]
    language: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="A tag of BCP 47; `en` when absent."
    )


@strawberry.input(description="Changes a draft. Of a published article it begins the next version, your draft.")
class UpdateArticleInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)
    title: strawberry.Maybe[str | None]
    body: strawberry.Maybe[str | None]
    tags: strawberry.Maybe[list[str] | None]
    language: strawberry.Maybe[str | None]


@strawberry.input
class SubmitArticleInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)


@strawberry.input
class ApproveArticleInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)


@strawberry.input
class RetireArticleInput:
    id: strawberry.ID


@strawberry.input
class VoteArticleInput:
    id: strawberry.ID
    helpful: bool


@strawberry.input
class LinkArticleInput:
    ticket_id: strawberry.ID
    article_id: strawberry.ID


@strawberry.input
class UnlinkArticleInput:
    ticket_id: strawberry.ID
    article_id: strawberry.ID


@strawberry.type
class CreateArticlePayload:
    article: KnowledgeArticle


@strawberry.type(description="The draft; of a published article it is another one, with an id of its own.")
class UpdateArticlePayload:
    article: KnowledgeArticle


@strawberry.type
class SubmitArticlePayload:
    article: KnowledgeArticle


@strawberry.type
class ApproveArticlePayload:
    article: KnowledgeArticle


@strawberry.type(description="`article` is null for who does not lead its author: he sees it no more.")
class RetireArticlePayload:
    article: KnowledgeArticle | None


@strawberry.type
class VoteArticlePayload:
    article: KnowledgeArticle


@strawberry.type
class LinkArticlePayload:
    ticket: Ticket
    article: KnowledgeArticle


@strawberry.type
class UnlinkArticlePayload:
    ticket: Ticket


CreateArticleResult = Annotated[CreateArticlePayload | Invalid | ChangeRefused, strawberry.union("CreateArticleResult")]
UpdateArticleResult = Annotated[
    UpdateArticlePayload | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateArticleResult")
]
SubmitArticleResult = Annotated[
    SubmitArticlePayload | NotFound | Invalid | ChangeRefused, strawberry.union("SubmitArticleResult")
]
ApproveArticleResult = Annotated[
    ApproveArticlePayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("ApproveArticleResult")
]
RetireArticleResult = Annotated[
    RetireArticlePayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("RetireArticleResult")
]
VoteArticleResult = Annotated[
    VoteArticlePayload | NotFound | Invalid | ChangeRefused, strawberry.union("VoteArticleResult")
]
LinkArticleResult = Annotated[LinkArticlePayload | NotFound | Invalid, strawberry.union("LinkArticleResult")]
UnlinkArticleResult = Annotated[UnlinkArticlePayload | NotFound | Invalid, strawberry.union("UnlinkArticleResult")]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Begins an article.")
    async def create_article(self, info: Info, input: CreateArticleInput) -> CreateArticleResult:
        ctx, id = info.context, optional_id(input.id)
        async with ctx.changing() as tx:
            made = await actions.create_article(tx, ctx.actor, patch=_words(input), id=id)
            return CreateArticlePayload(article=await _article(tx, ctx, made.record_id))

    @strawberry.mutation(description="Changes a draft, or begins the next version of what is published.")
    async def update_article(self, info: Info, input: UpdateArticleInput) -> UpdateArticleResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.update_article(tx, ctx.actor, article_id=id, patch=_words(input), base_rev=base_rev)
            return UpdateArticlePayload(article=await _article(tx, ctx, made.record_id))

    @strawberry.mutation(description="Hands a draft in for approval.")
    async def submit_article(self, info: Info, input: SubmitArticleInput) -> SubmitArticleResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            await actions.submit_article(tx, ctx.actor, article_id=id, base_rev=base_rev)
            return SubmitArticlePayload(article=await _article(tx, ctx, id))

    @strawberry.mutation(description="Publishes what waits for approval; not by who wrote or submitted it.")
    async def approve_article(self, info: Info, input: ApproveArticleInput) -> ApproveArticleResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            await actions.approve_article(tx, ctx.actor, article_id=id, base_rev=base_rev)
            return ApproveArticlePayload(article=await _article(tx, ctx, id))

    @strawberry.mutation(description="Takes an article away from everyone, or gives up a draft.")
    async def retire_article(self, info: Info, input: RetireArticleInput) -> RetireArticleResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            await actions.retire_article(tx, ctx.actor, article_id=id)
            row = (await reads.articles_by_ids(tx.conn, ctx.actor, [id])).get(id)
        return RetireArticlePayload(article=KnowledgeArticle.of(row) if row else None)

    @strawberry.mutation(description="Says whether an article helped you; you may change your mind.")
    async def vote_article(self, info: Info, input: VoteArticleInput) -> VoteArticleResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            await actions.vote_article(tx, ctx.actor, article_id=id, helpful=input.helpful)
            return VoteArticlePayload(article=await _article(tx, ctx, id))

    @strawberry.mutation(description="Notes that a ticket was solved with an article.")
    async def link_article(self, info: Info, input: LinkArticleInput) -> LinkArticleResult:
        ctx, ids = info.context, _linked(input)
        async with ctx.changing() as tx:
            await solutions.link_article(tx, ctx.actor, **ids)
            article = await _article(tx, ctx, ids["article_id"])
        ticket = await ticket_of(ctx, ids["ticket_id"])
        assert ticket is not None, "it was seen"
        return LinkArticlePayload(ticket=ticket, article=article)

    @strawberry.mutation(description="Takes such a note back.")
    async def unlink_article(self, info: Info, input: UnlinkArticleInput) -> UnlinkArticleResult:
        ctx, ids = info.context, _linked(input)
        async with ctx.changing() as tx:
            await solutions.unlink_article(tx, ctx.actor, **ids)
        ticket = await ticket_of(ctx, ids["ticket_id"])
        assert ticket is not None, "it was seen"
        return UnlinkArticlePayload(ticket=ticket)


def _linked(input: LinkArticleInput | UnlinkArticleInput) -> dict[str, UUID]:
    return {
        "ticket_id": parse_id(input.ticket_id, field="ticketId"),
        "article_id": parse_id(input.article_id, field="articleId"),
    }


async def _article(tx: records.Tx, ctx: Context, id: UUID) -> KnowledgeArticle:
    return KnowledgeArticle.of((await reads.articles_by_ids(tx.conn, ctx.actor, [id]))[id])


def _words(input: CreateArticleInput | UpdateArticleInput) -> dict[str, Any]:
    patch = patch_of(input, rules.WRITABLE)
    check_not_cleared(patch, patch)
    return patch
