"""Reading a snapshot as a client does: whole lines alone count, and each says how to go on after it."""

from collections.abc import Sequence
from typing import Any

import orjson

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT
from fieldbeat.exchange.snapshot import open_snapshot
from fieldbeat.exchange.stream import batches
from fieldbeat.kit.ids import uuid7
from fieldbeat.web.snapshot import in_full
from fieldbeat_sync.holdings import Shelf
from fieldbeat_sync.schema import Op
from fieldbeat_testing.pusher import KEY, Pusher
from fieldbeat_testing.world import World

Lines = list[dict[str, Any]]


async def read(phone: Pusher, *, resume: str | None = None, lines_max: int | None = None) -> Lines:
    """The lines of a snapshot, or the first of them: then the line is cut."""
    snapshot = await open_snapshot(
        phone.db, phone.person.actor, phone.device_id, resume=resume, version=phone.schema_version, key=KEY
    )
    lines: Lines = []
    async for part in in_full(batches(phone.db, snapshot, key=KEY)):
        if len(lines) == lines_max:
            break
        lines.append(orjson.loads(part))
    return lines


def take(phone: Pusher, lines: Sequence[dict[str, Any]]) -> None:
    """The phone keeps the rows of a snapshot, and pulls from its cursor next."""
    shelf = Shelf(phone.held)
    for line in lines:
        for row, clock in zip(line.get("rows", ()), line.get("clocks", ()), strict=True):
            fields = dict(zip(line["columns"], row, strict=True))
            shelf.take(
                {
                    "scope": line["scope"],
                    "collection": line["collection"],
                    "id": fields["id"],
                    "kind": "PUT",
                    "rev": fields["rev"],
                    "row": fields,
                    "clock": clock,
                }
            )
        phone.cursor = line.get("cursor", phone.cursor)
    phone.held = {each.key: each for each in shelf.all()}


async def stock(phone: Pusher, harbour: World, count: int, *, name: str = "Stall", **fields: Any) -> list[str]:
    """So many more accounts in Nina's territory, 500 a transaction."""
    ids = [uuid7() for _ in range(count)]
    server = {"territoryId": str(harbour.north), "ownerId": str(harbour.nina.id)}
    for begin in range(0, count, 500):
        async with records.writing(phone.db, harbour.tenant_id) as tx:
            made = [
                records.Change(KEPT_ACCOUNT, id_, Op.CREATE, {"name": f"{name} {begin + n}", **server, **fields})
                for n, id_ in enumerate(ids[begin : begin + 500])
            ]
            await records.change(tx, harbour.adam.actor, made)
    return [str(id_) for id_ in ids]
