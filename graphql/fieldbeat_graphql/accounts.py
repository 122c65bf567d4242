"""Accounts and contacts over GraphQL: what they look like, search, and what happened to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from uuid import UUID

import strawberry

from fieldbeat.accounts import model, reads
from fieldbeat.territories.reads import territories_by_ids
from fieldbeat_graphql import assets as asset_types  # each shows the other: neither is there before both are
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, Page, PageInfo, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id
from fieldbeat_graphql.territories import Territory

if TYPE_CHECKING:
    from fieldbeat_graphql.assets import Asset

LazyAsset: TypeAlias = Annotated["Asset", strawberry.lazy("fieldbeat_graphql.assets")]

strawberry.enum(model.AccountKind, description="What sort of customer it is.")
strawberry.enum(model.AccountStatus, description="How far the company is with it.")
strawberry.enum(model.AccountTier, description="How much it matters.")
strawberry.enum(model.Channel, description="How a contact likes to be reached.")
strawberry.enum(model.Consent, description="Whether a contact agreed to be approached.")
strawberry.enum(model.TimelineKind, description="What an entry of a timeline tells.")


@strawberry.type(description="One field group: written as a whole.")
class Address:
    street: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None

    @classmethod
    def of(cls, group: dict[str, Any] | None) -> "Address | None":
        """The group as GraphQL shows it."""
        if group is None:
            return None
        return cls(
            street=group.get("street"),
            city=group.get("city"),
            region=group.get("region"),
            postal_code=group.get("postalCode"),
            country=group.get("country"),
        )


@strawberry.type(description="One field group: degrees, and how good they are in metres.")
class Location:
    latitude: float
    longitude: float
    accuracy_m: float | None

    @classmethod
    def of(cls, group: dict[str, Any] | None) -> "Location | None":
        """The group as GraphQL shows it."""
        if group is None:
            return None
        return cls(latitude=group["latitude"], longitude=group["longitude"], accuracy_m=group.get("accuracyM"))


@strawberry.type(description="A person at an account.")
class Contact(Node):
    row: strawberry.Private[model.Contact]
    rev: int
    name: str
    job_title: str | None
    title: str | None = strawberry.field(deprecation_reason="It is `jobTitle` since schema version 2.")
    preferred_channel: model.Channel | None
    phones: list[str]
    emails: list[str]
    consent: model.Consent
    note: str | None
    created_at: datetime
    changed_at: datetime

    @strawberry.field
    async def account(self, info: Info) -> Annotated["Account", strawberry.lazy(__name__)] | None:
        row = await info.context.load(reads.accounts_by_ids, self.row.account_id)
        return Account.of(row) if row else None

    @classmethod
    def of(cls, row: model.Contact) -> "Contact":
        """The contact as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, name=row.name, job_title=row.job_title,
            title=row.job_title, preferred_channel=row.preferred_channel,
            phones=list(row.phones), emails=list(row.emails), consent=row.consent, note=row.note,
            created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.type(description="One field that an edit carried. `outcome`: WON, LOST, or ADDED (sets and counters).")
class TimelineWrite:
    field: str
    value: Json | None
    outcome: str
    rule: str

    @classmethod
    def of(cls, row: model.TimelineWrite) -> "TimelineWrite":
        """The write as GraphQL shows it."""
        return cls(field=row.field, value=Json(row.value), outcome=row.outcome, rule=row.rule)


@strawberry.type(description="One edit that reached an account, or what was created at it.")
class TimelineEntry:
    row: strawberry.Private[model.TimelineEntry]
    kind: model.TimelineKind
    at: datetime
    rev: int
    created_id: strawberry.ID | None = strawberry.field(
        description="The contact, asset, visit or ticket that was created."
    )
    writes: list[TimelineWrite]

    @strawberry.field(description="Who did it.")
    async def actor(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.actor_id)

    @strawberry.field(description="The contact that was created, if it still is.")
    async def contact(self, info: Info) -> Contact | None:
        row = await info.context.load(reads.contacts_by_ids, self.row.contact_id) if self.row.contact_id else None
        return Contact.of(row) if row else None

    @classmethod
    def of(cls, row: model.TimelineEntry) -> "TimelineEntry":
        """The entry as GraphQL shows it."""
        writes = [TimelineWrite.of(one) for one in row.writes]
        created_id = strawberry.ID(str(row.created_id)) if row.created_id else None
        return cls(row=row, kind=row.kind, at=row.at, rev=row.rev, created_id=created_id, writes=writes)


@strawberry.type(description="A customer.")
class Account(Node):
    row: strawberry.Private[model.Account]
    rev: int
    code: str | None
    name: str
    kind: model.AccountKind | None
    status: model.AccountStatus
    tier: model.AccountTier | None
    address: Address | None
    location: Location | None
    phone: str | None
    website: str | None
    tags: list[str]
    note: str | None
    custom: Json
    created_at: datetime
    changed_at: datetime

    @strawberry.field
    async def owner(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.owner_id)

    @strawberry.field
    async def territory(self, info: Info) -> Territory | None:
        row = await info.context.load(territories_by_ids, self.row.territory_id)
        return Territory.of(row) if row else None

    @strawberry.field(description="By name.")
    async def contacts(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[Contact]:
        page = page_of(info.context, f"contacts {self.id}", first, after)
        wanted = model.PageOf(self.row.id, page.limit, named_key(page))
        rows = await info.context.load(reads.contacts_of_accounts, wanted)
        return connect(page, rows or [], key=lambda row: (row.name, str(row.id)), node=Contact.of)

    @strawberry.field(description="What it has from the company, by name.")
    async def assets(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[LazyAsset]:
        return await asset_types.assets_of(info, self.row.id, first, after)

    @strawberry.field(description="What happened to it, newest first.")
    async def timeline(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[TimelineEntry]:
        page = page_of(info.context, f"timeline {self.id}", first, after)
        wanted = model.PageOf(self.row.id, page.limit, (page.after[0], page.after[1]) if page.after else None)
        rows = await info.context.load(reads.timelines, wanted)
        return connect(page, rows or [], key=lambda row: (row.rev, row.child), node=TimelineEntry.of)

    @classmethod
    def of(cls, row: model.Account) -> "Account":
        """The account as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, code=row.code, name=row.name, kind=row.kind,
            status=row.status, tier=row.tier, address=Address.of(row.address), location=Location.of(row.location),
            phone=row.phone, website=row.website, tags=list(row.tags), note=row.note, custom=Json(row.custom),
            created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.type
class AccountEdge:
    cursor: str
    node: Account
    distance_m: float | None = strawberry.field(description="Metres from the place asked about.")


@strawberry.type
class AccountConnection:
    edges: list[AccountEdge]
    page_info: PageInfo


@strawberry.input(description="Conditions that all must hold; an empty list is none.")
class AccountFilter:
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words of name, code or city, accents aside. What nothing contains finds what is spelt alike.",
    )
    status: list[model.AccountStatus] | None = strawberry.UNSET
    kind: list[model.AccountKind] | None = strawberry.UNSET
    tier: list[model.AccountTier] | None = strawberry.UNSET
    tags: list[str] | None = strawberry.field(default=strawberry.UNSET, description="It has all of these.")
    owner_id: strawberry.ID | None = strawberry.UNSET
    territory_id: strawberry.ID | None = strawberry.UNSET

    def wanted(self) -> model.AccountFilter:
        """The conditions as the read takes them."""
        return model.AccountFilter(
            search=given(self.search) or "",
            statuses=_listed(self.status),
            kinds=_listed(self.kind),
            tiers=_listed(self.tier),
            tags=_listed(self.tags),
            owner_id=optional_id(self.owner_id, field="ownerId"),
            territory_id=optional_id(self.territory_id, field="territoryId"),
        )


@strawberry.input(description="Within a circle, nearest first.")
class NearInput:
    latitude: float
    longitude: float
    radius_m: float = strawberry.field(default=10_000, description="Metres, from 1 to 1,000,000.")


NODES = (NodeKind(reads.accounts_by_ids, Account.of), NodeKind(reads.contacts_by_ids, Contact.of))


@strawberry.type
class Query:
    @strawberry.field(description="One account; null when there is none that you may see.")
    async def account(self, info: Info, id: strawberry.ID) -> Account | None:
        row = await info.context.load(reads.accounts_by_ids, parse_id(id))
        return Account.of(row) if row else None

    @strawberry.field(description="The accounts that you may see: by name, or with `near` nearest first.")
    async def accounts(
        self,
        info: Info,
        filter: AccountFilter | None = strawberry.UNSET,
        near: NearInput | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> AccountConnection:
        wanted, place = given(filter) or AccountFilter(), _place(given(near))
        page = page_of(info.context, "accounts near" if place else "accounts", first, after)
        found = await _search(info.context, wanted.wanted(), place, page)
        return _connected(page, found)


def named_key(page: Page) -> tuple[str, UUID] | None:
    """Of a list in the order of names: the name and id behind which the page begins."""
    return (page.after[0], UUID(page.after[1])) if page.after else None


async def _search(
    context: Context, wanted: model.AccountFilter, near: model.Near | None, page: Page
) -> list[model.Found]:
    after = model.Position(page.after[0], UUID(page.after[1]), page.after[2]) if page.after else None
    async with context.reading() as conn:
        return await reads.search_accounts(
            conn, context.actor, wanted=wanted, near=near, after=after, rows_max=page.limit
        )


def _connected(page: Page, found: Sequence[model.Found]) -> AccountConnection:
    plain = connect(page, found, key=_position, node=lambda one: one)
    edges = [
        AccountEdge(cursor=edge.cursor, node=Account.of(edge.node.account), distance_m=edge.node.distance_m)
        for edge in plain.edges
    ]
    return AccountConnection(edges=edges, page_info=plain.page_info)


def _position(found: model.Found) -> Sequence[Any]:
    position = found.position
    return (position.order, str(position.id), position.alike)


def _place(near: NearInput | None) -> model.Near | None:
    return model.Near(near.latitude, near.longitude, near.radius_m) if near else None


def _listed(values: Sequence[Any] | None) -> tuple[Any, ...]:
    return tuple(given(values) or ())
