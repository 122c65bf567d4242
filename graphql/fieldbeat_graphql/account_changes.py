"""The verbs of accounts and contacts over GraphQL: absent leaves, null clears, `baseRev` is what the form had seen."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from fieldbeat import records
from fieldbeat.accounts import actions, reads
from fieldbeat.accounts.model import AccountKind, AccountStatus, Channel, Consent
from fieldbeat.days.reassignment import reassign_account
from fieldbeat.exchange.model import Status
from fieldbeat.kit.actor import Actor
from fieldbeat_graphql.accounts import Account, Contact
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound
from fieldbeat_graphql.patches import MINTED, READ_REV, SetChange, patch_of
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id
from fieldbeat_graphql.verdicts import STATUSES, VERDICT, verdict_of

TITLE = "It is `jobTitle` since schema version 2, which stands where both are given."


@strawberry.input(description="Replaces the whole address; what is absent is null.")
class AddressInput:
    street: str | None = strawberry.UNSET
    city: str | None = strawberry.UNSET
    region: str | None = strawberry.UNSET
    postal_code: str | None = strawberry.UNSET
    country: str | None = strawberry.UNSET


@strawberry.input(description="Replaces the whole location.")
class LocationInput:
    latitude: float
    longitude: float
    accuracy_m: float | None = strawberry.UNSET


@strawberry.input
class CreateAccountInput:
    name: str
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)
    code: strawberry.Maybe[str | None]
    kind: strawberry.Maybe[AccountKind | None]
    status: strawberry.Maybe[AccountStatus | None]
    address: strawberry.Maybe[AddressInput | None]
    location: strawberry.Maybe[LocationInput | None]
    phone: strawberry.Maybe[str | None]
    website: strawberry.Maybe[str | None]
    tags: strawberry.Maybe[list[str] | None]
    note: strawberry.Maybe[str | None]
    custom: strawberry.Maybe[Json | None]
    owner_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Somebody below you; you when absent. It lives in his primary territory."
    )


@strawberry.input
class UpdateAccountInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=READ_REV)
    name: strawberry.Maybe[str | None]
    code: strawberry.Maybe[str | None]
    kind: strawberry.Maybe[AccountKind | None]
    status: strawberry.Maybe[AccountStatus | None]
    address: strawberry.Maybe[AddressInput | None]
    location: strawberry.Maybe[LocationInput | None]
    phone: strawberry.Maybe[str | None]
    website: strawberry.Maybe[str | None]
    tags: strawberry.Maybe[SetChange | None]
    note: strawberry.Maybe[str | None]
    custom: strawberry.Maybe[Json | None]


@strawberry.input
class ReassignAccountInput:
    id: strawberry.ID
    owner_id: strawberry.ID
    territory_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Absent: the new owner's primary one."
    )


@strawberry.input
class DeleteAccountInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET


@strawberry.input
class CreateContactInput:
    account_id: strawberry.ID
    name: str
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=MINTED)
    job_title: strawberry.Maybe[str | None]
    title: strawberry.Maybe[str | None] = strawberry.field(default=None, deprecation_reason=TITLE)
    preferred_channel: strawberry.Maybe[Channel | None]
    phones: strawberry.Maybe[list[str] | None]
    emails: strawberry.Maybe[list[str] | None]
    consent: strawberry.Maybe[Consent | None]
    note: strawberry.Maybe[str | None]


@strawberry.input
class UpdateContactInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.field(default=strawberry.UNSET, description=READ_REV)
    name: strawberry.Maybe[str | None]
    job_title: strawberry.Maybe[str | None]
    title: strawberry.Maybe[str | None] = strawberry.field(default=None, deprecation_reason=TITLE)
    preferred_channel: strawberry.Maybe[Channel | None]
    phones: strawberry.Maybe[SetChange | None]
    emails: strawberry.Maybe[SetChange | None]
    consent: strawberry.Maybe[Consent | None]
    note: strawberry.Maybe[str | None]


@strawberry.input
class DeleteContactInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET


@strawberry.type
class CreateAccountPayload:
    account: Account


@strawberry.type(description=VERDICT)
class UpdateAccountPayload:
    account: Account
    status: Status
    conflict_ids: list[strawberry.ID]


@strawberry.type
class ReassignAccountPayload:
    account: Account


@strawberry.type(description="CONFLICT: it lives on, because somebody had edited it meanwhile; the delete is kept.")
class DeleteAccountPayload:
    id: strawberry.ID
    status: Status


@strawberry.type
class CreateContactPayload:
    contact: Contact


@strawberry.type(description=VERDICT)
class UpdateContactPayload:
    contact: Contact
    status: Status
    conflict_ids: list[strawberry.ID]


@strawberry.type(description="CONFLICT: it lives on, because somebody had edited it meanwhile; the delete is kept.")
class DeleteContactPayload:
    id: strawberry.ID
    status: Status


CreateAccountResult = Annotated[
    CreateAccountPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("CreateAccountResult")
]
UpdateAccountResult = Annotated[
    UpdateAccountPayload | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateAccountResult")
]
ReassignAccountResult = Annotated[
    ReassignAccountPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("ReassignAccountResult")
]
DeleteAccountResult = Annotated[
    DeleteAccountPayload | Forbidden | NotFound | Invalid | ChangeRefused, strawberry.union("DeleteAccountResult")
]
CreateContactResult = Annotated[
    CreateContactPayload | NotFound | Invalid | ChangeRefused, strawberry.union("CreateContactResult")
]
UpdateContactResult = Annotated[
    UpdateContactPayload | NotFound | Invalid | ChangeRefused, strawberry.union("UpdateContactResult")
]
DeleteContactResult = Annotated[
    DeleteContactPayload | NotFound | Invalid | ChangeRefused, strawberry.union("DeleteContactResult")
]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="A new customer, in its owner's primary territory.")
    async def create_account(self, info: Info, input: CreateAccountInput) -> CreateAccountResult:
        ctx, id, owner_id = info.context, optional_id(input.id), optional_id(input.owner_id, field="ownerId")
        async with ctx.changing() as tx:
            made = await actions.create_account(tx, ctx.actor, patch=_patch(input), owner_id=owner_id, id=id)
            return CreateAccountPayload(account=await _account(tx, ctx.actor, made.record_id))

    @strawberry.mutation(description="Changes an account; what others changed since `baseRev` is not lost.")
    async def update_account(self, info: Info, input: UpdateAccountInput) -> UpdateAccountResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.update_account(tx, ctx.actor, account_id=id, patch=_patch(input), base_rev=base_rev)
            account = await _account(tx, ctx.actor, id)
        return UpdateAccountPayload(account=account, **verdict_of(made))

    @strawberry.mutation(description="Gives an account to another owner; its contacts and conflicts go with it.")
    async def reassign_account(self, info: Info, input: ReassignAccountInput) -> ReassignAccountResult:
        ctx, id, owner_id = info.context, parse_id(input.id), parse_id(input.owner_id, field="ownerId")
        to = optional_id(input.territory_id, field="territoryId")
        async with ctx.changing() as tx:
            await reassign_account(tx, ctx.actor, account_id=id, owner_id=owner_id, territory_id=to)
            return ReassignAccountPayload(account=await _account(tx, ctx.actor, id))

    @strawberry.mutation(description="Deletes an account; for supervisors and administrators.")
    async def delete_account(self, info: Info, input: DeleteAccountInput) -> DeleteAccountResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.delete_account(tx, ctx.actor, account_id=id, base_rev=base_rev)
        return DeleteAccountPayload(id=input.id, status=STATUSES[type(made.outcome)])

    @strawberry.mutation(description="A new person to be met at an account.")
    async def create_contact(self, info: Info, input: CreateContactInput) -> CreateContactResult:
        ctx, id, account_id = info.context, optional_id(input.id), parse_id(input.account_id, field="accountId")
        async with ctx.changing() as tx:
            made = await actions.create_contact(tx, ctx.actor, account_id=account_id, patch=_patch(input), id=id)
            return CreateContactPayload(contact=await _contact(tx, ctx.actor, made.record_id))

    @strawberry.mutation(description="Changes a contact; what others changed since `baseRev` is not lost.")
    async def update_contact(self, info: Info, input: UpdateContactInput) -> UpdateContactResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.update_contact(tx, ctx.actor, contact_id=id, patch=_patch(input), base_rev=base_rev)
            contact = await _contact(tx, ctx.actor, id)
        return UpdateContactPayload(contact=contact, **verdict_of(made))

    @strawberry.mutation(description="Deletes a contact.")
    async def delete_contact(self, info: Info, input: DeleteContactInput) -> DeleteContactResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        async with ctx.changing() as tx:
            made = await actions.delete_contact(tx, ctx.actor, contact_id=id, base_rev=base_rev)
        return DeleteContactPayload(id=input.id, status=STATUSES[type(made.outcome)])


async def _account(tx: records.Tx, actor: Actor, id: UUID) -> Account:
    return Account.of((await reads.accounts_by_ids(tx.conn, actor, [id]))[id])


async def _contact(tx: records.Tx, actor: Actor, id: UUID) -> Contact:
    return Contact.of((await reads.contacts_by_ids(tx.conn, actor, [id]))[id])


WRITABLE = (
    "name", "code", "kind", "status", "address", "location", "phone", "website", "tags", "note", "custom",
    "title", "job_title", "preferred_channel", "phones", "emails", "consent",
)  # fmt: skip


def _patch(input: Any) -> dict[str, Any]:
    patch = patch_of(input, WRITABLE)
    return {"jobTitle": patch.pop("title"), **patch} if "title" in patch else patch
