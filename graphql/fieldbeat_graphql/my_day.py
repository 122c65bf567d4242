"""The phone's first screen in one round trip."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import strawberry

import fieldbeat_graphql.visits  # noqa: F401 - makes VisitStatus an enum of the schema
from fieldbeat.accounts.model import AccountStatus, AccountTier
from fieldbeat.days import model
from fieldbeat.days.today import my_day
from fieldbeat.visits.model import VisitStatus
from fieldbeat_graphql.accounts import Address, Location
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.plan_changes import travel_of
from fieldbeat_graphql.scalars import given

strawberry.enum(model.AlertKind, name="DayAlertKind", description="What deserves a look before the day begins.")


@strawberry.type(description="Whom to meet.")
class BriefContact:
    id: strawberry.ID
    name: str
    job_title: str | None
    phones: list[str]


@strawberry.type(description="What is open there.")
class BriefTicket:
    id: strawberry.ID
    number: int | None
    subject: str
    priority: str
    status: str


@strawberry.type(description="The customer as far as it matters at the door; `note` is cut after 200 characters.")
class AccountBrief:
    id: strawberry.ID
    rev: int
    name: str
    code: str | None
    tier: AccountTier | None
    status: AccountStatus
    address: Address | None
    location: Location | None
    phone: str | None
    tags: list[str]
    note: str | None


@strawberry.type(description="One visit of the day, with the way to it.")
class DayVisit:
    id: strawberry.ID
    rev: int
    status: VisitStatus
    planned_start: datetime
    planned_end: datetime
    purpose: str | None
    note: str | None = strawberry.field(description="Cut after 250 characters.")
    pinned: bool
    travel_minutes: int
    travel_km: float
    account_id: strawberry.ID
    account: AccountBrief | None = strawberry.field(description="Null when it is in none of your territories.")
    contacts: list[BriefContact] = strawberry.field(description="At most three.")
    open_tickets: list[BriefTicket] = strawberry.field(description="At most three, the most urgent ones.")
    last_visit_at: datetime | None

    @classmethod
    def of(cls, stop: model.Stop, leg: model.Leg) -> "DayVisit":
        """The visit as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(stop.id)), rev=stop.rev, status=VisitStatus(stop.status), planned_start=stop.starts_at,
            planned_end=stop.ends_at, purpose=stop.purpose, note=stop.note, pinned=stop.pinned,
            travel_minutes=leg.minutes, travel_km=leg.km, account_id=strawberry.ID(str(stop.account_id)),
            account=_brief(stop.account) if stop.account else None,
            contacts=[BriefContact(**_named(each, job_title="jobTitle")) for each in stop.contacts],
            open_tickets=[BriefTicket(**each) for each in stop.tickets], last_visit_at=stop.last_visit_at,
        )  # fmt: skip


@strawberry.type
class DayAlert:
    kind: model.AlertKind
    visit_id: strawberry.ID


@strawberry.type(description="Your own visits of a local date, in order.")
class MyDay:
    date: date
    time_zone: str
    visits: list[DayVisit]
    travel_minutes: int = strawberry.field(description="Of the whole day, from where it begins to where it ends.")
    travel_km: float
    alerts: list[DayAlert]

    @classmethod
    def of(cls, day: model.Day) -> "MyDay":
        """The day as GraphQL shows it."""
        return cls(
            date=day.on, time_zone=day.time_zone,
            visits=[DayVisit.of(stop, leg) for stop, leg in zip(day.stops, day.legs, strict=False)],
            travel_minutes=sum(leg.minutes for leg in day.legs), travel_km=round(sum(leg.km for leg in day.legs), 1),
            alerts=[DayAlert(kind=each.kind, visit_id=strawberry.ID(str(each.visit_id))) for each in day.alerts],
        )  # fmt: skip


@strawberry.type
class Query:
    @strawberry.field(description="Your day in one round trip; today in your time zone when no date is given.")
    async def my_day(self, info: Info, date: date | None = strawberry.UNSET) -> MyDay:
        ctx = info.context
        async with ctx.reading() as conn:
            return MyDay.of(await my_day(conn, ctx.actor, on=given(date), travel=travel_of(ctx), now=ctx.received_at))


def _brief(account: Mapping[str, Any]) -> AccountBrief:
    tier, status = account["tier"], account["status"]
    return AccountBrief(
        **{
            **account, "tier": AccountTier(tier) if tier else None, "status": AccountStatus(status),
            "address": Address.of(account["address"]), "location": Location.of(account["location"]),
        }
    )  # fmt: skip


def _named(document: Mapping[str, Any], **names: str) -> dict[str, Any]:
    wire = {theirs: ours for ours, theirs in names.items()}
    return {wire.get(name, name): value for name, value in document.items()}
