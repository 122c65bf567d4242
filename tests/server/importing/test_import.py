"""Importing a company: what is added, what a second run does, what interrupts it, and what undoing takes back."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from fieldbeat import records
from fieldbeat.accounts import actions as accounts
from fieldbeat.accounts.model import Account, AccountFilter
from fieldbeat.accounts.reads import search_accounts
from fieldbeat.importing import rules
from fieldbeat.importing.actions import importer, preview_import, run_import
from fieldbeat.importing.model import BatchUndone, BatchUnknown, Imported, Plan, TenantUnclear
from fieldbeat.importing.plan import make_plan
from fieldbeat.importing.undo import undo_import
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.people.actions import create_tenant

MAPPING = """
format = 1
source = "crm"

[user]
file = "staff.csv"
key = "{no}"
name = "{name}"
email = "{name|lower}@acme.example"
role = "REP"
manager = "{boss}"

[territory]
file = "staff.csv"
key = "{no}"
name = "Patch of {name}"
holder = "{no}"
from = 2020-01-01

[account]
file = "shops.csv"
key = "{code}"
code = "{code}"
name = "{shop}"
tags = ["{tag}", "{tag2}"]
address = { city = "{city}" }
custom = { grade = "{grade}" }
owner = "{staff}"

[contact]
file = "shops.csv"
key = "{code}"
account = "{code}"
name = "{buyer}"
"""
STAFF = "no,name,boss\n1,Ann,2\n2,Bob,\n"
SHOP_COLUMNS = "code,shop,tag,tag2,city,grade,staff,buyer"
SHOPS = ("A1,Corner,red,blue,Bonn,1,1,Zoe", "A2,Depot,,,,,1,Yan", "A3,Kiosk,red,,Ulm,,2,Xena")
TABLES = ("person", "territory", "territory_assignment", "account", "contact", "field_write", "feed")


@pytest.fixture
async def admin(db: Db) -> Actor:
    await create_tenant(db, name="Acme", admin_email="root@acme.example", admin_name="Root", password="quite secret")
    return await importer(db, tenant="Acme")


def plan(folder: Path, shops: Sequence[str] = SHOPS, *, staff: str = STAFF) -> Plan:
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "staff.csv").write_text(staff)
    (folder / "shops.csv").write_text("\n".join((SHOP_COLUMNS, *shops)) + "\n")
    return make_plan(folder, folder / "mapping.toml")


async def test_rows_become_records_and_a_second_run_adds_none(
    db: Db, owner: Conn, admin: Actor, tmp_path: Path
) -> None:
    first = await run_import(db, admin, plan(tmp_path), password="quite secret")
    assert (first.tally.added, first.tally.faults) == (10, [])
    before = await counts(owner)
    again = await run_import(db, admin, plan(tmp_path), password="quite secret")
    assert (again.tally.added, again.tally.changed, again.tally.unchanged) == (0, 0, 10)
    assert again.batch_id != first.batch_id
    assert await counts(owner) == before


async def test_a_dry_run_tells_and_does_nothing(db: Db, owner: Conn, admin: Actor, tmp_path: Path) -> None:
    before = await counts(owner)
    would = await preview_import(db, admin, plan(tmp_path))
    assert (would.added, would.changed, would.unchanged) == (10, 0, 0)
    assert await counts(owner) == before


async def test_what_the_source_says_anew_is_merged_with_what_people_changed(
    db: Db, admin: Actor, tmp_path: Path
) -> None:
    await run_import(db, admin, plan(tmp_path), password="quite secret")
    corner = await account(db, admin, "Corner")
    async with records.writing(db, admin.tenant_id) as tx:
        await accounts.update_account(
            tx, admin, account_id=corner.id, patch={"note": "ours", "tags": {"$add": ["own"], "$remove": []}}
        )
    done = await run_import(db, admin, plan(tmp_path, ("A1,Corner,blue,,Bonn,2,2,Zoe", *SHOPS[1:])))
    assert (done.tally.added, done.tally.changed, done.tally.unchanged) == (0, 1, 9)
    after = await account(db, admin, "Corner")
    assert (after.note, after.tags, after.custom) == ("ours", ("blue", "own"), {"grade": "2"})
    assert after.owner_id != corner.owner_id
    assert after.territory_id != corner.territory_id


async def test_cut_off_in_the_middle_it_goes_on_where_it_was(
    db: Db, owner: Conn, admin: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CHUNK_ROWS", 2)
    planned = plan(tmp_path)

    def cut(done: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run_import(db, admin, planned, progress=cut, password="quite secret")
    assert await owner.fetchval("select count(*) from account") == 2
    told: list[int] = []
    done = await run_import(db, admin, planned, progress=told.append, password="quite secret")
    assert (told[0], done.resumed_at, done.tally.added) == (6, 6, 4)
    assert await owner.fetchval("select count(*) from import_batch") == 1
    batch = await owner.fetchrow(
        "select added, position, rows_total, finished_at is not null as finished from import_batch"
    )
    assert dict(batch) == {"added": 10, "position": 10, "rows_total": 10, "finished": True}  # type: ignore[arg-type]
    assert await owner.fetchval("select count(*) from account") == 3


async def test_rows_at_fault_are_skipped_and_told_the_others_are_imported(
    db: Db, owner: Conn, admin: Actor, tmp_path: Path
) -> None:
    taken = await run_import(db, admin, plan(tmp_path), password="quite secret")
    assert taken.tally.refused == 0
    shops = (*SHOPS, "B1,Long tag," + "x" * 61 + ",,,,1,Wu", "B2,Nobody's,,,,,9,Vi", "A1,Twice,,,,,1,Uli")
    done = await run_import(db, admin, plan(tmp_path, shops), password="quite secret")
    told = {(fault.line, fault.field): fault.message for fault in done.tally.faults if fault.file == "shops.csv"}
    assert told.keys() == {(5, "tags"), (5, "accountId"), (6, "ownerId"), (6, "accountId"), (7, "key")}
    assert told[6, "ownerId"] == "there is no user '9' (or it was refused)"
    assert told[7, "key"] == "'A1' stands in line 2 already"
    assert done.tally.refused == 3
    assert await owner.fetchval("select count(*) from account") == 3


async def test_a_code_that_another_account_has_is_that_rows_fault_alone(
    db: Db, owner: Conn, admin: Actor, tmp_path: Path
) -> None:
    await run_import(db, admin, plan(tmp_path), password="quite secret")
    corner = await account(db, admin, "Corner")
    async with records.writing(db, admin.tenant_id) as tx:
        await accounts.create_account(tx, admin, patch={"name": "Ours", "code": "C2"}, owner_id=corner.owner_id)
    shops = (*SHOPS, "C1,One,,,,,1,P", "C2,Two,,,,,1,Q", "C3,Three,,,,,1,R")
    done = await run_import(db, admin, plan(tmp_path, shops))
    assert done.tally.added == 4
    assert {(fault.line, fault.field) for fault in done.tally.faults} == {(6, "code"), (6, "accountId")}


async def test_undoing_takes_back_what_nobody_has_changed_since(
    db: Db, owner: Conn, admin: Actor, tmp_path: Path
) -> None:
    done = await run_import(db, admin, plan(tmp_path), password="quite secret")
    corner = await account(db, admin, "Corner")
    async with records.writing(db, admin.tenant_id) as tx:
        await accounts.update_account(tx, admin, account_id=corner.id, patch={"note": "ours now"})
    undone = await undo_import(db, admin, done.batch_id)
    left = {(one.collection, one.key) for one in undone.left}
    assert left == {("account", "A1"), ("territory", "1"), ("user", "1"), ("user", "2")}
    assert undone.removed == 6
    assert await names(db, admin) == ["Corner"]
    with pytest.raises(BatchUndone):
        await undo_import(db, admin, done.batch_id)


async def test_undone_whole_it_can_be_imported_again(db: Db, owner: Conn, admin: Actor, tmp_path: Path) -> None:
    done = await run_import(db, admin, plan(tmp_path), password="quite secret")
    undone = await undo_import(db, admin, done.batch_id)
    assert (undone.removed, undone.left) == (10, [])
    assert await names(db, admin) == []
    again = await run_import(db, admin, plan(tmp_path), password="quite secret")
    assert (again.tally.added, again.tally.faults) == (10, [])
    assert await names(db, admin) == ["Corner", "Depot", "Kiosk"]


async def test_undoing_a_change_sets_back_what_the_source_had_said(db: Db, admin: Actor, tmp_path: Path) -> None:
    first = await run_import(db, admin, plan(tmp_path), password="quite secret")
    before = await account(db, admin, "Corner")
    second = await run_import(db, admin, plan(tmp_path, ("A1,Corner,green,,,,2,Zoe", *SHOPS[1:])))
    undone = await undo_import(db, admin, second.batch_id)
    assert (undone.removed, undone.restored, undone.left) == (0, 1, [])
    after = await account(db, admin, "Corner")
    fields = ("name", "tags", "address", "custom", "owner_id", "territory_id")
    assert [getattr(after, name) for name in fields] == [getattr(before, name) for name in fields]
    assert (await undo_import(db, admin, first.batch_id)).left == []


async def test_an_import_is_its_companys_alone(db: Db, admin: Actor, tmp_path: Path) -> None:
    done: Imported = await run_import(db, admin, plan(tmp_path), password="quite secret")
    await create_tenant(db, name="Rival", admin_email="root@rival.example", admin_name="R", password="quite secret")
    rival = await importer(db, tenant="Rival")
    with pytest.raises(BatchUnknown):
        await undo_import(db, rival, done.batch_id)
    with pytest.raises(BatchUnknown):
        await undo_import(db, admin, uuid7())
    with pytest.raises(TenantUnclear):
        await importer(db)
    assert await names(db, rival) == []


async def names(db: Db, actor: Actor) -> list[str]:
    async with db.reading(actor.tenant_id) as conn:
        return [one.account.name for one in await search_accounts(conn, actor, rows_max=100)]


async def account(db: Db, actor: Actor, name: str) -> Account:
    async with db.reading(actor.tenant_id) as conn:
        [found] = await search_accounts(conn, actor, wanted=AccountFilter(name), rows_max=2)
    return found.account


async def counts(owner: Conn) -> dict[str, int]:
    return {table: await owner.fetchval(f"select count(*) from {table}") for table in TABLES}
