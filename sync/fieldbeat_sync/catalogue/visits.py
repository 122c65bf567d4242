"""Visits with their evidence, the plans that they come from, and the forms that are filled in there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fieldbeat_sync.schema import EVERYONE, LEADS, Check, Collection, Field, Machine, Policy, Reopen, Role
from fieldbeat_sync.values import Choice, Flag, Instant, Json, LocalDate, Members, Number, Reference, Text

_BY_ITS_REP = Reopen(LEADS, holder="repId")

VISIT_STATUS = Machine(
    ranks={
        "PLANNED": 0,
        "EN_ROUTE": 1,
        "NO_SHOW": 2,
        "SKIPPED": 3,
        "CANCELLED": 4,
        "CHECKED_IN": 5,
        "DONE": 6,
    },
    initial="PLANNED",
    only_from={
        "CHECKED_IN": frozenset({"PLANNED", "EN_ROUTE", "NO_SHOW", "SKIPPED", "DONE"}),
        "DONE": frozenset({"CHECKED_IN"}),
    },
    reopens={
        ("DONE", "CHECKED_IN"): Reopen(LEADS),
        ("CANCELLED", "PLANNED"): Reopen(LEADS),
        ("NO_SHOW", "PLANNED"): Reopen(LEADS),
        ("SKIPPED", "PLANNED"): _BY_ITS_REP,
        ("EN_ROUTE", "PLANNED"): _BY_ITS_REP,
        ("CHECKED_IN", "PLANNED"): _BY_ITS_REP,
    },
    needs={"SKIPPED": ("skipReason",)},
)
PLAN_STATUS = Machine(
    ranks={"DRAFT": 0, "SUBMITTED": 1, "APPROVED": 2, "PUBLISHED": 3, "SUPERSEDED": 4},
    initial="DRAFT",
    reopens={
        ("SUBMITTED", "DRAFT"): _BY_ITS_REP,
        ("APPROVED", "DRAFT"): Reopen(LEADS),
    },
    moved_by={"APPROVED": LEADS, "PUBLISHED": LEADS, "SUPERSEDED": frozenset({Role.ADMIN})},
)

TEMPLATE_KINDS = ("VISIT", "SHELF", "PRICE", "STOCK", "COMPETITOR", "OTHER")
TEMPLATE_STATUSES = ("DRAFT", "PUBLISHED", "RETIRED")
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

WINDOW = Members(
    {"plannedStart": Instant(), "plannedEnd": Instant()}, required=frozenset({"plannedStart", "plannedEnd"})
)
EVIDENCE = Members(
    {
        "at": Instant(),
        "latitude": Number(-90, 90),
        "longitude": Number(-180, 180),
        "accuracyM": Number(0, 1e6),
        "mock": Flag(),
    },
    required=frozenset({"at"}),
)


def _window_broken(values: Mapping[str, Any]) -> str | None:
    window = values["window"]
    if window and datetime.fromisoformat(window["plannedStart"]) >= datetime.fromisoformat(window["plannedEnd"]):
        return "window: plannedEnd must be after plannedStart"
    return None


def _evidence_broken(values: Mapping[str, Any]) -> str | None:
    for name in ("checkIn", "checkOut"):
        place = values[name] or {}
        if (place.get("latitude") is None) != (place.get("longitude") is None):
            return f"{name}: latitude and longitude come together"
    come, gone = values["checkIn"], values["checkOut"]
    if come and gone and datetime.fromisoformat(gone["at"]) < datetime.fromisoformat(come["at"]):
        return "checkOut must not be before checkIn"
    return None


visit = Collection(
    "visit",
    (
        Field("accountId", Policy.REFERENCE, Reference("account"), required=True, create_only=True),
        Field("repId", Policy.SERVER, Reference("user")),
        Field("window", Policy.GROUP, WINDOW, required=True),
        Field("status", Policy.STATE, Choice(tuple(VISIT_STATUS.ranks)), machine=VISIT_STATUS),
        Field("skipReason", Policy.REGISTER, Text(500)),
        Field("checkIn", Policy.GROUP, EVIDENCE, once=True),
        Field("checkOut", Policy.GROUP, EVIDENCE, once=True),
        Field("purpose", Policy.REGISTER, Text(500)),
        Field("outcome", Policy.REGISTER, Text(500)),
        Field("note", Policy.REGISTER, Text(20_000)),
        Field("samplesGiven", Policy.COUNTER, Number(-1e6, 1e6, whole=True)),
        Field("photoIds", Policy.SET, Reference("attachment")),
        Field("templateId", Policy.REFERENCE, Reference("visitTemplate")),
        Field("answers", Policy.REGISTER, Json(), keyed=True, closed_in=("status", frozenset({"DONE"}))),
        Field("amendments", Policy.REGISTER, Json(), keyed=True),
        Field("pinned", Policy.REGISTER, Flag(), default=False, never_null=True),
        Field("planId", Policy.SERVER, Reference("visitPlan")),
    ),
    created_by=EVERYONE,
    deleted_by=LEADS,
    parent="accountId",
    in_flight=True,
    checks=(Check(("window",), _window_broken), Check(("checkIn", "checkOut"), _evidence_broken)),
)

visit_plan = Collection(
    "visitPlan",
    (
        Field("repId", Policy.SERVER, Reference("user"), required=True),
        Field("from", Policy.SERVER, LocalDate(), required=True),
        Field("until", Policy.SERVER, LocalDate(), required=True),
        Field("status", Policy.STATE, Choice(tuple(PLAN_STATUS.ranks)), machine=PLAN_STATUS),
    ),
)

visit_plan_line = Collection(
    "visitPlanLine",
    (
        Field("planId", Policy.REFERENCE, Reference("visitPlan"), required=True, create_only=True),
        Field("accountId", Policy.REFERENCE, Reference("account"), required=True, create_only=True),
        Field("perCycle", Policy.REGISTER, Number(0, 100, whole=True)),
        Field("weekdays", Policy.SET, Choice(WEEKDAYS)),
        Field("minGapDays", Policy.REGISTER, Number(0, 366, whole=True)),
        Field("pinned", Policy.REGISTER, Flag(), default=False, never_null=True),
    ),
    created_by=EVERYONE,
    deleted_by=EVERYONE,
    parent="planId",
)

visit_template = Collection(
    "visitTemplate",
    (
        Field("name", Policy.SERVER, Text(200, 1), required=True),
        Field("kind", Policy.SERVER, Choice(TEMPLATE_KINDS), default="VISIT"),
        Field("version", Policy.SERVER, Number(1, 1e6, whole=True), default=1),
        Field("questions", Policy.SERVER, Json(depth_max=8, items_max=5_000), default=[]),
        Field("status", Policy.SERVER, Choice(TEMPLATE_STATUSES), default="DRAFT"),
    ),
)
