"""Making territories and saying who covers them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from fieldbeat import records
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.territories import reads, rules, store
from fieldbeat.territories.model import (
    Assignment,
    PersonUnknown,
    Territory,
    TerritoryNameTaken,
    TerritoryUnknown,
)
from fieldbeat.territories.replica import KEPT_TERRITORY
from fieldbeat_sync import scope
from fieldbeat_sync.schema import Op, Role


async def create_territory(
    tx: records.Tx, actor: Actor, *, name: str, labels: Sequence[str] = (), id: UUID | None = None
) -> Territory:
    """Makes a territory that nobody covers yet.

    Refuses FORBIDDEN (not an administrator), UNIQUE (the name), INVALID.
    """
    rules.check_may_create(actor)
    rules.check_name(name)
    if await store.named_territory(tx.conn, actor.tenant_id, name):
        raise TerritoryNameTaken(fields=("name",))
    made = records.Change(KEPT_TERRITORY, id or uuid7(), Op.CREATE, {"name": name, "labels": list(labels)})
    await records.change(tx, actor, [made])
    return (await reads.territories_by_ids(tx.conn, actor, [made.record_id]))[made.record_id]


async def assign_territory(
    tx: records.Tx, actor: Actor, *, territory_id: UUID, user_id: UUID, from_on: date, until_on: date | None = None
) -> Assignment:
    """From `from_on` on (inclusive, the person's local date) he covers the territory until `until_on` (exclusive).

    What was said before of this person and territory for `from_on` and later is replaced, what lies before it stays; to
    end an assignment, say it again from its first day with the day on which it ends.
    Locks: the person. Refuses NOT_FOUND, FORBIDDEN, INVALID.
    """
    rules.check_range(from_on, until_on)
    if not await store.lock_person(tx.conn, actor.tenant_id, user_id):
        raise PersonUnknown(fields=("userId",))
    if not await store.territories_by_ids(tx.conn, actor.tenant_id, [territory_id]):
        raise TerritoryUnknown(fields=("territoryId",))
    await _check_may_assign(tx, actor, territory_id, user_id)
    added = Assignment(uuid7(), territory_id, user_id, from_on, until_on)
    await store.cut_assignments(tx.conn, actor.tenant_id, territory_id, user_id, from_on)
    await store.add_assignment(tx.conn, actor.tenant_id, added)
    tx.touched.add(scope.user(user_id))  # no record has changed, but what he may see has
    return added


async def _check_may_assign(tx: records.Tx, actor: Actor, territory_id: UUID, user_id: UUID) -> None:
    if actor.role is Role.ADMIN:
        return
    held = await store.held_scopes(tx.conn, actor)
    people, territories = scope.ids_of("user", held), scope.ids_of("territory", held)
    rules.check_may_assign(actor, territory_id=territory_id, user_id=user_id, territories=territories, people=people)
