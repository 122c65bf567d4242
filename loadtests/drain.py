"""A phone that comes back with 10,000 queued edits: `python loadtests/drain.py [EDITS]`.

Over HTTP to the real application, in full batches, one after the other as a phone sends them, each acknowledged before
the next; 1,000 accounts are edited over and over. The time runs from the first request to the last answer.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
import uvloop
from company import company
from pull import OPERATIONS, registered
from served import application, line, post, signed_in

from fieldbeat.kit.ids import uuid7
from fieldbeat_sync.catalogue import SCHEMA

ACCOUNTS, BATCHES = 1_000, (100, 500)
PUSH = (OPERATIONS / "sync_push.graphql").read_text()


async def main(edits: int) -> None:
    """Queues, sends, prints."""
    async with company(territories=len(BATCHES), accounts=ACCOUNTS) as made, application(made):
        token = await signed_in(made)
        for batch, accounts in zip(BATCHES, made.accounts, strict=True):
            device = await registered(token)
            queue = [_edit(n, str(accounts[n % ACCOUNTS])) for n in range(edits)]
            begun = perf_counter()
            await _drain(token, device, queue, batch)
            taken = perf_counter() - begun
            print(f"{edits:,} edits by {batch}: {taken:.1f} s, {edits / taken:,.0f}/s; load {os.getloadavg()[0]:.1f}")


def _edit(n: int, account: str) -> dict[str, Any]:
    """Of somebody who has seen what stood when he went offline."""
    patch = {"note": f"Visit {n}: asks for the new price list."}
    return {
        "seq": n + 1, "uuid": str(uuid7()), "at": datetime.now(UTC).isoformat(), "collection": "account",
        "recordId": account, "op": "UPDATE", "baseRev": 1, "patch": patch,
    }  # fmt: skip


async def _drain(token: str, device: Any, queue: list[dict[str, Any]], batch: int) -> None:
    each = await line()
    for start in range(0, len(queue), batch):
        identity = {name: device[name] for name in ("deviceId", "incarnation", "epoch", "ratchet")}
        given = {**identity, "schemaVersion": SCHEMA.version, "deviceNow": datetime.now(UTC).isoformat()}
        asked = {**given, "ackedThrough": start, "mutations": queue[start : start + batch]}
        pushed = orjson.loads(await each.told(post(token, PUSH, {"input": asked})))["data"]["syncPush"]
        assert pushed["problem"] is None, pushed["problem"]
        assert pushed["lastSeq"] == min(start + batch, len(queue))
        assert "REJECTED" not in {result["status"] for result in pushed["results"]}
        device["ratchet"] = pushed["ratchet"]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
