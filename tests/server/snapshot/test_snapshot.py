"""A snapshot and the pull from its cursor are a pull from nothing, whatever is written meanwhile (invariant 25)."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest

from fieldbeat import records
from fieldbeat.accounts.actions import reassign_account, update_account
from fieldbeat.exchange import chunks
from fieldbeat.exchange.snapshot import SnapshotExpired, open_snapshot
from fieldbeat.exchange.stream import batches
from fieldbeat.kit.db import Conn, Db
from fieldbeat.kit.ids import uuid7
from fieldbeat.kit.refusal import Forbidden, NotFound
from fieldbeat.territories.actions import assign_territory
from fieldbeat.web.snapshot import in_full
from fieldbeat_testing.pusher import KEY, Pusher, registered
from fieldbeat_testing.snapshots import Lines, read, stock, take
from fieldbeat_testing.world import ALWAYS, World, settle


async def pulled(phone: Pusher) -> Any:
    """What a new device of the same person holds that pulls from nothing."""
    other = await registered(phone.db, phone.person)
    await other.pull()
    return other.held


def ids(lines: Lines, collection: str) -> list[str]:
    return [row[0] for line in lines if line.get("collection") == collection for row in line["rows"]]


async def test_the_lines_are_those_of_the_contract(phone: Pusher, harbour: World) -> None:
    lines = await read(phone)
    first, *middle, last = lines
    assert {"asOf", "scopes"} <= first.keys()
    assert set(first["scopes"]) == {"tenant", f"territory:{harbour.north}"}
    assert all({"scope", "collection", "columns", "rows"} <= line.keys() for line in middle)
    assert all(line["columns"][:2] == ["id", "rev"] for line in middle)
    assert all(len(row) == len(line["columns"]) for line in middle for row in line["rows"])
    counts = {"user": 4, "territory": 2, "account": 2}
    assert last == {"done": True, "counts": counts, "cursor": first["asOf"]}
    assert [line["scope"] for line in middle] == sorted((line["scope"] for line in middle), key=lambda s: s != "tenant")
    for scope_id, state in first["scopes"].items():
        assert state["rows"] == sum(len(line["rows"]) for line in middle if line["scope"] == scope_id)


async def test_a_snapshot_and_a_pull_are_a_pull_from_nothing(phone: Pusher, harbour: World) -> None:
    await stock(phone, harbour, 1_200)
    take(phone, await read(phone))
    checkpoint = await phone.pull()  # compares counts and checksums with the server's
    assert checkpoint.changes == []
    assert phone.held == await pulled(phone)


async def test_no_line_has_more_than_500_rows_nor_more_than_a_megabyte(phone: Pusher, harbour: World) -> None:
    await stock(phone, harbour, 620)
    await stock(phone, harbour, 130, note="ж" * 9_500)  # two bytes each
    lines = await read(phone)
    assert max(len(line["rows"]) for line in lines[1:-1]) <= chunks.ROWS_MAX
    assert len(ids(lines, "account")) == 752
    sizes = [len(orjson.dumps(line["rows"])) for line in lines[1:-1]]
    assert chunks.BYTES_MAX / 2 < max(sizes) < chunks.BYTES_MAX * 1.2


@pytest.mark.parametrize("built", [False, True], ids=["from rows", "from chunks"])
async def test_rows_that_are_written_meanwhile_come_by_the_pull(phone: Pusher, harbour: World, built: bool) -> None:
    stalls = await stock(phone, harbour, 1_100)
    if built:
        await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    lines: Lines = []
    writer = asyncio.create_task(_write(phone.db, harbour, stalls))
    lines = await slowly(phone)
    await writer
    take(phone, lines)
    checkpoint = await phone.pull()
    assert len(checkpoint.changes) >= 10
    assert phone.held == await pulled(phone)
    assert phone.row(stalls[0]) is None  # it was deleted
    assert phone.row(stalls[1]) is None  # it moved


async def test_it_is_the_pull_that_heals(phone: Pusher, harbour: World) -> None:
    stalls = await stock(phone, harbour, 600)
    opened = await open_snapshot(phone.db, phone.person.actor, phone.device_id, resume=None, key=KEY)
    parts = in_full(batches(phone.db, opened, key=KEY))
    begun = [orjson.loads(await anext(parts)) for _ in range(4)]
    await _write(phone.db, harbour, stalls)
    take(phone, begun + [orjson.loads(part) async for part in parts])
    assert phone.held != await pulled(phone)
    await phone.pull()
    assert phone.held == await pulled(phone)


async def test_chunks_are_served_from_their_own_head(phone: Pusher, harbour: World, owner: Conn) -> None:
    stalls = await stock(phone, harbour, 700)
    scope_id = f"territory:{harbour.north}"
    head = await chunks.build(phone.db, harbour.tenant_id, scope_id)
    await _write(phone.db, harbour, stalls)
    lines = await read(phone)
    assert lines[0]["scopes"][scope_id]["head"] == str(head)
    assert stalls[0] in ids(lines, "account")
    take(phone, lines)
    await phone.pull()
    assert phone.held == await pulled(phone)
    # They are what was sent: without them there would have been nothing to send.
    marked = {
        "scope": scope_id,
        "collection": "account",
        "columns": ["id", "rev"],
        "rows": [["it", 77]],
        "clocks": [{}],
    }
    await owner.execute("update snapshot_chunk set frame = $1", chunks.compressed(orjson.dumps(marked)[:-1]))
    assert set(ids(await read(phone), "account")) == {"it"}


async def test_what_is_missing_of_a_set_is_read_as_it_is(phone: Pusher, harbour: World, owner: Conn) -> None:
    await stock(phone, harbour, 1_300)
    await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    lines = await read(phone, lines_max=5)
    await owner.execute("delete from snapshot_chunk")
    rest = await read(phone, resume=lines[-1]["resume"])
    take(phone, lines + rest)
    assert rest[-1]["counts"]["account"] == 1_302
    assert phone.held == await pulled(phone)


@pytest.mark.parametrize("built", [False, True], ids=["from rows", "from chunks"])
async def test_a_snapshot_goes_on_after_any_line(phone: Pusher, harbour: World, built: bool) -> None:
    await stock(phone, harbour, 1_100)
    if built:
        await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    whole = await read(phone)
    for cut in range(1, len(whole)):
        begun = await read(phone, lines_max=cut)
        assert len(begun) == cut
        rest = await read(phone, resume=begun[-1]["resume"])
        assert rest[0]["asOf"] == begun[0]["asOf"]
        assert rest[0]["scopes"] == begun[0]["scopes"]
        assert rest[-1] == {"done": True, "counts": whole[-1]["counts"], "cursor": begun[0]["asOf"]}
        for collection in ("user", "territory", "account"):
            assert ids(begun, collection) + ids(rest, collection) == ids(whole, collection)


async def test_a_resumed_snapshot_tells_of_the_time_between_by_the_pull(phone: Pusher, harbour: World) -> None:
    stalls = await stock(phone, harbour, 1_100)
    begun = await read(phone, lines_max=4)
    await _write(phone.db, harbour, stalls)
    take(phone, begun + await read(phone, resume=begun[-1]["resume"]))
    await phone.pull()
    assert phone.held == await pulled(phone)


async def test_an_old_token_has_expired(phone: Pusher, harbour: World, owner: Conn) -> None:
    token = (await read(phone))[0]["resume"]
    await owner.execute("update snapshot_stream set started_at = started_at - interval '25 hours'")
    with pytest.raises(SnapshotExpired):
        await read(phone, resume=token)
    newer = (await read(phone))[0]["resume"]
    with pytest.raises(SnapshotExpired):
        await read(phone, resume=token)
    await read(phone, resume=newer)
    await owner.execute("update installation set epoch = epoch + 1")
    with pytest.raises(SnapshotExpired):
        await read(phone, resume=newer)


async def test_a_token_is_good_for_its_person_alone(phone: Pusher, harbour: World) -> None:
    token = (await read(phone))[0]["resume"]
    otto = await registered(phone.db, harbour.otto)
    await read(otto)
    for stranger, given in ((otto, token), (phone, "nonsense"), (phone, token[:-4])):
        with pytest.raises(SnapshotExpired):
            await read(stranger, resume=given)


async def test_another_ones_device_is_not_there(phone: Pusher, harbour: World, db: Db) -> None:
    rival = await settle(db, "rival")
    theirs = await registered(db, rival.nina)
    ottos = await registered(db, harbour.otto)
    for device_id in (ottos.device_id, theirs.device_id, uuid7()):
        with pytest.raises(NotFound):
            await open_snapshot(db, harbour.nina.actor, device_id, resume=None, key=KEY)


async def test_a_wiped_device_gets_nothing(phone: Pusher, owner: Conn) -> None:
    await owner.execute("update device set wiped_at = now()")
    with pytest.raises(Forbidden):
        await read(phone)


@pytest.mark.parametrize("built", [False, True], ids=["from rows", "from chunks"])
@pytest.mark.parametrize("gained_again", [False, True], ids=["for good", "for a while"])
async def test_a_scope_that_is_lost_meanwhile_is_not_sent(
    phone: Pusher, harbour: World, built: bool, gained_again: bool
) -> None:
    await stock(phone, harbour, 1_200)
    if built:
        await chunks.build(phone.db, harbour.tenant_id, f"territory:{harbour.north}")
    opened = await open_snapshot(phone.db, phone.person.actor, phone.device_id, resume=None, key=KEY)
    parts = in_full(batches(phone.db, opened, key=KEY))
    lines = [orjson.loads(await anext(parts)) for _ in range(1 if built else 4)]
    await _cover(phone.db, harbour, until_on=date(2020, 2, 1))
    lines += [orjson.loads(part) async for part in parts]
    assert lines[-1]["counts"].get("account", 0) == (0 if built else 494)
    if gained_again:
        await _cover(phone.db, harbour, until_on=None)
    take(phone, lines)
    await phone.pull()
    assert phone.held == await pulled(phone)
    assert sum(key[0] == "account" for key in phone.held) == (1_202 if gained_again else 0)


async def test_a_scope_that_was_lost_while_nobody_read_is_not_forgotten(phone: Pusher, harbour: World) -> None:
    await stock(phone, harbour, 700)
    begun = await read(phone, lines_max=4)
    await _cover(phone.db, harbour, until_on=date(2020, 2, 1))
    rest = await read(phone, resume=begun[-1]["resume"])
    await _cover(phone.db, harbour, until_on=None)
    again = await read(phone, resume=rest[0]["resume"])
    take(phone, begun + (again if again[-1]["counts"]["account"] == 702 else rest))
    await phone.pull()
    assert phone.held == await pulled(phone)


async def test_nobody_sees_the_rows_of_another(phone: Pusher, harbour: World, db: Db) -> None:
    rival = await settle(db, "rival")
    text = str(await read(phone))
    assert harbour.lunch in text
    for hidden in (harbour.diner, rival.lunch, str(rival.nina.id), str(rival.north)):
        assert hidden not in text


async def test_an_older_app_is_told_in_its_own_words(phone: Pusher, harbour: World) -> None:
    await phone.push(phone.create("contact", {"accountId": harbour.lunch, "name": "Kim", "title": "cook"}))
    assert phone.schema_version == 1
    [old] = [line for line in await read(phone) if line.get("collection") == "contact"]
    assert dict(zip(old["columns"], old["rows"][0], strict=True))["title"] == "cook"
    take(phone, await read(phone))
    await phone.pull()
    assert phone.held == await pulled(phone)
    phone.schema_version = 2
    [new] = [line for line in await read(phone) if line.get("collection") == "contact"]
    assert dict(zip(new["columns"], new["rows"][0], strict=True))["jobTitle"] == "cook"


@pytest.fixture
async def stalled(phone: Pusher, harbour: World) -> str:
    await stock(phone, harbour, 600)
    return f"territory:{harbour.north}"


async def test_the_worker_builds_what_is_large_and_builds_it_again_when_it_has_moved(
    phone: Pusher, harbour: World, stalled: str, owner: Conn
) -> None:
    assert await chunks.rebuild_stale(phone.db) == 1
    assert await chunks.rebuild_stale(phone.db) == 0
    first = await owner.fetchval("select head from snapshot_set where scope_id = $1", stalled)
    await stock(phone, harbour, chunks.MOVED_MIN - 1)
    assert await chunks.rebuild_stale(phone.db) == 0
    await stock(phone, harbour, 1)
    assert await chunks.rebuild_stale(phone.db) == 1
    assert await owner.fetchval("select count(*) from snapshot_set") == 2  # somebody may still read the old one
    await owner.execute("update snapshot_set set built_at = built_at - interval '2 hours' where head = $1", first)
    await stock(phone, harbour, chunks.MOVED_MIN)
    assert await chunks.rebuild_stale(phone.db) == 1
    heads = await owner.fetch("select distinct head from snapshot_chunk order by head")
    assert first not in [row["head"] for row in heads]
    assert len(heads) == 2


async def test_a_set_below_the_horizon_is_not_served_and_is_built_anew(
    phone: Pusher, stalled: str, owner: Conn, harbour: World
) -> None:
    head = await chunks.build(phone.db, harbour.tenant_id, stalled)
    await stock(phone, harbour, 3)
    await owner.execute("update scope_head set horizon = head where scope_id = $1", stalled)
    assert (await read(phone))[0]["scopes"][stalled]["head"] != str(head)
    assert await chunks.rebuild_stale(phone.db) == 1


async def test_two_workers_build_one_set(phone: Pusher, harbour: World, stalled: str, owner: Conn) -> None:
    await asyncio.gather(*(chunks.build(phone.db, harbour.tenant_id, stalled) for _ in range(2)))
    assert await owner.fetchval("select count(*) from snapshot_set") == 1
    take(phone, await read(phone))
    await phone.pull()
    assert phone.held == await pulled(phone)


async def slowly(phone: Pusher) -> Lines:
    """Reads with a pause at each line, in which others write."""
    opened = await open_snapshot(phone.db, phone.person.actor, phone.device_id, resume=None, key=KEY)
    lines = []
    async for part in in_full(batches(phone.db, opened, key=KEY)):
        lines.append(orjson.loads(part))
        await asyncio.sleep(0.05)
    return lines


async def _write(db: Db, harbour: World, stalls: list[str]) -> None:
    """Deletes one, moves one, edits many and adds some."""
    actor = harbour.adam.actor
    nina = await registered(db, harbour.nina)
    vera = await registered(db, harbour.vera)
    await vera.push(vera.delete("account", stalls[0], base_rev=1))
    async with records.writing(db, harbour.tenant_id) as tx:
        await reassign_account(tx, actor, account_id=UUID(stalls[1]), owner_id=harbour.otto.id)
    for stall in stalls[5::200]:
        async with records.writing(db, harbour.tenant_id) as tx:
            await update_account(tx, actor, account_id=UUID(stall), patch={"note": "new"})
    await nina.push(*(nina.create("account", {"name": f"New {n}"}) for n in range(8)))


async def _cover(db: Db, harbour: World, *, until_on: date | None) -> None:
    """Nina covers the north until then."""
    async with records.writing(db, harbour.tenant_id) as tx:
        await assign_territory(
            tx,
            harbour.adam.actor,
            territory_id=harbour.north,
            user_id=harbour.nina.id,
            from_on=ALWAYS,
            until_on=until_on,
        )
