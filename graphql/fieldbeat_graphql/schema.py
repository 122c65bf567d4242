"""The schema: the one place where the capabilities' modules are gathered, and every answer is made presentable."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from fieldbeat_graphql import (
    account_changes,
    accounts,
    activity,
    asset_changes,
    assets,
    attachments,
    devices,
    dispatch,
    errors,
    escalation,
    knowledge,
    knowledge_changes,
    merges,
    my_day,
    notifications,
    on_call,
    parts,
    passwords,
    people,
    plan_changes,
    planning_settings,
    plans,
    poke,
    portal,
    portal_tokens,
    sla,
    sla_changes,
    sync,
    territories,
    ticket_changes,
    ticket_measures,
    ticket_parts,
    ticket_pauses,
    tickets,
    visit_changes,
    visit_measures,
    visit_templates,
    visits,
    worktime,
)
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.guard import Guard
from fieldbeat_graphql.nodes import Node, NodeKind, find_nodes
from fieldbeat_graphql.scalars import SCALARS

NODES: Sequence[NodeKind] = (
    *people.NODES,
    *territories.NODES,
    *accounts.NODES,
    *assets.NODES,
    *merges.NODES,
    *worktime.NODES,
    *on_call.NODES,
    *notifications.NODES,
    *visits.NODES,
    *visit_templates.NODES,
    *tickets.NODES,
    *ticket_parts.NODES,
    *parts.NODES,
    *knowledge.NODES,
    *sla.NODES,
    *attachments.NODES,
)
REFUSALS = (
    errors.REFUSALS,
    people.REFUSALS,
    portal.REFUSALS,
    territories.REFUSALS,
    on_call.REFUSALS,
    merges.REFUSALS,
    visit_templates.REFUSALS,
    plan_changes.REFUSALS,
)


@strawberry.type
class Query(
    people.Query,
    portal.Query,
    portal_tokens.Query,
    territories.Query,
    accounts.Query,
    assets.Query,
    parts.Query,
    sync.Query,
    merges.Query,
    devices.Query,
    worktime.Query,
    on_call.Query,
    visits.Query,
    visit_templates.Query,
    visit_measures.Query,
    plans.Query,
    planning_settings.Query,
    tickets.Query,
    ticket_measures.Query,
    ticket_pauses.Query,
    my_day.Query,
    dispatch.Query,
    escalation.Query,
    notifications.Query,
    knowledge.Query,
    sla.Query,
    activity.Query,
):
    @strawberry.field(description="Any record by its id; null when there is none that you may see.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return (await find_nodes(info.context, NODES, [id]))[0]

    @strawberry.field(description="Records by their ids, in that order; at most 100.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        return await find_nodes(info.context, NODES, ids)


@strawberry.type
class Mutation(
    people.Mutation,
    passwords.Mutation,
    portal.Mutation,
    portal_tokens.Mutation,
    territories.Mutation,
    account_changes.Mutation,
    asset_changes.Mutation,
    parts.Mutation,
    sync.Mutation,
    merges.Mutation,
    worktime.Mutation,
    on_call.Mutation,
    visit_changes.Mutation,
    visit_templates.Mutation,
    plan_changes.Mutation,
    planning_settings.Mutation,
    dispatch.Mutation,
    escalation.Mutation,
    notifications.Mutation,
    ticket_changes.Mutation,
    ticket_parts.Mutation,
    knowledge_changes.Mutation,
    sla_changes.Mutation,
):
    pass


@strawberry.type
class Subscription(
    poke.Subscription,
    plan_changes.Subscription,
    tickets.Subscription,
    notifications.Subscription,
    activity.Subscription,
):
    pass


class GuardedSchema(strawberry.Schema):
    """Answers over HTTP and WebSocket alike with errors that are coded, and masked where they are ours."""

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Runs one operation. Raises what strawberry raises when there is no operation to run."""
        return _presentable(await super().execute(*args, **kwargs))

    async def stream(self, *args: Any, **kwargs: Any) -> Any:
        """Runs one operation and yields its results."""
        return _presentable_stream(await super().stream(*args, **kwargs))

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Says nothing: faults are logged where they are masked, refusals are not errors."""


def build_schema() -> GuardedSchema:
    """The schema of everything that is gathered here."""
    return GuardedSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[Guard],
        exception_handlers=errors.handlers(*REFUSALS),
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def _presentable(result: ExecutionResult) -> ExecutionResult:
    if result.errors:
        result.errors = errors.presented(result.errors)
    return result


def _refused_or(result: ExecutionResult) -> ExecutionResult:
    """A result, or the refusal to run the operation at all: no error points at a field."""
    if result.data is None and result.errors and all(error.path is None for error in result.errors):
        return PreExecutionError(data=None, errors=result.errors)
    return result


async def _presentable_stream(results: Any) -> AsyncIterator[ExecutionResult]:
    try:
        async for result in results:
            yield _refused_or(_presentable(result))
    except (CannotGetOperationTypeError, InvalidOperationTypeError) as error:
        yield PreExecutionError(data=None, errors=errors.presented([GraphQLError(str(error))]))
    except Exception as error:
        cause = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
        yield PreExecutionError(data=None, errors=errors.presented([cause]))


schema = build_schema()
