"""What one operation may ask for. Every check is linear in the document's size and comes before validation, whose own
cost is not: a document of 2,000 tokens can make it compare a million pairs of fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)

from fieldbeat.kit.refusal import Invalid, Refusal

SOURCE_CHARACTERS_MAX = 32_768
TOKENS_MAX = 2_000
COMMENTS_MAX = 500
DEPTH_MAX = 16  # the introspection query of the common tools has 15
FIELDS_MAX = 500  # after fragments are spread out
ALIASES_MAX = 30
DIRECTIVES_MAX = 30
FRAGMENTS_MAX = 50
PAGE_MAX = 100


class LimitExceeded(Refusal):
    """The operation asks for more than one request may."""

    code = "LIMIT_EXCEEDED"


@dataclass(frozen=True)
class Cost:
    """What a selection asks for once its fragments are spread out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def beside(self, other: "Cost") -> "Cost":
        """Of two neighbours."""
        return Cost(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
        )


def parse_document(text: str) -> DocumentNode:
    """The document. Refuses (`LimitExceeded`) one that is too long or too nested; a syntax error is GraphQL's own."""
    if len(text) > SOURCE_CHARACTERS_MAX:
        raise LimitExceeded(f"The document has more than {SOURCE_CHARACTERS_MAX} characters.")
    try:
        return parse(text, max_lexical_tokens=TOKENS_MAX, max_comments=COMMENTS_MAX)
    except GraphQLSyntaxError as error:
        if error.message.endswith("Parsing aborted."):  # how the parser ends every limit of its own
            raise LimitExceeded(f"The document is too long or too nested: at most {TOKENS_MAX} tokens.") from error
        raise


def check_document(document: DocumentNode) -> None:
    """Refuses (`LimitExceeded`) a document of which any operation asks for too much."""
    fragments = fragments_of(document)
    _check("fragments", len(fragments), FRAGMENTS_MAX)
    measure = _Measure(fragments)
    for operation in operations_of(document):
        cost = measure.of_set(operation.selection_set)
        _check("levels", cost.depth, DEPTH_MAX)
        _check("fields", cost.fields, FIELDS_MAX)
        _check("aliases", cost.aliases, ALIASES_MAX)
        _check("directives", cost.directives + len(operation.directives or ()), DIRECTIVES_MAX)


def check_storable(text: str, variables: Mapping[str, Any] | None) -> None:
    """Refuses (`Invalid`) NUL characters, which PostgreSQL cannot hold."""
    if "\0" in text or "\\u0000" in text or "\\u{0" in text:
        raise Invalid("The document holds a character that cannot be stored (NUL).")
    # An escaped backslash may look like one: only a hit is worth the walk.
    if variables and b"\\u0000" in orjson.dumps(variables) and _holds_nul(variables):
        raise Invalid("The variables hold a character that cannot be stored (NUL).")


def operations_of(document: DocumentNode) -> list[OperationDefinitionNode]:
    """The operations that a document defines."""
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments that a document defines, by name."""
    return {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}


def root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> frozenset[str]:
    """The names of the root fields that an operation asks for, through fragments, whatever @skip says."""
    fragments, seen, found = fragments_of(document), set[str](), set[str]()
    waiting: list[SelectionNode] = list(operation.selection_set.selections)
    while waiting:
        match waiting.pop():
            case FieldNode(name=name):
                found.add(name.value)
            case InlineFragmentNode(selection_set=inner):
                waiting.extend(inner.selections)
            case FragmentSpreadNode(name=name) if name.value in fragments and name.value not in seen:
                seen.add(name.value)
                waiting.extend(fragments[name.value].selection_set.selections)
    return frozenset(found)


class _Measure:
    """Costs of selections; each fragment is measured once, however often it is spread."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Cost] = {}

    def of_set(self, selections: SelectionSetNode | None) -> Cost:
        return reduce(Cost.beside, map(self._of, selections.selections if selections else ()), Cost())

    def _of(self, node: SelectionNode) -> Cost:
        own = Cost(directives=len(node.directives or ()))
        match node:
            case FieldNode(selection_set=inner, alias=alias):
                below = self.of_set(inner)
                field = Cost(below.depth + 1, 1, int(alias is not None), 0)
                return own.beside(field).beside(below)
            case InlineFragmentNode(selection_set=inner):
                return own.beside(self.of_set(inner))
            case FragmentSpreadNode(name=name):
                return own.beside(self._of_fragment(name.value))
            case _:
                return own

    def _of_fragment(self, name: str) -> Cost:
        if name not in self._known:
            self._known[name] = Cost()  # a circle costs nothing here: validation refuses it
            fragment = self._fragments.get(name)
            self._known[name] = self.of_set(fragment.selection_set) if fragment else Cost()
        return self._known[name]


def _check(what: str, asked: int, most: int) -> None:
    if asked > most:
        raise LimitExceeded(f"The document asks for too many {what}: at most {most} are answered.")


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case Mapping():
            return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False
