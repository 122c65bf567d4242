"""A snapshot of 20,000 accounts to its last byte, and what a stream holds in memory: `python loadtests/snapshot.py`.

Times are medians: of the exchange alone (rows or chunks into bytes), of the whole request within the server's process
(token, membership, lines), and over a socket, read by a client that only counts. `COPY` is the same documents sent by
PostgreSQL as they are, to nobody. Then the reader has a day of twenty visits, with three contacts at each customer, and
these come first: to their last byte, and the whole again.
"""

import asyncio
import multiprocessing
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import uvicorn
import uvloop
from company import KEY, Company, company
from starlette.applications import Starlette

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_CONTACT
from fieldbeat.exchange import chunks, devices
from fieldbeat.exchange.model import Platform, Registering
from fieldbeat.exchange.snapshot import open_snapshot
from fieldbeat.exchange.stream import batches
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Db, open_db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.memory import keep_memory
from fieldbeat.kit.settings import read_settings
from fieldbeat.people.actions import create_user
from fieldbeat.people.keys import KeyRing
from fieldbeat.people.model import Origin
from fieldbeat.people.sessions import sign_in
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat.web.snapshot import ENCODERS, snapshot_routes
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.schema import Op, Role

ACCOUNTS = 20_000
ROUNDS = 30
PORT = 18_437
STREAMS = 8


async def main() -> None:
    """Build a company, measure, print."""
    keep_memory()
    async with company(territories=1, accounts=ACCOUNTS) as made:
        token, device_id, actor = await reader(made)
        query = f"/sync/snapshot?deviceId={device_id}"
        for built in (False, True):
            if built:
                started = perf_counter()
                await chunks.build(made.db, actor.tenant_id, f"territory:{made.territories[0]}")
                print(f"built in {perf_counter() - started:.2f} s")
            source = "chunks" if built else "rows"
            for coding in ("zstd", "gzip", "identity"):

                async def alone(coding: str = coding) -> int:
                    snapshot = await open_snapshot(made.db, actor, device_id, resume=None, key=KEY)
                    parts = ENCODERS[coding](batches(made.db, snapshot, key=KEY))
                    return sum([len(part) async for part in parts])

                await told(f"{source:<7}{coding:<9} exchange alone", alone)
            app = served(made.db)
            await told(f"{source:<7}zstd      within the process", lambda app=app: within(app, query, token))
        await told("documents by COPY, database side", lambda: copied(made))
        await a_day(made, actor)
        await told("chunks, with a day: all of today", lambda: to_the_day(made.db, actor, device_id))
        await told("chunks zstd, with a day within the process", lambda app=app: within(app, query, token))
        async with process(made) as pid:
            await told("chunks zstd      over a socket", lambda: fetched(query, token, "zstd"))
            before = rss_mb(pid)
            await asyncio.gather(*(fetched(query, token, "identity", slow=True) for _ in range(STREAMS)))
            print(
                f"memory: {before:.0f} MB before, {peak_mb(pid):.0f} MB at the peak of {STREAMS} slow plain streams: "
                f"{(peak_mb(pid) - before) / STREAMS:.1f} MB a stream"
            )


async def a_day(made: Company, actor: Actor) -> None:
    """Twenty visits within the hour, with contacts to meet."""
    start = datetime.now(UTC)
    window = {"plannedStart": start.isoformat(), "plannedEnd": (start + timedelta(hours=1)).isoformat()}
    async with records.writing(made.db, actor.tenant_id) as tx:
        for id in map(str, made.accounts[0][::1_000]):
            visit = records.Change(
                KEPT_VISIT, uuid7(), Op.CREATE, {"accountId": id, "repId": str(actor.user_id), "window": window}
            )
            names = ("Ada", "Bo", "Cleo")
            people = [records.Change(KEPT_CONTACT, uuid7(), Op.CREATE, {"accountId": id, "name": n}) for n in names]
            await records.change(tx, actor, [visit, *people])


async def to_the_day(db: Db, actor: Actor, device_id: UUID) -> int:
    """The bytes until the reader has all that he needs today."""
    size = 0
    async with aclosing(batches(db, await open_snapshot(db, actor, device_id, resume=None, key=KEY), key=KEY)) as parts:
        async for lines in parts:
            size += sum(len(line.first + line.last) for line in lines)
            if b'"today":true' in lines[-1].last:
                break
    return size


async def told(what: str, once: Callable[[], Awaitable[int]]) -> None:
    """Prints the median time of it."""
    size = await once()
    times, rounds, cpu = [], ROUNDS if size < 5_000_000 else 5, process_time()
    for _ in range(rounds):
        started = perf_counter()
        await once()
        times.append((perf_counter() - started) * 1000)
    cpu_ms = (process_time() - cpu) / rounds * 1000
    median, best = statistics.median(times), min(times)
    print(f"{what:<40} median {median:7.1f} ms, best {best:7.1f} ms, own CPU {cpu_ms:6.1f} ms, {size / 1e6:6.2f} MB")


async def reader(made: Company) -> tuple[str, Any, Any]:
    """A person who may see all of it: his token, his device."""
    async with records.writing(made.db, made.actor.tenant_id) as tx:
        person = await create_user(
            tx, made.actor, name="Eve", email="eve@acme.example", role=Role.ADMIN, password="correct horse battery"
        )
    session = await sign_in(
        made.db, KeyRing(made.db), read_settings(access_token_ttl_s=3600), email="eve@acme.example",
        password="correct horse battery", origin=Origin(True, "127.0.0.1", False),
    )  # fmt: skip
    actor = session.actor
    asked = Registering(uuid7(), Platform.ANDROID, schema_version=SCHEMA.version)
    device = await devices.register_device(made.db, actor, asked, key=KEY)
    assert person.id == actor.user_id
    return session.access_token, device.device_id, actor


def served(db: Db) -> Starlette:
    """The route alone."""
    app = Starlette(routes=snapshot_routes())
    app.state.db, app.state.key_ring = db, KeyRing(db)
    return app


async def within(app: Starlette, query: str, token: str) -> int:
    """One request without a network."""
    size = 0

    async def send(message: Any) -> None:
        nonlocal size
        size += len(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.sleep(60)

    path, _, text = query.partition("?")
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept-encoding", b"zstd")]
    await app(
        {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": text.encode(),
         "headers": headers, "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("x", 1),
         "asgi": {"version": "3.0", "spec_version": "2.4"}},
        receive, send,
    )  # fmt: skip
    return size


async def copied(made: Company) -> int:
    """The documents as PostgreSQL sends them."""
    size = 0

    async def take(data: bytes) -> None:
        nonlocal size
        size += len(data)

    async with made.db.reading(made.actor.tenant_id) as conn:
        await conn.copy_from_query("select doc from feed where kind = 'PUT'", output=take)
    return size


async def fetched(query: str, token: str, coding: str, *, slow: bool = False) -> int:
    """The bytes of one answer over a socket; `slow` takes them by and by."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 16)
    writer.write(
        f"GET {query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\naccept-encoding: {coding}\r\n"
        "connection: close\r\n\r\n".encode()
    )
    size = 0
    while part := await reader.read(1 << 18):
        size += len(part)
        if slow:
            await asyncio.sleep(0.02)
    writer.close()
    assert size > 100_000, "refused"
    return size


@asynccontextmanager
async def process(made: Company) -> AsyncIterator[int]:
    """The route in a process of its own; its id. One snapshot runs at a time for a device, its rest for each resume."""
    url = made.owner_url.replace("fieldbeat_owner", "fieldbeat_app")
    child = multiprocessing.get_context("spawn").Process(target=serve, args=(url,), daemon=True)
    child.start()
    assert child.pid is not None
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.05)
    try:
        yield child.pid
    finally:
        child.terminate()
        child.join()


def serve(url: str) -> None:
    """Run the route until terminated."""

    async def run() -> None:
        app = served(await open_db(url, size=6))
        keep_memory()
        config = uvicorn.Config(app, port=PORT, loop="uvloop", http="httptools", access_log=False, log_level="error")
        await uvicorn.Server(config).serve()

    uvloop.run(run())


def rss_mb(pid: int) -> float:
    """What the process holds now."""
    return _status_mb(pid, "VmRSS")


def peak_mb(pid: int) -> float:
    """The most that it ever held."""
    return _status_mb(pid, "VmHWM")


def _status_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
