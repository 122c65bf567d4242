"""Named SQL: a module's queries live in the `queries.sql` beside it, to be read, prepared and explained."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)[ \t]*$", re.MULTILINE)


def load(module_file: str, *, filename: str = "queries.sql") -> Mapping[str, str]:
    """The statements of the .sql file beside `module_file`, by name; each keeps its leading comments.

    Refuses a file whose names repeat, or that names none.
    """
    path = Path(module_file).with_name(filename)
    parts = _NAME.split(path.read_text(encoding="utf-8"))[1:]
    names, bodies = parts[::2], parts[1::2]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"{path}: every statement needs a name of its own")
    return MappingProxyType({name: body.strip().rstrip(";") for name, body in zip(names, bodies, strict=True)})


def column_of(field: str) -> str:
    """The column that is generated from a field of a row: `serial_number` of serialNumber."""
    return re.sub(r"[A-Z]", lambda capital: f"_{capital[0].lower()}", field)
