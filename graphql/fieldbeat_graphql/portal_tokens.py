"""The company's side of the portal: who was given a token, and how customers rated the service."""

from datetime import datetime
from typing import Annotated

import strawberry

from fieldbeat.accounts.reads import contacts_by_ids
from fieldbeat.portal import actions, model, reads
from fieldbeat_graphql.accounts import Contact
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import Invalid, NotFound
from fieldbeat_graphql.people import User, user_of
from fieldbeat_graphql.scalars import parse_id


@strawberry.type(description="A contact may open the portal with it; the token itself is told once, when it is issued.")
class PortalToken:
    row: strawberry.Private[model.PortalToken]
    id: strawberry.ID
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @strawberry.field
    async def contact(self, info: Info) -> Contact | None:
        row = await info.context.load(contacts_by_ids, self.row.contact_id)
        return Contact.of(row) if row else None

    @strawberry.field(description="Who gave it; what the customer writes is done on this person's word.")
    async def issued_by(self, info: Info) -> User | None:
        return await user_of(info.context, self.row.issued_by)

    @classmethod
    def of(cls, row: model.PortalToken) -> "PortalToken":
        """The token as GraphQL shows it."""
        return cls(
            row=row, id=strawberry.ID(str(row.id)), issued_at=row.issued_at, expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )  # fmt: skip


@strawberry.type(description="How a customer found the service.")
class TicketRating:
    row: strawberry.Private[model.TicketRating]
    score: int = strawberry.field(description="1 (bad) to 5 (good).")
    comment: str | None
    at: datetime

    @strawberry.field
    async def contact(self, info: Info) -> Contact | None:
        row = await info.context.load(contacts_by_ids, self.row.contact_id)
        return Contact.of(row) if row else None

    @classmethod
    def of(cls, row: model.TicketRating) -> "TicketRating":
        """The rating as GraphQL shows it."""
        return cls(row=row, score=row.score, comment=row.comment, at=row.at)


@strawberry.input
class IssuePortalTokenInput:
    contact_id: strawberry.ID


@strawberry.input
class RevokePortalTokenInput:
    id: strawberry.ID


@strawberry.type
class IssuePortalTokenPayload:
    token: str = strawberry.field(description="To be sent as `Authorization: Bearer …`. It is told this once.")
    portal_token: PortalToken


@strawberry.type
class RevokePortalTokenPayload:
    portal_token: PortalToken


IssuePortalTokenResult = Annotated[
    IssuePortalTokenPayload | NotFound | Invalid, strawberry.union("IssuePortalTokenResult")
]
RevokePortalTokenResult = Annotated[
    RevokePortalTokenPayload | NotFound | Invalid, strawberry.union("RevokePortalTokenResult")
]


@strawberry.type
class Query:
    @strawberry.field(description="The last 100 tokens of a contact that you may see, the newest first.")
    async def portal_tokens(self, info: Info, contact_id: strawberry.ID) -> list[PortalToken]:
        found = await info.context.load(reads.tokens_of_contacts, parse_id(contact_id, field="contactId"))
        return [PortalToken.of(row) for row in found or ()]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Gives a contact that you see the key to what his account may see of itself.")
    async def issue_portal_token(self, info: Info, input: IssuePortalTokenInput) -> IssuePortalTokenResult:
        ctx, contact_id = info.context, parse_id(input.contact_id, field="contactId")
        async with ctx.changing() as tx:
            given, token = await actions.issue_token(
                tx, ctx.actor, contact_id=contact_id, days=ctx.settings.portal_token_ttl_days
            )
        return IssuePortalTokenPayload(token=str(token), portal_token=PortalToken.of(given))

    @strawberry.mutation(description="Takes a token back: it opens nothing any more.")
    async def revoke_portal_token(self, info: Info, input: RevokePortalTokenInput) -> RevokePortalTokenResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            revoked = await actions.revoke_token(tx, ctx.actor, token_id=id)
        return RevokePortalTokenPayload(portal_token=PortalToken.of(revoked))
