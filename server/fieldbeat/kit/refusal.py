"""The three families of errors, drawn first:

Refusal   the domain says no: stable code (docs/refusals.md), told to the caller, never logged as an error
Outage    a dependency is away: try again after `retry_after_ms`; settles nothing
(fault)   everything else is our bug: it crashes the request and is masked at the edge
"""

from typing import ClassVar


class Refusal(Exception):
    """The domain says no."""

    code: ClassVar[str] = "INVALID"

    def __init__(self, message: str = "", *, fields: tuple[str, ...] = ()) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        self.fields = fields
        super().__init__(self.message)


class Invalid(Refusal):
    """The input breaks a rule."""


class Forbidden(Refusal):
    """This is not yours to do."""

    code = "FORBIDDEN"


class NotFound(Refusal):
    """There is no such record among those that you may see."""

    code = "NOT_FOUND"


class Outage(Exception):
    """Something the service needs is away; try again."""

    def __init__(self, message: str = "", *, retry_after_ms: int = 1_000) -> None:
        self.retry_after_ms = retry_after_ms
        super().__init__(message or type(self).__doc__)
