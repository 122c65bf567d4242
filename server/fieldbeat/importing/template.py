"""The little language of a mapping: text with `{column}` in it, and `{column|filter|filter}`.

A filter is `lower`, `upper`, or a list of replacements that the mapping names (`[values.x]`, `[lookup.x]`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Row: TypeAlias = Mapping[str, str]
Filter: TypeAlias = Callable[[str], str]

_HOLE = re.compile(r"\{([^{}]*)\}")
BUILT_IN: Mapping[str, Filter] = {"lower": str.lower, "upper": str.upper}


class NoReplacement(ValueError):
    """A list of replacements has no entry for a value, and no `*`."""


@dataclass(frozen=True)
class Replacements:
    """A named list: value by value; `*` stands for every other value, and as a replacement for the value itself."""

    name: str
    entries: Mapping[str, str]

    def __call__(self, value: str) -> str:
        if not value:
            return value
        found = self.entries.get(value, self.entries.get("*"))
        if found is None:
            raise NoReplacement(f"{value!r} is not in {self.name}")
        return value if found == "*" else found


@dataclass(frozen=True)
class Template:
    """Text and holes, alternating: literals[0], holes[0], literals[1] …; a hole is a column and its filters."""

    literals: tuple[str, ...]
    holes: tuple[tuple[str, tuple[Filter, ...]], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return tuple(column for column, _ in self.holes)

    def fill(self, row: Row) -> str:
        """The text for one row, without blanks around it. Raises `NoReplacement`."""
        parts = [self.literals[0]]
        for (column, filters), literal in zip(self.holes, self.literals[1:], strict=True):
            value = row[column].strip()
            for each in filters:
                value = each(value)
            parts += value, literal
        return "".join(parts).strip()


def parse_template(text: str, filters: Mapping[str, Filter]) -> Template:
    """Reads a template. Raises `ValueError` for a filter that nobody declared, or a brace too many."""
    pieces = _HOLE.split(text)
    if any("{" in literal or "}" in literal for literal in pieces[::2]):
        raise ValueError(f"{text!r} has a brace without its pair")
    return Template(tuple(pieces[::2]), tuple(_hole(inner, filters) for inner in pieces[1::2]))


def _hole(inner: str, filters: Mapping[str, Filter]) -> tuple[str, tuple[Filter, ...]]:
    column, *names = (part.strip() for part in inner.split("|"))
    unknown = [name for name in names if name not in filters]
    if not column or unknown:
        raise ValueError(f"{{{inner}}} names no column" if not column else f"{unknown[0]!r} is no filter")
    return column, tuple(filters[name] for name in names)
