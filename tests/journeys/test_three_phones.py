"""Two phones of one rep and one of her supervisor, all offline, edit one customer; they agree in whatever order they
reconnect, every losing value is kept, and its reason can be asked for."""

import asyncio
from itertools import permutations

import pytest

from fieldbeat.phone import Fault, Phone
from fieldbeat_testing.journey import Phones, conflicts, held, sync, verdicts, writes
from fieldbeat_testing.network import always
from fieldbeat_testing.world import World

YEAR_MS = 365 * 86_400_000
PAUSE_S = 0.05
ORDERS = list(permutations(("pocket", "tablet", "lead")))
ADDRESS = {"street": "2 Quay", "city": "Cork", "region": None, "postalCode": None, "country": "IE"}


async def offline_edits(phones: Phones, world: World) -> dict[str, Phone]:
    """The three phones after a day without a network. By age: the pocket phone's edits, the lead's, the tablet's."""
    pocket = phones.phone(world.nina, fault=always(Fault.SEND_TWICE))
    tablet = phones.phone(world.nina, fault=always(Fault.SEND_TWICE), skew_ms=-3 * YEAR_MS)
    lead = phones.phone(world.vera, fault=always(Fault.SEND_TWICE), skew_ms=2 * YEAR_MS)
    await sync(pocket, tablet, lead)
    await asyncio.sleep(PAUSE_S)
    pocket.edit("account", world.lunch, note="by the pocket phone")
    pocket.edit("account", world.lunch, tags={"$add": ["terrace"], "$remove": ["old"]})
    pocket.edit("account", world.lunch, address=ADDRESS)
    pocket.create("contact", None, accountId=world.lunch, name="Ada")
    await asyncio.sleep(PAUSE_S)
    lead.edit("account", world.lunch, note="by the lead")
    lead.edit("account", world.lunch, tags={"$add": ["old"], "$remove": ["seed"]})
    lead.create("contact", None, accountId=world.lunch, name="Cleo", phones=["3"])
    await asyncio.sleep(PAUSE_S)
    tablet.edit("account", world.lunch, note="by the tablet")
    tablet.edit("account", world.lunch, tags={"$add": ["brunch"]}, phone="+353 1")
    tablet.create("contact", None, accountId=world.lunch, name="Bo")
    return {"pocket": pocket, "tablet": tablet, "lead": lead}


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
async def test_three_phones_agree_in_every_order(phones: Phones, world: World, order: tuple[str, ...]) -> None:
    by_name = await offline_edits(phones, world)
    desk = phones.desk(world.vera)

    await sync(*(by_name[name] for name in order))
    await sync(*by_name.values())

    # All three hold the same rows: those of the north, which Vera sees beside the south's.
    nina, tablet, lead = (held(by_name[name]) for name in ("pocket", "tablet", "lead"))
    assert nina == tablet
    assert {key: row for key, row in lead.items() if key in nina} == nina
    lunch = nina["account", world.lunch]
    assert lunch["note"] == "by the tablet", "the youngest by age, whatever the calendars say"
    assert lunch["tags"] == ["brunch", "old", "terrace"], "the lead's add had not seen the removal"
    assert (lunch["address"], lunch["phone"]) == (ADDRESS, "+353 1")
    assert {row["name"] for (kind, _), row in nina.items() if kind == "contact"} == {"Ada", "Bo", "Cleo"}
    assert all(phone.device.link.resyncs == 0 for phone in by_name.values()), "checksums equal the server's"

    # Every losing value is in a conflict.
    kept = await conflicts(desk, "OPEN")
    assert {(each["field"], each["loser"]["value"]) for each in kept} == {
        ("note", "by the pocket phone"),
        ("note", "by the lead"),
    }
    assert {each["recordId"] for each in kept} == {world.lunch}
    assert {key[1] for key in nina if key[0] == "conflict"} == {each["id"] for each in kept}

    # Every edit has one verdict, and every write of the note is told with its rule.
    settled = [status for phone in by_name.values() for status in verdicts(phone).values()]
    assert (len(settled), set(settled)) == (10, {"APPLIED", "MERGED", "CONFLICT"} & set(settled))
    told = await writes(desk, "account", world.lunch, "note")
    assert {(each["value"], each["actor"]["name"]) for each in told} == {
        ("as it was", "Adam"),
        ("by the pocket phone", "Nina"),
        ("by the lead", "Vera"),
        ("by the tablet", "Nina"),
    }
    assert [each["rev"] for each in told] == sorted((each["rev"] for each in told), reverse=True)
    assert all(each["rule"] for each in told)
    assert next(each["outcome"] for each in told if each["value"] == "by the tablet") == "WON"


async def test_resolving_a_conflict_reaches_the_phones(phones: Phones, world: World) -> None:
    by_name = await offline_edits(phones, world)
    await sync(*by_name.values())
    await sync(*by_name.values())
    desk = phones.desk(world.vera)
    mine = next(each for each in await conflicts(desk, "OPEN") if each["loser"]["value"] == "by the lead")
    shown = held(by_name["lead"])["account", world.lunch]["rev"]

    resolved = await desk.ask("resolve_conflict", input={"id": mine["id"], "choice": "TAKE_LOSER", "baseRev": shown})
    await sync(*by_name.values())

    assert resolved["conflict"]["status"] == "RESOLVED", resolved
    for phone in by_name.values():
        assert held(phone)["account", world.lunch]["note"] == "by the lead"
        assert held(phone)["conflict", mine["id"]]["status"] == "RESOLVED"
    assert await conflicts(desk, "OPEN") == [], "who resolved had seen the other one: it is superseded"
    assert {each["status"] for each in await conflicts(desk)} == {"RESOLVED", "SUPERSEDED"}


async def test_resolving_with_an_old_base_is_merged_like_any_edit(phones: Phones, world: World) -> None:
    by_name = await offline_edits(phones, world)
    await sync(*by_name.values())
    await sync(*by_name.values())
    lead, pocket, desk = by_name["lead"], by_name["pocket"], phones.desk(world.vera)
    mine = next(each for each in await conflicts(desk, "OPEN") if each["loser"]["value"] == "by the lead")
    shown = held(lead)["account", world.lunch]["rev"]
    pocket.edit("account", world.lunch, note="written meanwhile")
    await sync(pocket)

    await desk.ask(
        "resolve_conflict", input={"id": mine["id"], "choice": "SET_VALUE", "value": "settled", "baseRev": shown}
    )
    await sync(*by_name.values())

    assert len({phone.row("account", world.lunch)["note"] for phone in by_name.values()}) == 1  # type: ignore[index]
    losers = {each["loser"]["value"] for each in await conflicts(desk)}
    assert "written meanwhile" in losers | {pocket.row("account", world.lunch)["note"]}  # type: ignore[index]
