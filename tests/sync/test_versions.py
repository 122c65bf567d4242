"""Schema versions: an older app goes on in its own words, and what it does not know survives it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync import upgrade, versions
from fieldbeat_sync.catalogue import SCHEMA
from fieldbeat_sync.catalogue.customers import CHANNELS
from fieldbeat_sync.clock import DeviceTime
from fieldbeat_sync.merge import Merge, Past, merge
from fieldbeat_sync.mutation import Author, Edit, Rejected
from fieldbeat_sync.patch import parse
from fieldbeat_sync.schema import Collection, Field, Op, Policy, Role
from fieldbeat_sync.sequence import Pending
from fieldbeat_sync.values import Choice, Instant, Json, Members, Number, Reference, Text, ValueType
from fieldbeat_sync.versions import Shift
from fieldbeat_testing.device import LUNCH, Bench, named, page, put, state

# The contract's names: what apps of version 1 send and receive.
FIRST_USER = ("name", "email", "role", "managerId", "timeZone")
FIRST_CONTACT = ("accountId", "name", "title", "phones", "emails", "consent", "note")
EVERY_VERSION = range(versions.OLDEST, SCHEMA.version + 1)
VERSIONS = st.sampled_from(EVERY_VERSION)
COLLECTIONS = st.sampled_from(["account", "contact"])


def values(kind: ValueType) -> st.SearchStrategy[Any]:
    """Values that the type takes."""
    match kind:
        case Text():
            return st.text("aé \"\\{}:,'title", min_size=max(kind.length_min, 1), max_size=20).filter(str.strip)
        case Choice():
            return st.sampled_from(kind.options)
        case Number():
            return st.integers(max(int(kind.least), -90), min(int(kind.most), 90))
        case Reference():
            return st.uuids(version=4).map(str)
        case Members():
            return st.fixed_dictionaries({name: values(part) for name, part in kind.members.items()})
        case Json():
            return st.dictionaries(st.sampled_from(["title", "jobTitle", "a"]), st.integers(0, 9), max_size=2)
        case Instant():
            return st.just("2026-01-01T00:00:00Z")
    raise AssertionError(kind)


def patch_values(field: Field) -> st.SearchStrategy[Any]:
    """What an UPDATE may say of a field."""
    if field.policy is Policy.SET:
        elements = st.lists(values(field.value), max_size=3, unique=True)
        return st.fixed_dictionaries({"$add": elements, "$remove": elements}).filter(
            lambda change: not set(change["$add"]) & set(change["$remove"])
        )
    if field.keyed:
        return st.dictionaries(st.sampled_from(["title", "k", "x y"]), st.integers(0, 9), min_size=1, max_size=2)
    return values(field.value)


@st.composite
def patches(draw: st.DrawFn, collection: Collection) -> dict[str, Any]:
    """A patch as an app that knows `collection` writes it."""
    writable = [each for each in collection.fields if each.policy is not Policy.SERVER and not each.create_only]
    chosen = draw(st.lists(st.sampled_from(writable), min_size=1, unique_by=lambda each: each.name))
    return {each.name: draw(patch_values(each)) for each in chosen}


@st.composite
def rows(draw: st.DrawFn, collection: Collection) -> dict[str, Any]:
    """A row with something in every field."""
    row: dict[str, Any] = {"id": named("record"), "rev": draw(st.integers(1, 9))}
    for each in collection.fields:
        whole = values(each.value)
        row[each.name] = draw(st.lists(whole, max_size=2, unique=True) if each.policy is Policy.SET else whole)
    return row


def test_version_1_has_the_names_of_the_contract() -> None:
    first = versions.schema_of(1)
    assert tuple(first.collections["contact"].by_name) == FIRST_CONTACT
    assert tuple(first.collections["user"].by_name) == FIRST_USER
    unchanged = SCHEMA.collections.keys() - {"contact", "user"}
    assert all(first.collections[name] == SCHEMA.collections[name] for name in unchanged)


def test_the_current_version_pays_nothing() -> None:
    row, patch = {"id": "1", "jobTitle": "x"}, {"jobTitle": "x"}
    assert versions.changed_since(SCHEMA.version) == frozenset()
    assert versions.lower_row(SCHEMA.version, "contact", row) is row
    assert versions.lift_patch(SCHEMA.version, "contact", patch) is patch
    assert versions.schema_of(SCHEMA.version) == SCHEMA


def test_which_versions_may_pull() -> None:
    assert [version for version in range(-1, SCHEMA.version + 3) if versions.is_served(version)] == [1, 2]


@given(st.data(), VERSIONS, COLLECTIONS)
def test_a_row_comes_back_as_it_went(data: st.DataObject, version: int, name: str) -> None:
    row = data.draw(rows(versions.schema_of(version).collections[name]))
    assert versions.lower_row(version, name, versions.lift_row(version, name, row)) == row


@given(st.data(), VERSIONS, VERSIONS, COLLECTIONS)
def test_an_edit_of_any_version_changes_no_field_that_it_does_not_name(
    data: st.DataObject, writes: int, reads: int, name: str
) -> None:
    """Invariant 22, in memory: edit in one version's words, read in another's."""
    collection = SCHEMA.collections[name]
    before = data.draw(rows(collection))
    patch = data.draw(patches(versions.schema_of(writes).collections[name]))
    after = merged(collection, before, versions.lift_patch(writes, name, patch))
    named_fields = {versions.lift_name(writes, name, field) for field in patch}
    assert {field for field in before if after[field] != before[field]} <= named_fields | {"rev"}
    seen_before, seen_after = (versions.lower_row(reads, name, row) for row in (before, after))
    assert seen_before.keys() == seen_after.keys()
    touched = {versions.lower_name(reads, name, field) for field in named_fields}
    assert {field for field in seen_before if seen_before[field] != seen_after[field]} <= touched | {"rev"}


@given(st.data(), COLLECTIONS)
def test_a_whole_row_sent_back_by_an_older_app_keeps_what_it_does_not_know(data: st.DataObject, name: str) -> None:
    collection = SCHEMA.collections[name]
    before = data.draw(rows(collection))
    held = versions.lower_row(1, name, before)
    writable = {
        each.name
        for each in versions.schema_of(1).collections[name].fields
        if each.policy not in (Policy.SERVER, Policy.SET) and not each.create_only and not each.machine
    }
    whole = {field: value for field, value in held.items() if field in writable}
    assert merged(collection, before, versions.lift_patch(1, name, whole)) == {**before, "rev": before["rev"] + 1}


@given(st.data(), VERSIONS, COLLECTIONS, st.sampled_from(list(Op)[:2]))
def test_a_patch_is_judged_as_its_own_version_judges_it(data: st.DataObject, version: int, name: str, op: Op) -> None:
    own = versions.schema_of(version).collections[name]
    patch = data.draw(patches(own))
    odd = data.draw(st.sampled_from([None, "title", "jobTitle", "preferredChannel", "name", "nothing", *own.by_name]))
    if odd is not None:
        patch[odd] = data.draw(st.sampled_from([5, None, "PHONE"]))
    alone = parse(own, op, patch, server=False)
    lifted = parse(SCHEMA.collections[name], op, versions.lift_patch(version, name, patch), server=False)
    if isinstance(alone, Rejected):
        assert isinstance(lifted, Rejected)
        told = {versions.lower_name(version, name, field) for field in lifted.fields}
        assert (lifted.code, told) == (alone.code, set(alone.fields))
        assert sentences(versions.lower_text(version, name, lifted.message)) >= sentences(alone.message)
    else:
        assert not isinstance(lifted, Rejected)
        assert {part.name for part in lifted} == {versions.lift_name(version, name, part.name) for part in alone}


def sentences(message: str) -> set[str]:
    return {each.replace(" of a later version", "") for each in message.split("; ")}


def test_an_older_app_may_not_name_what_its_version_does_not_have() -> None:
    lifted = versions.lift_patch(1, "contact", {"title": "Chef", "jobTitle": "Cook", "preferredChannel": "PHONE"})
    refused = parse(SCHEMA.collections["contact"], Op.UPDATE, lifted, server=False)
    assert isinstance(refused, Rejected)
    assert [versions.lower_name(1, "contact", name) for name in refused.fields] == ["jobTitle", "preferredChannel"]


def test_a_conflict_names_its_field_as_the_reader_does() -> None:
    conflict = {"id": "1", "rev": 1, "collection": "contact", "field": "jobTitle", "winner": {"value": "Chef"}}
    told = versions.lower_row(1, "conflict", conflict)
    assert told == {**conflict, "field": "title"}
    assert versions.lift_row(1, "conflict", told) == conflict
    of_account = {**conflict, "collection": "account", "field": "custom.jobTitle"}
    assert versions.lower_row(1, "conflict", of_account) == of_account


def test_what_an_older_app_has_no_name_for_keeps_its_own() -> None:
    conflict = {"id": "1", "rev": 1, "collection": "contact", "field": "preferredChannel"}
    assert versions.lower_row(1, "conflict", conflict) == conflict


def test_a_block_of_rows_is_lowered_like_each_row() -> None:
    columns, listed = ["id", "rev", "jobTitle", "preferredChannel", "name"], [["a", 1, "Chef", "VISIT", "Ann"]]
    assert versions.lower_block(1, "contact", columns, listed) == (
        ["id", "rev", "title", "name"],
        [["a", 1, "Chef", "Ann"]],
    )
    conflicts = ["id", "rev", "collection", "field"]
    assert versions.lower_block(1, "conflict", conflicts, [["c", 1, "contact", "jobTitle"]]) == (
        conflicts,
        [["c", 1, "contact", "title"]],
    )


def test_names_of_any_version_are_known() -> None:
    assert versions.current_name("contact", "title") == "jobTitle"
    assert versions.current_name("contact", "jobTitle") == "jobTitle"
    assert versions.current_name("contact", "nothing") == "nothing"
    assert versions.current_name("account", "title") == "title"
    assert versions.current_name("account", "custom.title") == "custom.title"


def test_a_message_speaks_the_readers_words() -> None:
    told = "jobTitle must be a string; jobTitle of a later version is not a field; myjobTitle stays"
    assert versions.lower_text(1, "contact", told) == told.replace("jobTitle must", "title must")


def test_the_same_edit_is_known_in_the_words_of_every_version() -> None:
    assert list(versions.tellings("contact", {"jobTitle": "Chef"})) == [{"jobTitle": "Chef"}, {"title": "Chef"}]
    only_new = {"jobTitle": "Chef", "preferredChannel": "PHONE"}
    assert list(versions.tellings("contact", only_new)) == [only_new]
    assert list(versions.tellings("account", {"name": "x"})) == [{"name": "x"}]


def test_steps_add_up() -> None:
    earlier = {"contact": Shift({"heading": "title"}, frozenset({"note"}))}
    wording = versions.wording_of("contact", [earlier, *versions.STEPS.values()])
    assert (wording.lift("heading"), wording.lower("jobTitle")) == ("jobTitle", "heading")
    assert "note" not in wording.lowered
    assert wording.lift("title") == "title"  # not yet a name at that time, and none now


def test_every_step_leads_to_fields_that_exist() -> None:
    for version in EVERY_VERSION:
        for name in versions.schema_of(version).collections:
            declared = versions.schema_of(version).collections[name]
            back = {versions.lift_name(version, name, field) for field in declared.by_name}
            assert back <= SCHEMA.collections[name].by_name.keys()
            assert len(back) == len(declared.fields)


def test_an_updated_app_keeps_queue_and_drafts_and_pulls_from_nothing() -> None:
    bench = older_bench()
    edit = next(iter(bench.device.queue.values()))
    bench.device.apply(upgrade.upgraded(bench.device))
    [queued] = bench.device.queue.values()
    assert queued == replace(edit, patch={"jobTitle": "Chef"})
    held = bench.device.rows["contact", named("ann")]
    assert (held.row["jobTitle"], held.row["preferredChannel"], held.stale) == ("Cook", None, held.scopes)
    link = bench.device.link
    assert (link.schema_version, link.cursor, link.pull_due) == (SCHEMA.version, None, True)


def test_what_the_server_no_longer_gives_goes_at_the_end_of_that_pull() -> None:
    bench = older_bench()
    bench.device.apply(upgrade.upgraded(bench.device))
    bench.device.queue.clear()
    bench.pulled(page(put("north"), scopes=[state("north", (LUNCH, 1))]))
    assert bench.device.rows.keys() == {("account", LUNCH)}


def older_bench() -> Bench:
    """A phone of version 1 that holds a contact and has queued an edit of it."""
    bench = Bench()
    contact = {"id": named("ann"), "rev": 1, **versions.schema_of(1).collections["contact"].blank, "title": "Cook"}
    change = {
        **put("north"), "collection": "contact", "id": named("ann"), "row": contact,
    }  # fmt: skip
    bench.pulled(page(put("north"), change, more=True))
    made = Pending(1, named("e"), DeviceTime(0), "contact", named("ann"), Op.UPDATE, 1, {"title": "Chef"})
    bench.device.queue[made.uuid] = made
    bench.device.link = replace(bench.device.link, schema_version=1)
    return bench


def merged(collection: Collection, row: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The row after an edit by somebody who had seen it."""
    fields = {name: value for name, value in row.items() if name not in ("id", "rev")}
    created = creation(collection, fields)
    record = replace(created.record, row=fields, rev=row["rev"])
    edit = Edit(
        op=Op.UPDATE, seq=2, base_rev=row["rev"], patch=patch, author=Author(1, Role.ADMIN), received_ms=2_000, age_ms=0
    )
    done = merge(collection, record, edit, Past())
    assert not isinstance(done, Rejected), done
    return {"id": row["id"], "rev": done.record.rev, **done.record.row}


def creation(collection: Collection, row: Mapping[str, Any]) -> Merge:
    required = {each.name: row[each.name] for each in collection.fields if each.required}
    edit = Edit(
        op=Op.CREATE, seq=1, base_rev=0, patch=required, author=Author(1, Role.ADMIN), received_ms=1_000, age_ms=0
    )
    made = merge(collection, None, edit, Past())
    assert not isinstance(made, Rejected), made
    return made


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_contact_may_prefer_a_channel(channel: str) -> None:
    parts = parse(SCHEMA.collections["contact"], Op.UPDATE, {"preferredChannel": channel}, server=False)
    assert not isinstance(parts, Rejected)
