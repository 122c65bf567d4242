"""`/graphql`: POST for everything, GET for queries (https://graphql.github.io/graphql-over-http/draft/).

`application/graphql-response+json` tells by its status whether there are data; `application/json` says 200 to every
well-formed request, as old clients expect. A missing token is 401 in both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from fieldbeat_graphql.context import context_of
from fieldbeat_graphql.errors import code_of
from fieldbeat_graphql.schema import GuardedSchema, schema
from fieldbeat_graphql.sockets import Sockets
from fieldbeat_graphql.spliced import spliced

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
STATUS = {"UNAUTHENTICATED": 401, "TIMEOUT": 504}  # of codes that say the same in every media type
GRAPHQL_STATUS = {"INTERNAL": 500}  # of those without data in graphql-response+json; others 400


@dataclass(frozen=True)
class Asked:
    """The parameters of one request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class BadRequest(Exception):
    """The request is not GraphQL over HTTP; nothing was run."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        self.status = status
        super().__init__(message)


class Endpoint:
    """Answers requests with one schema."""

    def __init__(self, served: GuardedSchema) -> None:
        self._schema = served

    async def __call__(self, request: Request) -> Response:
        """One request, one operation, one answer."""
        media_type = JSON
        try:
            media_type = acceptable(request.headers.get("accept"))
            if request.method == "POST" and _is_json(request):
                answer = await spliced(self._schema, request, await request.body())
                if answer is not None:
                    return _rendered(answer, media_type, 200)
            asked = read_query_string(request) if request.method == "GET" else await read_body(request)
            result = await self._run(request, asked)
        except BadRequest as bad:
            return _bad(str(bad), media_type, bad.status)
        except MissingQueryError:
            return _bad("The query is empty.", media_type)
        except CannotGetOperationTypeError as unknown:
            return _bad(unknown.as_http_error_reason(), media_type)
        except InvalidOperationTypeError:
            return _bad("GET is for queries.", media_type, 405, {"allow": "POST"})
        return _answer(result, media_type)

    async def _run(self, request: Request, asked: Asked) -> ExecutionResult:
        allowed = {OperationType.QUERY} if request.method == "GET" else {OperationType.QUERY, OperationType.MUTATION}
        return await self._schema.execute(
            asked.query,
            variable_values=asked.variables,
            context_value=context_of(request),
            operation_name=asked.operation_name,
            allowed_operation_types=allowed,
        )


def graphql_routes(served: GuardedSchema = schema) -> list[BaseRoute]:
    """The routes of `/graphql`. They read `settings`, `db` and `key_ring` from the application's state."""
    return [
        Route("/graphql", Endpoint(served).__call__, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", Sockets(served)),
    ]


def acceptable(accept: str | None) -> str:
    """The media type to answer with: the best of what is accepted, JSON when nothing is said.

    Refuses (`BadRequest`, 406) when neither type will do.
    """
    if accept is None or not accept.strip():
        return JSON
    ranked = sorted(_accepted(accept), key=lambda each: -each[1])  # stable: the first of equals
    for kind, quality in ranked:
        if quality > 0 and kind in (RESPONSE_JSON, JSON):
            return kind
        if quality > 0 and kind in ("*/*", "application/*"):
            return JSON
    raise BadRequest(f"The answer is {RESPONSE_JSON} or {JSON}.", status=406)


async def read_body(request: Request) -> Asked:
    """The parameters of a POST. Refuses (`BadRequest`) what is not a JSON object with a query."""
    if not _is_json(request):
        raise BadRequest("The body must be application/json in UTF-8.", status=415)
    body = _parsed(await request.body(), "The body")
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object; batches are not answered.")
    return _asked(body)


def _is_json(request: Request) -> bool:
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    return kind.strip().lower() == JSON and charset in ("", "utf-8")


def read_query_string(request: Request) -> Asked:
    """The parameters of a GET. Refuses (`BadRequest`) one without a query."""
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _parsed(given[name].encode(), f"`{name}`")
    return _asked(given)


def _asked(given: Mapping[str, Any]) -> Asked:
    query, name = given.get("query"), given.get("operationName")
    if not isinstance(query, str):
        raise BadRequest("`query` must be a string.")
    if not isinstance(name, str | None):
        raise BadRequest("`operationName` must be a string.")
    for each in ("variables", "extensions"):
        if not isinstance(given.get(each), dict | None):
            raise BadRequest(f"`{each}` must be an object.")
    return Asked(query, given.get("variables"), name)


def _parsed(text: bytes, what: str) -> Any:
    try:
        value = orjson.loads(text)
        orjson.dumps(value)  # refuses what is too nested to be written again: it could not be kept
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise BadRequest(f"{what} is not JSON.") from None
    return value


def _accepted(accept: str) -> Iterable[tuple[str, float]]:
    for part in accept.lower().split(","):
        kind, *parameters = (each.strip() for each in part.split(";"))
        quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            yield kind, float(quality)
        except ValueError:
            yield kind, 0.0


def _answer(result: ExecutionResult, media_type: str) -> Response:
    codes = [code_of(error) for error in result.errors or ()]
    payload: dict[str, Any] = {}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if not _refused(result):
        payload["data"] = result.data
    return _response(payload, media_type, _status(codes, media_type, answered="data" in payload))


def _refused(result: ExecutionResult) -> bool:
    # The operation never ran: no error points at a field.
    return result.data is None and all(error.path is None for error in result.errors or ())


def _status(codes: list[str], media_type: str, *, answered: bool) -> int:
    always = next((STATUS[code] for code in codes if code in STATUS), None)
    if always is not None:
        return always
    if answered or media_type == JSON:
        return 200
    return GRAPHQL_STATUS.get(codes[0], 400)


def _bad(message: str, media_type: str, status: int = 400, headers: Mapping[str, str] | None = None) -> Response:
    error = GraphQLError(message, extensions={"code": "BAD_REQUEST"})
    return _response({"errors": [error.formatted]}, media_type, status, headers)


def _response(
    payload: Mapping[str, Any], media_type: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    more = {"www-authenticate": "Bearer"} if status == 401 else {}
    return _rendered(orjson.dumps(payload), media_type, status, {**more, **(headers or {})})


def _rendered(body: bytes, media_type: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, {"content-type": f"{media_type}; charset=utf-8", **(headers or {})})
