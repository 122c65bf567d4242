"""From a commit to the poke, in the server: `python loadtests/poke.py`.

The clock starts when `records.writing` has committed and stops when a subscription yields: through Valkey, back into
the process, to the device's generator. What the WebSocket adds is one small message.
"""

import asyncio
import shutil
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import uvloop
from arq.connections import ArqRedis
from company import KEY, Company, company

from fieldbeat import records
from fieldbeat.accounts.actions import update_account
from fieldbeat.embedded.account import servers_account
from fieldbeat.embedded.folder import claimed_folder
from fieldbeat.embedded.valkey import redis_url, start_valkey
from fieldbeat.exchange import devices, poke
from fieldbeat.exchange.model import Platform, Registering
from fieldbeat.exchange.poke import Pokes, announcing, hearing
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.queue import open_queue
from fieldbeat_sync.catalogue import SCHEMA

ROUNDS = 100
CROWDS = (1, 100, 1_000)


async def main() -> None:
    """A crowd of devices waits, somebody writes."""
    async with (
        company(territories=1, accounts=50) as made,
        valkey() as queue,
        hearing(queue) as pokes,
        announcing(queue) as announce,
    ):
        made = replace(made, db=replace(made.db, poke=announce))
        asked = Registering(uuid7(), Platform.ANDROID, schema_version=SCHEMA.version)
        device = await devices.register_device(made.db, made.actor, asked, key=KEY)
        for crowd in CROWDS:
            await measured(made, pokes, device.device_id, crowd)


async def measured(made: Company, pokes: Pokes, device_id: object, crowd: int) -> None:
    """Prints how long the first and the last of a crowd wait."""
    heard: list[float] = []
    all_heard = asyncio.Event()

    async def wait() -> None:
        async for _ in poke.listen(made.db, pokes, made.actor, device_id):  # type: ignore[arg-type]
            heard.append(perf_counter())
            if len(heard) == crowd:
                all_heard.set()

    tasks = [asyncio.create_task(wait()) for _ in range(crowd)]
    while len(pokes) < crowd:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0.05)
    first, last = [], []
    cpu = process_time()
    for n in range(ROUNDS):
        heard.clear()
        all_heard.clear()
        async with records.writing(made.db, made.actor.tenant_id) as tx:
            await update_account(tx, made.actor, account_id=made.accounts[0][n % 50], patch={"note": f"{n}"})
        committed = perf_counter()
        await asyncio.wait_for(all_heard.wait(), 10)
        first.append((heard[0] - committed) * 1000)
        last.append((heard[-1] - committed) * 1000)
        await asyncio.sleep(poke.PAUSE_S[1] / 10)
    cpu_ms = (process_time() - cpu) / ROUNDS * 1000
    p50, p99, late = statistics.median(first), statistics.quantiles(first, n=100)[98], statistics.median(last)
    print(
        f"{crowd:>5} devices: first poke p50 {p50:.2f} ms, p99 {p99:.2f} ms; last p50 {late:.2f} ms; "
        f"own CPU of the write and its pokes {cpu_ms:.1f} ms"
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def valkey() -> AsyncIterator[ArqRedis]:
    """A Valkey of its own."""
    root = Path(tempfile.mkdtemp(prefix="fieldbeat-load-", dir="/tmp"))
    try:
        with claimed_folder(root) as folder:
            server = start_valkey(folder, servers_account(folder.valkey))
            try:
                queue = await open_queue(redis_url(folder))
                yield queue
                await queue.aclose()
            finally:
                server.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    poke.PAUSE_S = (0.0, 0.01)  # every write is told, not one burst
    sys.exit(uvloop.run(main()))
