"""Templates of visits over GraphQL: forms in versions, and what a filled-in one lacks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from fieldbeat.visits import model, reads, templates
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.errors import ChangeRefused, Forbidden, Invalid, NotFound, Refusals, Refused
from fieldbeat_graphql.nodes import Node, NodeKind
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of
from fieldbeat_graphql.patches import check_not_cleared, patch_of
from fieldbeat_graphql.scalars import Json, given, optional_id, parse_id

QUESTIONS = (
    "A list of {key, title, type, required, unit, min, max, whole, options, columns, weight, showIf}: docs/forms.md."
)
strawberry.enum(model.TemplateStatus, name="VisitTemplateStatus", description="What was published does not change.")
strawberry.enum(model.TemplateKind, name="VisitTemplateKind", description="What a form is for.")


@strawberry.type(description="One version of a form.")
class VisitTemplate(Node):
    rev: int
    name: str
    kind: model.TemplateKind
    version: int
    status: model.TemplateStatus
    questions: Json = strawberry.field(description=QUESTIONS)
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: model.Template) -> "VisitTemplate":
        """The template as GraphQL shows it."""
        return cls(**{**vars(row), "id": strawberry.ID(str(row.id)), "questions": Json(row.questions)})


@strawberry.type(description="What a visit lacks, and what its answers are worth.")
class VisitCompleteness:
    complete: bool
    unanswered: list[str] = strawberry.field(description="Keys of required questions that are shown and not answered.")
    outstanding: list[strawberry.ID] = strawberry.field(description="Attachments of which bytes are still to come.")
    points: float
    points_max: float

    @classmethod
    def of(cls, found: model.Completeness) -> "VisitCompleteness":
        """The finding as GraphQL shows it."""
        return cls(
            complete=found.complete, unanswered=list(found.unanswered),
            outstanding=[strawberry.ID(id) for id in found.outstanding],
            points=found.points, points_max=found.points_max,
        )  # fmt: skip


@strawberry.input
class CreateVisitTemplateInput:
    name: str = strawberry.field(description="Another version when there is one of this name.")
    questions: Json = strawberry.field(description=QUESTIONS)
    kind: model.TemplateKind = model.TemplateKind.VISIT
    id: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class UpdateVisitTemplateInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET
    questions: strawberry.Maybe[Json | None]
    kind: strawberry.Maybe[model.TemplateKind | None]


@strawberry.input
class PublishVisitTemplateInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET


@strawberry.input
class RetireVisitTemplateInput:
    id: strawberry.ID
    base_rev: int | None = strawberry.UNSET


@strawberry.type(description="It was published: create a new version.")
class VisitTemplateFixed(Refused):
    pass


@strawberry.type
class CreateVisitTemplatePayload:
    template: VisitTemplate


@strawberry.type
class UpdateVisitTemplatePayload:
    template: VisitTemplate


@strawberry.type
class PublishVisitTemplatePayload:
    template: VisitTemplate


@strawberry.type
class RetireVisitTemplatePayload:
    template: VisitTemplate


CreateVisitTemplateResult = Annotated[
    CreateVisitTemplatePayload | Forbidden | Invalid | ChangeRefused, strawberry.union("CreateVisitTemplateResult")
]
UpdateVisitTemplateResult = Annotated[
    UpdateVisitTemplatePayload | VisitTemplateFixed | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("UpdateVisitTemplateResult"),
]
PublishVisitTemplateResult = Annotated[
    PublishVisitTemplatePayload | VisitTemplateFixed | Forbidden | NotFound | Invalid | ChangeRefused,
    strawberry.union("PublishVisitTemplateResult"),
]
RetireVisitTemplateResult = Annotated[
    RetireVisitTemplatePayload | Forbidden | NotFound | ChangeRefused, strawberry.union("RetireVisitTemplateResult")
]

REFUSALS: Refusals = {model.TemplateFixed: VisitTemplateFixed}
NODES = (NodeKind(reads.templates_by_ids, VisitTemplate.of),)


@strawberry.type
class Query:
    @strawberry.field(description="The company's templates, by name.")
    async def visit_templates(
        self,
        info: Info,
        status: list[model.TemplateStatus] | None = strawberry.UNSET,
        first: int | None = PAGE_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> Connection[VisitTemplate]:
        ctx, page = info.context, page_of(info.context, "visitTemplates", first, after)
        behind = (page.after[0], UUID(page.after[1])) if page.after else None
        async with ctx.reading() as conn:
            rows = await reads.templates_page(
                conn, ctx.actor, statuses=given(status) or (), after=behind, rows_max=page.limit
            )
        return connect(page, rows, key=lambda row: (row.name, str(row.id)), node=VisitTemplate.of)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="A new draft; for supervisors and administrators.")
    async def create_visit_template(self, info: Info, input: CreateVisitTemplateInput) -> CreateVisitTemplateResult:
        ctx, id = info.context, optional_id(input.id)
        patch = {"name": input.name, "kind": input.kind.value, "questions": input.questions}
        async with ctx.changing() as tx:
            made = await templates.create_template(tx, ctx.actor, patch=patch, id=id)
        return CreateVisitTemplatePayload(template=VisitTemplate.of(made))

    @strawberry.mutation(description="Changes a draft.")
    async def update_visit_template(self, info: Info, input: UpdateVisitTemplateInput) -> UpdateVisitTemplateResult:
        ctx, id, base_rev = info.context, parse_id(input.id), given(input.base_rev)
        patch = patch_of(input, ("questions", "kind"))
        check_not_cleared(patch, patch)
        async with ctx.changing() as tx:
            made = await templates.update_template(tx, ctx.actor, template_id=id, patch=patch, base_rev=base_rev)
        return UpdateVisitTemplatePayload(template=VisitTemplate.of(made))

    @strawberry.mutation(description="Phones offer it from now on; the published version of its name retires.")
    async def publish_visit_template(self, info: Info, input: PublishVisitTemplateInput) -> PublishVisitTemplateResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            made = await templates.publish_template(tx, ctx.actor, template_id=id, base_rev=given(input.base_rev))
        return PublishVisitTemplatePayload(template=VisitTemplate.of(made))

    @strawberry.mutation(description="New visits do not take it any more.")
    async def retire_visit_template(self, info: Info, input: RetireVisitTemplateInput) -> RetireVisitTemplateResult:
        ctx, id = info.context, parse_id(input.id)
        async with ctx.changing() as tx:
            made = await templates.retire_template(tx, ctx.actor, template_id=id, base_rev=given(input.base_rev))
        return RetireVisitTemplatePayload(template=VisitTemplate.of(made))
