"""The recipe in docs/codegen fits schema and documents, as far as that is known without npm (`make codegen-check`)."""

import json
import re
from collections import defaultdict
from pathlib import Path

import graphql

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "docs" / "codegen"
DOCUMENTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "graphql/operations").glob("*.graphql")}
SCHEMA = graphql.build_schema((ROOT / "graphql" / "schema.graphql").read_text(encoding="utf-8"))


def test_every_document_is_valid_and_speaks_no_deprecated_word() -> None:
    for name, text in DOCUMENTS.items():
        document = graphql.parse(text)
        assert graphql.validate(SCHEMA, document) == [], name
        assert graphql.validate(SCHEMA, document, [graphql.NoDeprecatedCustomRule]) == [], name


def test_a_document_asks_for_one_field_and_is_named_after_its_file() -> None:
    for name, text in DOCUMENTS.items():
        [operation] = [node for node in graphql.parse(text).definitions if node.kind == "operation_definition"]
        assert isinstance(operation, graphql.OperationDefinitionNode)
        assert operation.name is not None
        assert re.sub(r"(?<!^)([A-Z])", r"_\1", operation.name.value).lower() == name
        assert len(operation.selection_set.selections) == 1, name


def test_fragments_of_one_name_are_one_fragment() -> None:
    said = defaultdict(set)
    for text in DOCUMENTS.values():
        for node in graphql.parse(text).definitions:
            if isinstance(node, graphql.FragmentDefinitionNode):
                said[node.name.value].add(graphql.print_ast(node))
    assert {name: len(texts) for name, texts in said.items() if len(texts) > 1} == {}


def test_the_recipe_names_every_scalar() -> None:
    own = {
        kind.name
        for kind in SCHEMA.type_map.values()
        if graphql.is_scalar_type(kind) and not graphql.is_specified_scalar_type(kind)
    }
    config = (RECIPE / "codegen.ts").read_text(encoding="utf-8")
    block = re.search(r"scalars: \{(.*?)\}", config, re.DOTALL)
    assert block is not None
    assert "strictScalars: true" in config
    assert set(re.findall(r"(\w+):", block[1])) == own


def test_versions_are_pinned_and_no_registry_is_named() -> None:
    package = json.loads((RECIPE / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((RECIPE / "package-lock.json").read_text(encoding="utf-8"))
    pins = {**package["devDependencies"], **package["overrides"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pins.values())
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in pins} == pins
    assert [path for path, entry in lock["packages"].items() if "resolved" in entry] == []
    assert all(entry.get("integrity") for path, entry in lock["packages"].items() if path and not entry.get("inBundle"))
