"""The statements of `feed.sql`, one typed function each; no decisions."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from fieldbeat.kit import sql
from fieldbeat.kit.db import Conn
from fieldbeat.kit.ids import uuid7
from fieldbeat.records.activity import Activity
from fieldbeat.records.model import Entry
from fieldbeat_sync import scope

SQL = sql.load(__file__, filename="feed.sql")


class Standing(NamedTuple):
    """What a scope's feed says of a record that has not left it: PUT with its document, or DELETE."""

    collection: str
    record_id: UUID
    kind: str
    rev: int
    doc: str | None


async def publish(conn: Conn, tenant_id: UUID, by_scope: Mapping[str, Sequence[Entry]]) -> None:
    """Raises the heads of the scopes and writes their entries, in one statement."""
    entries = [(entry, len(own) - 1 - n) for own in by_scope.values() for n, entry in enumerate(own)]
    await conn.execute(
        SQL["publish"],
        tenant_id,
        list(by_scope),
        [len(own) for own in by_scope.values()],
        [sum(entry.live_rows for entry in own) for own in by_scope.values()],
        [sum(entry.checksum for entry in own) % scope.MODULUS for own in by_scope.values()],
        [entry.scope_id for entry, _ in entries],
        [back for _, back in entries],
        [entry.collection for entry, _ in entries],
        [entry.record_id for entry, _ in entries],
        [entry.kind for entry, _ in entries],
        [entry.rev for entry, _ in entries],
        [entry.doc for entry, _ in entries],
    )


async def write_activities(conn: Conn, tenant_id: UUID, activities: Sequence[Activity]) -> None:
    """What the team is told, one row for each person whom it concerns, in one statement."""
    ordered = [(uuid7(), each) for each in sorted(activities, key=attrgetter("happened_at"))]
    rows = [(n, id, person, each) for n, (id, each) in enumerate(ordered) for person in each.told_of]
    told = [each for _, _, _, each in rows]
    await conn.execute(
        SQL["write_activities"],
        tenant_id,
        [n for n, _, _, _ in rows],
        [id for _, id, _, _ in rows],
        [person for _, _, person, _ in rows],
        [each.kind for each in told],
        [each.collection for each in told],
        [each.record_id for each in told],
        [each.actor_id if each.actor_id.int else None for each in told],
        [each.people[0] if each.people else None for each in told],
        [each.happened_at for each in told],
        [each.about for each in told],
        [each.account_id for each in told],
        [each.detail for each in told],
    )


async def conflicts_about(conn: Conn, tenant_id: UUID, record_ids: Sequence[UUID]) -> frozenset[UUID]:
    """All conflicts about some records."""
    rows = await conn.fetch(SQL["conflicts_about"], tenant_id, list(record_ids))
    return frozenset(row["id"] for row in rows)


async def entries_in_scope(
    conn: Conn, tenant_id: UUID, scope_id: str, collections: Iterable[str], record_ids: Sequence[UUID]
) -> list[Standing]:
    """The entries of these records, and of conflicts about them, in one scope."""
    rows = await conn.fetch(SQL["entries_in_scope"], tenant_id, scope_id, list(collections), list(record_ids))
    return [Standing(**dict(row)) for row in rows]
