"""Passwords over GraphQL: one's own is changed, another's is set anew."""

from typing import Annotated

import strawberry

from fieldbeat.people import credentials
from fieldbeat.people.reads import person_by_id
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import Forbidden, Invalid, NotFound
from fieldbeat_graphql.people import SignInRefused, User
from fieldbeat_graphql.scalars import parse_id


@strawberry.input
class ChangePasswordInput:
    current_password: str
    new_password: str = strawberry.field(description="15 to 128 characters, and nothing that is guessed easily.")


@strawberry.input
class ResetPasswordInput:
    user_id: strawberry.ID


@strawberry.type
class ChangePasswordPayload:
    user: User


@strawberry.type
class ResetPasswordPayload:
    user: User
    initial_password: str = strawberry.field(description="Told once.")


ChangePasswordResult = Annotated[
    ChangePasswordPayload | SignInRefused | Invalid, strawberry.union("ChangePasswordResult")
]
ResetPasswordResult = Annotated[
    ResetPasswordPayload | Forbidden | NotFound | Invalid, strawberry.union("ResetPasswordResult")
]


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Sets your password; your other sessions end.")
    async def change_password(self, info: Info, input: ChangePasswordInput) -> ChangePasswordResult:
        ctx = info.context
        await credentials.change_password(ctx.db, ctx.session, current=input.current_password, new=input.new_password)
        async with ctx.reading() as conn:
            person = await person_by_id(conn, ctx.actor, ctx.actor.user_id)
        assert person is not None, "he is signed in"
        return ChangePasswordPayload(user=User.of(person))

    @strawberry.mutation(description="Gives a person a new random password; all of his sessions end.")
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> ResetPasswordResult:
        ctx, id = info.context, parse_id(input.user_id, field="userId")
        async with ctx.changing() as tx:
            person, password = await credentials.reset_password(tx, ctx.actor, user_id=id)
        return ResetPasswordPayload(user=User.of(person), initial_password=password)
