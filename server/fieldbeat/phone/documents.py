"""The GraphQL documents that a phone sends: the committed ones, word for word."""

from functools import cache
from pathlib import Path

_FOLDERS = (Path(__file__).parent / "operations", Path(__file__).parents[3] / "graphql" / "operations")


@cache
def document(name: str) -> str:
    """The text of `graphql/operations/<name>.graphql`; an installed wheel carries them beside this module."""
    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    return (folder / f"{name}.graphql").read_text(encoding="utf-8")
