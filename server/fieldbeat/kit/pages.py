"""Many pages read by one statement: each row comes with the page that asked for it."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

PageT = TypeVar("PageT")
RowT = TypeVar("RowT")


def by_page(pages: Sequence[PageT], rows: Iterable[tuple[PageT, RowT]]) -> dict[PageT, list[RowT]]:
    """The rows of each page, in their order; of a page without any an empty list."""
    found: dict[PageT, list[RowT]] = {page: [] for page in pages}
    for page, row in rows:
        found[page].append(row)
    return found
