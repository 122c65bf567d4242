"""The three source roots are no packages: `graphql/__init__.py` would hide graphql-core from everything run here."""

from pathlib import Path

import graphql
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("root", ["server", "graphql", "sync"])
def test_a_source_root_is_not_a_package(root: str) -> None:
    assert (ROOT / root).is_dir()
    assert not (ROOT / root / "__init__.py").exists()


def test_graphql_is_graphql_core_and_not_our_folder() -> None:
    assert issubclass(graphql.GraphQLError, Exception)
    assert ROOT / "graphql" not in Path(graphql.__file__).parents
