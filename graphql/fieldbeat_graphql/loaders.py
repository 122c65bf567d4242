"""Data loaders: what many fields of one operation ask for one by one is read once, together.

There is one loader for each scoped read and operation; nothing is kept longer, so that nobody sees another's rows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias, TypeVar

from strawberry.dataloader import DataLoader

from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
WhoT = TypeVar("WhoT")
WhoT_co = TypeVar("WhoT_co", covariant=True)
ReadBy: TypeAlias = Callable[[Conn, WhoT, Sequence[KeyT]], Awaitable[Mapping[KeyT, ValueT]]]
Read: TypeAlias = ReadBy[Actor, KeyT, ValueT]

BATCH_MAX = 1_000


class Reader(Protocol[WhoT_co]):
    """Who reads, an actor or a customer, and a way to his tenant's rows."""

    @property
    def actor(self) -> WhoT_co: ...

    def reading(self) -> AbstractAsyncContextManager[Conn]: ...


class Loaders:
    """The loaders of one operation."""

    def __init__(self) -> None:
        self._by_read: dict[Any, DataLoader[Any, Any]] = {}

    async def load(self, reader: Reader[WhoT], read: ReadBy[WhoT, KeyT, ValueT], key: KeyT) -> ValueT | None:
        """What `read` finds under `key`; None when it is absent or not for him who reads."""
        if read not in self._by_read:
            self._by_read[read] = DataLoader(_batched(reader, read), max_batch_size=BATCH_MAX)
        found: ValueT | None = await self._by_read[read].load(key)
        return found


def _batched(
    reader: Reader[WhoT], read: ReadBy[WhoT, KeyT, ValueT]
) -> Callable[[Sequence[KeyT]], Awaitable[Sequence[ValueT | None]]]:
    async def batch(keys: Sequence[KeyT]) -> Sequence[ValueT | None]:
        async with reader.reading() as conn:
            found = await read(conn, reader.actor, keys)
        return [found.get(key) for key in keys]

    return batch
