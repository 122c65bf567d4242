"""The real application in a process of its own, with a bare route beside its own, and a client that only counts."""

import asyncio
import multiprocessing
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import asyncpg
import orjson
import uvicorn
import uvloop
from company import Company
from poke import valkey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fieldbeat import records
from fieldbeat.app import create_app
from fieldbeat.kit.memory import keep_memory
from fieldbeat.kit.settings import read_settings
from fieldbeat.people.actions import create_user
from fieldbeat_sync.schema import Role

PORT = 18_438
PASSWORD = "correct horse battery"
# The documents as they are stored, knowing what to read, outside row-level security: bytes from end to end.
BARE = """
select convert_to(string_agg(page.doc, ','), 'UTF8') from (
    select f.doc from feed f where f.tenant_id = $1 and f.scope_id = $2 order by f.seq limit $3) page
"""
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@asynccontextmanager
async def application(made: Company) -> AsyncIterator[int]:
    """Serves the company's database; yields the id of the process."""
    async with valkey() as queue:
        pool = queue.connection_pool.connection_kwargs
        redis = f"unix://{pool['path']}" if "path" in pool else f"redis://{pool['host']}:{pool['port']}"
        app_url = made.owner_url.replace("fieldbeat_owner", "fieldbeat_app")
        child = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(app_url, redis, made.owner_url), daemon=True
        )
        child.start()
        try:
            yield await _up(child)
        finally:
            child.terminate()
            child.join()


async def _up(child: Any) -> int:
    while child.is_alive():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return int(child.pid)
    raise RuntimeError("the application did not start")


def _serve(app_url: str, redis: str, owner_url: str) -> None:
    async def run() -> None:
        settings = read_settings(database_url=app_url, redis_url=redis, pool_size=8, access_token_ttl_s=3600)
        app = create_app(settings)
        keep_memory()
        async with asyncpg.create_pool(owner_url, min_size=8, max_size=8) as owner:

            async def bare(request: Request) -> Response:
                asked = request.query_params
                body = await owner.fetchval(BARE, asked["tenant"], asked["scope"], int(asked["rows"]))
                return Response(body, media_type="application/json")

            app.router.routes.insert(0, Route("/bare", bare))
            config = uvicorn.Config(
                app, port=PORT, loop="uvloop", http="httptools", access_log=False, log_level="error", lifespan="on"
            )
            await uvicorn.Server(config).serve()

    uvloop.run(run())


class Line(asyncio.Protocol):
    """One connection that is kept: asks, and takes what comes until the answer is whole."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._parts: list[bytes] = []
        self._head = b""
        self._missing = -1
        self._whole: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._whole and not self._whole.done():
            self._whole.set_exception(exc or EOFError("closed"))

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            head, whole, data = (self._head + data).partition(b"\r\n\r\n")
            if not whole:
                self._head = head
                return
            found = _LENGTH.search(head)
            assert found, head
            assert head.startswith(b"HTTP/1.1 20"), head + data
            self._missing = int(found[1])
        self._parts.append(data)
        self._missing -= len(data)
        if self._missing == 0 and self._whole:
            self._whole.set_result(None)

    async def ask(self, request: bytes) -> None:
        """One request; the answer is counted, not kept."""
        self._parts, self._head, self._missing = [], b"", -1
        self._whole = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._whole

    async def told(self, request: bytes) -> bytes:
        """The answer to one request."""
        await self.ask(request)
        return b"".join(self._parts)


async def line(port: int = PORT) -> Line:
    """A connection to the application, or to another server of this machine."""
    _, protocol = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
    return protocol


def get(path: str) -> bytes:
    """A request for a path."""
    return f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()


def post(token: str | None, query: str, variables: Any) -> bytes:
    """A GraphQL request."""
    body = orjson.dumps({"query": query, "variables": variables})
    bearer = f"authorization: Bearer {token}\r\n" if token else ""
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\n{bearer}content-type: application/json\r\n"
    return head.encode() + f"content-length: {len(body)}\r\n\r\n".encode() + body


async def in_turns(works: dict[str, Callable[[Line], Any]], *, clients: int, rounds: int) -> dict[str, float]:
    """Requests a second of each work, taking turns of ten rounds on the same connections."""
    lines = [await line() for _ in range(clients)]
    taken = dict.fromkeys(works, 0.0)

    async def some(each: Line, work: Callable[[Line], Any]) -> None:
        for _ in range(10):
            await work(each)

    for turn in range(rounds + 1):
        for name, work in works.items():
            begun = perf_counter()
            await asyncio.gather(*(some(each, work) for each in lines))
            taken[name] += (perf_counter() - begun) * (turn > 0)  # the first turn warms up
    return {name: rounds * 10 * clients / seconds for name, seconds in taken.items()}


async def signed_in(made: Company) -> str:
    """The token of a new administrator."""
    async with records.writing(made.db, made.actor.tenant_id) as tx:
        await create_user(tx, made.actor, name="Eve", email="eve@acme.example", role=Role.ADMIN, password=PASSWORD)
    sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { ... on Session { accessToken } } }"
    answer = await (await line()).told(
        post(None, sign_in, {"input": {"email": "eve@acme.example", "password": PASSWORD}})
    )
    token: str = orjson.loads(answer)["data"]["signIn"]["accessToken"]
    return token
