"""A patch is taken as a whole or refused as a whole, and the refusal names every field at fault."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync import limits
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.mutation import Rejected
from fieldbeat_sync.patch import Part, parse
from fieldbeat_sync.policies.set import Delta
from fieldbeat_sync.schema import Collection, Op
from fieldbeat_testing.causal.probe import PROBE

ACCOUNT, CONTACT = SCHEMA.collections["account"], SCHEMA.collections["contact"]
ACCOUNT_ID = "018f0000-0000-7000-8000-000000000001"


def parts(patch: Mapping[str, Any], collection: Collection = PROBE, op: Op = Op.UPDATE) -> dict[str, Any]:
    parsed = parse(collection, op, patch, server=False)
    assert not isinstance(parsed, Rejected), parsed.message
    assert all(isinstance(part, Part) for part in parsed)
    return {part.name: part.value for part in parsed}


def refusal(
    patch: Mapping[str, Any], collection: Collection = PROBE, op: Op = Op.UPDATE, *, server: bool = False
) -> Rejected:
    parsed = parse(collection, op, patch, server=server)
    assert isinstance(parsed, Rejected)
    return parsed


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ({"colour": "red"}, "is not a field"),
        ({"rev": 3}, "is not a field"),
        ({"note": 7}, "must be a string"),
        ({"note": "x" * 201}, "must have 0 to 200 characters"),
        ({"note": "a\x00b"}, "cannot be stored"),
        ({"note": "a\ud800b"}, "cannot be stored"),
        ({"code": ""}, "must have 1 to 50 characters"),
        ({"code": "   "}, "must not be blank"),
        ({"stage": "LOST"}, "must be one of PLANNED"),
        ({"stage": ["PLANNED"]}, "must be one of PLANNED"),
        ({"stage": None}, "cannot be cleared"),
        ({"next": "not-an-id"}, "must be the id of a probe"),
        ({"next": 7}, "must be the id of a probe"),
        ({"place": "Graz"}, "must be an object of street"),
        ({"place": {"planet": "Mars"}}, "has no member planet"),
        ({"place": {"city": 8010}}, "city must be a string"),
        ({"visits": 3}, 'must be {"$inc": number}'),
        ({"visits": {"$inc": 1, "$dec": 1}}, 'must be {"$inc": number}'),
        ({"visits": {"$inc": "1"}}, "must be a number"),
        ({"visits": {"$inc": True}}, "must be a number"),
        ({"visits": {"$inc": 1.5}}, "must be a whole number"),
        ({"visits": {"$inc": 1_001}}, "must be from -1000 to 1000"),
        ({"visits": {"$inc": 10**400}}, "must be from -1000 to 1000"),
        ({"visits": {"$inc": float("inf")}}, "must be a finite number"),
        ({"visits": {"$inc": float("nan")}}, "must be a finite number"),
        ({"tags": ["vip"]}, 'must be {"$add": […], "$remove": […]}'),
        ({"tags": {}}, 'must be {"$add": […], "$remove": […]}'),
        ({"tags": None}, 'must be {"$add": […], "$remove": […]}'),
        ({"tags": {"$add": ["vip"], "$set": []}}, 'must be {"$add": […], "$remove": […]}'),
        ({"tags": {"$add": "vip"}}, "$add and $remove must be arrays"),
        ({"tags": {"$add": [7]}}, "must be a string"),
        ({"tags": {"$add": ["vip"], "$remove": ["vip"]}}, "must not add and remove the same element"),
        ({"tags": {"$add": [str(n) for n in range(limits.SET_ELEMENTS_MAX + 1)]}}, "at most 200 elements at once"),
        ({"answers": [1]}, "must be an object of at most 200 keys"),
        ({"answers": {str(n): n for n in range(limits.CUSTOM_KEYS_MAX + 1)}}, "must be an object of at most 200 keys"),
        ({"answers": {"": 1}}, "must have 1 to 100 characters"),
        ({"answers": {"deep": [[[[[[1]]]]]]}}, "must be at most 5 levels deep"),
        ({"answers": {"long": list(range(501))}}, "must hold at most 500 values"),
        ({"answers": {"bad": float("nan")}}, "must be a finite number"),
        ({"answers": {"huge": 1 << 64}}, "must be a number of at most 64 bits"),
        ({"answers": {"deep": {"huge": -(1 << 63) - 1}}}, "must be a number of at most 64 bits"),
        ({"answers": {"bad": ["\ud800"]}}, "cannot be stored"),
        ({"answers": {"bad": {"\x00": 1}}}, "cannot be stored"),
    ],
)
def test_a_bad_value_is_invalid_and_says_why(patch: dict[str, Any], why: str) -> None:
    refused = refusal(patch)
    assert refused.code == "INVALID"
    assert refused.fields == tuple(patch)
    assert why in refused.message


def test_every_field_at_fault_is_named() -> None:
    refused = refusal({"note": 7, "code": "ok", "zebra": 1, "stage": "LOST", "ape": 2})
    assert refused.fields == ("ape", "zebra", "note", "stage")
    assert all(name in refused.message for name in refused.fields)


def test_what_the_server_decides_a_device_may_not_write() -> None:
    refused = refusal({"tier": "VIP", "ownerId": ACCOUNT_ID, "note": "x"}, ACCOUNT)
    assert (refused.code, refused.fields) == ("FIELD_READ_ONLY", ("tier", "ownerId"))
    allowed = parse(ACCOUNT, Op.UPDATE, {"tier": "VIP"}, server=True)
    assert not isinstance(allowed, Rejected)


def test_a_field_of_the_create_is_read_only_after_it() -> None:
    assert refusal({"accountId": ACCOUNT_ID}, CONTACT).code == "FIELD_READ_ONLY"
    assert parts({"accountId": ACCOUNT_ID, "name": "Ivo"}, CONTACT, Op.CREATE)["accountId"] == ACCOUNT_ID


def test_a_create_needs_what_is_required_and_nobody_can_clear_it() -> None:
    assert refusal({"jobTitle": "Buyer"}, CONTACT, Op.CREATE).fields == ("accountId", "name")
    assert refusal({"name": None}, ACCOUNT).fields == ("name",)
    assert parts({"name": "Lonesome Pine"}, ACCOUNT, Op.CREATE) == {"name": "Lonesome Pine"}


@pytest.mark.parametrize(
    ("collection", "field"),
    [("visit", "pinned"), ("visitPlanLine", "pinned"), ("ticket", "priority"), ("ticketMessage", "public")],
)
def test_what_always_has_a_value_is_never_null(collection: str, field: str) -> None:
    declared = SCHEMA.collections[collection]
    op = Op.CREATE if declared.append_only else Op.UPDATE
    assert field in refusal({field: None}, declared, op, server=True).fields


def test_a_patch_that_changes_nothing_is_invalid_but_an_empty_create_is_not() -> None:
    assert refusal({}).code == "INVALID"
    assert refusal({"answers": {}}).code == "INVALID"
    assert parts({}, PROBE, Op.CREATE) == {}


def test_a_create_may_bring_a_plain_array_and_a_plain_number() -> None:
    assert parts({"tags": ["b", "a", "b"], "visits": 3}, PROBE, Op.CREATE) == {
        "tags": Delta(("a", "b"), ()),
        "visits": 3,
    }


def test_values_come_out_in_their_normal_form() -> None:
    normal = parts(
        {
            "place": {"city": "Graz"},
            "next": ACCOUNT_ID.upper(),
            "answers": {"b": 1, "a": None},
            "tags": {"$remove": ["y", "x"]},
            "visits": {"$inc": 2.0},
            "note": None,
        }
    )
    assert normal["place"] == {"street": None, "city": "Graz", "region": None, "postalCode": None, "country": None}
    assert normal["next"] == ACCOUNT_ID
    assert (normal["answers.a"], normal["answers.b"]) == (None, 1)
    assert normal["tags"] == Delta((), ("x", "y"))
    assert repr(normal["visits"]) == "2"
    assert normal["note"] is None


def test_an_instant_stands_in_utc_and_fits_the_calendar_there() -> None:
    def window(start: str, end: str) -> dict[str, Any]:
        return {"window": {"plannedStart": start, "plannedEnd": end}}

    visit = SCHEMA.collections["visit"]
    sent = window("2026-11-26T10:00:00+02:00", "2026-11-26T09:00:00Z")
    assert parts(sent, visit) == window("2026-11-26T08:00:00Z", "2026-11-26T09:00:00Z")
    for start, why in (
        ("0001-01-01T00:00:00+14:00", "from the year 1 to 9999"),
        ("2026-11-26T10:00:00", "with an offset"),
        ("tomorrow", "must be an RFC 3339 instant"),
    ):
        assert why in refusal(window(start, "2026-11-26T09:00:00Z"), visit).message


def test_a_location_needs_both_coordinates_within_the_globe() -> None:
    assert parts({"location": {"latitude": 47.07, "longitude": 15.44}}, ACCOUNT)["location"]["accuracyM"] is None
    for location, why in (
        ({"latitude": 47.07}, "needs longitude"),
        ({"latitude": None, "longitude": None}, "needs latitude, longitude"),
        ({"latitude": 90.1, "longitude": 0}, "latitude must be from -90 to 90"),
        ({"latitude": 0, "longitude": 10**400}, "longitude must be from -180 to 180"),
    ):
        assert why in refusal({"location": location}, ACCOUNT).message


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
wire = st.dictionaries(
    st.sampled_from([*PROBE.by_name, "unknown"]),
    json | st.fixed_dictionaries({}, optional={"$inc": json, "$add": json, "$remove": json, "city": json}),
)


@given(patch=wire, op=st.sampled_from([Op.CREATE, Op.UPDATE]), server=st.booleans())
def test_any_json_gets_parts_or_a_typed_refusal(patch: dict[str, Any], op: Op, server: bool) -> None:
    parsed = parse(PROBE, op, patch, server=server)
    if isinstance(parsed, Rejected):
        assert parsed.code in ("INVALID", "FIELD_READ_ONLY")
        assert set(parsed.fields) <= set(patch)
    else:
        assert {part.name.partition(".")[0] for part in parsed} <= set(patch)
