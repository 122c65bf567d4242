"""One change of one record, by online verbs: row, history, conflicts and feed agree."""

from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.replica import KEPT_ACCOUNT, KEPT_CONTACT
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.replica import KEPT_USER
from fieldbeat.records import Change, Changed
from fieldbeat.territories.replica import KEPT_TERRITORY
from fieldbeat_sync import scope
from fieldbeat_sync.mutation import Applied, Conflicted, Merged
from fieldbeat_sync.schema import Op, Role


@pytest.fixture
async def actor(db: Db) -> Actor:
    tenant_id, user_id = uuid7(), uuid7()
    async with db.unscoped() as conn:
        await conn.execute("select create_tenant($1, 'Acme', false)", tenant_id)
    actor = Actor(tenant_id, user_id, Role.ADMIN)
    async with records.writing(db, tenant_id) as tx:
        person = {"name": "Anna", "email": "anna@acme.example", "role": "ADMIN"}
        await records.change(tx, actor, [Change(KEPT_USER, user_id, Op.CREATE, person)])
    return actor


@pytest.fixture
async def territories(db: Db, actor: Actor) -> tuple[UUID, UUID]:
    north, south = uuid7(), uuid7()
    async with records.writing(db, actor.tenant_id) as tx:
        await records.change(
            tx,
            actor,
            [
                Change(KEPT_TERRITORY, north, Op.CREATE, {"name": "North"}),
                Change(KEPT_TERRITORY, south, Op.CREATE, {"name": "South"}),
            ],
        )
    return north, south


async def one(db: Db, actor: Actor, change: Change) -> Changed:
    async with records.writing(db, actor.tenant_id) as tx:
        [changed] = await records.change(tx, actor, [change])
    return changed


async def opened(db: Db, actor: Actor, territory: UUID, name: str = "Corner shop") -> UUID:
    account = uuid7()
    patch = {"name": name, "ownerId": str(actor.user_id), "territoryId": str(territory), "tags": ["a"]}
    await one(db, actor, Change(KEPT_ACCOUNT, account, Op.CREATE, patch))
    return account


async def head(owner: Conn, actor: Actor, territory: UUID) -> tuple[int, int, str]:
    row = await owner.fetchrow(
        "select head, live_rows, checksum from scope_head where tenant_id = $1 and scope_id = $2",
        actor.tenant_id,
        f"territory:{territory}",
    )
    assert row is not None
    return row["head"], row["live_rows"], scope.digits(int(row["checksum"]))


async def expected(owner: Conn, actor: Actor, territory: UUID) -> tuple[int, str]:
    """Rows and checksum recounted from the feed."""
    rows = await owner.fetch(
        "select collection, record_id, rev from feed where tenant_id = $1 and scope_id = $2 and kind = 'PUT'",
        actor.tenant_id,
        f"territory:{territory}",
    )
    return len(rows), scope.checksum(scope.row_hash(*row) for row in rows)


async def test_a_form_opened_before_anothers_edit_and_saved_after_it_loses_nothing(
    db: Db, owner: Conn, actor: Actor, territories: tuple[UUID, UUID]
) -> None:
    account = await opened(db, actor, territories[0])
    first = await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": "call"}, base_rev=1))
    other = await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"phone": "1"}, base_rev=1))
    clash = await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": "mail"}, base_rev=1))
    assert isinstance(first.outcome, Applied)
    assert isinstance(other.outcome, Merged)
    assert isinstance(clash.outcome, Conflicted)
    assert (clash.rev, clash.row["note"], clash.row["phone"]) == (4, "mail", "1")
    [conflict] = await owner.fetch("select fields from conflict")
    assert '"call"' in conflict["fields"]
    assert '"Anna"' in conflict["fields"]
    rows, checksum = await expected(owner, actor, territories[0])
    assert await head(owner, actor, territories[0]) == (5, rows, checksum)


async def test_an_edit_that_knows_the_conflict_supersedes_it(
    db: Db, owner: Conn, actor: Actor, territories: tuple[UUID, UUID]
) -> None:
    account = await opened(db, actor, territories[0])
    for note in ("call", "mail"):
        await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": note}, base_rev=1))
    await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": "third"}, base_rev=2))
    assert [row["status"] for row in await owner.fetch("select status from conflict order by id")] == ["OPEN", "OPEN"]
    await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": "settled"}))
    assert {row["status"] for row in await owner.fetch("select status from conflict")} == {"SUPERSEDED"}


async def test_a_moved_account_leaves_one_scope_and_enters_the_other_with_its_contacts(
    db: Db, owner: Conn, actor: Actor, territories: tuple[UUID, UUID]
) -> None:
    north, south = territories
    account, contact = await opened(db, actor, north), uuid7()
    await one(db, actor, Change(KEPT_CONTACT, contact, Op.CREATE, {"accountId": str(account), "name": "Boris"}))
    async with records.writing(db, actor.tenant_id) as tx:
        await records.change(tx, actor, [Change(KEPT_ACCOUNT, account, Op.UPDATE, {"territoryId": str(south)})])
        await records.move(
            tx,
            left=f"territory:{north}",
            entered=f"territory:{south}",
            record_ids=[account, contact],
            collections=["contact"],
        )
    kinds = await owner.fetch("select scope_id, collection, kind from feed where scope_id like 'territory:%'")
    assert {(row["scope_id"], row["collection"], row["kind"]) for row in kinds} == {
        (f"territory:{north}", "account", "EVICT"),
        (f"territory:{north}", "contact", "EVICT"),
        (f"territory:{south}", "account", "PUT"),
        (f"territory:{south}", "contact", "PUT"),
    }
    for territory in territories:
        rows, checksum = await expected(owner, actor, territory)
        assert (await head(owner, actor, territory))[1:] == (rows, checksum)


async def test_an_account_is_deleted_by_one_who_saw_its_contact_and_kept_for_one_who_did_not(
    db: Db, owner: Conn, actor: Actor, territories: tuple[UUID, UUID]
) -> None:
    account = await opened(db, actor, territories[0])
    contact = {"accountId": str(account), "name": "Boris"}
    await one(db, actor, Change(KEPT_CONTACT, uuid7(), Op.CREATE, contact))
    stale = await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"note": "new"}))
    kept = await one(db, actor, Change(KEPT_ACCOUNT, account, Op.DELETE, {}, base_rev=1))
    assert isinstance(kept.outcome, Conflicted)
    gone = await one(db, actor, Change(KEPT_ACCOUNT, account, Op.DELETE, {}))
    assert (stale.rev, gone.rev) == (2, 4)
    assert isinstance(gone.outcome, Applied)
    back = await one(db, actor, Change(KEPT_ACCOUNT, account, Op.UPDATE, {"phone": "1"}, base_rev=2))
    assert isinstance(back.outcome, Conflicted)
    assert await owner.fetchval("select deleted_at is null from account")
    rows, checksum = await expected(owner, actor, territories[0])
    assert (await head(owner, actor, territories[0]))[1:] == (rows, checksum)


async def test_a_taken_code_is_refused_and_nothing_is_written(
    db: Db, owner: Conn, actor: Actor, territories: tuple[UUID, UUID]
) -> None:
    holder, other = await opened(db, actor, territories[0]), await opened(db, actor, territories[0], "Second")
    await one(db, actor, Change(KEPT_ACCOUNT, holder, Op.UPDATE, {"code": "A1"}))
    with pytest.raises(records.ChangeRefused) as refused:
        await one(db, actor, Change(KEPT_ACCOUNT, other, Op.UPDATE, {"code": "A1"}))
    assert (refused.value.code, refused.value.fields, refused.value.existing_id) == ("UNIQUE", ("code",), holder)
    await one(db, actor, Change(KEPT_ACCOUNT, holder, Op.UPDATE, {"code": "A2"}))
    assert (await one(db, actor, Change(KEPT_ACCOUNT, other, Op.UPDATE, {"code": "A1"}))).row["code"] == "A1"
