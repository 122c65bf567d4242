"""What people ask about merges over GraphQL: conflicts and their resolution, parked edits, and why a value stands."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat.exchange import actions, model, reads
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, Page, connect, page_of
from fieldbeat_graphql.scalars import Json, RawJson, parse_id
from fieldbeat_graphql.sync import SyncOp


@strawberry.enum(description="A losing value waits for a human (OPEN), or how it was settled.")
class ConflictStatus(StrEnum):
    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    DISMISSED = "DISMISSED"
    SUPERSEDED = "SUPERSEDED"


strawberry.enum(model.Choice, name="ConflictChoice", description="Which value stands from now on.")


@strawberry.type(description="A person, as history names him.")
class SyncActor:
    id: strawberry.ID
    name: str | None

    @classmethod
    def of(cls, actor: model.SyncActor) -> "SyncActor":
        return cls(id=strawberry.ID(str(actor.id)), name=actor.name)


@strawberry.type(description="The phone from which an edit came.")
class SyncDevice:
    id: strawberry.ID
    name: str | None

    @classmethod
    def of(cls, device: model.SyncActor) -> "SyncDevice":
        return cls(id=strawberry.ID(str(device.id)), name=device.name)


@strawberry.type(description="One of two values that met.")
class ConflictValue:
    value: Json | None
    at: datetime = strawberry.field(description="Effective time: receive time less the age of the edit.")
    replica: int
    actor: SyncActor | None

    @classmethod
    def of(cls, side: model.ConflictSide) -> "ConflictValue":
        actor = SyncActor.of(side.actor) if side.actor else None
        return cls(value=side.value, at=side.at, replica=side.replica, actor=actor)


@strawberry.type(description="A value that lost against a concurrent one, kept for a human.")
class SyncConflict(Node):
    rev: int
    collection: str
    record_id: strawberry.ID
    field: str = strawberry.field(description="The field, `custom.<key>`, or `*` for an edit against a delete.")
    policy: str
    status: ConflictStatus
    winner: ConflictValue
    loser: ConflictValue
    created_at: datetime
    resolved_at: datetime | None

    @classmethod
    def of(cls, conflict: model.ConflictView) -> "SyncConflict":
        return cls(
            id=strawberry.ID(str(conflict.id)),
            rev=conflict.rev,
            collection=conflict.collection,
            record_id=strawberry.ID(str(conflict.record_id)),
            field=conflict.field,
            policy=conflict.policy,
            status=ConflictStatus(conflict.status),
            winner=ConflictValue.of(conflict.winner),
            loser=ConflictValue.of(conflict.loser),
            created_at=conflict.created_at,
            resolved_at=conflict.resolved_at,
        )


@strawberry.type(description="An edit of which nothing took effect, with all that its author wrote.")
class SyncRejection:
    uuid: UUID
    collection: str
    record_id: strawberry.ID
    op: SyncOp
    patch: Json | None
    code: str
    message: str
    fields: list[str]
    at: datetime
    user: SyncActor
    device: SyncDevice

    @classmethod
    def of(cls, rejection: model.Rejection) -> "SyncRejection":
        return cls(
            uuid=rejection.uuid,
            collection=rejection.collection,
            record_id=strawberry.ID(str(rejection.record_id)),
            op=SyncOp(rejection.op),
            patch=_spliced(rejection.patch),
            code=rejection.code,
            message=rejection.message,
            fields=list(rejection.fields),
            at=rejection.at,
            user=SyncActor.of(rejection.user),
            device=SyncDevice.of(rejection.device),
        )


@strawberry.type(description="One write of a field, winning or not.")
class FieldWrite:
    value: Json | None
    rev: int
    at: datetime
    applied_at: datetime
    replica: int
    actor: SyncActor
    outcome: str
    rule: str = strawberry.field(description="Why it won or lost (docs/protocol.md).")

    @classmethod
    def of(cls, write: model.FieldWrite) -> "FieldWrite":
        return cls(**vars(write) | {"actor": SyncActor.of(write.actor)})


@strawberry.type(description="Every write of a field, newest first.")
class FieldHistory:
    writes: list[FieldWrite]


@strawberry.input
class ResolveConflictInput:
    id: strawberry.ID
    choice: model.Choice
    value: Json | None = strawberry.field(default=None, description="With SET_VALUE; null clears the field.")
    base_rev: int | None = strawberry.field(default=None, description="The record's rev that the person had seen.")


@strawberry.type(description="Somebody was faster, or a later edit has settled it.")
class ConflictClosed(Refused):
    pass


@strawberry.type
class ResolveConflictPayload:
    conflict: SyncConflict


ResolveConflictResult = Annotated[
    ResolveConflictPayload | ConflictClosed | NotFound | Forbidden | Invalid | ChangeRefused,
    strawberry.union("ResolveConflictResult"),
]

REFUSALS: Refusals = {actions.ConflictClosed: ConflictClosed}
NODES = (NodeKind(reads.show_conflicts, SyncConflict.of, noted=True),)


@strawberry.type
class Query:
    @strawberry.field(description="The conflicts of records that you see, newest first.")
    async def sync_conflicts(
        self,
        info: Info,
        status: ConflictStatus | None = None,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[SyncConflict]:
        ctx, page = info.context, page_of(info.context, "conflicts", first, after)
        async with ctx.noting() as conn:
            found = await reads.conflicts_page(
                conn, ctx.actor, status=status and status.value, after=_id_after(page), rows_max=page.limit
            )
        return connect(page, found, key=lambda each: (str(each.id),), node=SyncConflict.of)

    @strawberry.field(description="Parked edits of yours and of the people below you, newest first.")
    async def sync_rejections(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[SyncRejection]:
        ctx, page = info.context, page_of(info.context, "rejections", first, after)
        async with ctx.reading() as conn:
            found = await reads.rejections_page(conn, ctx.actor, after=_position_after(page), rows_max=page.limit)
        return connect(page, found, key=_position_of, node=SyncRejection.of)

    @strawberry.field(description="Who wrote a field when, and by which rule each write won or lost.")
    async def why_value(self, info: Info, collection: str, record_id: strawberry.ID, field: str) -> FieldHistory:
        ctx, id = info.context, parse_id(record_id, field="recordId")
        async with ctx.noting() as conn:
            writes = await reads.why_value(conn, ctx.actor, collection=collection, record_id=id, field=field)
        return FieldHistory(writes=[FieldWrite.of(write) for write in writes])


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Decides which value stands: an ordinary edit of the field, merged like any.")
    async def resolve_conflict(self, info: Info, input: ResolveConflictInput) -> ResolveConflictResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            resolved = await actions.resolve_conflict(
                tx, ctx.actor, conflict_id=id, choice=input.choice, value=input.value, base_rev=input.base_rev
            )
        return ResolveConflictPayload(conflict=SyncConflict.of(resolved))


def _id_after(page: Page) -> UUID | None:
    return UUID(page.after[0]) if page.after else None


def _position_of(rejection: model.Rejection) -> tuple[Any, ...]:
    settled_at, replica, seq = rejection.position
    return (settled_at.isoformat(), replica, seq)


def _position_after(page: Page) -> tuple[datetime, int, int] | None:
    return (datetime.fromisoformat(page.after[0]), page.after[1], page.after[2]) if page.after else None


def _spliced(text: str | None) -> Json | None:
    return Json(RawJson(text.encode())) if text is not None else None
