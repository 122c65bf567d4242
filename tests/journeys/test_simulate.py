"""`fieldbeat simulate` against a real server: it counts every edit, and it notices when phones differ."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from random import Random

import pytest

from fieldbeat.cli.plainly import Failed
from fieldbeat.cli.simulate import address_of, simulated
from fieldbeat.kit.db import Conn
from fieldbeat.phone import Account, poke
from fieldbeat.phone.crowd import Member, counted, differences
from fieldbeat_sync.device import Delta
from fieldbeat_testing.journey import Phones, sync
from fieldbeat_testing.world import World

CLOSED = "http://127.0.0.1:9"


async def test_phones_agree_and_every_edit_has_one_verdict(
    url: str, world: World, owner: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    pokes = _counted(monkeypatch)
    accounts = [world.nina.account, world.vera.account]
    result = await simulated(url, accounts, devices=4, seconds=9, offline=0.6, seed=7)
    assert result.good, result
    assert result.edits > 20
    assert result.edits == result.applied + result.merged + result.conflict + result.rejected
    assert result.merged + result.conflict > 0, "phones met on the same customers"
    assert await owner.fetchval("select count(*) from snapshot_stream") == 4
    assert len(pokes) > 4, "beyond the one with which each begins"


async def test_a_phone_that_differs_is_noticed(phones: Phones, world: World) -> None:
    crowd = [Member(phones.phone(world.nina), None, None, Random(1)) for _ in range(2)]  # type: ignore[arg-type]
    await sync(*(member.phone for member in crowd))
    assert list(differences(crowd)) == []
    device = crowd[0].phone.device
    key, held = next((key, held) for key, held in device.rows.items() if key[0] == "account")
    device.apply(Delta(rows={key: replace(held, row={**held.row, "note": "another"})}))
    assert [told for told in differences(crowd) if f"territory:{world.north}" in told]


async def test_an_edit_without_a_verdict_counts_as_lost(phones: Phones, world: World) -> None:
    phone = phones.phone(world.nina)
    await sync(phone)
    member = Member(phone, None, None, Random(1))  # type: ignore[arg-type]
    member.made = [phone.edit("account", world.lunch, note="x"), "forgotten"]
    result = counted([member], (), 1.0)
    assert (result.queued, result.lost, result.good) == (1, 1, False)


async def test_a_server_that_is_away_or_refuses_is_told_in_one_line(url: str, world: World) -> None:
    with pytest.raises(Failed, match="No answer"):
        await simulated(CLOSED, [world.nina.account], devices=1, seconds=1, offline=0.5, seed=1)
    with pytest.raises(Failed, match="does not let the phones in"):
        await simulated(url, [Account("nobody@example.org", "x")], devices=1, seconds=1, offline=0.5, seed=1)


def test_phones_are_simulated_on_this_machine_only() -> None:
    with pytest.raises(Failed, match="loopback"):
        address_of("http://fieldbeat.example")


def _counted(patch: pytest.MonkeyPatch) -> list[str]:
    """Whom a poke reached, one by one."""
    real, told = poke.heard, []

    async def heard(url: str, token: str, device_id: str) -> AsyncGenerator[None, None]:
        async for _ in real(url, token, device_id):
            told.append(device_id)
            yield

    patch.setattr(poke, "heard", heard)
    return told
