"""Broken files and mappings: nothing is imported, and what is wrong is named by file and line."""

from pathlib import Path

import pytest

from fieldbeat.importing.model import BrokenFile, MappingInvalid, Plan
from fieldbeat.importing.places import City, Spot, locate
from fieldbeat.importing.plan import make_plan

MAPPING = """
format = 1
source = "crm"
[values.grade]
"1" = "OUTLET"
"2" = "DEALER"
[account]
file = "shops.csv"
key = "{code}"
name = "{shop}"
kind = "{grade|grade}"
place = { city = "{city}", country = "{country}" }
[account.owner]
file = "sales.csv"
account = "{code}"
user = "{who}"
on = "{day}"
id = "{no}"
"""
SHOPS = b"code,shop,grade,city,country\nA1,Corner,1,Bonn,Germany\nA2,Depot,2,Ulm,Germany\n"
SALES = b"""no,code,who,day
1,A1,x,2026-01-01
2,A1,y,2026-01-02
3,A2,x,2026-01-03
9,A2,y,2026-01-04
10,A2,x,2026-01-04
11,A2,y,2026-01-01
"""


def planned(folder: Path, *, shops: bytes = SHOPS, sales: bytes | None = SALES, mapping: str = MAPPING) -> Plan:
    (folder / "mapping.toml").write_text(mapping)
    (folder / "shops.csv").write_bytes(shops)
    if sales is not None:
        (folder / "sales.csv").write_bytes(sales)
    return make_plan(folder, folder / "mapping.toml")


@pytest.mark.parametrize(
    ("shops", "line", "why"),
    [
        (b"", 1, "empty"),
        (b"code,shop,grade\nA1,Corner,1\n", 1, "no column 'city'"),
        (b"code,code,shop\n", 1, "'code' twice"),
        (b"code,,shop\n", 1, "column 2 of the header has no name"),
        (SHOPS + b"A3,Kiosk,1\n", 4, "3 values, but the header names 5"),
        (SHOPS + b"A3,Kiosk,1,Bonn,Germany,more\n", 4, "6 values, but the header names 5"),
        (SHOPS + "A3,Café,1,Bonn,Germany\n".encode("latin-1"), 4, "not utf-8"),
        (SHOPS + b'A3,"Kiosk\nof two lines",1,Bonn,Germany\nA4,,1,Bonn,Germany\n', 6, "name (account) is required"),
        (SHOPS + b",Kiosk,1,Bonn,Germany\n", 4, "the key is empty"),
        (SHOPS + b'A3,"Kiosk,1,Bonn,Germany\n', 4, "not CSV"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, shops: bytes, line: int, why: str) -> None:
    with pytest.raises(BrokenFile) as broken:
        planned(tmp_path, shops=shops)
    assert (broken.value.file, broken.value.line) == ("shops.csv", line)
    assert why in str(broken.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match=r"sales\.csv, line 1: the file cannot be read"):
        planned(tmp_path, sales=None)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("format = 2", "format must be 1"),
        ("format = [", "Invalid"),
        (MAPPING.replace('source = "crm"', ""), "'source' is missing"),
        (MAPPING.replace("name =", "nam ="), r"\[account\] has no 'nam'"),
        (MAPPING.replace("{grade|grade}", "{grade|grades}"), "'grades' is no filter"),
        (MAPPING.replace('"{shop}"', '"{shop"'), "brace"),
        (MAPPING.replace('on = "{day}"', ""), "needs account, user, on and id"),
        (MAPPING + 'colour = "red"\n', "has no 'colour'"),
    ],
)
def test_a_mapping_that_cannot_be_read_says_why(tmp_path: Path, said: str, why: str) -> None:
    with pytest.raises(MappingInvalid, match=why):
        planned(tmp_path, mapping=said)


def test_a_byte_order_mark_and_blank_lines_are_no_matter(tmp_path: Path) -> None:
    plan = planned(tmp_path, shops=b"\xef\xbb\xbf" + SHOPS + b"\n\n")
    assert [row.key for row in plan.rows] == ["A1", "A2"]


def test_an_account_is_whose_most_rows_are_a_tie_goes_to_the_latest_by_date_then_id(tmp_path: Path) -> None:
    plan = planned(tmp_path, shops=SHOPS)
    assert {row.key: row.refs["ownerId"].key for row in plan.rows} == {"A1": "y", "A2": "x"}


def test_a_value_without_a_replacement_is_its_rows_fault_an_unknown_city_a_remark(tmp_path: Path) -> None:
    plan = planned(tmp_path, shops=SHOPS.replace(b"Ulm", b"Nowhere") + b"A3,Kiosk,3,Bonn,Germany\n")
    told = {(fault.line, fault.field, fault.remark) for fault in plan.faults}
    assert told == {(3, "location", True), (4, "kind", False)}
    [corner, depot] = plan.rows
    assert corner.fields["location"] == {"latitude": 50.73438, "longitude": 7.09549, "accuracyM": 5000}
    assert "location" not in depot.fields


def test_cities_are_found_without_accents_by_country_and_state() -> None:
    wanted = [
        City("Sao Paulo", "SP", "Brazil"), City("Kobenhavn", "", "Denmark"), City("Portland", "OR", "USA"),
        City("Portland", "ME", "USA"), City("London", "", "UK"), City("London", "", "Canada"),
        City("Atlantis", "", "UK"),
    ]  # fmt: skip
    found = locate(wanted, {City("Atlantis", "", "uk"): Spot(1.0, 2.0)})
    spots = [(round(found[city].latitude), round(found[city].longitude)) for city in wanted]
    assert spots == [(-24, -47), (56, 13), (46, -123), (44, -70), (52, 0), (43, -81), (1, 2)]
