"""What happens to phones: bad networks, kills, backups, lost territories, edits that are refused. Nothing is lost."""

import shutil
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account
from fieldbeat.kit.db import Conn, Db
from fieldbeat.people.actions import deactivate_user
from fieldbeat.phone import Fault, NotAdmitted, Unreachable
from fieldbeat_sync.device import Wish
from fieldbeat_sync.schema import Op
from fieldbeat_testing.journey import Phones, conflicts, held, sync, verdicts, writes
from fieldbeat_testing.network import drawn, told
from fieldbeat_testing.world import World


@pytest.mark.parametrize("seed", range(3))
async def test_a_bad_network_costs_time_and_nothing_else(phones: Phones, world: World, seed: int) -> None:
    bad, good = phones.phone(world.nina, fault=drawn(seed, share=0.5)), phones.phone(world.nina)
    await sync(bad, good)
    for n in range(12):
        bad.edit("account", world.lunch, custom={f"key{n}": n})
        if n % 3 == 0:
            await sync(bad)
    await sync(bad, good)
    assert held(good)["account", world.lunch]["custom"] == {f"key{n}": n for n in range(12)}
    assert held(good) == held(bad)
    assert await conflicts(phones.desk(world.vera)) == []


async def test_an_answer_that_is_lost_is_given_again(phones: Phones, world: World) -> None:
    phone = phones.phone(world.nina)
    await sync(phone)
    uuid = phone.edit("account", world.lunch, note="once")
    phone.edge._client._transport.fault = told([Fault.LOSE_ANSWER])  # type: ignore[attr-defined]
    with pytest.raises(Unreachable):
        await phone.sync()
    assert list(phone.device.queue) == [uuid]
    await sync(phone)
    assert verdicts(phone) == {uuid: "APPLIED"}
    desk = phones.desk(world.nina)
    assert [each["value"] for each in await writes(desk, "account", world.lunch, "note")] == ["once", "as it was"]


async def test_a_phone_restored_from_a_backup_counts_nothing_twice(
    phones: Phones, world: World, tmp_path: Path
) -> None:
    phone = phones.phone(world.nina, path=tmp_path / "phone.db")
    await sync(phone)
    first = phone.edit("account", world.lunch, tags={"$add": ["a"]})
    phone.store.close()
    shutil.copy(tmp_path / "phone.db", tmp_path / "backup.db")
    phone.store.__init__(tmp_path / "phone.db")  # type: ignore[misc]
    second = phone.edit("account", world.lunch, note="after the backup")
    await sync(phone)

    restored = phones.phone(world.nina, path=tmp_path / "backup.db")
    third = restored.edit("account", world.lunch, note="after the restore")
    await sync(restored)

    assert verdicts(restored)[first] == verdicts(phone)[first]
    assert restored.device.link.incarnation != phone.device.link.incarnation
    desk = phones.desk(world.nina)
    assert len(await writes(desk, "account", world.lunch, "tags")) == 2, "created, and added to once"
    notes = {each["value"] for each in await writes(desk, "account", world.lunch, "note")}
    assert notes == {"as it was", "after the backup", "after the restore"}
    assert second in verdicts(phone)
    assert third in verdicts(restored)


async def test_one_bad_edit_blocks_nothing_and_stays_readable(phones: Phones, world: World) -> None:
    phone, other = phones.phone(world.nina), phones.phone(world.nina)
    await sync(phone, other)
    phone.edit("account", world.lunch, note="before")
    bad = phone.edit("account", world.lunch, note="never", tier="VIP")
    unknown = phone.edit("account", world.diner, note="not hers")
    born = phone.create("contact", None, accountId=world.lunch)
    child = phone.edit("contact", born, jobTitle="of a record that was refused")
    phone.edit("account", world.lunch, phone="+353 9")
    await sync(phone, other)

    assert held(other)["account", world.lunch]["note"] == "before"
    assert held(other)["account", world.lunch]["phone"] == "+353 9"
    codes = {draft.edit.uuid: draft.code for draft in phone.drafts()}
    assert (codes[bad], codes[unknown], codes[child]) == ("FIELD_READ_ONLY", "NOT_FOUND", "DEPENDENCY")
    assert sorted(codes.values(), key=str) == ["DEPENDENCY", "FIELD_READ_ONLY", "INVALID", "NOT_FOUND"]
    parked = await phones.desk(world.vera).ask("sync_rejections", first=10)
    assert {edge["node"]["uuid"] for edge in parked["edges"]} == set(codes)
    assert {"note": "never", "tier": "VIP"} in [edge["node"]["patch"] for edge in parked["edges"]]


async def test_a_group_takes_effect_all_or_none(phones: Phones, world: World) -> None:
    phone, other = phones.phone(world.nina), phones.phone(world.nina)
    await sync(phone, other)
    good = Wish("account", world.lunch, Op.UPDATE, {"note": "all or none"})
    bad = Wish("account", world.tea, Op.UPDATE, {"ownerId": world.lunch})
    first, second = phone.queue(good, bad, together=True)
    phone.edit("account", world.tea, note="alone")
    await sync(phone, other)
    codes = {draft.edit.uuid: draft.code for draft in phone.drafts()}
    assert codes == {first: "DEPENDENCY", second: "FIELD_READ_ONLY"}
    assert held(other)["account", world.lunch]["note"] == "as it was"
    assert held(other)["account", world.tea]["note"] == "alone"


async def test_a_customer_that_moves_leaves_one_phone_and_reaches_another(phones: Phones, world: World, db: Db) -> None:
    nina, otto, vera = (phones.phone(person) for person in (world.nina, world.otto, world.vera))
    await sync(nina, otto, vera)
    contact = nina.create("contact", None, accountId=world.lunch, name="Ada")
    await sync(nina, otto, vera)
    assert otto.row("account", world.lunch) is None
    before = held(vera)

    async with records.writing(db, world.tenant_id) as tx:
        await reassign_account(tx, world.adam.actor, account_id=UUID(world.lunch), owner_id=world.otto.id)
    late = nina.edit("account", world.lunch, note="written before she knew")
    await sync(nina, otto, vera)

    assert nina.row("account", world.lunch) is None
    assert nina.row("contact", contact) is None
    assert otto.row("account", world.lunch) is not None
    assert otto.row("contact", contact) is not None
    assert held(vera).keys() == before.keys(), "she sees both territories"
    assert {draft.edit.uuid: draft.code for draft in nina.drafts()} == {late: "FORBIDDEN"}


async def test_edit_beats_delete_and_the_delete_is_kept(phones: Phones, world: World) -> None:
    nina, vera = phones.phone(world.nina), phones.phone(world.vera)
    await sync(nina, vera)
    vera.delete("account", world.lunch)
    nina.edit("account", world.lunch, note="still a customer")
    await sync(vera, nina)
    await sync(vera, nina)
    assert held(vera)["account", world.lunch]["note"] == "still a customer"
    assert [each["field"] for each in await conflicts(phones.desk(world.vera), "OPEN")] == ["*"]


async def test_sync_may_be_cut_off_at_any_request(phones: Phones, world: World, tmp_path: Path) -> None:
    """The phone is switched off in the middle again and again; each time it goes on from its store."""
    path = tmp_path / "phone.db"
    watcher, first = phones.phone(world.nina), phones.phone(world.nina, path=path)
    await sync(watcher, first)
    first.store.close()
    for n in range(8):
        cut = [Fault.NONE] * n + [Fault.LOSE_ANSWER]
        phone = phones.phone(world.nina, fault=told(cut), path=path)
        phone.edit("account", world.lunch, custom={f"key{n}": n})
        with suppress(Unreachable):
            await phone.sync()
        phone.store.close()
    phone = phones.phone(world.nina, path=path)
    await sync(phone, watcher)
    custom = held(watcher)["account", world.lunch]["custom"]
    assert custom == {f"key{n}": n for n in range(8)}
    assert await conflicts(phones.desk(world.nina)) == []


async def test_nobody_gets_a_row_of_another_rep(phones: Phones, world: World) -> None:
    nina, otto = phones.phone(world.nina), phones.phone(world.otto)
    await sync(nina, otto)
    assert set(nina.rows("account")) == {world.lunch, world.tea}
    assert set(otto.rows("account")) == {world.diner}


async def test_who_was_dismissed_hands_in_what_he_wrote_offline(phones: Phones, world: World, db: Db) -> None:
    phone = phones.phone(world.nina)
    await sync(phone)
    uuid = phone.edit("account", world.lunch, note="her last words")
    async with records.writing(db, world.tenant_id) as tx:
        await deactivate_user(tx, world.adam.actor, user_id=world.nina.id)

    with pytest.raises(NotAdmitted):
        await sync(phone)

    assert {draft.edit.uuid: draft.code for draft in phone.drafts()} == {uuid: "FORBIDDEN"}
    parked = await phones.desk(world.vera).ask("sync_rejections", first=10)
    assert [edge["node"]["patch"] for edge in parked["edges"]] == [{"note": "her last words"}]


async def test_who_was_dismissed_hands_in_his_queue_after_a_restart_and_a_bad_network(
    phones: Phones, world: World, db: Db, tmp_path: Path
) -> None:
    path = tmp_path / "phone.db"
    phone = phones.phone(world.nina, path=path)
    await sync(phone)
    uuid = phone.edit("account", world.lunch, note="her last words")
    phone.store.close()
    async with records.writing(db, world.tenant_id) as tx:
        await deactivate_user(tx, world.adam.actor, user_id=world.nina.id)

    restarted = phones.phone(world.nina, path=path, fault=told([Fault.LOSE_REQUEST, Fault.NONE, Fault.LOSE_ANSWER]))
    with pytest.raises(NotAdmitted):
        await sync(restarted)

    assert {draft.edit.uuid: draft.code for draft in restarted.drafts()} == {uuid: "FORBIDDEN"}
    parked = await phones.desk(world.vera).ask("sync_rejections", first=10)
    assert [edge["node"]["patch"] for edge in parked["edges"]] == [{"note": "her last words"}]


async def test_who_was_dismissed_hands_in_his_queue_from_a_backup_as_well(
    phones: Phones, world: World, db: Db, tmp_path: Path
) -> None:
    phone = phones.phone(world.nina, path=tmp_path / "phone.db")
    await sync(phone)
    kept = phone.edit("account", world.lunch, note="in the backup")
    phone.store.close()
    shutil.copy(tmp_path / "phone.db", tmp_path / "backup.db")
    again = phones.phone(world.nina, path=tmp_path / "phone.db")
    for _ in range(3):  # the backup's ratchet is outdated by then
        again.edit("account", world.lunch, note="after the backup")
        await sync(again)
    again.store.close()
    async with records.writing(db, world.tenant_id) as tx:
        await deactivate_user(tx, world.adam.actor, user_id=world.nina.id)

    restored = phones.phone(world.nina, path=tmp_path / "backup.db")
    restored.edge._refresh = again.edge._refresh  # the keychain is no part of the backup
    late = restored.edit("account", world.lunch, note="after the restore")
    with pytest.raises(NotAdmitted):
        await sync(restored)

    assert verdicts(restored) == {kept: "APPLIED", late: "REJECTED"}


async def test_a_wiped_phone_hands_in_its_queue_and_then_holds_nothing(
    phones: Phones, world: World, owner: Conn
) -> None:
    phone = phones.phone(world.nina)
    await sync(phone)
    phone.edit("account", world.lunch, note="before the wipe")
    await owner.execute("select set_config('fieldbeat.tenant_id', $1, false)", str(world.tenant_id))
    await owner.execute("update device set wiped_at = clock_timestamp()")

    assert (await phone.sync()).wiped

    assert (phone.device.rows, phone.device.queue, phone.device.settled) == ({}, {}, {})
    parked = await phones.desk(world.vera).ask("sync_rejections", first=10)
    assert [edge["node"]["code"] for edge in parked["edges"]] == ["FORBIDDEN"]


async def test_a_restored_database_gets_back_what_the_phones_had_told_it(
    phones: Phones, world: World, owner: Conn
) -> None:
    """The epoch rises: every phone tells its last edits again, and reads all rows anew; nothing counts twice."""
    phone, other = phones.phone(world.nina), phones.phone(world.nina)
    await sync(phone, other)
    phone.edit("account", world.lunch, phone="+353 7")
    await sync(phone)
    await owner.execute("update installation set epoch = epoch + 1")
    phone.edit("account", world.lunch, website="after.example")
    await sync(phone, other)
    assert (held(other)["account", world.lunch]["phone"], held(other)["account", world.lunch]["website"]) == (
        "+353 7",
        "after.example",
    )
    assert phone.device.link.epoch == other.device.link.epoch == 2
    assert held(phone) == held(other)
