"""From a mapping and its files to a plan: pure but for the files, so that all that can be wrong with them shows before
anything is written."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from fieldbeat.importing.files import Folder, Line, Table
from fieldbeat.importing.histories import read_histories
from fieldbeat.importing.mapping import ImportMapping, Ownership, Shape, Source, is_set, read_mapping
from fieldbeat.importing.model import BrokenFile, Fault, Plan, Planned, Ref, RowFault
from fieldbeat.importing.places import CITY_ACCURACY_M, City, Spot, locate
from fieldbeat.importing.template import NoReplacement, Row, Template
from fieldbeat.parts.actions import COST_MAX
from fieldbeat_sync.mutation import Rejected
from fieldbeat_sync.patch import parse
from fieldbeat_sync.schema import Collection, Op
from fieldbeat_sync.values import Members, Number

NOBODY = str(UUID(int=0))  # stands for a reference while its row is checked


@dataclass
class Draft:
    """A plan in the making."""

    files: Folder
    faults: list[Fault] = field(default_factory=list)
    rows: list[Planned] = field(default_factory=list)


def make_plan(folder: Path, mapping: Path) -> Plan:
    """The plan of an import. Refuses `MappingInvalid`; `BrokenFile` names the file and the line."""
    said, files = read_mapping(mapping, folder)
    draft = Draft(files)
    tables = [files.table(source.file) for source in said.sources]
    for source, table in zip(said.sources, tables, strict=True):
        table.needs(source.columns)
    holders: dict[str, str] = {}
    for source, table in zip(said.sources, tables, strict=True):
        rows = list(_rows(draft, source, table, holders))
        if source.collection.name == "user":
            rows = _managers_first(draft, rows)
        draft.rows += _placed(draft, said, source, table, rows) if source.place else rows
    if said.history:
        tickets, faults = read_histories(said.history, files.table(said.history.file))
        draft.rows += tickets
        draft.faults += faults
    return Plan(said.source, _content_hash(files), tuple(draft.rows), tuple(draft.faults))


def _rows(draft: Draft, source: Source, table: Table, holders: dict[str, str]) -> Iterator[Planned]:
    owners = _owners(draft.files, source.owner)
    labels = _labels(draft.files, source)
    first: dict[str, int] = {}
    for line in table.lines:
        key = _filled(table, line, "key", source.key)
        if not key:
            raise BrokenFile(table.name, line.number, "the key is empty")
        if key in first:
            draft.faults.append(Fault(table.name, line.number, "key", f"{key!r} stands in line {first[key]} already"))
            continue
        first[key] = line.number
        try:
            yield _row(source, table, line, key, labels=labels.get(key), owner=owners.get(key), holders=holders)
        except RowFault as fault:
            draft.faults.append(Fault(table.name, line.number, *fault.args))


def _row(
    source: Source, table: Table, line: Line, key: str, *, labels: list[str] | None, owner: str | None,
    holders: dict[str, str],
) -> Planned:  # fmt: skip
    collection = source.collection
    fields = {name: _value(collection, name, shape, line.values) for name, shape in source.fields.items()}
    fields = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    refs = {wire: Ref(to, link.fill(line.values)) for wire, (to, link) in source.links.items()}
    refs = {wire: ref for wire, ref in refs.items() if ref.key}
    holder = Ref("user", source.holder.fill(line.values)) if source.holder else None
    if collection.name == "territory":
        fields["labels"] = labels or []
        if holder:
            holders.setdefault(holder.key, key)
    if collection.name == "account":
        fields.setdefault("status", "ACTIVE")
        refs = _account_refs(source, line.values, owner, refs, holders)
    _check(table, line, collection, fields, refs)
    holder = holder if holder and holder.key else None
    cost = _cost(source, line.values)
    return Planned(collection.name, key, table.name, line.number, fields, refs, holder, source.from_on, cost)


def _cost(source: Source, row: Row) -> float | None:
    text = source.cost.fill(row) if source.cost else ""
    cost = _number("cost", text) if text else None
    if cost is not None and not 0 <= cost <= COST_MAX:
        raise RowFault("cost", f"cost: {text} is not from 0 to {COST_MAX:,}")
    return cost


def _account_refs(
    source: Source, row: Row, counted: str | None, refs: dict[str, Ref], holders: Mapping[str, str]
) -> dict[str, Ref]:
    """Who owns an account, and its territory: the one said, else the one that its owner holds by this import."""
    rule = source.owner
    owner = None
    if rule:
        owner = (counted if rule.file else rule.user.fill(row)) or rule.otherwise
    if owner:
        refs = {**refs, "ownerId": Ref("user", owner)}
    if owner and owner in holders and "territoryId" not in refs:
        refs = {**refs, "territoryId": Ref("territory", holders[owner])}
    return refs


def _check(
    table: Table, line: Line, collection: Collection, fields: Mapping[str, Any], refs: Mapping[str, Ref]
) -> None:
    """A required value that is missing breaks the file; anything else wrong is this row's fault."""
    for each in collection.fields:
        if each.required and each.name not in fields and each.name not in refs:
            raise BrokenFile(table.name, line.number, f"{each.name} ({collection.name}) is required, and is empty")
    whole = {**fields, **dict.fromkeys(refs, NOBODY)}
    wrong = parse(collection, Op.CREATE, whole, server=True)
    if isinstance(wrong, Rejected):
        raise RowFault(", ".join(wrong.fields), wrong.message)


def _value(collection: Collection, name: str, shape: Shape, row: Row) -> Any:
    """The wire value of one field; empty counts as absent."""
    try:
        if isinstance(shape, Template):
            text = shape.fill(row)
            return [text] if is_set(collection, name) and text else text
        if isinstance(shape, tuple):
            return sorted({text for text in (template.fill(row) for template in shape) if text})
        filled = {part: template.fill(row) for part, template in shape.items()}
    except NoReplacement as missing:
        raise RowFault(name, f"{name} cannot be told: {missing}") from missing
    kind = collection.by_name[name].value
    members = kind.members if isinstance(kind, Members) else {}
    return {part: _number(name, text) if isinstance(members.get(part), Number) else text
            for part, text in filled.items() if text}  # fmt: skip


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RowFault(name, f"{name}: {text!r} is not a number") from None


def _filled(table: Table, line: Line, name: str, template: Template) -> str:
    try:
        return template.fill(line.values)
    except NoReplacement as missing:
        raise BrokenFile(table.name, line.number, f"the {name} cannot be told: {missing}") from missing


def _placed(
    draft: Draft, said: ImportMapping, source: Source, table: Table, rows: Sequence[Planned]
) -> Iterator[Planned]:
    """The rows with their cities' coordinates; one of a city that is not known is remarked, and has no location."""
    values = {line.number: line.values for line in table.lines}
    cities = {row.line: _city(source.place or {}, values[row.line]) for row in rows if "location" not in row.fields}
    spots = locate(cities.values(), _own_places(draft.files, said.places))
    for row in rows:
        city = cities.get(row.line)
        if city is None or not city.city:
            yield row
        elif city in spots:
            latitude, longitude = spots[city]
            location = {"latitude": latitude, "longitude": longitude, "accuracyM": CITY_ACCURACY_M}
            yield replace(row, fields={**row.fields, "location": location})
        else:
            why = f"no coordinates are known for {city.city}, {city.country}"
            draft.faults.append(Fault(table.name, row.line, "location", why, remark=True))
            yield row


def _city(place: Mapping[str, Template], row: Row) -> City:
    """The city of a row; none where its name cannot be told."""
    try:
        return City(*(place[part].fill(row) if part in place else "" for part in City._fields))
    except NoReplacement:
        return City("", "", "")


def _own_places(files: Folder, name: str | None) -> dict[City, Spot]:
    """The mapping's own file of places."""
    own: dict[City, Spot] = {}
    if name is None:
        return own
    table = files.table(name)
    table.needs(("city", "region", "country", "latitude", "longitude"))
    for number, row in table.lines:
        try:
            spot = Spot(float(row["latitude"]), float(row["longitude"]))
        except ValueError as bad:
            raise BrokenFile(name, number, "latitude and longitude must be numbers") from bad
        own[City(row["city"], row["region"], row["country"])] = spot
    return own


def _labels(files: Folder, source: Source) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    if source.labels:
        table = files.table(source.labels.file)
        table.needs(source.labels.of.columns + source.labels.value.columns)
        for line in table.lines:
            found[source.labels.of.fill(line.values)].append(_filled(table, line, "label", source.labels.value))
    return found


def _owners(files: Folder, rule: Ownership | None) -> dict[str, str]:
    """Of each account the user whom most rows name; a tie goes to the latest row, by date, then id."""
    if rule is None or rule.file is None or not (rule.account and rule.on and rule.id):
        return {}
    table = files.table(rule.file)
    table.needs(rule.account.columns + rule.user.columns + rule.on.columns + rule.id.columns)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    latest: dict[tuple[str, str], tuple[str, tuple[int, str]]] = {}
    for line in table.lines:
        account, user = rule.account.fill(line.values), rule.user.fill(line.values)
        if account and user:
            counts[account][user] += 1
            when = (rule.on.fill(line.values), _natural(rule.id.fill(line.values)))
            latest[account, user] = max(when, latest.get((account, user), when))
    return {
        account: max(users, key=lambda user: (users[user], latest[account, user])) for account, users in counts.items()
    }


def _natural(id: str) -> tuple[int, str]:
    """Orders 9 before 10, and text by itself."""
    return (int(id), "") if id.isascii() and id.isdigit() else (-1, id)


def _managers_first(draft: Draft, rows: Iterable[Planned]) -> list[Planned]:
    """People so that nobody stands before his manager; who reports to himself through others is a fault."""
    left = {row.key: row for row in rows}
    done: dict[str, Planned] = {}
    while left:
        ready = [row for row in left.values() if "managerId" not in row.refs or row.refs["managerId"].key not in left]
        if not ready:
            circle = "reports to himself in a circle"
            draft.faults += [Fault(row.file, row.line, "managerId", circle) for row in left.values()]
            break
        for row in ready:
            done[row.key] = left.pop(row.key)
    return list(done.values())


def _content_hash(files: Folder) -> bytes:
    whole = hashlib.sha256()
    for name in sorted(files.seen):
        whole.update(f"{name}\0{len(files.seen[name])}\0".encode())
        whole.update(files.seen[name])
    return whole.digest()
