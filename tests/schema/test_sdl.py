"""The committed SDL and the documents that the apps send."""

from functools import cache
from pathlib import Path

import graphql
import pytest

from fieldbeat_graphql.limits import check_document
from fieldbeat_graphql.schema import schema

FOLDER = Path(__file__).parents[2] / "graphql"
OPERATIONS = sorted((FOLDER / "operations").glob("*.graphql"))


@cache
def built() -> graphql.GraphQLSchema:
    """The schema as a client builds it from its SDL."""
    return graphql.build_schema(schema.as_str())


def test_the_committed_sdl_is_the_schema() -> None:
    command = "python -m fieldbeat_graphql > graphql/schema.graphql"
    assert (FOLDER / "schema.graphql").read_text() == schema.as_str() + "\n", f"the SDL has drifted: run {command}"


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_an_operation_of_the_apps_is_valid_and_within_the_limits(path: Path) -> None:
    document = graphql.parse(path.read_text())
    assert graphql.validate(built(), document) == []
    check_document(document)


def test_whatever_may_be_asked_stands_in_a_document() -> None:
    """Types are generated from documents. What an app asks of any record (`node`) is its own choice."""
    asked = {
        field.name.value
        for path in OPERATIONS
        for node in graphql.parse(path.read_text()).definitions
        if isinstance(node, graphql.OperationDefinitionNode)
        for field in node.selection_set.selections
        if isinstance(field, graphql.FieldNode)
    }
    roots = [built().query_type, built().mutation_type, built().subscription_type]
    assert {name for root in roots if root for name in root.fields} - asked == {"node"}


def test_every_own_scalar_is_specified() -> None:
    for kind in built().type_map.values():
        if graphql.is_scalar_type(kind) and not graphql.is_specified_scalar_type(kind):
            assert kind.specified_by_url, kind.name


def test_a_mutation_takes_one_input_named_after_it() -> None:
    mutation = built().mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        assert list(field.args) in ([], ["input"]), name
        for argument in field.args.values():
            assert str(argument.type) == f"{name[0].upper()}{name[1:]}Input!"


def test_a_member_of_a_result_is_a_payload_or_a_refusal() -> None:
    for kind in built().type_map.values():
        if not (graphql.is_union_type(kind) and kind.name.endswith("Result")):
            continue
        for member in kind.types[1:]:
            assert {"code", "message", "fields"} <= member.fields.keys(), f"{kind.name}: {member.name}"


def test_enum_values_are_upper_snake() -> None:
    for kind in built().type_map.values():
        if graphql.is_enum_type(kind) and not kind.name.startswith("__"):
            assert all(name == name.upper() for name in kind.values), kind.name
