"""How many commits a second the feed takes, and what sync metadata weighs: `python loadtests/feed.py [SECONDS]`.

Eight writers on a durable PostgreSQL commit one edited row at a time, to one scope and to sixteen: the row alone, the
row with its feed entry (two statements), and the whole change (lock, merge, row, history, feed).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from uuid import UUID

import asyncpg
import uvloop
from company import Company, company, device_of

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT
from fieldbeat.kit.db import Conn
from fieldbeat.records import Change
from fieldbeat.records.feed_store import SQL
from fieldbeat_sync.schema import Op

WRITERS = 8
COMMITS_MAX = 20_000
EDITS = 20
FIELDS = {
    "name": "Shop", "note": "Ring twice.", "phone": "+43 1 1", "website": "shop.example", "kind": "DEALER",
    "tags": {"$add": ["bar"]}, "custom": {"shelf": 3}, "location": {"latitude": 1, "longitude": 2, "accuracyM": 3},
}  # fmt: skip
Commit = Callable[[Conn, int, UUID, str], Awaitable[None]]

ROW = "update account set rev = rev + 1, fields = fields || $3 where tenant_id = $1 and id = $2 returning rev"


async def main(seconds: float) -> None:
    """Measures and prints."""
    for scopes in (1, 16):
        async with company(territories=scopes, accounts=-(-WRITERS * 4 // scopes)) as made:
            row, fed, changed = [await _rate(made, each, seconds) for each in (_row(made), _fed(made), _changed(made))]
            print(
                f"{scopes:2} scopes: {row:6.0f} commits/s the row alone, {fed:6.0f} with the feed ({fed / row:.2f}), "
                f"{changed:5.0f} whole changes ({changed / fed:.2f})"
            )
            await _check(made)
    await _weigh()


async def _rate(made: Company, commit: Commit, seconds: float) -> float:
    """Commits a second of all writers; each has accounts of its own, spread over the scopes."""
    accounts = [
        (each, f"territory:{home}") for home, own in zip(made.territories, made.accounts, strict=True) for each in own
    ]
    done = 0

    async def write(n: int, until: float) -> None:
        nonlocal done
        mine, turn = accounts[n::WRITERS], 0
        async with made.db.pool.acquire() as conn:
            while perf_counter() < until and done < COMMITS_MAX:
                await commit(conn, n, *mine[turn % len(mine)])
                done, turn = done + 1, turn + 1

    begun = perf_counter()
    await asyncio.gather(*(write(n, begun + seconds) for n in range(WRITERS)))
    return done / (perf_counter() - begun)


def _row(made: Company) -> Commit:
    async def commit(conn: Conn, _writer: int, account: UUID, _scope: str) -> None:
        await conn.execute(_begin(made))
        await conn.fetchval(ROW, made.actor.tenant_id, account, {"note": "row"})
        await conn.execute("commit")

    return commit


def _fed(made: Company) -> Commit:
    async def commit(conn: Conn, _writer: int, account: UUID, scope: str) -> None:
        await conn.execute(_begin(made))
        rev = await conn.fetchval(ROW, made.actor.tenant_id, account, {"note": "fed"})
        await conn.execute(
            SQL["publish"], made.actor.tenant_id, [scope], [1], [0], [0], [scope], [0], ["account"], [account], ["PUT"],
            [rev], [DOC],
        )  # fmt: skip
        await conn.execute("commit")

    return commit


def _changed(made: Company) -> Commit:
    async def commit(_conn: Conn, writer: int, account: UUID, _scope: str) -> None:
        async with records.writing(made.db, made.actor.tenant_id) as tx:
            edit = Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": f"by {writer}"})
            await records.change(tx, made.actor, [edit])

    return commit


DOC = '"rev":2,"row":{"note":"' + "x" * 500 + '"},"clock":{}'


def _begin(made: Company) -> str:
    return f"begin; set local fieldbeat.tenant_id = '{made.actor.tenant_id}'"


async def _check(made: Company) -> None:
    owner = await asyncpg.connect(made.owner_url)
    apart = await owner.fetchval(
        "select count(*) from scope_head h "
        "where h.head <> (select max(f.seq) from feed f where f.tenant_id = h.tenant_id and f.scope_id = h.scope_id)"
    )
    assert apart == 0
    await owner.close()


async def _weigh() -> None:
    """Bytes of stamps in one account: as created, per field that devices have edited, and after many more edits."""
    async with company(territories=1, accounts=1) as made:
        owner = await asyncpg.connect(made.owner_url)
        account, seen = made.accounts[0][0], dict[UUID, int]()

        async def edited() -> int:
            """Each field once, each by another device; the bytes then."""
            for name, value in FIELDS.items():
                phone = await device_of(made)
                phone.revs = seen
                await phone.push([account], {name: value})
                seen.update(phone.revs)
            return await weight()

        async def weight() -> int:
            stamps: int = await owner.fetchval("select octet_length(stamps) from account where id = $1", account)
            return stamps

        created, once = await weight(), await edited()
        later = [await edited() for _ in range(EDITS - 1)][-1]
        print(
            f"stamps of one account: {created} bytes as created; {once} when {len(FIELDS)} devices had edited a field "
            f"each ({(once - created) / len(FIELDS):.1f} a field); {later} after {EDITS} edits of each field by "
            f"{EDITS * len(FIELDS)} devices"
        )
        await owner.close()


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 4.0))
