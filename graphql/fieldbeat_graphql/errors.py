"""How no is said: a refusal that a field's result type names is data; everything else is a top-level error with a code.

A fault of ours is masked: the client gets an id, the log the traceback under the same id.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeAlias
from uuid import uuid4

import strawberry
import structlog
from graphql import GraphQLError

from fieldbeat.kit import refusal as kit
from fieldbeat.records import ChangeRefused as RecordsChangeRefused

TOP_LEVEL_CODES = frozenset({"UNAUTHENTICATED", "BAD_REQUEST", "LIMIT_EXCEEDED", "TIMEOUT", "INTERNAL"})

_log = structlog.get_logger(__name__)


@strawberry.interface(name="Refusal", description="The domain says no. Switch on `code` (docs/refusals.md).")
class Refused:
    code: str
    message: str
    fields: list[str] = strawberry.field(description="The input fields that it is about.")

    @classmethod
    def of(cls, refusal: Any) -> Self:
        """The refusal as data."""
        return cls(code=refusal.code, message=refusal.message, fields=list(refusal.fields))


@strawberry.type(description="The input breaks a rule.")
class Invalid(Refused):
    pass


@strawberry.type(description="This is not yours to do.")
class Forbidden(Refused):
    pass


@strawberry.type(description="There is no such record among those that you may see.")
class NotFound(Refused):
    pass


@strawberry.type(description="The merge refused the change; nothing was written. The codes are those of sync.")
class ChangeRefused(Refused):
    existing_id: strawberry.ID | None = strawberry.field(default=None, description="Who holds the unique value.")

    @classmethod
    def of(cls, refusal: Any) -> Self:
        """The refusal as data, with the record in the way when it may be seen."""
        existing_id = strawberry.ID(str(refusal.existing_id)) if refusal.existing_id else None
        return cls(code=refusal.code, message=refusal.message, fields=list(refusal.fields), existing_id=existing_id)


Refusals: TypeAlias = Mapping[type[kit.Refusal], type[Refused]]
REFUSALS: Refusals = {
    kit.Invalid: Invalid,
    kit.Forbidden: Forbidden,
    kit.NotFound: NotFound,
    RecordsChangeRefused: ChangeRefused,
}


class AsData:
    """Turns one kind of refusal into its GraphQL type, in the fields whose result names it."""

    def __init__(self, refusal: type[kit.Refusal], data: type[Refused]) -> None:
        self.exception_type = refusal
        self.error_type = data

    def handle(self, exception: kit.Refusal, **_: Any) -> Refused:
        return self.error_type.of(exception)


def handlers(*gathered: Refusals) -> list[AsData]:
    """One handler for each refusal, the most specific first."""
    every = {refusal: data for refusals in gathered for refusal, data in refusals.items()}
    return [AsData(refusal, every[refusal]) for refusal in sorted(every, key=lambda each: -len(each.__mro__))]


def presented(errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """The errors as a client may see them."""
    return [_present(error) for error in errors]


def code_of(error: GraphQLError) -> str:
    """The code of an error that was presented."""
    return str((error.extensions or {}).get("code", "INTERNAL"))


def _present(error: GraphQLError) -> GraphQLError:
    match _cause(error):
        case None:
            return _coded(error, error.message, "BAD_REQUEST")
        case kit.Refusal() as refusal:
            return _present_refusal(error, refusal)
        case TimeoutError():
            return _coded(error, "The operation took too long and was cancelled.", "TIMEOUT")
        case kit.Outage() as outage:
            _log.warning("a dependency is away", error=str(outage))
            message = "Something that the service needs is away; try again."
            return _coded(error, message, "INTERNAL", retryAfterMs=outage.retry_after_ms)
        case cause if _is_bad_input(error):
            _log.debug("bad input", error=str(cause))
            return _coded(error, error.message, "BAD_REQUEST")
        case cause:
            return _mask(error, cause)


def _cause(error: GraphQLError) -> Exception | None:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _is_bad_input(error: GraphQLError) -> bool:
    # GraphQL points at the variable or argument that it could not read; a fault outside of a field points nowhere.
    return error.path is None and bool(error.nodes)


def _present_refusal(error: GraphQLError, refusal: kit.Refusal) -> GraphQLError:
    if refusal.code in TOP_LEVEL_CODES:
        return _coded(error, refusal.message, refusal.code)
    wait = {"retryAfterMs": refusal.retry_after_ms} if hasattr(refusal, "retry_after_ms") else {}
    return _coded(error, refusal.message, "BAD_REQUEST", reason=refusal.code, fields=list(refusal.fields), **wait)


def _mask(error: GraphQLError, cause: Exception) -> GraphQLError:
    fault_id = str(uuid4())
    path = ".".join(map(str, error.path or ()))
    _log.error("internal error", id=fault_id, path=path, exc_info=cause)
    return _coded(error, f"internal error, id {fault_id}", "INTERNAL", id=fault_id)


def _coded(error: GraphQLError, message: str, code: str, **more: Any) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, **more},
    )
