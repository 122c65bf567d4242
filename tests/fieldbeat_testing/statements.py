"""Every named statement of the project, as its file has it and as it is sent."""

import ast
import dataclasses
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from fieldbeat.exchange.registry import KEPT
from fieldbeat.kit.sql import column_of, load
from fieldbeat_sync.schema import Policy

ROOT = Path(__file__).parents[2]
_ASIDE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*")
_TOKEN = re.compile(r"[a-z_]+|[()]")


@dataclass(frozen=True)
class Statement:
    """One statement; `text` keeps its comments and templates."""

    path: Path
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.parent.name}.{self.name}"

    @cached_property
    def bare(self) -> str:
        """Without comments and quoted text."""
        return _ASIDE.sub("", self.text)

    @property
    def is_used(self) -> bool:
        """Whether a module beside it names it."""
        return any(f'"{self.name}"' in place.read_text(encoding="utf-8") for place in self.path.parent.glob("*.py"))

    def sent(self) -> Iterator[str]:
        """As PostgreSQL gets it: once, or for every collection that its template stands for."""
        if "{table}" not in self.text:
            yield self.text
            return
        for kept in KEPT.values():
            named = self.text.replace("{table}", kept.table)
            unique = [column_of(each.name) for each in kept.schema.fields if each.policy is Policy.UNIQUE]
            yield from (named.replace("{column}", name) for name in unique) if "{column}" in named else (named,)

    def faults(self) -> Iterator[str]:
        """What the house does not write."""
        comments = [line for line in self.text.splitlines() if line.lstrip().startswith("--")]
        if not self.text.startswith("\n".join(comments)):
            yield "a comment stands inside; it belongs below the name"
        if self.bare != self.bare.lower():
            yield "is not in lower case"
        if re.search(r"\bselect\s+\*|\.\*", self.bare):
            yield "selects *"
        if ";" in self.bare:
            yield "is more than one statement"
        if _has_limit_without_order(self.bare):
            yield "has a limit and no order"


def statements() -> list[Statement]:
    """All of them, by file and name."""
    paths = sorted(path for root in ("server", "graphql") for path in (ROOT / root).rglob("*.sql"))
    return [
        Statement(path, name, text)
        for path in paths
        for name, text in load(str(path), filename=path.name).items()
    ]  # fmt: skip


def unknown_names() -> list[str]:
    """Statements that a module sends by a name which the file that it loads does not have: `module: name`."""
    roots = [ROOT / root for root in ("server", "graphql")]
    return [each for root in roots for path in sorted(root.rglob("*.py")) for each in unknown_in(path)]


def unknown_in(path: Path) -> list[str]:
    """Those of one module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = {
        target.id: load(str(path), **_filename(node.value))
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _is_load(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    asked = [
        (node.value.id, str(node.slice.value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant)
    ]
    return [f"{path.stem}: {name}" for holder, name in asked if holder in known and name not in known[holder]]


def _is_load(call: ast.Call) -> bool:
    return ast.unparse(call.func) in {"load", "sql.load"} and [ast.unparse(each) for each in call.args] == ["__file__"]


def _filename(call: ast.Call) -> dict[str, str]:
    return {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}


def _has_limit_without_order(bare: str) -> bool:
    """Whether, at some depth of parentheses, `limit` comes without `order by` in front of it."""
    ordered = [False]
    previous = ""
    for token in _TOKEN.findall(bare):
        if token == "(":
            ordered.append(False)
        elif token == ")":
            ordered.pop()
        elif (previous, token) == ("order", "by"):
            ordered[-1] = True
        elif token == "limit" and not ordered[-1]:
            return True
        previous = token
    return False


class Reader(NamedTuple):
    """A statement whose rows become instances of a class that takes all columns but `besides`, or one value."""

    statement: Statement
    type: Any
    besides: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Whether it takes one value, of a type of PostgreSQL's."""
        return isinstance(self.type, str)

    def takes(self, given: Mapping[str, str]) -> bool:
        """Whether these columns (name to type) are those that it takes; a field with a default may go without."""
        if self.is_plain:
            return list(given.values()) == [{"bigint": "int8", "integer": "int4"}.get(self.type, self.type)]
        fields = dataclasses.fields(self.type) if dataclasses.is_dataclass(self.type) else ()
        known = {each.name for each in fields} or set(getattr(self.type, "_fields", ()))
        needed = known - {each.name for each in fields if each.default is not dataclasses.MISSING}
        return needed | self.besides <= given.keys() <= known | self.besides

    def __str__(self) -> str:
        return f"{self.statement} read as {getattr(self.type, '__name__', self.type)}"


def unpacked() -> Iterator[Reader]:
    """What stores unpack whole: `Type(**dict(row))`, in the function that asks or in one that it calls."""
    by_place = {(each.path, each.name): each for each in statements()}
    for path in sorted((ROOT / "server" / "fieldbeat").rglob("store.py")):
        module = _module(path)
        functions = {
            node.name: node
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for function in functions.values():
            for type_ in _types_unpacked(function):
                asking = [each for each in functions.values() if each is function or function.name in _called(each)]
                for name in sorted({name for each in asking for name in _asked(each)}):
                    yield Reader(by_place[path.with_name("queries.sql"), name], getattr(module, type_))


def announced() -> Iterator[Reader]:
    """What statements announce: `-- row: Type`, `-- row: Type with column, column` or `-- row: bigint`."""
    for statement in statements():
        found = re.search(r"^-- row: (\w+)(?: with (.*))?$", statement.text, re.MULTILINE)
        if found:
            type_, besides = found[1], frozenset((found[2] or "").replace(" and ", ", ").split(", ")) - {""}
            yield Reader(statement, _resolved(statement.path, type_) if type_[0].isupper() else type_, besides)


def _module(path: Path) -> ModuleType:
    return importlib.import_module(".".join(path.relative_to(ROOT / "server").with_suffix("").parts))


def _resolved(path: Path, name: str) -> Any:
    """The class of that name nearest to the file: in what loads it, else in a neighbour; None when there is none."""
    loaders = "load(__file__)" if path.name == "queries.sql" else f'filename="{path.name}"'
    sources = {place: place.read_text(encoding="utf-8") for place in sorted(path.parent.glob("*.py"))}
    nearest = sorted(sources, key=lambda place: (loaders not in sources[place], place.name != "model.py"))
    found = (place for place in nearest if re.search(rf"^class {name}\b", sources[place], re.MULTILINE))
    place = next(found, None)
    return getattr(_module(place), name) if place else None


def _types_unpacked(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            spread = [keyword.value for keyword in node.keywords if keyword.arg is None]
            if any(_is_dict_of_row(inner) for value in spread for inner in ast.walk(value)):
                yield node.func.id


def _is_dict_of_row(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node) == "dict(row)"


def _called(function: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def _asked(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Subscript)
            and ast.unparse(node.value) == "SQL"
            and isinstance(node.slice, ast.Constant)
        ):
            yield str(node.slice.value)
