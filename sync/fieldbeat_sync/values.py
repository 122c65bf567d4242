"""What a value may be: each type checks one wire value and says in one sentence what is wrong with it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from uuid import UUID

# What phones and the wire's encoders hold of a whole number.
_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1


class BadValue(ValueError):
    """A value that breaks its type's rule; the message names the rule."""


class ValueType(Protocol):
    """Checks and normalises one wire value."""

    def check(self, value: Any) -> Any:
        """The value in its normal form. Raises `BadValue`."""


@dataclass(frozen=True)
class Text:
    """A string of `length_min`..`length_max` characters."""

    length_max: int = 200
    length_min: int = 0

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise BadValue("must be a string")
        if "\0" in value or not (value.isascii() or _is_utf8(value)):
            raise BadValue("holds a character that cannot be stored (NUL or a lone surrogate)")
        if not self.length_min <= len(value) <= self.length_max:
            raise BadValue(f"must have {self.length_min} to {self.length_max} characters")
        if self.length_min and not value.strip():
            raise BadValue("must not be blank")
        return value


def _is_utf8(text: str) -> bool:
    """Whether it holds no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class Choice:
    """One of a list of names."""

    options: tuple[str, ...]

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise BadValue(f"must be one of {', '.join(self.options)}")
        return value


@dataclass(frozen=True)
class Number:
    """A finite number of `least`..`most`; whole when `whole`."""

    least: float = -1e15
    most: float = 1e15
    whole: bool = False

    def check(self, value: Any) -> float | int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadValue("must be a number")
        if isinstance(value, float) and not math.isfinite(value):
            raise BadValue("must be a finite number")
        if self.whole and value != int(value):
            raise BadValue("must be a whole number")
        if not self.least <= value <= self.most:
            raise BadValue(f"must be from {self.least:g} to {self.most:g}")
        return int(value) if self.whole else value


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadValue("must be true or false")
        return value


@dataclass(frozen=True)
class Reference:
    """The id of a record of `collection`, or of one of `others`."""

    collection: str
    others: tuple[str, ...] = ()

    def check(self, value: Any) -> str:
        try:
            return str(UUID(value))
        except (ValueError, AttributeError, TypeError):
            raise BadValue(f"must be the id of a {' or '.join((self.collection, *self.others))}") from None


@dataclass(frozen=True)
class Instant:
    """An RFC 3339 instant with its offset; it stands in UTC."""

    def check(self, value: Any) -> str:
        try:
            instant = datetime.fromisoformat(value)
            in_utc = instant.astimezone(UTC)
        except (ValueError, TypeError):
            raise BadValue("must be an RFC 3339 instant") from None
        except OverflowError:
            raise BadValue("must be from the year 1 to 9999 in UTC") from None
        if instant.tzinfo is None:
            raise BadValue("must be an RFC 3339 instant with an offset")
        return in_utc.isoformat().replace("+00:00", "Z") if instant.utcoffset() else str(value)


@dataclass(frozen=True)
class LocalDate:
    """A date, YYYY-MM-DD."""

    def check(self, value: Any) -> str:
        try:
            return date.fromisoformat(value).isoformat()
        except (ValueError, TypeError):
            raise BadValue("must be a date, YYYY-MM-DD") from None


_JSON_TEXT, _JSON_KEY = Text(20_000), Text(200)


@dataclass(frozen=True)
class Json:
    """Any JSON of at most `depth_max` levels and `items_max` scalars, with storable strings."""

    depth_max: int = 5
    items_max: int = 500

    def check(self, value: Any) -> Any:
        if self._items(value, depth=1) > self.items_max:
            raise BadValue(f"must hold at most {self.items_max} values")
        return value

    def _items(self, value: Any, *, depth: int) -> int:
        if depth > self.depth_max:
            raise BadValue(f"must be at most {self.depth_max} levels deep")
        if isinstance(value, str):
            _JSON_TEXT.check(value)
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise BadValue("must be a finite number")
        elif isinstance(value, int):
            if not _INT64_MIN <= value <= _INT64_MAX:
                raise BadValue("must be a number of at most 64 bits")
        elif isinstance(value, dict):
            for key in value:
                _JSON_KEY.check(key)
            return 1 + sum(self._items(item, depth=depth + 1) for item in value.values())
        elif isinstance(value, list):
            return 1 + sum(self._items(item, depth=depth + 1) for item in value)
        return 1


@dataclass(frozen=True)
class Members:
    """A group: one object with these members and no others; an absent member is null."""

    members: Mapping[str, ValueType]
    required: frozenset[str] = field(default=frozenset())

    def check(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise BadValue(f"must be an object of {', '.join(self.members)}")
        if not value.keys() <= self.members.keys():
            raise BadValue(f"has no member {', '.join(sorted(map(str, value.keys() - self.members.keys())))}")
        for name in self.required:
            if value.get(name) is None:
                raise BadValue(f"needs {', '.join(sorted(each for each in self.required if value.get(each) is None))}")
        checked: dict[str, Any] = {}
        for name, kind in self.members.items():
            member = value.get(name)
            try:
                checked[name] = None if member is None else kind.check(member)
            except BadValue as bad:
                raise BadValue(f"{name} {bad}") from None
        return checked
