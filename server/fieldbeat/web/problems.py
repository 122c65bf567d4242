"""Errors outside GraphQL as problem details (RFC 9457): a refusal keeps its code, a fault is masked behind an id."""

from http import HTTPStatus
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fieldbeat.kit.refusal import Outage, Refusal

log = structlog.stdlib.get_logger(__name__)

STATUS_OF_CODE: dict[str, int] = {
    "CHECKSUM_DIFFERS": 460,  # of tus
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "HASH_DIFFERS": HTTPStatus.UNPROCESSABLE_ENTITY,
    "INVALID": HTTPStatus.UNPROCESSABLE_ENTITY,
    "LIMIT_EXCEEDED": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "SNAPSHOT_EXPIRED": HTTPStatus.GONE,
    "TOO_MANY_UPLOADS": HTTPStatus.TOO_MANY_REQUESTS,
    "TUS_VERSION_UNKNOWN": HTTPStatus.PRECONDITION_FAILED,
    "TYPE_REFUSED": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "UPGRADE_REQUIRED": HTTPStatus.UPGRADE_REQUIRED,
    "UPLOAD_EXPIRED": HTTPStatus.GONE,
}


class Problem(JSONResponse):
    """One problem, `application/problem+json`."""

    media_type = "application/problem+json"

    def __init__(
        self, status: int, *, detail: str | None = None, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        body = {"type": "about:blank", "title": _title(status), "status": status, "detail": detail, **more}
        super().__init__({key: value for key, value in body.items() if value is not None}, status, headers)


def problem_of(refusal: Refusal) -> Problem:
    """A refusal as a problem."""
    status = STATUS_OF_CODE.get(refusal.code, HTTPStatus.CONFLICT)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    fields = list(refusal.fields) or None
    return Problem(status, detail=refusal.message, code=refusal.code, fields=fields, headers=headers)


def answer_problems(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(Outage, _outage)
    app.add_exception_handler(Exception, _fault)


async def _http(request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    detail = None if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    return Problem(error.status_code, detail=detail, headers=dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
    fields = [".".join(str(part) for part in e["loc"]) for e in error.errors()]
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail="The request is not valid.", code="INVALID", fields=fields)


async def _refusal(request: Request, error: Exception) -> Problem:
    assert isinstance(error, Refusal)
    return problem_of(error)


async def _outage(request: Request, error: Exception) -> Problem:
    assert isinstance(error, Outage)
    wait_s = str(-(-error.retry_after_ms // 1000))
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail=str(error), headers={"Retry-After": wait_s})


async def _fault(request: Request, error: Exception) -> Problem:
    fault_id = uuid4()
    log.error("fault", fault_id=str(fault_id), path=request.url.path, exc_info=error)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, instance=f"urn:uuid:{fault_id}")


def _title(status: int) -> str:
    """The phrase of a status; those of tus have none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Checksum Mismatch"
