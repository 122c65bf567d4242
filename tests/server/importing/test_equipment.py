"""Importing parts with what they cost and assets with their warranties, with their accounts or after them."""

from datetime import date
from pathlib import Path

import pytest

from fieldbeat.accounts.reads import search_accounts
from fieldbeat.assets.model import Asset
from fieldbeat.assets.reads import search_assets
from fieldbeat.importing.actions import importer, preview_import, run_import
from fieldbeat.importing.model import MappingInvalid, Plan
from fieldbeat.importing.plan import make_plan
from fieldbeat.importing.undo import undo_import
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.db import Conn, Db
from fieldbeat.parts.model import Part
from fieldbeat.parts.reads import costs_of_part, search_parts
from fieldbeat.people.actions import create_tenant

HEAD = 'format = 1\nsource = "{}"\n'
COMPANY = """
[user]
file = "staff.csv"
key = "{no}"
name = "{name}"
email = "{name|lower}@acme.example"
role = "REP"

[territory]
file = "staff.csv"
key = "{no}"
name = "Patch of {name}"
holder = "{no}"
from = 2020-01-01

[account]
file = "shops.csv"
key = "{id}"
code = "{code}"
name = "{code}"
owner = "1"
"""
EQUIPMENT = """
[part]
file = "parts.csv"
key = "{sku}"
sku = "{sku}"
name = "{what}"
unit = "{unit}"
cost = "{price}"
from = 2026-01-01

[asset]
file = "assets.csv"
key = "{serial}"
account = "{shop}"
name = "{what}"
serialNumber = "{serial}"
installedOn = "{since}"
warrantyUntil = "{until}"
tags = ["{kind}"]
custom = { volts = "{volts}" }
"""
PARTS = ("S-1,Seal,,4.25", "G-1,Gas,g,0.1", "X-1,Handle,,")
ASSETS = ("SN-1,1,Cooler,2024-05-01,2027-05-01,loan,230", "SN-2,2,Scale,,,,")


@pytest.fixture
async def admin(db: Db) -> Actor:
    await create_tenant(db, name="Acme", admin_email="root@acme.example", admin_name="Root", password="quite secret")
    return await importer(db, tenant="Acme")


def plan(
    folder: Path, mapping: str = COMPANY + EQUIPMENT, *, source: str = "erp", parts: tuple[str, ...] = PARTS,
    assets: tuple[str, ...] = ASSETS,
) -> Plan:  # fmt: skip
    (folder / "mapping.toml").write_text(HEAD.replace("{}", source) + mapping)
    (folder / "staff.csv").write_text("no,name\n1,Ann\n")
    (folder / "shops.csv").write_text("id,code\n1,A1\n2,A2\n")
    (folder / "parts.csv").write_text("\n".join(("sku,what,unit,price", *parts)) + "\n")
    (folder / "assets.csv").write_text("\n".join(("serial,shop,what,since,until,kind,volts", *assets)) + "\n")
    return make_plan(folder, folder / "mapping.toml")


async def assets_of(db: Db, admin: Actor) -> dict[str | None, Asset]:
    async with db.reading(admin.tenant_id) as conn:
        return {each.serial_number: each for each in await search_assets(conn, admin, rows_max=10)}


async def parts_of(db: Db, admin: Actor) -> dict[str, tuple[Part, list[tuple[date, float]]]]:
    async with db.reading(admin.tenant_id) as conn:
        return {
            each.sku: (
                each,
                [(cost.from_on, cost.amount) for cost in await costs_of_part(conn, admin, each.id, rows_max=9)],
            )
            for each in await search_parts(conn, admin, rows_max=10)
        }


async def test_equipment_comes_with_its_accounts_and_a_second_run_adds_none(
    db: Db, admin: Actor, tmp_path: Path
) -> None:
    would = await preview_import(db, admin, plan(tmp_path))
    assert (would.added, would.faults) == (9, [])
    first = await run_import(db, admin, plan(tmp_path))
    assert (first.tally.added, first.tally.faults) == (9, [])
    async with db.reading(admin.tenant_id) as conn:
        codes = {each.account.id: each.account.code for each in await search_accounts(conn, admin, rows_max=10)}
    assets, parts = await assets_of(db, admin), await parts_of(db, admin)
    cooler = assets["SN-1"]
    assert (codes[cooler.account_id], cooler.name, cooler.tags, cooler.custom) == (
        "A1", "Cooler", ("loan",), {"volts": "230"},
    )  # fmt: skip
    assert (cooler.installed_on, cooler.warranty_until) == (date(2024, 5, 1), date(2027, 5, 1))
    assert (assets["SN-2"].warranty_until, codes[assets["SN-2"].account_id]) == (None, "A2")
    day = date(2026, 1, 1)
    assert {sku: (part.unit, costs) for sku, (part, costs) in parts.items()} == {
        "S-1": ("piece", [(day, 4.25)]), "G-1": ("g", [(day, 0.1)]), "X-1": ("piece", []),
    }  # fmt: skip
    again = await run_import(db, admin, plan(tmp_path))
    assert (again.tally.added, again.tally.changed, again.tally.unchanged) == (0, 0, 9)


async def test_what_the_source_says_otherwise_is_changed_and_undone(db: Db, admin: Actor, tmp_path: Path) -> None:
    await run_import(db, admin, plan(tmp_path))
    parts, assets = ("S-1,Seal,,5", *PARTS[1:]), (ASSETS[0].replace("2027", "2028"), ASSETS[1])
    changed = await run_import(db, admin, plan(tmp_path, parts=parts, assets=assets))
    assert (changed.tally.changed, changed.tally.faults) == (2, [])
    day = date(2026, 1, 1)
    assert (await parts_of(db, admin))["S-1"][1] == [(day, 5)]
    assert (await assets_of(db, admin))["SN-1"].warranty_until == date(2028, 5, 1)
    undone = await undo_import(db, admin, changed.batch_id)
    assert (undone.restored, undone.left) == (2, [])
    assert (await parts_of(db, admin))["S-1"][1] == [(day, 4.25)]
    assert (await assets_of(db, admin))["SN-1"].warranty_until == date(2027, 5, 1)


async def test_equipment_comes_after_its_accounts_by_their_codes(
    db: Db, owner: Conn, admin: Actor, tmp_path: Path
) -> None:
    await run_import(db, admin, plan(tmp_path, COMPANY))
    assets = (ASSETS[0].replace(",1,", ",A1,"), "SN-3,A9,Scale,,,,", "SN-4,A2,Scale,,soon,,")
    later = plan(
        tmp_path, EQUIPMENT, source="stock", assets=assets, parts=("S-1,Seal,,4", "S-2,Seal,,dear", "S-3,x,,-1")
    )
    done = await run_import(db, admin, later)
    told = [(fault.file, fault.line, fault.field) for fault in done.tally.faults]
    assert sorted(told) == [
        ("assets.csv", 3, "accountId"), ("assets.csv", 4, "warrantyUntil"), ("parts.csv", 3, "cost"),
        ("parts.csv", 4, "cost"),
    ]  # fmt: skip
    assert done.tally.added == 2
    cooler = (await assets_of(db, admin))["SN-1"]
    ticket = "insert into ticket (tenant_id, id, rev, fields, stamps) values ($1, uuidv7(), 1, $2::jsonb, '')"
    about = (
        f'{{"accountId": "{cooler.account_id}", "assetId": "{cooler.id}", "status": "NEW", "priority": "LOW", '
        '"subject": "x", "kind": "FAULT", "tags": [], "visitIds": []}'
    )
    await owner.execute(ticket, admin.tenant_id, about)
    undone = await undo_import(db, admin, done.batch_id)
    assert [(each.collection, each.why) for each in undone.left] == [("asset", "something else depends on it")]
    assert await parts_of(db, admin) == {}


def test_a_cost_needs_its_day(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match="needs from"):
        plan(tmp_path, EQUIPMENT.replace("from = 2026-01-01\n", ""))
