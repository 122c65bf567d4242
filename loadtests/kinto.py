"""Pull of 500 rows and push of 100 edits over HTTP, beside Kinto on the same PostgreSQL: `loadtests/kinto.py [ROUNDS]`.

Kinto (a sync server in Python: records in PostgreSQL, the last writer wins, no history) is installed from the package
index into an environment of its own that is gone at the end. Each has one process; every client has its own collection
there and its own territory here, and the same rows. Both take turns.
"""

import asyncio
import base64
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvloop
from company import Company, company
from pull import OPERATIONS, pulling, registered
from push import BATCH, PATCHES
from served import Line, application, line, post, signed_in

from fieldbeat.kit.ids import uuid7
from fieldbeat_sync.catalogue import SCHEMA

VERSION = "26.5.0"
PORT, CLIENTS, ROWS = 18_439, 4, 500
PUSH = (OPERATIONS / "sync_push.graphql").read_text()
BASIC = base64.b64encode(b"load:test").decode()
CONFIG = """
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.storage_pool_size = 10
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = load
kinto.bucket_create_principals = system.Authenticated
kinto.batch_max_requests = 100
kinto.paginate_by = 500
multiauth.policies = basicauth
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
threads = 8
"""


@dataclass
class Phone:
    """One client of both servers: its device here, its collection there."""

    number: int
    token: str
    device: Any
    accounts: list[UUID]
    cursor: str | None
    here: Line
    there: Line
    seq: int = 0
    revs: dict[UUID, int] = field(default_factory=dict)

    async def pull(self) -> None:
        """A page here."""
        await self.here.ask(pulling(self.token, self.device, self.cursor, ROWS))

    async def pull_there(self) -> None:
        """A page there."""
        await self.there.ask(asked("GET", f"/v1/buckets/b/collections/c{self.number}/records?_limit={ROWS}"))

    async def push(self) -> None:
        """A hundred edits here."""
        now, patch = datetime.now(UTC).isoformat(), PATCHES[self.seq // BATCH % 2]
        mutations = [
            {"seq": self.seq + n, "uuid": str(uuid7()), "at": now, "collection": "account", "recordId": str(each),
             "op": "UPDATE", "baseRev": self.revs.get(each, 1), "patch": patch}
            for n, each in enumerate(self.accounts[:BATCH], start=1)
        ]  # fmt: skip
        identity = {name: self.device[name] for name in ("deviceId", "incarnation", "epoch", "ratchet")}
        given = {**identity, "schemaVersion": SCHEMA.version, "deviceNow": now, "ackedThrough": self.seq}
        answer = orjson.loads(
            await self.here.told(post(self.token, PUSH, {"input": {**given, "mutations": mutations}}))
        )
        pushed = answer["data"]["syncPush"]
        assert {each["status"] for each in pushed["results"]} == {"APPLIED"}, pushed["problem"]
        self.seq, self.device["ratchet"] = pushed["lastSeq"], pushed["ratchet"]
        self.revs |= {each: self.revs.get(each, 1) + 1 for each in self.accounts[:BATCH]}

    async def push_there(self) -> None:
        """A hundred edits there."""
        patch = PATCHES[self.seq // BATCH % 2]
        path = f"/buckets/b/collections/c{self.number}/records/"
        requests = [
            {"method": "PATCH", "path": f"{path}{each}", "body": {"data": patch}} for each in self.accounts[:BATCH]
        ]
        answer = orjson.loads(await self.there.told(asked("POST", "/v1/batch", {"requests": requests})))
        assert {each["status"] for each in answer["responses"]} == {200}


async def main(rounds: int) -> None:
    """Measures and prints."""
    async with company(territories=CLIENTS, accounts=ROWS) as made, kinto(made), application(made):
        token = await signed_in(made)
        phones = [await phone(made, token, n) for n in range(CLIENTS)]
        for clients in (1, CLIENTS):
            for what, here, there in (("pull", Phone.pull, Phone.pull_there), ("push", Phone.push, Phone.push_there)):
                own = other = 0.0
                for each in phones[:clients]:  # an idle connection is closed
                    each.here, each.there = await line(), await line(PORT)
                for turn in range(rounds + 1):
                    counts = turn > 0  # the first warms up
                    own += counts * await timed(here(each) for each in phones[:clients])
                    other += counts * await timed(there(each) for each in phones[:clients])
                asks = rounds * clients
                print(
                    f"{clients} clients: {what} here {asks / own:.1f}/s, Kinto {asks / other:.2f}/s: "
                    f"{other / own:.1f} times; load {os.getloadavg()[0]:.1f}"
                )


async def timed(works: Iterator[Any]) -> float:
    """How long all of them take."""
    begun = perf_counter()
    await asyncio.gather(*works)
    return perf_counter() - begun


async def phone(made: Company, token: str, n: int) -> Phone:
    """A registered client whose cursor stands before its territory, with the same rows in its collection."""
    device, here, there = await registered(token), await line(), await line(PORT)
    cursor, page = None, orjson.loads(await here.told(pulling(token, device, None, 1)))["data"]["syncPull"]
    while not page["changes"][-1]["scope"].startswith("territory"):
        cursor = page["cursor"]
        page = orjson.loads(await here.told(pulling(token, device, cursor, 1)))["data"]["syncPull"]
    for _ in range(n):  # territories stand one behind the other, of so many rows each
        page = orjson.loads(await here.told(pulling(token, device, cursor, ROWS)))["data"]["syncPull"]
        cursor = page["cursor"]
    whole = orjson.loads(await here.told(pulling(token, device, cursor, ROWS)))["data"]["syncPull"]
    rows = [each["row"] for each in whole["changes"] if each["collection"] == "account"]
    await there.told(asked("PUT", f"/v1/buckets/b/collections/c{n}", {}))
    path = f"/buckets/b/collections/c{n}/records/"
    for start in range(0, len(rows), BATCH):
        batch = [
            {"method": "PUT", "path": f"{path}{row['id']}", "body": {"data": row}}
            for row in rows[start : start + BATCH]
        ]
        await there.told(asked("POST", "/v1/batch", {"requests": batch}))
    return Phone(n, token, device, [UUID(row["id"]) for row in rows], cursor, here, there)


def asked(method: str, path: str, content: Any = None) -> bytes:
    """A request to Kinto."""
    body = b"" if content is None else orjson.dumps(content)
    head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Basic {BASIC}\r\ncontent-type: application/json\r\n"
    return head.encode() + f"content-length: {len(body)}\r\n\r\n".encode() + body


@asynccontextmanager
async def kinto(made: Company) -> AsyncIterator[None]:
    """Kinto on a database of its own beside the company's."""
    root = await asyncpg.connect(made.owner_url.replace("fieldbeat_owner", "postgres", 1))
    await root.execute("create database kinto owner fieldbeat_owner")
    await root.close()
    url = made.owner_url.replace("/fieldbeat?", "/kinto?", 1)
    with environment() as folder:
        config = folder / "kinto.ini"
        config.write_text(CONFIG.format(url=url.replace("%", "%%"), port=PORT))
        program = str(folder / "bin" / "kinto")
        await asyncio.to_thread(subprocess.run, [program, "migrate", "--ini", str(config)], check=True)
        with (folder / "log").open("wb") as log:
            command = [program, "start", "--ini", str(config)]
            child = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: ASYNC220
        try:
            await _answers(folder / "log", child)
            await (await line(PORT)).told(asked("PUT", "/v1/buckets/b", {}))
            yield
        finally:
            child.terminate()
            child.wait()


@contextmanager
def environment() -> Iterator[Path]:
    """A throw-away environment that holds Kinto."""
    folder = Path(tempfile.mkdtemp(prefix="fieldbeat-kinto-", dir="/tmp"))
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", f"kinto[postgresql]=={VERSION}"]
        subprocess.run([*pip, "waitress"], check=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _answers(log: Path, child: "subprocess.Popen[bytes]") -> None:
    while child.poll() is None:
        try:
            await line(PORT)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError(f"Kinto did not start: {log.read_text()[-2_000:]}")  # noqa: ASYNC240


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
