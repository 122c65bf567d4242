"""A pull without the engine: its document is compiled once to what the answer picks, and the rows are spliced in.

Only what can go no other way is answered here: a well-formed request for one `syncPull` by somebody who may ask it.
Everything else (another document, a variable of another form, a token that is worth nothing) is left to the engine,
which says what is wrong with it. Both ask `exchange.pull`, and a test holds their answers to be the same.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
import orjson
from graphql import DocumentNode, FieldNode, OperationDefinitionNode, OperationType, SelectionSetNode, VariableNode
from starlette.datastructures import State
from starlette.requests import Request

from fieldbeat.exchange.model import Problem, Pull, Pulled, ScopeState
from fieldbeat.exchange.pull import pull_by_claims
from fieldbeat.people.model import Unauthenticated
from fieldbeat.people.sessions import claims_of
from fieldbeat_graphql.context import bearer_token
from fieldbeat_graphql.guard import prepared
from fieldbeat_graphql.scalars import write_instant
from fieldbeat_graphql.schema import GuardedSchema
from fieldbeat_sync import limits

BODY_BYTES_MAX = 64 * 1024
ROOT, VARIABLE = "syncPull", "input"
Int32 = Annotated[int, msgspec.Meta(ge=-(1 << 31), le=(1 << 31) - 1)]


class _Input(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    device_id: UUID
    incarnation: Int32
    schema_version: Int32
    cursor: str | None = None
    limit: Int32 | None = limits.PULL_ROWS_DEFAULT


class _Variables(msgspec.Struct, forbid_unknown_fields=True):
    input: _Input


class _Body(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    query: str
    variables: _Variables
    operation_name: str | None = None


@dataclass(frozen=True)
class Plan:
    """What an answer picks: by key of the response, how it is read from a `Pulled`."""

    operation: str | None
    root: str
    picks: Mapping[str, Callable[[Any], Any]]


_decode = msgspec.json.Decoder(_Body).decode

_PLAIN: Mapping[str, Callable[[Any], Any]] = {"serverTime": write_instant, "changes": orjson.Fragment, "head": str}
_NESTED = {"scopes": ScopeState, "problem": Problem}


async def spliced(served: GuardedSchema, request: Request, body: bytes) -> bytes | None:
    """The answer to a pull; None: let the engine answer."""
    if len(body) > BODY_BYTES_MAX or b"syncPull" not in body or b"\\u0000" in body:
        return None
    try:
        asked = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    plan, token = _plan(served, asked.query), bearer_token(request.headers.get("authorization"))
    if plan is None or token is None or asked.operation_name not in (None, plan.operation):
        return None
    pulled = await _pulled(request.app.state, token, asked.variables.input)
    return orjson.dumps({"data": {plan.root: _picked(plan.picks, pulled)}}) if pulled else None


async def _pulled(state: State, token: str, given: _Input) -> Pulled | None:
    limit = limits.PULL_ROWS_DEFAULT if given.limit is None else given.limit
    asked = Pull(given.device_id, given.incarnation, given.schema_version, given.cursor, limit)
    try:
        async with asyncio.timeout(state.settings.request_timeout_s):
            claims = await claims_of(state.key_ring, token)
            keys = await state.key_ring.current()
            return await pull_by_claims(state.db, claims, asked, key=keys.seal_key)
    except (Unauthenticated, TimeoutError):
        return None


@lru_cache(maxsize=128)
def _plan(served: GuardedSchema, text: str) -> Plan | None:
    """The plan of a document that is one operation with `syncPull(input: $input)` alone, all of it plain fields."""
    try:
        known = prepared(served, text)
    except Exception:  # the engine says what is wrong with it
        return None
    return None if known.errors else _compiled(known.document)


def _compiled(document: DocumentNode) -> Plan | None:
    match document.definitions:
        case [OperationDefinitionNode(operation=OperationType.QUERY, directives=[] | () | None) as operation]:
            match operation.selection_set.selections:
                case [FieldNode() as root] if _is_pull(root) and len(operation.variable_definitions or ()) == 1:
                    picks = _picks(root.selection_set, Pulled)
                    key = root.alias.value if root.alias else root.name.value
                    return Plan(operation.name.value if operation.name else None, key, picks) if picks else None
    return None


def _is_pull(root: FieldNode) -> bool:
    match root.arguments:
        case [argument] if isinstance(argument.value, VariableNode):
            return root.name.value == ROOT and argument.value.name.value == VARIABLE and not root.directives
    return False


def _picks(selections: SelectionSetNode | None, read: type) -> dict[str, Callable[[Any], Any]] | None:
    """By key of the response; None when something is selected that only the engine knows (a fragment, a directive)."""
    picks = {}
    for each in selections.selections if selections else ():
        if not isinstance(each, FieldNode) or each.directives or each.arguments or each.name.value.startswith("__"):
            return None
        key = each.alias.value if each.alias else each.name.value
        pick = _pick(each)
        if pick is None or key in picks:
            return None
        picks[key] = pick
    return picks


def _pick(field: FieldNode) -> Callable[[Any], Any] | None:
    name = field.name.value
    attribute = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    if name in _NESTED:
        inner = _picks(field.selection_set, _NESTED[name])
        return None if inner is None else lambda value: _each(inner, getattr(value, attribute))
    write = _PLAIN.get(name)
    if write is None:
        return lambda value: getattr(value, attribute)
    return lambda value: write(getattr(value, attribute))


def _each(picks: Mapping[str, Callable[[Any], Any]], value: Any) -> Any:
    if value is None:
        return None
    return [_picked(picks, one) for one in value] if isinstance(value, tuple) else _picked(picks, value)


def _picked(picks: Mapping[str, Callable[[Any], Any]], value: Any) -> dict[str, Any]:
    return {key: pick(value) for key, pick in picks.items()}
