"""A page of docs/ whose examples are run: what stands in its fenced blocks is sent, and what comes back is compared.

`<name>` stands for what an earlier answer gave, `…` for anything: a value, the rest of an object, any part of a list,
any lines.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ANY = "…"
_FENCE = re.compile(r"^```(\w+)(?: +([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"<([a-z ]+)>")


class Block(NamedTuple):
    """One fenced block: its language, what is written behind it, its text, and the line on which it begins."""

    language: str
    label: str
    text: str
    line: int


class Differs(AssertionError):
    """What came back is not what the page says."""


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        yield Block(found[1], found[2] or "", found[3], text.count("\n", 0, found.start()) + 1)


def filled(template: Any, known: Mapping[str, Any]) -> Any:
    """The template with the values known so far; a name that is a whole string becomes the value itself."""
    if isinstance(template, str):
        whole = _NAME.fullmatch(template)
        return known[whole[1]] if whole else _NAME.sub(lambda name: str(known[name[1]]), template)
    if isinstance(template, list):
        return [filled(item, known) for item in template]
    if isinstance(template, dict):
        return {key: filled(value, known) for key, value in template.items()}
    return template


def learn(template: Any, found: Any, known: dict[str, Any], where: str) -> None:
    """Holds `found` against the template and notes what its names stand for. Raises `Differs`."""
    if template == ANY:
        return
    if isinstance(template, str) and _NAME.search(template):
        _learn_text(template, found, known, where)
    elif isinstance(template, dict):
        _learn_object(template, found, known, where)
    elif isinstance(template, list):
        if not isinstance(found, list):
            raise Differs(f"{where}: a list was to come, not {found!r}")
        _learn_list(template, found, known, where)
    elif template != found or isinstance(template, bool) != isinstance(found, bool):
        raise Differs(f"{where}: {template!r} was to come, not {found!r}")


def _learn_text(template: str, found: Any, known: dict[str, Any], where: str) -> None:
    whole = _NAME.fullmatch(template)
    if whole:
        known[whole[1]] = found
        return
    pattern = "".join(
        f"(?P<{part[1:-1].replace(' ', '_')}>.+)" if _NAME.fullmatch(part) else re.escape(part)
        for part in re.split(r"(<[a-z ]+>)", template)
    )
    match = re.fullmatch(pattern, found) if isinstance(found, str) else None
    if match is None:
        raise Differs(f"{where}: {template!r} was to come, not {found!r}")
    for name, value in match.groupdict().items():
        named = name.replace("_", " ")
        if known.setdefault(named, value) != value:
            raise Differs(f"{where}: <{named}> is {known[named]!r}, not {value!r}")


def _learn_object(template: Mapping[str, Any], found: Any, known: dict[str, Any], where: str) -> None:
    if not isinstance(found, dict):
        raise Differs(f"{where}: an object was to come, not {found!r}")
    wanted = template.keys() - {ANY}
    if wanted - found.keys() or (ANY not in template and found.keys() - wanted):
        raise Differs(f"{where}: {sorted(wanted)} were to come, not {sorted(found)}")
    for key in template:
        if key != ANY:
            learn(template[key], found[key], known, f"{where}.{key}")


def _learn_list(template: Sequence[Any], found: Sequence[Any], known: dict[str, Any], where: str) -> None:
    if not template:
        if found:
            raise Differs(f"{where}: nothing more was to come, not {found!r}")
        return
    if template[0] == ANY:
        why: list[str] = []
        for skipped in range(len(found) + 1):
            attempt = dict(known)
            try:
                _learn_list(template[1:], found[skipped:], attempt, where)
            except Differs as differs:
                why.append(str(differs))
            else:
                known.update(attempt)
                return
        raise Differs(f"{where}: no part of it fits: " + "; ".join(why))
    if not found:
        raise Differs(f"{where}: {template[0]!r} was to come, but nothing more came")
    learn(template[0], found[0], known, f"{where}[]")
    _learn_list(template[1:], found[1:], known, where)


def lines(text: str) -> list[Any]:
    """Lines of JSON; one that is `…` alone stands for any lines."""
    return [ANY if line == ANY else json.loads(line) for line in text.splitlines()]
