"""Reading CSV files strictly: what is broken is named by file and line, and never half read."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fieldbeat.importing.model import BrokenFile

ENCODINGS = {"utf-8": "utf-8-sig"}  # a byte-order mark, which spreadsheets write, is no part of the first column's name


class Line(NamedTuple):
    """One row with the line on which it begins."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file that could be read to its end."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    def needs(self, columns: tuple[str, ...]) -> None:
        """Refuses (`BrokenFile`) when the header lacks one of the columns."""
        for column in columns:
            if column not in self.columns:
                raise BrokenFile(self.name, 1, f"the header has no column {column!r}")


@dataclass
class Folder:
    """The files of one import, each read once. `seen` are the bytes of all that were read, to tell imports apart."""

    path: Path
    encoding: str = "utf-8"
    delimiter: str = ","

    def __post_init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self.seen: dict[str, bytes] = {}

    def table(self, name: str) -> Table:
        """The file `name`. Refuses (`BrokenFile`) one that is missing, misencoded, ragged, or without a header."""
        if name not in self._tables:
            self.seen[name] = self._bytes(name)
            self._tables[name] = _parse(name, self._text(name, self.seen[name]), self.delimiter)
        return self._tables[name]

    def _bytes(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise BrokenFile(name, 1, f"the file cannot be read ({error.strerror or error})") from error

    def _text(self, name: str, content: bytes) -> str:
        try:
            return content.decode(ENCODINGS.get(self.encoding.lower(), self.encoding))
        except UnicodeDecodeError as bad:
            line = content.count(b"\n", 0, bad.start) + 1
            raise BrokenFile(name, line, f"this is not {self.encoding} (byte {content[bad.start]:#04x})") from bad


def _parse(name: str, text: str, delimiter: str) -> Table:
    rows = _rows(name, text, delimiter)
    header = next(rows, None)
    if header is None:
        raise BrokenFile(name, 1, "the file is empty")
    columns = [column.strip() for column in header[1]]
    _check_header(name, columns)
    lines = []
    for number, values in rows:
        if len(values) != len(columns):
            raise BrokenFile(name, number, f"{len(values)} values, but the header names {len(columns)} columns")
        lines.append(Line(number, dict(zip(columns, values, strict=True))))
    return Table(name, tuple(columns), tuple(lines))


def _rows(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for values in reader:
            if values:
                yield begins, values
            begins = reader.line_num + 1
    except csv.Error as bad:
        raise BrokenFile(name, begins, f"this is not CSV ({bad})") from bad


def _check_header(name: str, columns: list[str]) -> None:
    if "" in columns:
        raise BrokenFile(name, 1, f"column {columns.index('') + 1} of the header has no name")
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice:
        raise BrokenFile(name, 1, f"the header names {twice!r} twice")
