"""The verbs of visits over GraphQL: absent leaves, null clears, `baseRev` is what the form had seen."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.exchange.model import Status
from fieldbeat.kit.actor import Actor
from fieldbeat.visits import actions, reads
from fieldbeat.visits.model import VisitStatus
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.patches import MINTED, READ_REV, SetChange, patch_of
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id
from fieldbeat_graphql.verdicts import verdict_of
from fieldbeat_graphql.visits import Visit
from fieldbeat_sync.clock import text_of

BASE_REV = READ_REV


@strawberry.input(description="Replaces the whole window.")
class VisitWindowInput:
    planned_start: datetime
    planned_end: datetime


@strawberry.input
class CreateVisitInput:
    account_id: strawberry.ID
    window: VisitWindowInput
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)
    rep_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="You or somebody below you. Absent: you if you are a rep, else the owner."
    )
    purpose: strawberry.Maybe[str | None]
    note: strawberry.Maybe[str | None]
    template_id: strawberry.Maybe[strawberry.ID | None]
    pinned: strawberry.Maybe[bool | None]


@strawberry.input
class UpdateVisitInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)
    status: strawberry.Maybe[VisitStatus | None]
    skip_reason: strawberry.Maybe[str | None]
    purpose: strawberry.Maybe[str | None]
    outcome: strawberry.Maybe[str | None]
    note: strawberry.Maybe[str | None]
    photo_ids: strawberry.Maybe[SetChange | None]
    template_id: strawberry.Maybe[strawberry.ID | None]
    answers: strawberry.Maybe[Json | None] = strawberry.field(
        default=None, description="The questions that are answered; null takes an answer back. Until the visit is done."
    )
    amendments: strawberry.Maybe[Json | None]
    pinned: strawberry.Maybe[bool | None]
    add_samples: int | None = strawberry.field(
        default=strawberry.UNSET, description="They add up; a negative number takes back."
    )


@strawberry.input
class RescheduleVisitInput:
    id: strawberry.ID
    window: VisitWindowInput
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)


@strawberry.input
class EvidenceInput:
    id: strawberry.ID
    at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="By the device's calendar; the server's time when absent."
    )
    latitude: float | None = strawberry.UNSET
    longitude: float | None = strawberry.UNSET
    accuracy_m: float | None = strawberry.UNSET
    mock: bool | None = strawberry.field(default=strawberry.UNSET, description="The phone says that it is made up.")
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)


@strawberry.input
class CheckInInput(EvidenceInput):
    pass


@strawberry.input
class CheckOutInput(EvidenceInput):
    outcome: strawberry.Maybe[str | None]
    note: strawberry.Maybe[str | None]


@strawberry.input
class SkipVisitInput:
    id: strawberry.ID
    reason: str
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)


@strawberry.input
class CancelVisitInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)


@strawberry.input
class ReopenVisitInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=BASE_REV)


@strawberry.type
class CreateVisitPayload:
    visit: Visit


@strawberry.type
class VisitChanged:
    visit: Visit
    status: Status = strawberry.field(description="MERGED: others changed it since `baseRev`. CONFLICT: a value lost.")
    conflict_ids: list[strawberry.ID]


@strawberry.type
class UpdateVisitPayload(VisitChanged):
    pass


@strawberry.type
class RescheduleVisitPayload(VisitChanged):
    pass


@strawberry.type
class CheckInPayload(VisitChanged):
    pass


@strawberry.type
class CheckOutPayload(VisitChanged):
    pass


@strawberry.type
class SkipVisitPayload(VisitChanged):
    pass


@strawberry.type
class CancelVisitPayload(VisitChanged):
    pass


@strawberry.type
class ReopenVisitPayload(VisitChanged):
    pass


CreateVisitResult = Annotated[
    CreateVisitPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("CreateVisitResult")
]
UpdateVisitResult = Annotated[
    UpdateVisitPayload | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateVisitResult")
]
RescheduleVisitResult = Annotated[
    RescheduleVisitPayload | NotFound | Invalid | ChangeRefused, strawberry.union("RescheduleVisitResult")
]
CheckInResult = Annotated[CheckInPayload | NotFound | Invalid | ChangeRefused, strawberry.union("CheckInResult")]
CheckOutResult = Annotated[CheckOutPayload | NotFound | Invalid | ChangeRefused, strawberry.union("CheckOutResult")]
SkipVisitResult = Annotated[SkipVisitPayload | NotFound | Invalid | ChangeRefused, strawberry.union("SkipVisitResult")]
CancelVisitResult = Annotated[
    CancelVisitPayload | NotFound | Invalid | ChangeRefused, strawberry.union("CancelVisitResult")
]
ReopenVisitResult = Annotated[
    ReopenVisitPayload | NotFound | Invalid | ChangeRefused, strawberry.union("ReopenVisitResult")
]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Plans a visit.")
    async def create_visit(self, info: Info, input: CreateVisitInput) -> CreateVisitResult:
        ctx, account_id = info.context, parse_id(input.account_id, field="accountId")
        id, rep_id = optional_id(input.id, field="id"), optional_id(input.rep_id, field="repId")
        patch = {**_patch(input), "window": _window(input.window)}
        async with ctx.changing() as tx:
            made = await actions.create_visit(tx, ctx.actor, account_id=account_id, patch=patch, rep_id=rep_id, id=id)
            return CreateVisitPayload(visit=await _visit(tx, ctx.actor, made.record_id))

    @strawberry.mutation(description="Changes a visit; what others changed since `baseRev` is not lost.")
    async def update_visit(self, info: Info, input: UpdateVisitInput) -> UpdateVisitResult:
        return UpdateVisitPayload(**await _update(info, input, _patch(input)))

    @strawberry.mutation(description="Another window.")
    async def reschedule_visit(self, info: Info, input: RescheduleVisitInput) -> RescheduleVisitResult:
        return RescheduleVisitPayload(**await _update(info, input, {"window": _window(input.window)}))

    @strawberry.mutation(description="The rep is there.")
    async def check_in(self, info: Info, input: CheckInInput) -> CheckInResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            made = await actions.check_in(
                tx, ctx.actor, visit_id=id, evidence=_evidence(input), base_rev=given(input.base_rev)
            )
            return CheckInPayload(**await _changed(tx, ctx.actor, made))

    @strawberry.mutation(description="The rep leaves, and the visit is done.")
    async def check_out(self, info: Info, input: CheckOutInput) -> CheckOutResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            made = await actions.check_out(
                tx, ctx.actor, visit_id=id, evidence=_evidence(input), patch=_patch(input),
                base_rev=given(input.base_rev),
            )  # fmt: skip
            return CheckOutPayload(**await _changed(tx, ctx.actor, made))

    @strawberry.mutation(description="The rep does not go, and says why.")
    async def skip_visit(self, info: Info, input: SkipVisitInput) -> SkipVisitResult:
        patch = {"status": VisitStatus.SKIPPED.value, "skipReason": input.reason}
        return SkipVisitPayload(**await _update(info, input, patch))

    @strawberry.mutation(description="It is not to be made. One that has begun stands, with a conflict.")
    async def cancel_visit(self, info: Info, input: CancelVisitInput) -> CancelVisitResult:
        return CancelVisitPayload(**await _update(info, input, {"status": VisitStatus.CANCELLED.value}))

    @strawberry.mutation(description="Takes a visit back: a done one into the shop, any other into the plan.")
    async def reopen_visit(self, info: Info, input: ReopenVisitInput) -> ReopenVisitResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            made = await actions.reopen_visit(tx, ctx.actor, visit_id=id, base_rev=given(input.base_rev))
            return ReopenVisitPayload(**await _changed(tx, ctx.actor, made))


async def _update(info: Info, input: Any, patch: dict[str, Any]) -> dict[str, Any]:
    ctx, id = info.context, parse_id(input.id)
    async with ctx.changing() as tx:
        made = await actions.update_visit(tx, ctx.actor, visit_id=id, patch=patch, base_rev=given(input.base_rev))
        return await _changed(tx, ctx.actor, made)


async def _changed(tx: records.Tx, actor: Actor, made: records.Changed) -> dict[str, Any]:
    return {"visit": await _visit(tx, actor, made.record_id), **verdict_of(made)}


async def _visit(tx: records.Tx, actor: Actor, id: UUID) -> Visit:
    return Visit.of((await reads.visits_by_ids(tx.conn, actor, [id]))[id])


def _window(input: VisitWindowInput) -> dict[str, str]:
    return {"plannedStart": _text(input.planned_start), "plannedEnd": _text(input.planned_end)}


def _evidence(input: EvidenceInput) -> dict[str, Any]:
    said = {
        "latitude": given(input.latitude), "longitude": given(input.longitude),
        "accuracyM": given(input.accuracy_m), "mock": given(input.mock),
    }  # fmt: skip
    at = given(input.at)
    return {**said, "at": _text(at)} if at else said


def _text(at: datetime) -> str:
    return text_of(at.astimezone(UTC))


WRITABLE = (
    "status", "skip_reason", "purpose", "outcome", "note", "photo_ids", "template_id", "answers", "amendments",
    "pinned",
)  # fmt: skip


def _patch(input: Any) -> dict[str, Any]:
    patch = patch_of(input, WRITABLE)
    more = given(getattr(input, "add_samples", None))
    return {**patch, "samplesGiven": {"$inc": more}} if more is not None else patch
