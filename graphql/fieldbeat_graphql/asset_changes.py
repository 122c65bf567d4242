"""The verbs of assets over GraphQL: absent leaves, null clears, `baseRev` is what the form had seen."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.assets import actions, reads
from fieldbeat.assets.model import AssetStatus
from fieldbeat.exchange.model import Status
from fieldbeat.kit.actor import Actor
from fieldbeat_graphql.assets import Asset
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.patches import MINTED, READ_REV, SetChange, patch_of
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id
from fieldbeat_graphql.verdicts import STATUSES, VERDICT, verdict_of

WRITABLE = (
    "name", "serial_number", "model", "status", "installed_on", "warranty_until", "note", "tags", "custom",
)  # fmt: skip
WARRANTY = "The first day that it does not cover. For supervisors and administrators."


@strawberry.input
class CreateAssetInput:
    account_id: strawberry.ID
    name: str
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)
    serial_number: strawberry.Maybe[str | None]
    model: strawberry.Maybe[str | None]
    installed_on: strawberry.Maybe[date | None]
    warranty_until: strawberry.Maybe[date | None] = strawberry.field(default=None, description=WARRANTY)
    note: strawberry.Maybe[str | None]
    tags: strawberry.Maybe[list[str] | None]
    custom: strawberry.Maybe[Json | None]


@strawberry.input
class UpdateAssetInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=READ_REV)
    name: strawberry.Maybe[str | None]
    serial_number: strawberry.Maybe[str | None]
    model: strawberry.Maybe[str | None]
    status: strawberry.Maybe[AssetStatus | None]
    installed_on: strawberry.Maybe[date | None]
    warranty_until: strawberry.Maybe[date | None] = strawberry.field(default=None, description=WARRANTY)
    note: strawberry.Maybe[str | None]
    tags: strawberry.Maybe[SetChange | None]
    custom: strawberry.Maybe[Json | None]


@strawberry.input
class DeleteAssetInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET


@strawberry.type
class CreateAssetPayload:
    asset: Asset


@strawberry.type(description=VERDICT)
class UpdateAssetPayload:
    asset: Asset
    status: Status
    conflict_ids: list[strawberry.ID]


@strawberry.type(description="CONFLICT: it lives on, because somebody had edited it meanwhile; the delete is kept.")
class DeleteAssetPayload:
    id: strawberry.ID
    status: Status


CreateAssetResult = Annotated[
    CreateAssetPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("CreateAssetResult")
]
UpdateAssetResult = Annotated[
    UpdateAssetPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateAssetResult")
]
DeleteAssetResult = Annotated[
    DeleteAssetPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("DeleteAssetResult")
]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Something that a customer has from you.")
    async def create_asset(self, info: Info, input: CreateAssetInput) -> CreateAssetResult:
        ctx, id, account_id = info.context, optional_id(input.id), parse_id(input.account_id, field="accountId")
        async with ctx.changing() as tx:
            made = await actions.create_asset(
                tx, ctx.actor, account_id=account_id, patch=patch_of(input, WRITABLE), id=id
            )
            return CreateAssetPayload(asset=await _asset(tx, ctx.actor, made.record_id))

    @strawberry.mutation(description="Changes an asset, or retires it; what others changed since `baseRev` stays.")
    async def update_asset(self, info: Info, input: UpdateAssetInput) -> UpdateAssetResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.update_asset(
                tx, ctx.actor, asset_id=id, patch=patch_of(input, WRITABLE), base_rev=base_rev
            )
            return UpdateAssetPayload(asset=await _asset(tx, ctx.actor, id), **verdict_of(made))

    @strawberry.mutation(description="Deletes an asset; for supervisors and administrators.")
    async def delete_asset(self, info: Info, input: DeleteAssetInput) -> DeleteAssetResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.delete_asset(tx, ctx.actor, asset_id=id, base_rev=base_rev)
        return DeleteAssetPayload(id=input.id, status=STATUSES[type(made.outcome)])


async def _asset(tx: records.Tx, actor: Actor, id: UUID) -> Asset:
    return Asset.of((await reads.assets_by_ids(tx.conn, actor, [id]))[id])
