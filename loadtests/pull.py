"""A pull of 500 rows over HTTP against a bare route of the same server that returns the same stored documents.

`python loadtests/pull.py [ROUNDS]`. All take turns on the same connections; the bare route knows what to read, asks no
token and runs outside row-level security. `engine` is the same pull by a document that goes through GraphQL's engine,
`empty` one that finds nothing: who asks, his device, his scopes. Processor time is that of the server's process and of
PostgreSQL's, per request.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import uvloop
from company import Company, company
from served import Line, application, get, in_turns, line, post, signed_in

from fieldbeat_sync.catalogue import SCHEMA

ROWS, TURNS = 500, 10
OPERATIONS = Path(__file__).parents[1] / "graphql" / "operations"
PULL = (OPERATIONS / "sync_pull.graphql").read_text()
BY_ENGINE = PULL.replace("    cursor\n", "    ...Cursor\n") + "fragment Cursor on SyncPullPayload { cursor }"
REGISTER = (OPERATIONS / "register_device.graphql").read_text()


async def main(rounds: int) -> None:
    """Measures and prints."""
    async with company(territories=2, accounts=2 * ROWS) as made, application(made) as pid:
        token = await signed_in(made)
        asked = await requests(made, token)
        works = {name: asking(each) for name, each in asked.items()}
        for clients in (1, 8):
            rates = await in_turns(works, clients=clients, rounds=rounds)
            told = ", ".join(f"{name} {rate:.0f}/s ({rate / rates['bare']:.2f})" for name, rate in rates.items())
            print(f"{clients} clients: {told}; load {os.getloadavg()[0]:.1f}")
        for name, each in works.items():
            print(f"{name}: {await processor_time(made, pid, each)}")


async def requests(made: Company, token: str) -> dict[str, bytes]:
    """The same 500 rows of one territory, asked in three ways."""
    device = await registered(token)
    pages = [await pulled(token, device, None, 1)]
    while pages[-1]["changes"][-1]["scope"] != f"territory:{min(made.territories)}":
        pages.append(await pulled(token, device, pages[-1]["cursor"], 1))
    cursor = pages[-2]["cursor"]  # where the territory begins
    end = await pulled(token, device, None, 1_000)
    while end["hasMore"]:
        end = await pulled(token, device, end["cursor"], 1_000)
    asked = {
        "bare": get(f"/bare?tenant={made.actor.tenant_id}&scope=territory:{min(made.territories)}&rows={ROWS}"),
        "pull": pulling(token, device, cursor, ROWS),
        "engine": pulling(token, device, cursor, ROWS, BY_ENGINE),
        "empty": pulling(token, device, end["cursor"], ROWS),
    }
    page = (await pulled(token, device, cursor, ROWS))["changes"]
    bare = (await (await line()).told(asked["bare"])).decode()
    assert [each["row"]["id"] for each in page] == list(_ids(bare)), "not the same documents"
    return asked


def _ids(documents: str) -> Iterator[str]:
    decode = json.JSONDecoder().raw_decode
    at = documents.find('"row":')
    while at >= 0:
        row, at = decode(documents, at + len('"row":'))
        yield row["id"]
        at = documents.find('"row":', at)


def asking(request: bytes) -> Callable[[Line], Any]:
    """The same request again and again."""
    return lambda each: each.ask(request)


def pulling(token: str, device: Any, cursor: str | None, limit: int, document: str = PULL) -> bytes:
    """The request for a page."""
    given = {"deviceId": device["deviceId"], "incarnation": device["incarnation"], "schemaVersion": SCHEMA.version}
    return post(token, document, {"input": {**given, "cursor": cursor, "limit": limit}})


async def pulled(token: str, device: Any, cursor: str | None, limit: int) -> Any:
    """A page."""
    return orjson.loads(await (await line()).told(pulling(token, device, cursor, limit)))["data"]["syncPull"]


async def registered(token: str) -> Any:
    """A new device of the token's bearer."""
    given = {"installId": str(uuid4()), "platform": "OTHER", "appVersion": "1", "schemaVersion": SCHEMA.version}
    return orjson.loads(await (await line()).told(post(token, REGISTER, {"input": given})))["data"]["registerDevice"]


async def processor_time(made: Company, pid: int, work: Callable[[Line], Any]) -> str:
    """Microseconds of both for one request, the least of five hundreds."""
    owner = await asyncpg.connect(made.owner_url)
    postmaster = _parent(await owner.fetchval("select pg_backend_pid()"))
    await owner.close()
    each, spent = await line(), []
    for _ in range(5):
        before = _used_us([pid]), _used_us(_children(postmaster))
        for _ in range(100):
            await work(each)
        spent.append((_used_us([pid]) - before[0], _used_us(_children(postmaster)) - before[1]))
    server, postgres = (min(column) / 100 for column in zip(*spent, strict=True))
    return f"server {server:.0f} us, PostgreSQL {postgres:.0f} us of processor time"


def _used_us(pids: list[int]) -> float:
    return sum(_ran_ns(pid) for pid in pids) / 1_000


def _ran_ns(pid: int) -> int:
    try:
        return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    except FileNotFoundError:  # it ended
        return 0


def _children(parent: int) -> list[int]:
    return [int(each.name) for each in Path("/proc").glob("[0-9]*") if _parent(int(each.name)) == parent]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else TURNS))
