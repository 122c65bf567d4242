"""Relay cursor connections: a page is read behind the last row's key, which the cursor carries sealed.

A cursor is good for one list of one tenant; a forged or borrowed one is refused without a word about why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
import strawberry

from fieldbeat.kit.refusal import Invalid
from fieldbeat.kit.seal import SealBroken, seal, unseal
from fieldbeat_graphql.context import Context
from fieldbeat_graphql.limits import PAGE_MAX, LimitExceeded

PAGE_DEFAULT = 50

NodeT = TypeVar("NodeT")
RowT = TypeVar("RowT")


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[NodeT]):
    cursor: str
    node: NodeT


@strawberry.type
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]]
    page_info: PageInfo


@dataclass(frozen=True)
class Page:
    """What part of a list is asked for. `limit` rows are to be read: one more than shown tells of a next page."""

    first: int
    after: tuple[Any, ...] | None
    purpose: str
    key: bytes

    @property
    def limit(self) -> int:
        """How many rows to read."""
        return self.first + 1

    def cursor(self, key: Sequence[Any]) -> str:
        """The cursor of a row with this key (JSON values)."""
        return seal(self.purpose, orjson.dumps(list(key)), self.key)


def page_of(context: Context, name: str, first: int | None, after: str | None) -> Page:
    """The page of the list `name`. Refuses (`LimitExceeded`) more than 100 rows, (`Invalid`) a broken cursor."""
    first = PAGE_DEFAULT if first is None else first
    if first > PAGE_MAX:
        raise LimitExceeded(f"A page has at most {PAGE_MAX} rows.")
    if first < 1:
        raise Invalid("A page has at least one row.", fields=("first",))
    purpose = f"page {name} {context.tenant_id}"
    return Page(first, _read_cursor(after, purpose, context.seal_key), purpose, context.seal_key)


def connect(
    page: Page, rows: Sequence[RowT], *, key: Callable[[RowT], Sequence[Any]], node: Callable[[RowT], NodeT]
) -> Connection[NodeT]:
    """The rows read for `page` as a connection; `key` is what the next page is read behind."""
    edges = [Edge(cursor=page.cursor(key(row)), node=node(row)) for row in rows[: page.first]]
    info = PageInfo(
        has_next_page=len(rows) > page.first,
        has_previous_page=page.after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info)


def _read_cursor(after: str | None, purpose: str, key: bytes) -> tuple[Any, ...] | None:
    if not after:  # absent, null, or before the first
        return None
    try:
        return tuple(orjson.loads(unseal(purpose, after, key)))
    except SealBroken:
        raise Invalid("This cursor was not issued for this list.", fields=("after",)) from None
