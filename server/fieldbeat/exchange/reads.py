"""What a person may look up about the sync: conflicts, his rejected edits, and why a value is what it is."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from fieldbeat.exchange import lookup_store, store
from fieldbeat.exchange.model import ConflictView, FieldWrite, Rejection
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn
from fieldbeat.kit.refusal import Invalid, NotFound
from fieldbeat.people.reads import people_below
from fieldbeat.territories.reads import scopes_held
from fieldbeat.visits.model import ReadVia
from fieldbeat.visits.sightings import note_shown
from fieldbeat_sync import versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.schema import Field

WRITES_MAX = 1_000


async def conflicts_page(
    conn: Conn, actor: Actor, *, status: str | None, after: UUID | None, rows_max: int
) -> Sequence[ConflictView]:
    """Conflicts of the records that `actor` may see, newest first. As `show_conflicts`, where reps were is noted."""
    held = await scopes_held(conn, actor)
    found = await lookup_store.conflicts_page(
        conn, actor.tenant_id, held, status=status, after=after, rows_max=rows_max
    )
    await _note(conn, actor, found)
    return found


async def show_conflicts(conn: Conn, actor: Actor, ids: Collection[UUID]) -> dict[UUID, ConflictView]:
    """As `conflicts_by_ids`, to be shown to `actor`. Needs a writing transaction: where reps were is noted with it."""
    found = await conflicts_by_ids(conn, actor, ids)
    await _note(conn, actor, found.values())
    return found


async def conflicts_by_ids(conn: Conn, actor: Actor, ids: Collection[UUID]) -> dict[UUID, ConflictView]:
    """The conflicts among `ids` that `actor` may see; the others are absent."""
    return await lookup_store.conflicts_by_ids(conn, actor.tenant_id, await scopes_held(conn, actor), ids)


async def rejections_page(
    conn: Conn, actor: Actor, *, after: tuple[datetime, int, int] | None, rows_max: int
) -> Sequence[Rejection]:
    """Rejected edits of the actor and, for those who lead, of everyone below, newest first."""
    people = await people_below(conn, actor)
    return await lookup_store.rejections_page(conn, actor.tenant_id, people, after=after, rows_max=rows_max)


async def why_value(conn: Conn, actor: Actor, *, collection: str, record_id: UUID, field: str) -> list[FieldWrite]:
    """Every write of a field, newest first, ending with what the record was created with.

    `field` is a wire name of any version, `custom.<key>`, or `*` for deletes. Needs a writing transaction: where a rep
    was is noted with it. Refuses NOT_FOUND for a record out of sight and INVALID for what is no field.
    """
    field = versions.current_name(collection, field)
    declared = _declared(collection, field)
    key = (collection, record_id)
    standings = await store.standings(conn, actor.tenant_id, [key], await scopes_held(conn, actor))
    if set(standings.get(key, {}).values()) <= {"EVICT"}:
        raise NotFound
    writes = await lookup_store.field_history(conn, actor.tenant_id, collection, record_id, field, rows_max=WRITES_MAX)
    if declared is not None and all(write.rev > 1 for write in writes):
        created = await lookup_store.creation(conn, actor.tenant_id, collection, record_id)
        if created:
            default = SCHEMA.collections[collection].blank[declared.name]
            value = None if declared.keyed else default
            writes.append(replace(created, value=value, outcome="WON", rule="CREATED"))
    await note_shown(conn, actor, ((collection, record_id, write.value) for write in writes), ReadVia.HISTORY)
    return writes


async def _note(conn: Conn, actor: Actor, conflicts: Collection[ConflictView]) -> None:
    values = ((each.collection, each.record_id, side.value) for each in conflicts for side in (each.winner, each.loser))
    await note_shown(conn, actor, values, ReadVia.CONFLICT)


def _declared(collection: str, name: str) -> Field | None:
    if collection not in SCHEMA.collections:
        raise Invalid(f"{collection} is not a collection.", fields=("collection",))
    if name == "*":
        return None
    head, _, key = name.partition(".")
    declared = SCHEMA.collections[collection].by_name.get(head)
    if declared is None or bool(key) != declared.keyed:
        raise Invalid(f"{name} is not a field of {collection}.", fields=("field",))
    return declared
