"""What is made set-wise is what a merge would have made: the row, its stamps, the history, the feed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.exchange import reads
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.notifications.replica import KEPT_NOTIFICATION
from fieldbeat.records import Change, Kept, store
from fieldbeat.records.model import Key
from fieldbeat.visits.replica import KEPT_VISIT
from fieldbeat_sync.mutation import Author
from fieldbeat_sync.schema import Op, Role
from fieldbeat_testing.history import WRITES
from fieldbeat_testing.pusher import registered
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import World

__all__ = ["database", "founded", "harbour"]  # fixtures

WINDOW = {"plannedStart": "2026-11-23T09:00:00Z", "plannedEnd": "2026-11-23T09:30:00Z"}


def visit(world: World, account: str) -> dict[str, Any]:
    return {"accountId": account, "repId": str(world.nina.id), "window": WINDOW}


async def written(owner: Conn, kept: Kept, id: UUID) -> Any:
    """Everything that the database holds about a record, but for its id and the times."""
    row = await owner.fetchrow(
        f"select rev, fields, created_at = changed_at as at_once, deleted_at from {kept.table} where id = $1", id
    )
    history = await owner.fetch(
        "select field, rev, replica, seq, rank, epoch, value, actor_id, device_id, outcome, rule, timing "
        f"from {WRITES} w where record_id = $1 order by field", id,
    )  # fmt: skip
    parent = await owner.fetch(
        "select collection, record_id, rev, replica, seq, rank, epoch, value, actor_id, outcome, rule from field_write "
        "where field = $1", f"+{id}",
    )  # fmt: skip
    feed = await owner.fetch(
        "select scope_id, collection, kind, rev, doc from feed where record_id = $1 order by scope_id", id
    )
    assert row is not None
    said = [{**dict(each), "doc": each["doc"].replace(str(id), "ID")} for each in feed]
    return dict(row), [dict(each) for each in history], [dict(each) for each in parent], said


@pytest.mark.parametrize("collection", ["visit", "notification"])
async def test_many_at_once_are_as_one_by_one(db: Db, harbour: World, owner: Conn, collection: str) -> None:
    kept: Kept = {"visit": KEPT_VISIT, "notification": KEPT_NOTIFICATION}[collection]
    told = {"userId": str(harbour.nina.id), "type": "T", "title": "t", "body": None, "link": None}
    values: Mapping[str, Any] = visit(harbour, harbour.lunch) if kept is KEPT_VISIT else told
    one, many = uuid7(), [uuid7() for _ in range(3)]
    async with records.writing(db, harbour.tenant_id) as tx:
        await records.change(tx, harbour.vera.actor, [Change(kept, one, Op.CREATE, values)])
        await records.create(tx, harbour.vera.actor, kept, dict.fromkeys(many, values))
        at = tx.at
    merged = await written(owner, kept, one)
    for id in many:
        assert await written(owner, kept, id) == merged
    stamps = await owner.fetch(f"select distinct stamps from {kept.table}")
    assert len(stamps) == 1, f"all were made at {at}"
    assert await asked(db, harbour, kept, many[0]) == await asked(db, harbour, kept, one)


async def asked(db: Db, world: World, kept: Kept, id: UUID) -> Any:
    """What is told of each field of a record: why it is what it is, and what an edit of its first rev has seen."""
    name, fields = kept.schema.name, [each.name for each in kept.schema.fields if not each.keyed]
    async with db.reading(world.tenant_id) as conn:
        seen = await store.versions(
            conn, world.tenant_id, Author(7, Role.REP), [(Key(name, id), field, 1) for field in fields]
        )
        why = {
            field: await reads.why_value(conn, world.nina.actor, collection=name, record_id=id, field=field)
            for field in fields
        }
    assert {"userId", "at"} <= {field for _, field, _ in seen} or {"repId", "window"} <= {field for _, field, _ in seen}
    return {field: version for _, field, version in seen}, why


async def test_phones_agree_about_what_was_made_at_once_and_merge_it_as_ever(db: Db, harbour: World) -> None:
    nina, vera = await registered(db, harbour.nina), await registered(db, harbour.vera)
    ids = [uuid7() for _ in range(700)]
    async with records.writing(db, harbour.tenant_id) as tx:
        await records.create(tx, harbour.vera.actor, KEPT_VISIT, dict.fromkeys(ids, visit(harbour, harbour.tea)))
    await nina.pull()  # counts and checksums are compared
    await vera.pull()
    assert {str(id) for id in ids} <= {key[1] for key in nina.held}
    first = ids[0]
    assert await nina.said(nina.update("visit", first, {"status": "CHECKED_IN"}, base_rev=1)) == ["APPLIED"]
    assert await vera.said(vera.update("visit", first, {"status": "CANCELLED"}, base_rev=1)) == ["CONFLICT"]
    await vera.pull()
    assert await vera.said(vera.delete("account", harbour.tea, base_rev=1)) == ["APPLIED"]  # it has seen all of them


async def test_a_child_made_at_once_keeps_its_parent_alive(db: Db, harbour: World) -> None:
    vera = await registered(db, harbour.vera)
    gone = vera.delete("account", harbour.tea, base_rev=1)  # made before the visit came
    async with records.writing(db, harbour.tenant_id) as tx:
        await records.create(tx, harbour.nina.actor, KEPT_VISIT, {uuid7(): visit(harbour, harbour.tea)})
    assert await vera.said(gone) == ["CONFLICT"]


async def test_what_needs_a_merge_is_not_made_so(db: Db, harbour: World) -> None:
    cases: tuple[dict[str, Any], ...] = (
        {"status": "DONE"},
        {"samplesGiven": 3},
        {"answers": {"a": 1}},
        {"photoIds": []},
        {"colour": 1},
    )
    for named in cases:
        values = {**visit(harbour, harbour.tea), **named}
        async with records.writing(db, harbour.tenant_id) as tx:
            with pytest.raises(ValueError, match="cannot be created without a merge"):
                await records.create(tx, harbour.vera.actor, KEPT_VISIT, {uuid7(): values})
