"""Visits over GraphQL: what they look like, and which there are."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.people.reads import people_by_ids
from fieldbeat.visits import model, reads
from fieldbeat_graphql.accounts import Account
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, Page, connect, page_of
from fieldbeat_graphql.people import User
from fieldbeat_graphql.scalars import Json, given, parse_id

strawberry.enum(model.VisitStatus, description="How far a visit has come.")


@strawberry.type(description="One field group: when the rep is expected.")
class VisitWindow:
    planned_start: datetime
    planned_end: datetime


@strawberry.type(description="What a phone said when its rep came or left; set once.")
class VisitEvidence:
    at: datetime = strawberry.field(description="By the device's calendar, as it was said.")
    mock: bool | None = strawberry.field(description="Whether the phone said that its place was made up.")

    @classmethod
    def of(cls, said: dict[str, Any] | None) -> "VisitEvidence | None":
        """The evidence as GraphQL shows it."""
        return cls(at=datetime.fromisoformat(said["at"]), mock=said.get("mock")) if said else None


@strawberry.type(description="A rep goes to a customer.")
class Visit(Node):
    row: strawberry.Private[model.Visit]
    rev: int
    window: VisitWindow
    status: model.VisitStatus
    skip_reason: str | None
    check_in: VisitEvidence | None
    check_out: VisitEvidence | None
    purpose: str | None
    outcome: str | None
    note: str | None
    samples_given: int
    photo_ids: list[strawberry.ID]
    answers: Json
    amendments: Json = strawberry.field(description="What was put right once the visit was done.")
    pinned: bool = strawberry.field(description="Planning does not move it.")
    created_at: datetime
    changed_at: datetime

    @strawberry.field
    async def account(self, info: Info) -> Account | None:
        row = await info.context.load(accounts_by_ids, self.row.account_id)
        return Account.of(row) if row else None

    @strawberry.field(description="Who makes it.")
    async def rep(self, info: Info) -> User | None:
        person = await info.context.load(people_by_ids, self.row.rep_id) if self.row.rep_id else None
        return User.of(person) if person else None

    @classmethod
    def of(cls, row: model.Visit) -> "Visit":
        """The visit as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, status=row.status, skip_reason=row.skip_reason,
            window=VisitWindow(planned_start=row.starts_at, planned_end=row.ends_at),
            check_in=VisitEvidence.of(row.check_in), check_out=VisitEvidence.of(row.check_out), purpose=row.purpose,
            outcome=row.outcome, note=row.note, samples_given=row.samples_given,
            photo_ids=[strawberry.ID(id) for id in row.photo_ids], answers=Json(row.answers),
            amendments=Json(row.amendments), pinned=row.pinned, created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.input(description="Conditions that all must hold; an empty list is none.")
class VisitFilter:
    rep_id: strawberry.ID | None = strawberry.UNSET
    account_id: strawberry.ID | None = strawberry.UNSET
    status: list[model.VisitStatus] | None = strawberry.UNSET
    from_: datetime | None = strawberry.field(
        name="from", default=strawberry.UNSET, description="It is planned to start at this time or later."
    )
    until: datetime | None = strawberry.field(default=strawberry.UNSET, description="And before this one.")

    def wanted(self) -> model.VisitFilter:
        """The conditions as the read takes them."""
        rep_id, account_id = given(self.rep_id), given(self.account_id)
        return model.VisitFilter(
            rep_id=parse_id(rep_id, field="repId") if rep_id else None,
            account_id=parse_id(account_id, field="accountId") if account_id else None,
            statuses=tuple(given(self.status) or ()),
            from_at=given(self.from_),
            until_at=given(self.until),
        )


NODES = (NodeKind(reads.visits_by_ids, Visit.of),)


@strawberry.type
class Query:
    @strawberry.field(description="One visit; null when there is none that you may see.")
    async def visit(self, info: Info, id: strawberry.ID) -> Visit | None:
        row = await info.context.load(reads.visits_by_ids, parse_id(id))
        return Visit.of(row) if row else None

    @strawberry.field(description="The visits that you may see, by their planned start.")
    async def visits(
        self,
        info: Info,
        filter: VisitFilter | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Visit]:
        ctx, page = info.context, page_of(info.context, "visits", first, after)
        wanted = (given(filter) or VisitFilter()).wanted()
        async with ctx.reading() as conn:
            rows = await reads.visits_page(conn, ctx.actor, wanted=wanted, after=_behind(page), rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.starts_at.isoformat(), str(row.id)), node=Visit.of)


def _behind(page: Page) -> model.Position | None:
    return model.Position(datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
