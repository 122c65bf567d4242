"""What stands before every operation, over HTTP and WebSocket alike: limits, validation, the token, the deadline."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache

from graphql import DocumentNode, GraphQLError, get_operation_ast, specified_rules
from strawberry.extensions import SchemaExtension
from strawberry.schema import Schema
from strawberry.schema.schema import validate_document
from strawberry.types.graphql import OperationType

from fieldbeat.kit import metrics
from fieldbeat_graphql import limits
from fieldbeat_graphql.context import Context

_KEPT_CHARACTERS_MAX = 3_000  # the apps' own documents are short; an attacker's must not fill the memory
_KEPT_DOCUMENTS_MAX = 128  # at most some 100 MB

# A push gives a verdict on each of its mutations: one bad text must not hold up the phone's whole queue.
JUDGES_ITS_OWN_TEXT = frozenset({"syncPush"})


@dataclass(frozen=True)
class Prepared:
    """A document within the limits, and what validation says about it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


class Guard(SchemaExtension):
    """Runs once for each operation."""

    _prepared: Prepared

    def on_operation(self) -> Iterator[None]:
        self.execution_context.context = self._context.for_operation()
        yield

    def on_parse(self) -> Iterator[None]:
        asked, text = self.execution_context, self.execution_context.query or ""
        self._prepared = prepared(asked.schema, text)
        asked.graphql_document = self._prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = [*self._prepared.errors, *self._unnamed()]
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        asked = self.execution_context
        operation = get_operation_ast(self._prepared.document, asked.operation_name)
        assert operation is not None, "strawberry has found the operation before"
        fields = limits.root_fields(self._prepared.document, operation)
        lasting = asked.operation_type is OperationType.SUBSCRIPTION
        timed = nullcontext() if lasting else metrics.operation(next(iter(fields)) if len(fields) == 1 else "several")
        with timed:
            async with asyncio.timeout(None if lasting else self._context.settings.request_timeout_s):
                await self._context.admit(fields)
                if fields != JUDGES_ITS_OWN_TEXT:
                    limits.check_storable(asked.query or "", asked.variables)
                yield

    def _unnamed(self) -> Iterator[GraphQLError]:
        """Nothing runs by chance: of several operations the request names one."""
        # `operation_name` would be the first one's.
        name = self.execution_context._provided_operation_name
        if get_operation_ast(self._prepared.document, name) is None:
            yield GraphQLError("The document has several operations: name one by `operationName`.")

    @property
    def _context(self) -> Context:
        context: Context = self.execution_context.context
        return context


def prepared(schema: Schema, text: str) -> Prepared:
    """The document of a text, kept when it is short. Refuses (`LimitExceeded`) one that asks for too much."""
    return (_prepare_and_keep if len(text) <= _KEPT_CHARACTERS_MAX else _prepare)(schema, text)


def _prepare(schema: Schema, text: str) -> Prepared:
    document = limits.parse_document(text)
    limits.check_document(document)
    return Prepared(document, tuple(validate_document(schema._schema, document, tuple(specified_rules))))


_prepare_and_keep = lru_cache(_KEPT_DOCUMENTS_MAX)(_prepare)
