"""The sync protocol over GraphQL: devices, push and pull. It translates, no more; rows are spliced in as rendered."""

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import strawberry

from fieldbeat.exchange import devices, model, pull, push
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.scalars import Json, RawJson
from fieldbeat_sync import limits
from fieldbeat_sync.schema import Op

strawberry.enum(model.Platform, name="DevicePlatform", description="What a device runs on.")
SyncOp: TypeAlias = Op
strawberry.enum(Op, name="SyncOp", description="What a mutation does to its record; NOOP settles a number.")
strawberry.enum(model.Status, name="SyncStatus", description="The verdict of one mutation.")
strawberry.enum(model.ProblemCode, name="SyncProblemCode", description="Why nothing was answered and nothing recorded.")


@strawberry.input(description="The incarnation that this install continues.")
class PreviousIncarnation:
    incarnation: int
    last_seq: int = strawberry.field(description="The last seq that this install's own store knows to be acknowledged.")


@strawberry.input
class RegisterDeviceInput:
    install_id: UUID
    platform: model.Platform
    name: str | None = None
    app_version: str
    schema_version: int
    push_token: str | None = None
    previous: PreviousIncarnation | None = None

    def registering(self) -> model.Registering:
        """What the install says of itself."""
        previous = model.Previous(self.previous.incarnation, self.previous.last_seq) if self.previous else None
        return model.Registering(
            install_id=self.install_id,
            platform=self.platform,
            schema_version=self.schema_version,
            name=self.name,
            app_version=self.app_version,
            push_token=self.push_token,
            previous=previous,
        )


@strawberry.type(description="What a device must keep to; more is TOO_LARGE.")
class SyncLimits:
    push_mutations_max: int = limits.PUSH_MUTATIONS_MAX
    push_bytes_max: int = limits.PUSH_BYTES_MAX
    mutation_bytes_max: int = limits.MUTATION_BYTES_MAX
    pull_rows_max: int = limits.PULL_ROWS_MAX


@strawberry.type(description="A new incarnation: number the queue from 1, keep the uuids.")
class RegisterDevicePayload:
    device_id: UUID
    incarnation: int
    epoch: int = strawberry.field(description="Rises when the database is restored to an earlier point.")
    ratchet: str = strawberry.field(description="Present it with the next push.")
    server_time: datetime
    limits: SyncLimits

    @classmethod
    def of(cls, registered: model.Registered) -> "RegisterDevicePayload":
        """The registration as GraphQL shows it."""
        return cls(
            device_id=registered.device_id,
            incarnation=registered.incarnation,
            epoch=registered.epoch,
            ratchet=registered.ratchet,
            server_time=registered.server_time,
            limits=SyncLimits(),
        )


@strawberry.input(description="One edit.")
class SyncMutationInput:
    seq: int = strawberry.field(description="1, 2, 3 … per incarnation, no holes.")
    uuid: UUID = strawberry.field(description="The identity of the edit; it survives a new incarnation.")
    at: datetime = strawberry.field(description="The device's clock when the edit was made.")
    uptime_ms: float | None = None
    boot_id: str | None = None
    collection: str
    record_id: UUID
    op: SyncOp
    base_rev: int | None = strawberry.field(default=None, description="The record's rev that the device had seen.")
    patch: Json | None = strawberry.field(default=None, description="Changed fields only; an absent one is not a null.")
    group: UUID | None = strawberry.field(default=None, description="Contiguous edits of one group apply all or none.")

    def mutation(self) -> model.Mutation:
        """The edit as the protocol's shell takes it."""
        return model.Mutation(**vars(self))


@strawberry.input
class SyncPushInput:
    device_id: UUID
    incarnation: int
    epoch: int
    ratchet: str
    schema_version: int
    device_now: datetime
    uptime_ms: float | None = None
    boot_id: str | None = None
    acked_through: int
    mutations: list[SyncMutationInput]

    def push(self) -> model.Push:
        """The batch as the protocol's shell takes it."""
        return model.Push(**vars(self) | {"mutations": tuple(each.mutation() for each in self.mutations)})


@strawberry.type(description="Nothing was answered and nothing recorded: do what the code says (docs/protocol.md).")
class SyncProblem:
    code: model.ProblemCode
    message: str
    expected_seq: int | None
    retry_after_ms: int | None


@strawberry.type(description="The verdict of one mutation.")
class SyncResult:
    seq: int
    uuid: UUID
    status: model.Status
    original: model.Status | None = strawberry.field(description="The first verdict of a DUPLICATE.")
    rev: int | None
    conflict_ids: list[UUID]
    existing_id: UUID | None
    code: str | None
    message: str | None
    fields: list[str]


@strawberry.type
class SyncPushPayload:
    last_seq: int
    ratchet: str
    server_time: datetime
    results: list[SyncResult] = strawberry.field(description="In the order of the mutations.")
    rows: Json = strawberry.field(description="One entry, shaped like a change, for every record that was touched.")
    problem: SyncProblem | None

    @classmethod
    def of(cls, pushed: model.Pushed) -> "SyncPushPayload":
        """The answer as GraphQL shows it; results and problem have the same attributes here and there."""
        return cls(**_shallow(pushed) | {"rows": RawJson(pushed.rows)})


@strawberry.input
class SyncPullInput:
    device_id: UUID
    incarnation: int
    schema_version: int
    cursor: str | None = strawberry.field(default=None, description="Of the last page; null starts from nothing.")
    limit: int | None = limits.PULL_ROWS_DEFAULT

    def pull(self) -> model.Pull:
        """The request as the protocol's shell takes it."""
        limit = limits.PULL_ROWS_DEFAULT if self.limit is None else self.limit
        return model.Pull(**vars(self) | {"limit": limit})


@strawberry.type(description="What a device holds of a scope once the checkpoint is complete.")
class SyncScopeState:
    id: str
    head: str = strawberry.field(description="The scope's newest feed number.")
    rows: int
    checksum: str


@strawberry.type
class SyncPullPayload:
    cursor: str
    has_more: bool
    last_seq: int
    server_time: datetime
    changes: Json
    resync_scopes: list[str]
    scopes: list[SyncScopeState] | None = strawberry.field(description="Only when hasMore is false.")
    problem: SyncProblem | None

    @classmethod
    def of(cls, pulled: model.Pulled) -> "SyncPullPayload":
        """The page as GraphQL shows it; scopes and problem have the same attributes here and there."""
        return cls(**_shallow(pulled) | {"changes": RawJson(pulled.changes)})


@strawberry.type
class Query:
    @strawberry.field(description="One page of what changed in the device's scopes since the cursor.")
    async def sync_pull(self, info: Info, input: SyncPullInput) -> SyncPullPayload:
        ctx = info.context
        pulled = await pull.pull(ctx.db, ctx.actor, input.pull(), key=ctx.seal_key)
        return SyncPullPayload.of(pulled)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="A new incarnation for this install; the one before it is retired.")
    async def register_device(self, info: Info, input: RegisterDeviceInput) -> RegisterDevicePayload:
        ctx = info.context
        registered = await devices.register_device(
            ctx.db, ctx.actor, input.registering(), key=ctx.seal_key, push_only=ctx.push_only
        )
        return RegisterDevicePayload.of(registered)

    @strawberry.mutation(description="Edits in, verdicts and rows out; all of the batch is answered or none of it.")
    async def sync_push(self, info: Info, input: SyncPushInput) -> SyncPushPayload:
        ctx = info.context
        pushed = await push.push(ctx.db, ctx.actor, input.push(), key=ctx.seal_key, push_only=ctx.push_only)
        return SyncPushPayload.of(pushed)


def _shallow(answer: Any) -> dict[str, Any]:
    return dict(vars(answer))
