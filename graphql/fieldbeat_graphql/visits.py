"""Visits over GraphQL: what they look like, and which there are."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from fieldbeat.accounts.reads import accounts_by_ids
from fieldbeat.visits import model, reads, rules
from fieldbeat_graphql.accounts import Account
from fieldbeat_graphql.attachments import Attachment, attachments_of
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, Page, connect, page_of
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id
from fieldbeat_graphql.visit_templates import VisitCompleteness, VisitTemplate
from fieldbeat_sync.mutation import Timing

strawberry.enum(model.VisitStatus, description="How far a visit has come.")
strawberry.enum(
    model.ReadVia,
    name="LocationReadVia",
    description="How somebody saw where a rep was: at the visit, in a field's history, in a conflict, by sync.",
)
strawberry.enum(model.VisitAlert, description="What somebody ought to look at.")
strawberry.enum(
    Timing,
    name="EvidenceTiming",
    description="How a time is known, the surest first: by the server's "
    "clock, by the device's time since boot, which nobody can set, by the device's calendar.",
)


@strawberry.type(description="One field group: when the rep is expected.")
class VisitWindow:
    planned_start: datetime
    planned_end: datetime


@strawberry.type(description="What a phone said when its rep came or left; set once. Reading the place is noted.")
class VisitProof:
    visit_id: strawberry.Private[UUID]
    name: strawberry.Private[str]
    at: datetime = strawberry.field(description="By the device's calendar, as it was said.")
    mock: bool | None = strawberry.field(description="Whether the phone said that its place was made up.")

    @strawberry.field
    async def latitude(self, info: Info) -> float | None:
        return (await self._place(info)).get("latitude")

    @strawberry.field
    async def longitude(self, info: Info) -> float | None:
        return (await self._place(info)).get("longitude")

    @strawberry.field
    async def accuracy_m(self, info: Info) -> float | None:
        return (await self._place(info)).get("accuracyM")

    async def _place(self, info: Info) -> dict[str, Any]:
        places = await info.context.load_noted(reads.places_by_ids, self.visit_id)
        return getattr(places, self.name, None) or {}

    @classmethod
    def of(cls, row: model.Visit, name: str) -> "VisitProof | None":
        """The check-in or check-out of a visit as GraphQL shows it."""
        said = getattr(row, name)
        if said is None:
            return None
        return cls(visit_id=row.id, name=name, at=datetime.fromisoformat(said["at"]), mock=said.get("mock"))


@strawberry.type(description="What a check-in or check-out is worth.")
class VisitEvidence:
    distance_m: float | None = strawberry.field(description="Metres from the customer's location.")
    inside_geofence: bool | None = strawberry.field(
        description="Whether it may have been at the place: within its radius, with the accuracy as tolerance."
    )
    accuracy_m: float | None
    mock: bool
    device_at: datetime = strawberry.field(description="By the device's calendar.")
    trusted_at: datetime = strawberry.field(description="The server's receive time less the age that the device told.")
    timing: Timing
    clock_skew_ms: float = strawberry.field(description="By how much the device's calendar is ahead.")

    @classmethod
    def of(cls, evidence: model.Evidence | None) -> "VisitEvidence | None":
        """The evidence as GraphQL shows it."""
        return cls(**vars(evidence)) if evidence else None


@strawberry.type(description="A rep goes to a customer.")
class Visit(Node):
    row: strawberry.Private[model.Visit]
    rev: int
    window: VisitWindow
    status: model.VisitStatus
    skip_reason: str | None
    check_in: VisitProof | None
    check_out: VisitProof | None
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
        return await user_of(info.context, self.row.rep_id)

    @strawberry.field(description="The form that is filled in.")
    async def template(self, info: Info) -> VisitTemplate | None:
        id = self.row.template_id
        row = await info.context.load(reads.templates_by_ids, id) if id else None
        return VisitTemplate.of(row) if row else None

    @strawberry.field(description="Whether required answers and all attachments are there.")
    async def completeness(self, info: Info) -> VisitCompleteness | None:
        form = await info.context.load(reads.filled_forms, self.row.id)
        return VisitCompleteness.of(rules.completeness(form)) if form else None

    @strawberry.field(description="Its photos, signatures and files, the oldest first.")
    async def attachments(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[Attachment]:
        return await attachments_of(info, self.row.id, first, after)

    @strawberry.field
    async def check_in_evidence(self, info: Info) -> VisitEvidence | None:
        found = await self._findings(info)
        return VisitEvidence.of(found.check_in) if found else None

    @strawberry.field
    async def check_out_evidence(self, info: Info) -> VisitEvidence | None:
        found = await self._findings(info)
        return VisitEvidence.of(found.check_out) if found else None

    @strawberry.field(description="What somebody ought to look at; none of it refused anything.")
    async def alerts(self, info: Info) -> list[model.VisitAlert]:
        found = await self._findings(info)
        return list(found.alerts) if found else []

    @strawberry.field(description="0 to 100: how much a look is worth, by the alerts; it decides nothing.")
    async def risk(self, info: Info) -> int:
        found = await self._findings(info)
        return found.risk if found else 0

    @strawberry.field(description="A colleague was at the customer at the same time, and both visits are done.")
    async def joint(self, info: Info) -> bool:
        found = await self._findings(info)
        return found.joint if found else False

    @strawberry.field(description="Of a visit that nobody left: when its rep came to the next one.")
    async def inferred_check_out(self, info: Info) -> datetime | None:
        found = await self._findings(info)
        return found.inferred_check_out if found else None

    async def _findings(self, info: Info) -> model.Findings | None:
        proofs = await info.context.load(reads.proofs_by_ids, self.row.id)
        settings = info.context.settings
        bounds = model.Bounds(settings.geofence_radius_m, settings.clock_skew_alert_s * 1000)
        return rules.findings(proofs, bounds) if proofs else None

    @classmethod
    def of(cls, row: model.Visit) -> "Visit":
        """The visit as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(row.id)), row=row, rev=row.rev, status=row.status, skip_reason=row.skip_reason,
            window=VisitWindow(planned_start=row.starts_at, planned_end=row.ends_at),
            check_in=VisitProof.of(row, "check_in"), check_out=VisitProof.of(row, "check_out"), purpose=row.purpose,
            outcome=row.outcome, note=row.note, samples_given=row.samples_given,
            photo_ids=[strawberry.ID(id) for id in row.photo_ids], answers=Json(row.answers),
            amendments=Json(row.amendments), pinned=row.pinned, created_at=row.created_at, changed_at=row.changed_at,
        )  # fmt: skip


@strawberry.type(description="Somebody read where a rep was.")
class LocationRead:
    row: strawberry.Private[model.LocationRead]
    at: datetime
    visit_id: strawberry.ID | None = strawberry.field(description="Null for SYNC.")
    via: model.ReadVia
    visits: int = strawberry.field(description="Of how many visits; more than one for SYNC alone.")

    @strawberry.field(description="Who read it.")
    async def reader(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.reader_id)

    @strawberry.field(description="Whose place it was.")
    async def rep(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.rep_id)

    @classmethod
    def of(cls, row: model.LocationRead) -> "LocationRead":
        """The note as GraphQL shows it."""
        id = strawberry.ID(str(row.visit_id)) if row.visit_id else None
        return cls(row=row, at=row.at, visit_id=id, via=model.ReadVia(row.via), visits=row.visits)


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
        return model.VisitFilter(
            rep_id=optional_id(self.rep_id, field="repId"),
            account_id=optional_id(self.account_id, field="accountId"),
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

    @strawberry.field(description="Who has read where you and the people below you were, newest first.")
    async def location_reads(
        self,
        info: Info,
        rep_id: strawberry.ID | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[LocationRead]:
        ctx, page = info.context, page_of(info.context, "locationReads", first, after)
        rep = optional_id(rep_id, field="repId")
        async with ctx.reading() as conn:
            rows = await reads.location_reads(conn, ctx.actor, rep_id=rep, after=_behind(page), rows_max=page.limit)
        return connect(page, rows, key=lambda row: (row.at.isoformat(), str(row.id)), node=LocationRead.of)


def _behind(page: Page) -> model.Position | None:
    return model.Position(datetime.fromisoformat(page.after[0]), UUID(page.after[1])) if page.after else None
