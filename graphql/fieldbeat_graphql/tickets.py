"""Tickets over GraphQL: what they look like, what is said about them, and how they are found."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias
from uuid import UUID

import strawberry

from fieldbeat.accounts.reads import accounts_by_ids, contacts_by_ids
from fieldbeat.days.solutions import solved_with
from fieldbeat.exchange.changes import changed
from fieldbeat.knowledge.reads import suggested_articles
from fieldbeat.portal.reads import ratings_of_tickets
from fieldbeat.tickets import model, reads
from fieldbeat_graphql import knowledge, ticket_parts  # each shows the other: neither is there before both are
from fieldbeat_graphql.accounts import Account, Contact
from fieldbeat_graphql.assets import Asset, asset_of
from fieldbeat_graphql.attachments import Attachment, attachments_of
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.portal_tokens import TicketRating
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id
from fieldbeat_graphql.sla import SlaClock

if TYPE_CHECKING:
    from fieldbeat_graphql.knowledge import KnowledgeArticle
    from fieldbeat_graphql.ticket_parts import TicketPart

LazyArticle: TypeAlias = Annotated["KnowledgeArticle", strawberry.lazy("fieldbeat_graphql.knowledge")]
LazyPart: TypeAlias = Annotated["TicketPart", strawberry.lazy("fieldbeat_graphql.ticket_parts")]

strawberry.enum(
    model.TicketQueue,
    description="MINE: you answer for it, and it is not resolved. OFFERED: to you. OPEN: not resolved, whoever it is. "
    "BREACHED: not resolved, and a clock of it is past its deadline. DUE_SOON: one of them has its within 24 hours.",
)


@strawberry.type(description="What somebody wrote about a ticket; nobody changes it.")
class TicketMessage(Node):
    row: strawberry.Private[model.TicketMessage]
    rev: int
    body: str
    public: bool = strawberry.field(description="Whether the customer may read it.")
    at: datetime

    @strawberry.field(description="Who wrote it down.")
    async def author(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.author_id)

    @strawberry.field(description="The customer who said it; null when it was one of the company.")
    async def on_behalf_of_contact(self, info: Info) -> Contact | None:
        row = await info.context.load(contacts_by_ids, self.row.contact_id) if self.row.contact_id else None
        return Contact.of(row) if row else None

    @strawberry.field(description="The ticket that it was written to, which may have been merged into another since.")
    async def ticket(self, info: Info) -> Annotated["Ticket", strawberry.lazy(__name__)] | None:
        return await ticket_of(info.context, self.row.ticket_id)

    @classmethod
    def of(cls, row: model.TicketMessage) -> "TicketMessage":
        """The message as GraphQL shows it."""
        return cls(id=strawberry.ID(str(row.id)), row=row, rev=row.rev, body=row.body, public=row.public, at=row.at)


@strawberry.type(description="A customer's request, complaint or fault. One person answers for it at every time.")
class Ticket(Node):
    row: strawberry.Private[model.Ticket]
    rev: int
    number: int
    kind: model.TicketKind
    subject: str
    description: str | None
    priority: model.TicketPriority
    status: model.TicketStatus
    visit_ids: list[strawberry.ID]
    tags: list[str]
    required_skills: list[str] = strawberry.field(description="What whoever goes there must be able to do.")
    labour_minutes: int
    cause: str | None
    solution: str | None
    opened_at: datetime = strawberry.field(description="When it was made, also on a phone that was offline.")
    under_warranty: bool | None = strawberry.field(
        description="Whether its asset's warranty held when it was opened; null without an asset."
    )
    created_at: datetime
    changed_at: datetime

    @strawberry.field
    async def account(self, info: Info) -> Account | None:
        row = await info.context.load(accounts_by_ids, self.row.account_id)
        return Account.of(row) if row else None

    @strawberry.field(description="Whom to speak to.")
    async def contact(self, info: Info) -> Contact | None:
        row = await info.context.load(contacts_by_ids, self.row.contact_id) if self.row.contact_id else None
        return Contact.of(row) if row else None

    @strawberry.field(description="What it is about, of what its account has.")
    async def asset(self, info: Info) -> Asset | None:
        return await asset_of(info.context, self.row.asset_id)

    @strawberry.field(description="Who answers for it.")
    async def assignee(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.assignee_id)

    @strawberry.field(description="To whom its assignee would hand it over; he answers for it until that is accepted.")
    async def offered_to(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.offered_to_id)

    @strawberry.field(description="The ticket in which it goes on.")
    async def merged_into(self, info: Info) -> Annotated["Ticket", strawberry.lazy(__name__)] | None:
        return await ticket_of(info.context, self.row.merged_into_id)

    @strawberry.field(description="Those that were merged into it; each keeps its number.")
    async def merged(self, info: Info) -> list[Annotated["Ticket", strawberry.lazy(__name__)]]:
        rows = await info.context.load(reads.tickets_merged_into, self.row.id)
        return [Ticket.of(row) for row in rows or ()]

    @strawberry.field(description="Articles that solved it, by title.")
    async def solved_with(self, info: Info) -> list[LazyArticle]:
        rows = await info.context.load(solved_with, self.row.id)
        return [knowledge.KnowledgeArticle.of(row) for row in rows or ()]

    @strawberry.field(description="Published articles whose titles and tags are like its subject, the best first.")
    async def suggested_articles(self, info: Info) -> list[LazyArticle]:
        rows = await info.context.load(suggested_articles, self.row.subject)
        return [knowledge.KnowledgeArticle.of(row) for row in rows or ()]

    @strawberry.field(
        description="The clocks of what was promised for it, by metric, the newest first; none without a policy."
    )
    async def sla(self, info: Info) -> list[SlaClock]:
        found = await info.context.load(reads.clocks_of_tickets, self.row.id)
        return [SlaClock.of(clock, hours, info.context.received_at) for clock, hours in found or ()]

    @strawberry.field(description="How the customer found the service.")
    async def rating(self, info: Info) -> TicketRating | None:
        row = await info.context.load(ratings_of_tickets, self.row.id)
        return TicketRating.of(row) if row else None

    @strawberry.field(description="What it used, and those merged into it did, the oldest first.")
    async def parts(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[LazyPart]:
        return await ticket_parts.parts_of(info, self.row.id, first, after)

    @strawberry.field(description="Its photos, signatures and files, the oldest first.")
    async def attachments(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[Attachment]:
        return await attachments_of(info, self.row.id, first, after)

    @strawberry.field(description="What is said about it, and about those merged into it, the oldest first.")
    async def messages(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[TicketMessage]:
        page = page_of(info.context, f"messages {self.id}", first, after)
        behind = (datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
        rows = await info.context.load(reads.messages_of_tickets, model.PageOfTicket(self.row.id, page.limit, behind))
        return connect(page, rows or [], key=lambda row: (row.at.isoformat(), str(row.id)), node=TicketMessage.of)

    @classmethod
    def of(cls, row: model.Ticket) -> "Ticket":
        """The ticket as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, number=row.number, kind=row.kind, subject=row.subject,
            description=row.description, priority=row.priority, status=row.status,
            visit_ids=[strawberry.ID(str(id)) for id in row.visit_ids], tags=list(row.tags),
            required_skills=list(row.required_skills),
            labour_minutes=row.labour_minutes, cause=row.cause, solution=row.solution, opened_at=row.opened_at,
            under_warranty=row.under_warranty, created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.input(description="Conditions that all must hold; an empty list is none.")
class TicketFilterInput:
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words of number, subject or description, accents aside."
    )
    queue: model.TicketQueue | None = strawberry.UNSET
    status: list[model.TicketStatus] | None = strawberry.UNSET
    priority: list[model.TicketPriority] | None = strawberry.UNSET
    kind: list[model.TicketKind] | None = strawberry.UNSET
    tags: list[str] | None = strawberry.field(default=strawberry.UNSET, description="It has all of these.")
    assignee_id: strawberry.ID | None = strawberry.UNSET
    account_id: strawberry.ID | None = strawberry.UNSET

    def wanted(self) -> model.TicketFilter:
        """The conditions as the read takes them, but for the queue."""
        return model.TicketFilter(
            search=given(self.search) or "",
            statuses=tuple(given(self.status) or ()),
            priorities=tuple(given(self.priority) or ()),
            kinds=tuple(given(self.kind) or ()),
            tags=tuple(given(self.tags) or ()),
            assignee_id=optional_id(self.assignee_id, field="assigneeId"),
            account_id=optional_id(self.account_id, field="accountId"),
        )


@strawberry.type(description="A filter that you keep; `filter` is as you gave it, to be sent back as it is.")
class SavedTicketFilter:
    id: strawberry.ID
    name: str
    filter: Json

    @classmethod
    def of(cls, kept: model.SavedFilter) -> "SavedTicketFilter":
        """The filter as GraphQL shows it."""
        return cls(id=strawberry.ID(str(kept.id)), name=kept.name, filter=Json(kept.wanted))


NODES = (NodeKind(reads.tickets_by_ids, Ticket.of), NodeKind(reads.messages_by_ids, TicketMessage.of))


@strawberry.type
class Query:
    @strawberry.field(description="One ticket; null when there is none that you may see.")
    async def ticket(self, info: Info, id: strawberry.ID) -> Ticket | None:
        return await ticket_of(info.context, parse_id(id))

    @strawberry.field(description="The tickets that you may see, the greatest number first.")
    async def tickets(
        self,
        info: Info,
        filter: TicketFilterInput | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Ticket]:
        asked = given(filter) or TicketFilterInput()
        page = page_of(info.context, "tickets", first, after)
        async with info.context.reading() as conn:
            rows = await reads.search_tickets(
                conn, info.context.actor, wanted=asked.wanted(), queue=given(asked.queue),
                below_number=page.after[0] if page.after else None, rows_max=page.limit,
            )  # fmt: skip
        return connect(page, rows, key=lambda row: (row.number,), node=Ticket.of)

    @strawberry.field(description="The filters that you keep, by name.")
    async def ticket_filters(self, info: Info) -> list[SavedTicketFilter]:
        async with info.context.reading() as conn:
            return [SavedTicketFilter.of(kept) for kept in await reads.filters_of(conn, info.context.actor)]


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description="Tickets that you may see, as they are when they have changed; or one of them alone. "
        "Subscribe first, then read. Refuses NOT_FOUND (`ticketId`)."
    )
    async def ticket_changed(
        self, info: Info, ticket_id: strawberry.ID | None = strawberry.UNSET
    ) -> AsyncGenerator[Ticket, None]:
        ctx, wanted = info.context, optional_id(ticket_id, field="ticketId")
        if wanted and await ticket_of(ctx, wanted) is None:
            raise model.TicketUnknown(fields=("ticketId",))
        async for rows in changed(ctx.db, ctx.pokes, ctx.renew, "ticket", reads.tickets_by_ids):
            for row in rows:
                if wanted in (None, row.id):
                    yield Ticket.of(row)


async def ticket_of(context: Context, id: UUID | None) -> Ticket | None:
    """The ticket as GraphQL shows it, if there is one that the actor may see."""
    row = await context.load(reads.tickets_by_ids, id) if id else None
    return Ticket.of(row) if row else None
