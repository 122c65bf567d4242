"""Assets over GraphQL: what customers have, until when the company answers for it, its tickets and photos."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias
from uuid import UUID

import strawberry
from strawberry.types.lazy_type import LazyType

from fieldbeat.accounts.model import PageOf
from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.assets import model as assets
from fieldbeat.assets import reads
from fieldbeat.tickets.model import PageOfAsset
from fieldbeat.tickets.reads import tickets_of_assets
from fieldbeat_graphql import accounts as account_types  # each shows the other: neither is there before both are
from fieldbeat_graphql.attachments import Attachment, attachments_of
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id

if TYPE_CHECKING:
    from fieldbeat_graphql.accounts import Account
    from fieldbeat_graphql.tickets import Ticket

LazyAccount: TypeAlias = Annotated["Account", strawberry.lazy("fieldbeat_graphql.accounts")]
LazyTicket: TypeAlias = Annotated["Ticket", strawberry.lazy("fieldbeat_graphql.tickets")]
TICKET: LazyType["Ticket", None] = LazyType("Ticket", "fieldbeat_graphql.tickets")  # which shows assets and accounts

strawberry.enum(assets.AssetStatus, description="Whether the customer still has it.")


@strawberry.type(description="A thing at a customer's, bought or on loan.")
class Asset(Node):
    row: strawberry.Private[assets.Asset]
    rev: int
    name: str
    serial_number: str | None = strawberry.field(description="One live asset of the company has it.")
    model: str | None
    status: assets.AssetStatus
    installed_on: date | None
    warranty_until: date | None = strawberry.field(
        description="The first day that the warranty does not cover, by the company's default business hours."
    )
    note: str | None
    tags: list[str]
    custom: Json
    created_at: datetime
    changed_at: datetime

    @strawberry.field
    async def account(self, info: Info) -> LazyAccount | None:
        row = await info.context.load(accounts_by_ids, self.row.account_id)
        return account_types.Account.of(row) if row else None

    @strawberry.field(description="About it, of those that you may see; the greatest number first.")
    async def tickets(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[LazyTicket]:
        page = page_of(info.context, f"asset tickets {self.id}", first, after)
        asked = PageOfAsset(self.row.id, page.limit, page.after[0] if page.after else None)
        rows = await info.context.load(tickets_of_assets, asked)
        return connect(page, rows or [], key=lambda row: (row.number,), node=TICKET.resolve_type().of)

    @strawberry.field(description="Its photos and files, the oldest first.")
    async def attachments(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[Attachment]:
        return await attachments_of(info, self.row.id, first, after)

    @classmethod
    def of(cls, row: assets.Asset) -> "Asset":
        """The asset as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, name=row.name, serial_number=row.serial_number,
            model=row.model, status=row.status, installed_on=row.installed_on, warranty_until=row.warranty_until,
            note=row.note, tags=list(row.tags), custom=Json(row.custom), created_at=row.created_at,
            changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.input(description="Conditions that all must hold; an empty list is none.")
class AssetFilter:
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words of name, serial number or model, accents aside."
    )
    status: list[assets.AssetStatus] | None = strawberry.UNSET
    tags: list[str] | None = strawberry.field(default=strawberry.UNSET, description="It has all of these.")
    account_id: strawberry.ID | None = strawberry.UNSET
    warranty_ends_before: date | None = strawberry.field(
        default=strawberry.UNSET, description="The last day of its warranty lies before this day."
    )
    under_warranty_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Its warranty holds on this day."
    )

    def wanted(self) -> assets.AssetFilter:
        """The conditions as the read takes them."""
        return assets.AssetFilter(
            search=given(self.search) or "",
            statuses=tuple(given(self.status) or ()),
            tags=tuple(given(self.tags) or ()),
            account_id=optional_id(self.account_id, field="accountId"),
            warranty_ends_before=given(self.warranty_ends_before),
            under_warranty_on=given(self.under_warranty_on),
        )


NODES = (NodeKind(reads.assets_by_ids, Asset.of),)


@strawberry.type
class Query:
    @strawberry.field(description="One asset; null when there is none that you may see.")
    async def asset(self, info: Info, id: strawberry.ID) -> Asset | None:
        return await asset_of(info.context, parse_id(id))

    @strawberry.field(description="The assets that you may see, by name.")
    async def assets(
        self,
        info: Info,
        filter: AssetFilter | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Asset]:
        ctx, wanted = info.context, (given(filter) or AssetFilter()).wanted()
        page = page_of(ctx, "assets", first, after)
        behind = account_types.named_key(page)
        async with ctx.reading() as conn:
            rows = await reads.search_assets(
                conn, ctx.actor, wanted=wanted, after=assets.Position(*behind) if behind else None, rows_max=page.limit
            )
        return connect(page, rows, key=lambda row: (row.name, str(row.id)), node=Asset.of)


async def asset_of(context: Context, id: UUID | None) -> Asset | None:
    """The asset as GraphQL shows it, if there is one that the actor may see."""
    row = await context.load(reads.assets_by_ids, id) if id else None
    return Asset.of(row) if row else None


async def assets_of(info: Info, account_id: UUID, first: int | None, after: str | None) -> Connection[Asset]:
    """A page of an account's assets, by name; batched with those of other accounts."""
    page = page_of(info.context, f"assets {account_id}", first, after)
    asked = PageOf(account_id, page.limit, account_types.named_key(page))
    rows = await info.context.load(reads.assets_of_accounts, asked)
    return connect(page, rows or [], key=lambda row: (row.name, str(row.id)), node=Asset.of)
