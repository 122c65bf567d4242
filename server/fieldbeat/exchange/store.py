"""The statements of `queries.sql`, one typed function each; no decisions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from fieldbeat.exchange.model import Device, Registering, Verdict
from fieldbeat.kit import sql
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn

SQL = sql.load(__file__)


class ChangedPart(NamedTuple):
    """What has changed in a scope: `ids` of one collection, among so many entries of the feed up to `seq`."""

    scope_id: str
    seq: int
    entries: int
    ids: list[UUID]


async def epoch_and_now(conn: Conn) -> tuple[int, datetime]:
    """The database's epoch and its clock."""
    row = await conn.fetchrow(SQL["epoch"])
    assert row is not None
    return row["epoch"], row["now"]


async def issue_replica(conn: Conn, tenant_id: UUID) -> int:
    """A new replica number of the tenant."""
    replica: int = await conn.fetchval(SQL["issue_replica"], tenant_id)
    return replica


async def upsert_device(
    conn: Conn, tenant_id: UUID, user_id: UUID, device_id: UUID, asked: Registering, incarnation: int
) -> UUID:
    """Registers an install under a user; its id, which stays the same for both."""
    stored: UUID = await conn.fetchval(
        SQL["upsert_device"],
        tenant_id,
        device_id,
        asked.install_id,
        user_id,
        asked.platform,
        asked.name,
        asked.app_version,
        asked.schema_version,
        asked.push_token,
        incarnation,
    )
    return stored


async def is_install_known(conn: Conn, tenant_id: UUID, user_id: UUID, install_id: UUID) -> bool:
    """Whether the install was registered under the user before."""
    return await conn.fetchval(SQL["install_known"], tenant_id, install_id, user_id) is not None


async def retire_other_users(conn: Conn, tenant_id: UUID, install_id: UUID, user_id: UUID) -> None:
    """Ends the incarnations of other users on this install."""
    await conn.execute(SQL["retire_other_users"], tenant_id, install_id, user_id)


async def add_incarnation(
    conn: Conn, tenant_id: UUID, replica: int, device_id: UUID, user_id: UUID, previous: tuple[int, int] | None
) -> None:
    """Notes what a replica number is, and what it continues."""
    await conn.execute(SQL["add_incarnation"], tenant_id, replica, device_id, user_id, *(previous or (None, None)))


async def previous_hlc(conn: Conn, tenant_id: UUID, user_id: UUID, replica: int) -> int | None:
    """The hybrid time of the last mutation of an earlier incarnation of this user; None: there is none such."""
    row = await conn.fetchrow(SQL["previous_incarnation"], tenant_id, user_id, replica)
    return row["last_hlc"] if row else None


async def inherit_hlc(conn: Conn, tenant_id: UUID, device_id: UUID, hlc: int) -> None:
    """Later mutations of the device come after `hlc`."""
    await conn.execute(SQL["inherit_hlc"], tenant_id, device_id, hlc)


async def own_dots(conn: Conn, tenant_id: UUID, replica: int) -> dict[int, int]:
    """Earlier replicas that this one continues, each with its last own seq."""
    rows = await conn.fetch(SQL["own_dots"], tenant_id, replica)
    return {row["replica"]: row["last_seq"] for row in rows}


async def lock_device(conn: Conn, tenant_id: UUID, device_id: UUID) -> Device | None:
    """A device, locked."""
    row = await conn.fetchrow(SQL["lock_device"], tenant_id, device_id)
    return Device(**dict(row)) if row else None


async def device_by_id(conn: Conn, tenant_id: UUID, device_id: UUID) -> Device | None:
    """A device."""
    row = await conn.fetchrow(SQL["device_by_id"], tenant_id, device_id)
    return Device(**dict(row)) if row else None


async def devices_of(
    conn: Conn, tenant_id: UUID, user_ids: Iterable[UUID], *, after: UUID | None, rows_max: int
) -> list[Device]:
    """The devices of some people by id, behind `after`."""
    rows = await conn.fetch(SQL["devices_of"], tenant_id, list(user_ids), after, rows_max)
    return [Device(**dict(row)) for row in rows]


async def advance_device(
    conn: Conn,
    tenant_id: UUID,
    device: Device,
    *,
    last_seq: int,
    hlc: int,
    ratchet: int,
    skew_ms: int | None,
    schema_version: int,
) -> None:
    """Moves a device on after a push."""
    await conn.execute(SQL["advance_device"], tenant_id, device.id, last_seq, hlc, ratchet, skew_ms, schema_version)


async def settled_by_seq(conn: Conn, tenant_id: UUID, replica: int, seqs: Sequence[int]) -> dict[int, Verdict]:
    """The verdicts of one incarnation."""
    return {row["seq"]: _verdict(row) for row in await conn.fetch(SQL["settled_by_seq"], tenant_id, replica, seqs)}


async def settled_by_uuid(conn: Conn, tenant_id: UUID, user_id: UUID, uuids: Sequence[UUID]) -> dict[UUID, Verdict]:
    """The first verdicts of edits."""
    return {row["uuid"]: _verdict(row) for row in await conn.fetch(SQL["settled_by_uuid"], tenant_id, user_id, uuids)}


async def rejected_creates(conn: Conn, tenant_id: UUID, device_id: UUID, record_ids: Sequence[UUID]) -> set[UUID]:
    """Records whose newest CREATE by this device was rejected."""
    rows = await conn.fetch(SQL["rejected_creates"], tenant_id, device_id, record_ids)
    return {row["record_id"] for row in rows}


async def settle(
    conn: Conn, tenant_id: UUID, device: Device, verdicts: Sequence[Verdict], repeats: Sequence[bool]
) -> None:
    """Keeps verdicts; `repeats` marks those whose uuid was settled before."""
    await conn.execute(
        SQL["settle"],
        tenant_id,
        device.user_id,
        device.id,
        device.incarnation,
        [v.uuid for v in verdicts],
        [v.seq for v in verdicts],
        [v.collection for v in verdicts],
        [v.record_id for v in verdicts],
        [v.op for v in verdicts],
        [v.payload_hash for v in verdicts],
        [v.status for v in verdicts],
        [v.at for v in verdicts],
        [v.rev for v in verdicts],
        [_array(str(each) for each in v.conflict_ids) for v in verdicts],
        [v.existing_id for v in verdicts],
        [v.code for v in verdicts],
        [v.message for v in verdicts],
        [_array(map(_quoted, v.fields)) for v in verdicts],
        [v.patch for v in verdicts],
        list(repeats),
    )


async def standings(
    conn: Conn, tenant_id: UUID, records: Sequence[tuple[str, UUID]], scopes: Iterable[str]
) -> dict[tuple[str, UUID], dict[str, str]]:
    """Of each record in one of `scopes`, now or once: the kind of its newest entry there; EVICT: it has left."""
    found: dict[tuple[str, UUID], dict[str, str]] = {}
    collections, ids = [each[0] for each in records], [each[1] for each in records]
    for row in await conn.fetch(SQL["standings"], tenant_id, collections, ids, list(scopes)):
        found.setdefault((row["collection"], row["record_id"]), {})[row["scope_id"]] = row["kind"]
    return found


async def lost_at(
    conn: Conn,
    tenant_id: UUID,
    records: Sequence[tuple[str, UUID]],
    *,
    held: Iterable[str],
    lost: Mapping[str, datetime],
) -> dict[tuple[str, UUID], datetime]:
    """Of records that stand in no scope held: when the last reason to see them went. `lost`: scopes with their end."""
    collections, ids = [each[0] for each in records], [each[1] for each in records]
    rows = await conn.fetch(SQL["lost_at"], tenant_id, collections, ids, list(held), list(lost), list(lost.values()))
    return {(row["collection"], row["record_id"]): row["lost_at"] for row in rows}


async def changes(
    conn: Conn, actor: Actor, seen: Mapping[str, int], collection: str, *, entries_max: int
) -> list[ChangedPart]:
    """Of each scope that the actor holds, behind what was seen of it."""
    rows = await conn.fetch(
        SQL["changes"], actor.user_id, actor.role, list(seen), list(seen.values()), collection, entries_max
    )
    return [ChangedPart(**dict(row)) for row in rows]


def _verdict(row: asyncpg.Record) -> Verdict:
    return Verdict(**{**dict(row), "conflict_ids": tuple(row["conflict_ids"]), "fields": tuple(row["fields"])})


def _quoted(text: str) -> str:
    """A text as an element of an array's literal; nothing but the quote and the backslash is special there."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _array(texts: Iterable[str]) -> str:
    """A literal of text[], for an array of arrays, which the driver takes as text alone."""
    return "{" + ",".join(texts) + "}"
