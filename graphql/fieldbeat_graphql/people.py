"""People over GraphQL: signing in, oneself, the others, and the verbs of an administrator."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from fieldbeat.people import actions, model, reads, sessions
from fieldbeat.people.passwords import initial_password
from fieldbeat_graphql.context import Context, Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, Page, connect, page_of
from fieldbeat_graphql.patches import check_not_cleared
from fieldbeat_graphql.scalars import given, optional_id, parse_id
from fieldbeat_sync.schema import Role

strawberry.enum(Role, description="What a person may do in the tenant.")


@strawberry.type(description="A member of the company.")
class User(Node):
    row: strawberry.Private[model.Person]
    rev: int
    name: str
    email: str
    role: Role
    manager_id: strawberry.ID | None
    time_zone: str
    skills: list[str] = strawberry.field(description="What this person can do, by free words.")
    deactivated_at: datetime | None

    @strawberry.field(description="To whom this person reports.")
    async def manager(self, info: Info) -> Annotated["User", strawberry.lazy(__name__)] | None:
        return await user_of(info.context, self.row.manager_id)

    @classmethod
    def of(cls, person: model.Person) -> "User":
        """The person as GraphQL shows him."""
        return cls(
            id=strawberry.ID(str(person.id)),
            row=person,
            rev=person.rev,
            name=person.name,
            email=person.email,
            role=person.role,
            manager_id=strawberry.ID(str(person.manager_id)) if person.manager_id else None,
            time_zone=person.time_zone,
            skills=list(person.skills),
            deactivated_at=person.deactivated_at,
        )


@strawberry.type(description="Tokens of one sign-in.")
class Session:
    access_token: str
    refresh_token: str = strawberry.field(description="Good once: refreshSession answers with its successor.")
    expires_in: int = strawberry.field(description="Seconds for which the access token is good.")
    user: User

    @classmethod
    def of(cls, session: model.Session) -> "Session":
        """The session as GraphQL shows it."""
        return cls(
            access_token=session.access_token,
            refresh_token=session.refresh_token,
            expires_in=session.expires_in_s,
            user=User.of(session.person),
        )


@strawberry.type(description="No session; never which of e-mail and password is wrong.")
class SignInRefused(Refused):
    retry_after_ms: int | None = strawberry.field(
        default=None, description="With TOO_MANY: for how long every attempt is refused, the right one, too."
    )

    @classmethod
    def of(cls, refusal: model.SignInRefused) -> "SignInRefused":
        """The refusal as data, with when to try again."""
        wait_ms = refusal.retry_after_ms if isinstance(refusal, model.TooManyAttempts) else None
        return cls(code=refusal.code, message=refusal.message, fields=list(refusal.fields), retry_after_ms=wait_ms)


@strawberry.type(description="Somebody else signs in with this e-mail.")
class EmailTaken(Refused):
    pass


@strawberry.type(description="A person cannot report to himself, directly or through others.")
class ReportsInCircle(Refused):
    pass


@strawberry.input
class SignInInput:
    email: str
    password: str


@strawberry.input
class RefreshSessionInput:
    refresh_token: str


@strawberry.input
class CreateUserInput:
    name: str
    email: str
    role: Role
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Minted by you; or a new one.")
    manager_id: strawberry.ID | None = strawberry.UNSET
    time_zone: str = "UTC"
    skills: list[str] = strawberry.field(
        default_factory=list, description="Free words of at most 60 characters; at most 50."
    )
    password: str | None = strawberry.field(default=strawberry.UNSET, description="A random one is made when absent.")


@strawberry.input
class UpdateUserInput:
    id: strawberry.ID
    name: strawberry.Maybe[str | None]
    role: strawberry.Maybe[Role | None]
    manager_id: strawberry.Maybe[strawberry.ID | None]
    time_zone: strawberry.Maybe[str | None]
    skills: strawberry.Maybe[list[str] | None] = strawberry.field(
        description="A supervisor may change these of his people."
    )
    base_rev: int | None = strawberry.field(
        default=strawberry.UNSET, description="What you saw; absent = the rev at execution."
    )


@strawberry.input
class DeactivateUserInput:
    id: strawberry.ID


@strawberry.type
class CreateUserPayload:
    user: User
    initial_password: str | None = strawberry.field(description="Told once, when none was given.")


@strawberry.type
class UpdateUserPayload:
    user: User


@strawberry.type
class DeactivateUserPayload:
    user: User


SignInResult = Annotated[Session | SignInRefused, strawberry.union("SignInResult")]
CreateUserResult = Annotated[
    CreateUserPayload | EmailTaken | ReportsInCircle | Forbidden | Invalid | ChangeRefused,
    strawberry.union("CreateUserResult"),
]
UpdateUserResult = Annotated[
    UpdateUserPayload | ReportsInCircle | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("UpdateUserResult"),
]
DeactivateUserResult = Annotated[
    DeactivateUserPayload | Forbidden | NotFound | Invalid, strawberry.union("DeactivateUserResult")
]


async def user_of(context: Context, id: UUID | None) -> User | None:
    """The person as GraphQL shows him, if there is one; batched with the operation's others."""
    person = await context.load(reads.people_by_ids, id) if id else None
    return User.of(person) if person else None


NODES = (NodeKind(reads.people_by_ids, User.of),)
REFUSALS: Refusals = {
    model.SignInRefused: SignInRefused,
    model.EmailTaken: EmailTaken,
    model.ReportsInCircle: ReportsInCircle,
}


@strawberry.type
class Query:
    @strawberry.field(description="Who is signed in.")
    async def me(self, info: Info) -> User:
        async with info.context.reading() as conn:
            person = await reads.person_by_id(conn, info.context.actor, info.context.actor.user_id)
        assert person is not None, "the token was admitted"
        return User.of(person)

    @strawberry.field(description="Everyone in the company, by name.")
    async def users(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[User]:
        page = page_of(info.context, "users", first, after)
        async with info.context.reading() as conn:
            people = await reads.people_page(conn, info.context.actor, limit=page.limit, after=_key(page))
        return connect(page, people, key=lambda person: (person.name, str(person.id)), node=User.of)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Starts a session.")
    async def sign_in(self, info: Info, input: SignInInput) -> SignInResult:
        ctx = info.context
        session = await sessions.sign_in(
            ctx.db, ctx.ring, ctx.settings, email=input.email, password=input.password, origin=ctx.origin
        )
        return Session.of(session)

    @strawberry.mutation(description="Rotates the session's tokens; a spent refresh token ends the whole session.")
    async def refresh_session(self, info: Info, input: RefreshSessionInput) -> SignInResult:
        ctx = info.context
        session = await sessions.refresh_session(
            ctx.db, ctx.ring, ctx.settings, refresh_token=input.refresh_token, origin=ctx.origin
        )
        return Session.of(session)

    @strawberry.mutation(description="Ends this session on every tab and device that shares it.")
    async def sign_out(self, info: Info) -> bool:
        await sessions.sign_out(info.context.db, info.context.session)
        return True

    @strawberry.mutation(description="A person joins the company.")
    async def create_user(self, info: Info, input: CreateUserInput) -> CreateUserResult:
        ctx, password = info.context, given(input.password)
        made = initial_password() if password is None else None
        async with ctx.changing() as tx:
            person = await actions.create_user(tx, ctx.actor, **_new_person(input), password=password or made or "")
        return CreateUserPayload(user=User.of(person), initial_password=made)

    @strawberry.mutation(description="Changes a person; what is absent stays.")
    async def update_user(self, info: Info, input: UpdateUserInput) -> UpdateUserResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            person = await actions.update_user(
                tx, ctx.actor, user_id=id, changes=_changes(input), base_rev=given(input.base_rev)
            )
        return UpdateUserPayload(user=User.of(person))

    @strawberry.mutation(
        description="A person leaves: no more sign-in; what his phone still holds is taken for 30 days."
    )
    async def deactivate_user(self, info: Info, input: DeactivateUserInput) -> DeactivateUserResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            person = await actions.deactivate_user(tx, ctx.actor, user_id=id)
        return DeactivateUserPayload(user=User.of(person))


def _key(page: Page) -> tuple[str, UUID] | None:
    return (page.after[0], UUID(page.after[1])) if page.after else None


def _new_person(input: CreateUserInput) -> dict[str, Any]:
    return {
        "user_id": optional_id(input.id),
        "name": input.name,
        "email": input.email,
        "role": input.role,
        "manager_id": optional_id(input.manager_id, field="managerId"),
        "time_zone": input.time_zone,
        "skills": input.skills,
    }


def _changes(input: UpdateUserInput) -> dict[str, Any]:
    given = {name: getattr(input, name) for name in ("name", "role", "manager_id", "time_zone", "skills")}
    changes = {name: some.value for name, some in given.items() if some is not None}
    named = {to_camel_case(name): value for name, value in changes.items()}
    check_not_cleared(named, named.keys() - {"managerId"})
    if changes.get("manager_id") is not None:
        changes["manager_id"] = parse_id(changes["manager_id"], field="managerId")
    return changes
