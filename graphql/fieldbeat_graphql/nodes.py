"""`node(id)` and `nodes(ids)`: any record by its id. Absent and not yours look the same: null."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry

from fieldbeat_graphql.context import Context
from fieldbeat_graphql.limits import PAGE_MAX, LimitExceeded
from fieldbeat_graphql.loaders import Read
from fieldbeat_graphql.scalars import maybe_id


@strawberry.interface(description="A record that can be found by its id.")
class Node:
    id: strawberry.ID


@dataclass(frozen=True)
class NodeKind:
    """One type of record: its scoped read by ids, and how a row becomes the GraphQL type.

    `noted`: the read writes a note of itself.
    """

    read: Read[UUID, Any]
    of: Callable[[Any], Node]
    noted: bool = False


async def find_nodes(context: Context, kinds: Sequence[NodeKind], ids: Sequence[str]) -> list[Node | None]:
    """The records that the actor may see, in the order of `ids`. An id names no type: the kinds are asked in turn."""
    if len(ids) > PAGE_MAX:
        raise LimitExceeded(f"At most {PAGE_MAX} ids are looked up at once.")
    found: dict[UUID, Node] = {}
    wanted = [maybe_id(id) for id in ids]
    for kind in kinds:
        missing = sorted({id for id in wanted if id is not None} - found.keys())
        load = context.load_noted if kind.noted else context.load
        rows = await asyncio.gather(*(load(kind.read, id) for id in missing))
        found |= {id: kind.of(row) for id, row in zip(missing, rows, strict=True) if row is not None}
    return [found.get(id) if id is not None else None for id in wanted]
