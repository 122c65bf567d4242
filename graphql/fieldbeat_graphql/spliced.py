"""Pull and push without the engine: a document is compiled once to what the answer picks, and rows are spliced in.

Only what can go no other way is answered here: a well-formed request for one `syncPull` or `syncPush` by somebody who
may ask it. Everything else (another document, a variable of another form, a token that is worth nothing, a fault) is
left to the engine, which says what is wrong with it; a push that is asked again is answered from memory. Both ways ask
the same functions of `exchange`, and a test holds their answers to be the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
import orjson
import structlog
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
)
from starlette.datastructures import State
from starlette.requests import Request

from fieldbeat.exchange.model import Mutation, Problem, Pull, Pulled, Push, Pushed, Result, ScopeState
from fieldbeat.exchange.pull import pull_by_claims
from fieldbeat.exchange.push import push
from fieldbeat.kit import metrics
from fieldbeat.people.model import Unauthenticated
from fieldbeat.people.sessions import authenticate, claims_of
from fieldbeat_graphql.context import bearer_token
from fieldbeat_graphql.guard import prepared
from fieldbeat_graphql.scalars import read_instant, write_instant
from fieldbeat_graphql.schema import GuardedSchema
from fieldbeat_sync import limits
from fieldbeat_sync.schema import Op

VARIABLE = "input"
Int32 = Annotated[int, msgspec.Meta(ge=-(1 << 31), le=(1 << 31) - 1)]
Pick: TypeAlias = Callable[[Any], Any]

_log = structlog.get_logger(__name__)


class _Pull(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    device_id: UUID
    incarnation: Int32
    schema_version: Int32
    cursor: str | None = None
    limit: Int32 | None = limits.PULL_ROWS_DEFAULT

    async def answer(self, state: State, token: str) -> Pulled:
        """The page. Refuses (`Unauthenticated`)."""
        limit = limits.PULL_ROWS_DEFAULT if self.limit is None else self.limit
        asked = Pull(self.device_id, self.incarnation, self.schema_version, self.cursor, limit)
        claims, keys = await claims_of(state.key_ring, token), await state.key_ring.current()
        return await pull_by_claims(state.db, claims, asked, key=keys.seal_key)


class _Mutation(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    seq: Int32
    uuid: UUID
    at: str
    collection: str
    record_id: UUID
    op: Op
    uptime_ms: float | None = None
    boot_id: str | None = None
    base_rev: Int32 | None = None
    patch: Any = None
    group: UUID | None = None

    def mutation(self) -> Mutation:
        """As the exchange takes it."""
        at = read_instant(self.at)
        return Mutation(
            self.seq, self.uuid, at, self.collection, self.record_id, self.op, self.base_rev, self.patch, self.group,
            self.uptime_ms, self.boot_id,
        )  # fmt: skip


class _Push(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    device_id: UUID
    incarnation: Int32
    epoch: Int32
    ratchet: str
    schema_version: Int32
    device_now: str
    acked_through: Int32
    mutations: list[_Mutation]
    uptime_ms: float | None = None
    boot_id: str | None = None

    async def answer(self, state: State, token: str) -> Pushed:
        """The verdicts. Refuses (`Unauthenticated`)."""
        now: datetime = read_instant(self.device_now)
        mutations = tuple(each.mutation() for each in self.mutations)
        asked = Push(
            self.device_id, self.incarnation, self.epoch, self.ratchet, self.schema_version, now, self.acked_through,
            mutations, self.uptime_ms, self.boot_id,
        )  # fmt: skip
        signed_in = await authenticate(state.db, state.key_ring, token)
        keys = await state.key_ring.current()
        return await push(state.db, signed_in.actor, asked, key=keys.seal_key, push_only=signed_in.push_only)


class _Variables(msgspec.Struct, forbid_unknown_fields=True):
    input: dict[str, Any]


class _Body(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    query: str
    variables: _Variables
    operation_name: str | None = None


@dataclass(frozen=True)
class Plan:
    """What is asked, and what its answer picks: by key of the response, how it is read from the answer."""

    operation: str | None
    root: str
    asked: type[_Pull | _Push]
    picks: Mapping[str, Pick]


_ROOTS: Mapping[str, tuple[OperationType, type[_Pull | _Push], type]] = {
    "syncPull": (OperationType.QUERY, _Pull, Pulled),
    "syncPush": (OperationType.MUTATION, _Push, Pushed),
}
_PLAIN: Mapping[tuple[type, str], Pick] = {
    (Pulled, "serverTime"): write_instant,
    (Pulled, "changes"): orjson.Fragment,
    (ScopeState, "head"): str,
    (Pushed, "serverTime"): write_instant,
    (Pushed, "rows"): orjson.Fragment,
    # The driver's UUIDs are not those of the standard library.
    (Result, "uuid"): str,
    (Result, "existingId"): lambda id: id and str(id),
    (Result, "conflictIds"): lambda ids: list(map(str, ids)),
}
_NESTED: Mapping[tuple[type, str], type] = {
    (Pulled, "scopes"): ScopeState,
    (Pulled, "problem"): Problem,
    (Pushed, "results"): Result,
    (Pushed, "problem"): Problem,
}


async def spliced(served: GuardedSchema, request: Request, body: bytes) -> bytes | None:
    """The answer to a pull or push; None: let the engine answer."""
    if (b"syncPull" not in body and b"syncPush" not in body) or b"\\u0000" in body:
        return None
    try:
        content = orjson.loads(body)
        orjson.dumps(content)  # as the engine's way: what is too nested to be written again is refused
        given = msgspec.convert(content, _Body)
        plan = _plan(served, given.query)
        if plan is None or given.operation_name not in (None, plan.operation):
            return None
        asked = msgspec.convert(given.variables.input, plan.asked)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, msgspec.ValidationError):
        return None
    with metrics.operation("syncPull" if plan.asked is _Pull else "syncPush"):
        answer = await _answer(request, asked.answer)
    return orjson.dumps({"data": {plan.root: _picked(plan.picks, answer)}}) if answer else None


async def _answer(request: Request, ask: Callable[[State, str], Awaitable[Pulled | Pushed]]) -> Pulled | Pushed | None:
    token, state = bearer_token(request.headers.get("authorization")), request.app.state
    if token is None:
        return None
    try:
        async with asyncio.timeout(state.settings.request_timeout_s):
            return await ask(state, token)
    except (Unauthenticated, GraphQLError):
        return None
    except Exception as fault:  # the engine meets it again, masks it and says it
        _log.warning("left to the engine", error=f"{type(fault).__name__}: {fault}")
        return None


@lru_cache(maxsize=128)
def _plan(served: GuardedSchema, text: str) -> Plan | None:
    """The plan of a document that is one operation with one root field of `_ROOTS`, all of it plain fields."""
    try:
        known = prepared(served, text)
    except Exception:  # the engine says what is wrong with it
        return None
    return None if known.errors else _compiled(known.document)


def _compiled(document: DocumentNode) -> Plan | None:
    match document.definitions:
        case [OperationDefinitionNode(directives=[] | () | None) as operation]:
            match operation.selection_set.selections:
                case [FieldNode() as root] if _is_plain(root) and len(operation.variable_definitions or ()) == 1:
                    return _planned(operation, root)
    return None


def _planned(operation: OperationDefinitionNode, root: FieldNode) -> Plan | None:
    kind, asked, read = _ROOTS[root.name.value]
    picks = _picks(root.selection_set, read)
    if operation.operation is not kind or not picks:
        return None
    name = operation.name.value if operation.name else None
    return Plan(name, root.alias.value if root.alias else root.name.value, asked, picks)


def _is_plain(root: FieldNode) -> bool:
    match root.arguments:
        case [argument] if isinstance(argument.value, VariableNode):
            return root.name.value in _ROOTS and argument.value.name.value == VARIABLE and not root.directives
    return False


def _picks(selections: SelectionSetNode | None, read: type) -> dict[str, Pick] | None:
    """By key of the response; None when something is selected that only the engine knows (a fragment, a directive)."""
    picks = {}
    for each in selections.selections if selections else ():
        if not isinstance(each, FieldNode) or each.directives or each.arguments or each.name.value.startswith("__"):
            return None
        key = each.alias.value if each.alias else each.name.value
        pick = _pick(each, read)
        if pick is None or key in picks:
            return None
        picks[key] = pick
    return picks


def _pick(field: FieldNode, read: type) -> Pick | None:
    name = field.name.value
    attribute = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    nested = _NESTED.get((read, name))
    if nested is not None:
        inner = _picks(field.selection_set, nested)
        return None if inner is None else lambda value: _each(inner, getattr(value, attribute))
    write = _PLAIN.get((read, name))
    if write is None:
        return lambda value: getattr(value, attribute)
    return lambda value: write(getattr(value, attribute))


def _each(picks: Mapping[str, Pick], value: Any) -> Any:
    if value is None:
        return None
    return [_picked(picks, one) for one in value] if isinstance(value, tuple) else _picked(picks, value)


def _picked(picks: Mapping[str, Pick], value: Any) -> dict[str, Any]:
    return {key: pick(value) for key, pick in picks.items()}
