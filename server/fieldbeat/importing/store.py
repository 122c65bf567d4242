"""One typed function per query; no decisions."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fieldbeat.importing.mapping import CODES
from fieldbeat.importing.model import Batch, Kept, Plan, Settled, Tally
from fieldbeat.kit.db import Conn
from fieldbeat.kit.sql import load
from fieldbeat.records import Kept as KeptCollection

SQL = load(__file__)
IN_USE = {
    "account": "account_in_use",
    "contact": "contact_in_use",
    "territory": "territory_in_use",
    "user": "person_in_use",
    "ticket": "ticket_in_use",
    "asset": "asset_in_use",
    "part": "part_in_use",
}


class ToUndo(NamedTuple):
    """One row of a batch that may be undone."""

    place: int
    collection: str
    key: str
    record_id: UUID
    rev: int
    said: dict[str, Any]
    before: dict[str, Any] | None


class Current(NamedTuple):
    """A record as it is now."""

    rev: int
    deleted: bool


async def find_tenants(conn: Conn, wanted: str | None) -> list[UUID]:
    """At most two."""
    return [row["tenant_id"] for row in await conn.fetch(SQL["find_tenants"], wanted)]


async def an_administrator(conn: Conn, tenant_id: UUID, email: str | None) -> UUID | None:
    """Of this e-mail, or the one who has been there longest."""
    found: UUID | None = await conn.fetchval(SQL["an_administrator"], tenant_id, email)
    return found


async def lock_source(conn: Conn, tenant_id: UUID, source: str) -> None:
    """Wait for another import of the source; to the end of the transaction."""
    await conn.execute(SQL["lock_source"], str(tenant_id), source)


async def unfinished_batch(conn: Conn, tenant_id: UUID, plan: Plan) -> Batch | None:
    """The import of just this content that was interrupted."""
    row = await conn.fetchrow(SQL["unfinished_batch"], tenant_id, plan.source, plan.content_hash)
    return Batch(**row) if row else None


async def lock_batch(conn: Conn, tenant_id: UUID, batch_id: UUID) -> Batch | None:
    """The batch, locked."""
    row = await conn.fetchrow(SQL["batch_by_id"], tenant_id, batch_id)
    return Batch(**row) if row else None


async def add_batch(conn: Conn, tenant_id: UUID, batch_id: UUID, actor_id: UUID, plan: Plan) -> None:
    """A batch that begins."""
    refused = len({(fault.file, fault.line) for fault in plan.faults if not fault.remark})
    await conn.execute(
        SQL["add_batch"], tenant_id, batch_id, plan.source, plan.content_hash, actor_id, len(plan.rows), refused
    )


async def advance_batch(conn: Conn, tenant_id: UUID, batch_id: UUID, position: int, did: Tally) -> None:
    """Rows up to `position` are settled."""
    await conn.execute(
        SQL["advance_batch"], tenant_id, batch_id, position, did.added, did.changed, did.unchanged, did.refused
    )


async def end_undoing(conn: Conn, tenant_id: UUID, batch_id: UUID) -> None:
    """The batch is undone, as far as it could be."""
    await conn.execute(SQL["end_undoing"], tenant_id, batch_id)


async def kept_rows(conn: Conn, tenant_id: UUID, source: str, collection: str, keys: Sequence[str]) -> dict[str, Kept]:
    """What earlier imports made of these rows."""
    rows = await conn.fetch(SQL["kept_rows"], tenant_id, source, collection, keys)
    return {row["key"]: Kept(row["record_id"], row["rev"], row["said"]) for row in rows}


async def add_rows(
    conn: Conn, tenant_id: UUID, batch_id: UUID, source: str, collection: str, settled: Sequence[Settled]
) -> None:
    """Remember what became of rows of one collection."""
    columns = zip(
        *((one.place, one.row.key, one.record_id, one.rev, one.row.said, one.before) for one in settled), strict=True
    )
    if settled:
        await conn.execute(SQL["add_rows"], tenant_id, batch_id, source, collection, *map(list, columns))


async def named(conn: Conn, tenant_id: UUID, collection: str, names: Sequence[str]) -> dict[str, UUID]:
    """Records that were there before any import: people by e-mail, territories by name, accounts by code."""
    if collection == "user":
        rows = await conn.fetch(SQL["people_by_emails"], tenant_id, [name.lower() for name in names])
    elif collection == "territory":
        rows = await conn.fetch(SQL["territories_by_names"], tenant_id, names)
    elif collection == CODES:
        rows = await conn.fetch(SQL["accounts_by_codes"], tenant_id, names)
    else:
        return {}
    return {row["key"]: row["id"] for row in rows}


async def rows_to_undo(conn: Conn, tenant_id: UUID, batch_id: UUID, below: int, rows_max: int) -> list[ToUndo]:
    """The next rows below a place, the last first."""
    return [ToUndo(**row) for row in await conn.fetch(SQL["rows_to_undo"], tenant_id, batch_id, below, rows_max)]


async def mark_undone(conn: Conn, tenant_id: UUID, batch_id: UUID, places: Sequence[int]) -> None:
    """These rows count no longer."""
    await conn.execute(SQL["mark_undone"], tenant_id, batch_id, places)


async def revs(conn: Conn, tenant_id: UUID, kept: KeptCollection, ids: Sequence[UUID]) -> dict[UUID, Current]:
    """The records as they are now."""
    rows = await conn.fetch(SQL["revs"].replace("{table}", kept.table), tenant_id, ids)
    return {row["id"]: Current(row["rev"], row["deleted"]) for row in rows}


async def in_use(conn: Conn, tenant_id: UUID, collection: str, record_id: UUID) -> bool:
    """Whether something else depends on the record."""
    if collection not in IN_USE:
        return False
    return bool(await conn.fetchval(SQL[IN_USE[collection]], tenant_id, record_id))


async def taken_numbers(conn: Conn, tenant_id: UUID, numbers: Sequence[int]) -> set[int]:
    """Those that tickets have, deleted ones too."""
    return {row["number"] for row in await conn.fetch(SQL["taken_numbers"], tenant_id, numbers)}


async def raise_counter(conn: Conn, tenant_id: UUID, number: int) -> None:
    """The next new ticket has a greater number. Locks the tenant's counter."""
    await conn.execute(SQL["raise_counter"], tenant_id, number)


async def contacts_at(conn: Conn, tenant_id: UUID, account_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The contacts of accounts, the oldest first."""
    found: dict[UUID, list[UUID]] = {id: [] for id in account_ids}
    for row in await conn.fetch(SQL["contacts_at"], tenant_id, account_ids):
        found[row["account_id"]].append(row["id"])
    return found


async def drop_assignments(conn: Conn, tenant_id: UUID, territory_id: UUID) -> None:
    """Nobody covers this territory any more, nor ever did."""
    await conn.execute(SQL["drop_assignments"], tenant_id, territory_id)


async def release_login(conn: Conn, user_id: UUID) -> None:
    """The e-mail of a deleted person is free again."""
    await conn.execute(SQL["release_login"], user_id)


async def restore_rev(conn: Conn, tenant_id: UUID, record_id: UUID, undone_rev: int, rev: int) -> None:
    """The record stands at `rev` as the import before `undone_rev` had left it."""
    await conn.execute(SQL["restore_rev"], tenant_id, record_id, undone_rev, rev)


async def demo_tenant(conn: Conn) -> UUID | None:
    """The demo company, once it was founded."""
    found: UUID | None = await conn.fetchval(SQL["demo_tenant"])
    return found


async def is_imported(conn: Conn, tenant_id: UUID, source: str) -> bool:
    """Whether a finished import of the source stands."""
    return bool(await conn.fetchval(SQL["is_imported"], tenant_id, source))
