"""Reading a mapping: a TOML file that says where each field of a record comes from (docs/importing.md)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from fieldbeat.importing.files import Folder
from fieldbeat.importing.model import MappingInvalid
from fieldbeat.importing.places import City
from fieldbeat.importing.template import BUILT_IN, Filter, Replacements, Template, parse_template
from fieldbeat_sync import versions
from fieldbeat_sync.catalogue.assets import asset, part
from fieldbeat_sync.catalogue.customers import account, contact
from fieldbeat_sync.catalogue.people import territory, user
from fieldbeat_sync.schema import Collection, Policy

FORMAT = 1
FILE_NAME = "mapping.toml"
ORDER = (user, territory, account, contact, part, asset)

Shape: TypeAlias = Template | tuple[Template, ...] | Mapping[str, Template]


@dataclass(frozen=True)
class Gathered:
    """Values from another file: of each row `of` names the row here, `value` is what it adds."""

    file: str
    of: Template
    value: Template


@dataclass(frozen=True)
class Ownership:
    """Who owns an account: `user`, or, with a `file`, the user named by most of its rows about the account.

    A tie goes to the user with the latest row, by `on`, then `id`. `otherwise`: the key of who owns what nobody does.
    """

    user: Template
    file: str | None = None
    account: Template | None = None
    on: Template | None = None
    id: Template | None = None
    otherwise: str | None = None


@dataclass(frozen=True)
class Source:
    """Where the records of one collection come from. `place` names a city whose coordinates become the location.

    `from_on`: since when a territory's holder covers it, or what a part costs holds.
    """

    collection: Collection
    file: str
    key: Template
    fields: Mapping[str, Shape]
    links: Mapping[str, tuple[str, Template]] = field(default_factory=dict)
    labels: Gathered | None = None
    holder: Template | None = None
    from_on: date | None = None
    place: Mapping[str, Template] | None = None
    owner: Ownership | None = None
    cost: Template | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of its file that it reads."""
        shapes: list[Shape] = [self.key, *self.fields.values(), *(link for _, link in self.links.values())]
        shapes += [self.place or {}, *(each for each in (self.holder, self.cost) if each)]
        shapes += [self.owner.user] if self.owner and not self.owner.file else []
        return tuple(column for shape in shapes for template in _templates(shape) for column in template.columns)


@dataclass(frozen=True)
class HistorySource:
    """Where the past of tickets comes from: each row is one change of the ticket that `key` names.

    `account_known`: among what its account is looked for. `time_zone` is that of times without an offset. `parts`: what
    a row may say, by its name in the mapping.
    """

    file: str
    key: Template
    account: Template
    at: Template
    account_known: str
    time_zone: ZoneInfo | None
    parts: Mapping[str, Template]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it reads."""
        templates = (self.key, self.account, self.at, *self.parts.values())
        return tuple(column for template in templates for column in template.columns)


@dataclass(frozen=True)
class ImportMapping:
    """A whole mapping. `places` is a file of cities with coordinates, which go before those of GeoNames."""

    source: str
    sources: tuple[Source, ...]
    places: str | None = None
    history: HistorySource | None = None


CODES = "account code"  # accounts of an earlier import, or those that were there before, by their code
HISTORY = "ticketHistory"
HISTORY_NEEDS = ("file", "key", "account", "at")
HISTORY_FIELDS = ("status", "priority", "kind", "subject", "description", "cause", "solution")
HISTORY_PARTS = (*HISTORY_FIELDS, "number", "assignee", "labourMinutes", "message", "speaker", "contact", "author")
LINKS = {
    "user": {"manager": ("managerId", "user")},
    "account": {"territory": ("territoryId", "territory")},
    "contact": {"account": ("accountId", "account")},
    "asset": {"account": ("accountId", CODES)},
}


def read_mapping(path: Path, folder: Path) -> tuple[ImportMapping, Folder]:
    """The mapping at `path` and the files in `folder` that it is about. Refuses `MappingInvalid`, `BrokenFile`."""
    try:
        text = path.read_bytes()
        said = tomllib.loads(text.decode())
    except OSError as error:
        raise MappingInvalid(f"{path}: the mapping cannot be read ({error.strerror or error}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as bad:
        raise MappingInvalid(f"{path.name}: {bad}.") from bad
    files = _folder(said, folder)
    files.seen[FILE_NAME] = text
    try:
        return _mapping(said, files), files
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as bad:
        why = f"{bad.args[0]!r} is missing" if isinstance(bad, KeyError) else str(bad)
        raise MappingInvalid(f"{path.name}: {why}.") from bad


def _folder(said: Mapping[str, Any], path: Path) -> Folder:
    csv = said.get("csv", {})
    return Folder(path, encoding=str(csv.get("encoding", "utf-8")), delimiter=str(csv.get("delimiter", ",")))


def _mapping(said: dict[str, Any], files: Folder) -> ImportMapping:
    if said.get("format") != FORMAT:
        raise ValueError(f"format must be {FORMAT}")
    names = [collection.name for collection in ORDER]
    _check_known("the mapping", said, {"format", "source", "csv", "places", "values", "lookup", HISTORY, *names})
    filters = _filters(said, files)
    sources = tuple(_source(each, _current(each, said[each.name]), filters) for each in ORDER if each.name in said)
    known = "account" if "account" in said else CODES
    history = _history(said[HISTORY], filters, known=known) if HISTORY in said else None
    if not sources and history is None:
        raise ValueError(f"it maps none of {', '.join(names)}, {HISTORY}")
    return ImportMapping(_text(said, "source"), sources, said.get("places"), history)


def _current(collection: Collection, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a collection; a mapping of an older version may go on with the names of its time."""
    return {versions.current_name(collection.name, name): shape for name, shape in said.items()}


def _filters(said: Mapping[str, Any], files: Folder) -> dict[str, Filter]:
    filters: dict[str, Filter] = dict(BUILT_IN)
    for name, entries in said.get("values", {}).items():
        filters[name] = Replacements(name, {str(key): str(value) for key, value in entries.items()})
    for name, lookup in said.get("lookup", {}).items():
        _check_known(f"[lookup.{name}]", lookup, {"file", "key", "value"})
        key, value = (parse_template(_text(lookup, part), filters) for part in ("key", "value"))
        table = files.table(_text(lookup, "file"))
        table.needs(key.columns + value.columns)
        entries = {key.fill(line.values): value.fill(line.values) for line in table.lines}
        filters[name] = Replacements(name, entries)
    return filters


def _source(collection: Collection, said: dict[str, Any], filters: Mapping[str, Filter]) -> Source:
    links = LINKS.get(collection.name, {})
    special = {"territory": {"holder", "from", "labels"}, "account": {"place", "owner"}, "part": {"cost", "from"}}
    known = {"file", "key", *links, *special.get(collection.name, ()), *_plain_fields(collection)}
    _check_known(f"[{collection.name}]", said, known)
    if "cost" in said and "from" not in said:
        raise ValueError("[part] with a cost needs from")
    named = [name for name in _plain_fields(collection) if name in said and name != "labels"]
    return Source(
        collection,
        file=_text(said, "file"),
        key=parse_template(_text(said, "key"), filters),
        fields={name: _shape(said[name], filters) for name in named},
        links={wire: (to, parse_template(said[name], filters)) for name, (wire, to) in links.items() if name in said},
        labels=_gathered(said["labels"], filters) if "labels" in said else None,
        holder=parse_template(said["holder"], filters) if "holder" in said else None,
        from_on=_date(said["from"]) if "from" in said else None,
        place=_place(said["place"], filters) if "place" in said else None,
        owner=_ownership(said["owner"], filters) if "owner" in said else None,
        cost=parse_template(said["cost"], filters) if "cost" in said else None,
    )


def _history(said: Mapping[str, Any], filters: Mapping[str, Filter], *, known: str) -> HistorySource:
    _check_known(f"[{HISTORY}]", said, {*HISTORY_NEEDS, "timeZone", *HISTORY_PARTS})
    file, *texts = (_text(said, name) for name in HISTORY_NEEDS)
    key, account, at = (parse_template(text, filters) for text in texts)
    zone = said.get("timeZone")
    return HistorySource(
        file, key, account, at, known,
        time_zone=ZoneInfo(zone) if zone else None,
        parts={name: parse_template(_text(said, name), filters) for name in HISTORY_PARTS if name in said},
    )  # fmt: skip


def _place(said: Mapping[str, Any], filters: Mapping[str, Filter]) -> dict[str, Template]:
    _check_known("place", said, set(City._fields))
    return {name: parse_template(text, filters) for name, text in said.items()}


def _date(said: Any) -> date:
    if type(said) is not date:
        raise ValueError("from must be a date")
    return said


def _plain_fields(collection: Collection) -> list[str]:
    """The fields that a column may fill; references are filled by links."""
    return [one.name for one in collection.fields if not one.name.endswith("Id")]


def _shape(said: Any, filters: Mapping[str, Filter]) -> Shape:
    if isinstance(said, str):
        return parse_template(said, filters)
    if isinstance(said, list):
        return tuple(parse_template(text, filters) for text in said)
    return {name: parse_template(text, filters) for name, text in said.items()}


def _gathered(said: Mapping[str, Any], filters: Mapping[str, Filter]) -> Gathered:
    _check_known("labels", said, {"file", "of", "value"})
    return Gathered(_text(said, "file"), *(parse_template(_text(said, part), filters) for part in ("of", "value")))


def _ownership(said: Any, filters: Mapping[str, Filter]) -> Ownership:
    if isinstance(said, str):
        return Ownership(parse_template(said, filters))
    _check_known("[account.owner]", said, {"file", "account", "user", "on", "id", "otherwise"})
    parts = {name: parse_template(said[name], filters) for name in ("account", "user", "on", "id") if name in said}
    if "file" in said and len(parts) != 4:
        raise ValueError("[account.owner] with a file needs account, user, on and id")
    return Ownership(**parts, file=said.get("file"), otherwise=said.get("otherwise"))


def _templates(shape: Shape) -> tuple[Template, ...]:
    if isinstance(shape, Template):
        return (shape,)
    return tuple(shape.values()) if isinstance(shape, Mapping) else shape


def _check_known(where: str, said: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(said) - known)
    if unknown:
        raise ValueError(f"{where} has no {unknown[0]!r} (it may have {', '.join(sorted(known))})")


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be text")
    return value


def is_set(collection: Collection, name: str) -> bool:
    """Whether a field holds a set of values."""
    return collection.by_name[name].policy is Policy.SET
