"""Named SQL: what a file may hold."""

from pathlib import Path

import pytest

from fieldbeat.kit.sql import load


def test_each_statement_keeps_its_comment_and_loses_its_semicolon(tmp_path: Path) -> None:
    (tmp_path / "queries.sql").write_text(
        "-- Of this file.\n\n-- name: one\n-- Why.\nselect 1;\n\n-- name: two\nselect 2;\n"
    )
    assert load(str(tmp_path / "store.py")) == {"one": "-- Why.\nselect 1", "two": "select 2"}


def test_another_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "checkup.sql").write_text("-- name: one\nselect 1;\n")
    assert list(load(str(tmp_path / "checkup.py"), filename="checkup.sql")) == ["one"]


@pytest.mark.parametrize("text", ["", "select 1;", "-- name: a\nselect 1;\n-- name: a\nselect 2;"])
def test_a_statement_needs_a_name_of_its_own(tmp_path: Path, text: str) -> None:
    (tmp_path / "queries.sql").write_text(text)
    with pytest.raises(ValueError, match="needs a name of its own"):
        load(str(tmp_path / "store.py"))


def test_what_was_loaded_cannot_be_changed(tmp_path: Path) -> None:
    (tmp_path / "queries.sql").write_text("-- name: one\nselect 1;")
    with pytest.raises(TypeError):
        load(str(tmp_path / "store.py"))["one"] = "select 2"  # type: ignore[index]
