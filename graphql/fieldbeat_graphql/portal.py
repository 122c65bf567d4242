"""The portal over GraphQL: root fields that a portal token opens, and it opens no others.

Its types are its own, so that a field which colleagues are shown is not shown to customers because somebody added it.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.knowledge import model as knowledge
from fieldbeat.knowledge.reads import search_articles
from fieldbeat.portal import actions, model, reads
from fieldbeat.tickets.model import TicketKind, TicketStatus
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.errors import ChangeRefused, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.knowledge import behind, position_of
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.scalars import given, parse_id


@strawberry.type(description="What was said publicly about a ticket.")
class PortalMessage:
    id: strawberry.ID
    body: str
    at: datetime
    contact_name: str | None = strawberry.field(description="Who of you said it; null: the company.")

    @classmethod
    def of(cls, row: model.PortalMessage) -> "PortalMessage":
        """The message as a customer sees it."""
        return cls(id=strawberry.ID(str(row.id)), body=row.body, at=row.at, contact_name=row.contact_name)


@strawberry.type(description="How you found the service.")
class PortalRating:
    score: int
    comment: str | None
    at: datetime

    @classmethod
    def of(cls, row: model.TicketRating) -> "PortalRating":
        """The rating as a customer sees it."""
        return cls(score=row.score, comment=row.comment, at=row.at)


@strawberry.type(description="A ticket of your account.")
class PortalTicket:
    row: strawberry.Private[model.PortalTicket]
    id: strawberry.ID
    number: int
    kind: TicketKind
    subject: str
    description: str | None = strawberry.field(description="What you wrote when you opened it here.")
    status: TicketStatus
    opened_at: datetime

    @strawberry.field(description="What was said to you and by you, the oldest first.")
    async def messages(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[PortalMessage]:
        page = page_of(info.context, f"portal messages {self.id}", first, after)
        begin = (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        asked = model.MessagesPage(self.row.id, page.limit, begin)
        rows = await info.context.load_own(reads.public_messages, asked)
        return connect(page, rows or [], key=lambda row: (row.at.isoformat(), str(row.id)), node=PortalMessage.of)

    @strawberry.field
    async def rating(self, info: Info) -> PortalRating | None:
        row = await info.context.load_own(reads.own_ratings, self.row.id)
        return PortalRating.of(row) if row else None

    @classmethod
    def of(cls, row: model.PortalTicket) -> "PortalTicket":
        """The ticket as a customer sees it."""
        return cls(
            row=row, id=strawberry.ID(str(row.id)), number=row.number, kind=row.kind, subject=row.subject,
            description=row.said, status=row.status, opened_at=row.opened_at,
        )  # fmt: skip


@strawberry.type(description="A published article.")
class PortalArticle:
    id: strawberry.ID
    title: str
    body: str
    tags: list[str]
    language: str
    published_at: datetime | None

    @classmethod
    def of(cls, row: knowledge.Article) -> "PortalArticle":
        """The article as a customer sees it."""
        return cls(
            id=strawberry.ID(str(row.id)), title=row.title, body=row.body, tags=list(row.tags), language=row.language,
            published_at=row.published_at,
        )  # fmt: skip


@strawberry.type(description="Whose portal it is.")
class PortalAccount:
    name: str


@strawberry.type(description="What a customer sees of himself.")
class Portal:
    account: PortalAccount
    contact_name: str = strawberry.field(description="Who the token was given to.")

    @strawberry.field(description="Your account's tickets, the greatest number first.")
    async def tickets(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[PortalTicket]:
        customer = info.context.customer
        page = page_of(info.context, f"portal tickets {customer.account_id}", first, after)
        below = page.after[0] if page.after else None
        async with info.context.db.reading(customer.tenant_id) as conn:
            rows = await reads.own_tickets_page(conn, customer, below_number=below, rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.number,), node=PortalTicket.of)

    @strawberry.field(description="One ticket of your account; null when there is none.")
    async def ticket(self, info: Info, id: strawberry.ID) -> PortalTicket | None:
        row = await info.context.load_own(reads.own_tickets, parse_id(id))
        return PortalTicket.of(row) if row else None

    @strawberry.field(description="Published articles by title; `search`: words of title, tags or body, all of them.")
    async def articles(
        self,
        info: Info,
        search: str | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[PortalArticle]:
        page, wanted = page_of(info.context, "portal articles", first, after), given(search) or ""
        async with info.context.db.reading(info.context.customer.tenant_id) as conn:
            found = await search_articles(
                conn, None, wanted=knowledge.ArticleFilter(wanted), after=behind(page), rows_max=page.limit
            )
        return connect(page, found, key=position_of, node=lambda one: PortalArticle.of(one.article))


@strawberry.type(description="So much is not taken with one token in an hour.")
class TooMany(Refused):
    retry_after_ms: int

    @classmethod
    def of(cls, refusal: model.TooMany) -> "TooMany":
        """The refusal as data, with when to try again."""
        return cls(
            code=refusal.code, message=refusal.message, fields=list(refusal.fields),
            retry_after_ms=refusal.retry_after_ms,
        )  # fmt: skip


@strawberry.input
class PortalCreateTicketInput:
    subject: str
    description: str | None = strawberry.UNSET
    kind: TicketKind = TicketKind.REQUEST


@strawberry.input
class PortalAddMessageInput:
    ticket_id: strawberry.ID
    body: str


@strawberry.input(description="A ticket is rated once it is resolved; a later rating replaces the one before.")
class PortalRateTicketInput:
    ticket_id: strawberry.ID
    score: int = strawberry.field(description="1 (bad) to 5 (good).")
    comment: str | None = strawberry.UNSET


@strawberry.type
class PortalCreateTicketPayload:
    ticket: PortalTicket


@strawberry.type(description="The ticket as it is now: one that waited for you, or was done, is open again.")
class PortalAddMessagePayload:
    ticket: PortalTicket


@strawberry.type
class PortalRateTicketPayload:
    ticket: PortalTicket


PortalCreateTicketResult = Annotated[
    PortalCreateTicketPayload | Invalid | TooMany | ChangeRefused, strawberry.union("PortalCreateTicketResult")
]
PortalAddMessageResult = Annotated[
    PortalAddMessagePayload | NotFound | Invalid | TooMany | ChangeRefused,
    strawberry.union("PortalAddMessageResult"),
]
PortalRateTicketResult = Annotated[
    PortalRateTicketPayload | NotFound | Invalid, strawberry.union("PortalRateTicketResult")
]
REFUSALS: Refusals = {model.TooMany: TooMany}


@strawberry.type
class Query:
    @strawberry.field(description="Open to the bearer of a portal token alone.")
    async def portal(self, info: Info) -> Portal:
        customer = info.context.customer
        return Portal(account=PortalAccount(name=customer.account_name), contact_name=customer.contact_name)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Opens a ticket at your account.")
    async def portal_create_ticket(self, info: Info, input: PortalCreateTicketInput) -> PortalCreateTicketResult:
        ctx, customer = info.context, info.context.customer
        async with records.writing(ctx.db, customer.tenant_id) as tx:
            made = await actions.open_ticket(
                tx, customer, kind=input.kind, subject=input.subject, description=given(input.description)
            )
        return PortalCreateTicketPayload(ticket=await _own(ctx, made.record_id))

    @strawberry.mutation(description="Says something about a ticket of your account.")
    async def portal_add_message(self, info: Info, input: PortalAddMessageInput) -> PortalAddMessageResult:
        ctx, customer, id = info.context, info.context.customer, parse_id(input.ticket_id, field="ticketId")
        async with records.writing(ctx.db, customer.tenant_id) as tx:
            await actions.add_message(tx, customer, ticket_id=id, body=input.body)
        return PortalAddMessagePayload(ticket=await _own(ctx, id))

    @strawberry.mutation(description="Says how you found the service.")
    async def portal_rate_ticket(self, info: Info, input: PortalRateTicketInput) -> PortalRateTicketResult:
        ctx, customer, id = info.context, info.context.customer, parse_id(input.ticket_id, field="ticketId")
        async with records.writing(ctx.db, customer.tenant_id) as tx:
            await actions.rate_ticket(tx, customer, ticket_id=id, score=input.score, comment=given(input.comment))
        return PortalRateTicketPayload(ticket=await _own(ctx, id))


async def _own(context: Context, id: UUID) -> PortalTicket:
    row = await context.load_own(reads.own_tickets, id)
    assert row is not None, "it was just written"
    return PortalTicket.of(row)
