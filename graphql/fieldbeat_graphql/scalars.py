"""The scalars: how instants, dates, ids and free JSON look on the wire, each specified by a public page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NewType, TypeVar
from uuid import UUID

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from fieldbeat.kit.refusal import Invalid

Json = NewType("Json", object)
T = TypeVar("T")


@dataclass(frozen=True)
class RawJson:
    """JSON that was rendered before (a feed's rows): spliced into the response as it is."""

    rendered: bytes | str


def given(value: T | None) -> T | None:
    """An optional argument's value; None when it is absent."""
    return None if value is strawberry.UNSET else value


def parse_id(id: str, *, field: str = "id") -> UUID:
    """The UUID in a GraphQL id. Refuses (`Invalid`) one that cannot name a record."""
    parsed = maybe_id(id)
    if parsed is None:
        raise Invalid("This is not an id.", fields=(field,))
    return parsed


def optional_id(id: str | None, *, field: str = "id") -> UUID | None:
    """The UUID in an optional id; None when it is absent. Refuses (`Invalid`) one that cannot name a record."""
    named = given(id)
    return parse_id(named, field=field) if named is not None else None


def maybe_id(id: str) -> UUID | None:
    """The UUID in a GraphQL id; None when it cannot name a record."""
    try:
        return UUID(id)
    except ValueError:
        return None


def write_instant(value: datetime) -> str:
    """An instant as it travels."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_instant(value: Any) -> datetime:
    """An instant from the wire, in UTC. Raises `GraphQLError`."""
    instant = _read(datetime.fromisoformat, value, "an RFC 3339 instant, such as 2026-01-31T08:00:00Z")
    if instant.tzinfo is None:
        raise GraphQLError("An instant needs its offset, such as Z or +01:00.")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise GraphQLError("This instant is out of range.") from None


def _read_date(value: Any) -> date:
    return _read(date.fromisoformat, value, "a date, YYYY-MM-DD")


def _read_uuid(value: Any) -> UUID:
    return _read(UUID, value, "a UUID")


def _read(parse: Callable[[Any], T], value: Any, what: str) -> T:
    try:
        return parse(value)
    except (ValueError, TypeError, AttributeError):
        raise GraphQLError(f"This is not {what}.") from None


def _write_json(value: Any) -> Any:
    return orjson.Fragment(value.rendered) if isinstance(value, RawJson) else value


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An RFC 3339 instant; always UTC in answers.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=write_instant,
        parse_value=read_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A local date, YYYY-MM-DD.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=date.isoformat,
        parse_value=_read_date,
    ),
    UUID: strawberry.scalar(
        name="UUID",
        description="An RFC 9562 UUID.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc9562",
        serialize=str,
        parse_value=_read_uuid,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc8259",
        serialize=_write_json,
        parse_value=lambda value: value,
    ),
}
