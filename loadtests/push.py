"""A push of 100 edits against a bare transaction that writes the same durable rows: `loadtests/push.py [ROUNDS]`.

The rows are the push's own: each is made once for the record and rolled back, and its writing statements are then sent
set-wise in a transaction that does nothing else. Both take turns, on the same server and the same accounts.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

import uvloop
from company import KEY, Company, Device, company, device_of

from fieldbeat.exchange import push
from fieldbeat.exchange.model import Push, Pushed
from fieldbeat.kit.memory import keep_memory

BATCH = 100
WRITES = re.compile(r"^\s*(insert|update|with raised)\b", re.MULTILINE)
PATCHES = ({"note": "Asks for the old price list."}, {"note": "Asks for the new one.", "phone": "+43 316 654321"})


async def main(rounds: int) -> None:
    """Measures and prints."""
    keep_memory()
    for clients in (1, 8):
        async with company(territories=clients, accounts=BATCH) as made:
            phones = [(await device_of(made), accounts) for accounts in made.accounts]
            await _pushing(phones, 2)
            whole, bare = 0.0, 0.0
            for n in range(rounds):
                whole += await _pushing(phones, n)
                bare += await _writing(made, phones, n)
            edits = rounds * clients * BATCH
            print(
                f"{clients} clients: push {edits / whole:7.0f} edits/s ({1000 * whole / rounds:.1f} ms a round), "
                f"bare transaction {edits / bare:7.0f} edits/s, ratio {bare / whole:.2f}"
            )


async def _pushing(phones: list[tuple[Device, list[UUID]]], n: int) -> float:
    return await _timed([_pushed(phone, accounts, n) for phone, accounts in phones])


def _pushed(phone: Device, accounts: list[UUID], n: int) -> Callable[[], Coroutine[Any, Any, None]]:
    return lambda: phone.push(accounts, PATCHES[n % 2])


async def _writing(made: Company, phones: list[tuple[Device, list[UUID]]], n: int) -> float:
    """The time that the bare transactions take; making what they write is not counted."""
    taken = [await _made(made, phone, phone.edits(accounts, PATCHES[(n + 1) % 2])) for phone, accounts in phones]
    time = await _timed([_written(made, tape) for tape, _, _, _ in taken])
    for _, phone, asked, answer in taken:
        phone.take(asked, answer)
    return time


def _written(made: Company, tape: "Tape") -> Callable[[], Coroutine[Any, Any, None]]:
    async def write() -> None:
        async with made.db.writing(made.actor.tenant_id) as conn:
            for statement, arguments in tape.writes:
                await conn.execute(statement, *arguments)

    return write


async def _timed(works: list[Callable[[], Coroutine[Any, Any, None]]]) -> float:
    begun = perf_counter()
    await asyncio.gather(*(work() for work in works))
    return perf_counter() - begun


class _TakenBack(Exception):
    """Ends the transaction of a push whose writes are on tape."""


@dataclass
class Tape:
    """Stands for the database in a push that is taken back: passes every statement on, and keeps those that write."""

    company: Company
    conn: Any = None
    writes: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    poke: None = None

    @asynccontextmanager
    async def writing(self, tenant_id: UUID) -> AsyncIterator["Tape"]:
        """As a `Db` has it, but for the commit."""
        with suppress(_TakenBack):
            async with self.company.db.writing(tenant_id) as self.conn:
                yield self
                raise _TakenBack

    def __getattr__(self, name: str) -> Any:
        passed = getattr(self.conn, name)

        async def keep(statement: str, *arguments: Any) -> Any:
            if WRITES.search(statement):
                self.writes.append((statement, arguments))
            return await passed(statement, *arguments)

        return keep


async def _made(made: Company, phone: Device, asked: Push) -> tuple[Tape, Device, Push, Pushed]:
    """The writes of a push, and its answer."""
    tape = Tape(made)
    answer = await push.push(tape, made.actor, asked, key=KEY)  # type: ignore[arg-type]
    return tape, phone, asked, answer


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
