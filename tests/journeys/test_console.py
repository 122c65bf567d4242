"""A form at a desk, opened before a phone's edit and saved after it: nothing is lost on either side."""

from fieldbeat_testing.journey import Phones, conflicts, held, sync, writes
from fieldbeat_testing.world import World


async def test_a_form_with_an_old_base_is_merged_where_it_touches_other_fields(phones: Phones, world: World) -> None:
    phone, desk = phones.phone(world.nina), phones.desk(world.vera)
    await sync(phone)
    opened = held(phone)["account", world.lunch]["rev"]
    phone.edit("account", world.lunch, phone="+353 1", tags={"$add": ["terrace"]})
    await sync(phone)

    saved = await desk.ask(
        "update_account",
        input={
            "id": world.lunch,
            "baseRev": opened,
            "website": "lunch.example",
            "tags": {"add": ["vip"], "remove": ["old"]},
        },
    )
    await sync(phone)

    assert saved["__typename"] == "UpdateAccountPayload", saved
    lunch = held(phone)["account", world.lunch]
    assert (lunch["phone"], lunch["website"], lunch["tags"]) == ("+353 1", "lunch.example", ["seed", "terrace", "vip"])
    assert await conflicts(desk) == []


async def test_a_form_with_an_old_base_is_a_conflict_where_it_meets_the_same_field(
    phones: Phones, world: World
) -> None:
    phone, desk = phones.phone(world.nina), phones.desk(world.vera)
    await sync(phone)
    opened = held(phone)["account", world.lunch]["rev"]
    phone.edit("account", world.lunch, note="from the phone")
    await sync(phone)

    saved = await desk.ask("update_account", input={"id": world.lunch, "baseRev": opened, "note": "from the desk"})
    await sync(phone)

    assert saved["__typename"] == "UpdateAccountPayload", saved
    [conflict] = await conflicts(desk, "OPEN")
    stands = held(phone)["account", world.lunch]["note"]
    assert {stands, conflict["loser"]["value"]} == {"from the phone", "from the desk"}
    assert conflict["winner"]["value"] == stands
    told = await writes(desk, "account", world.lunch, "note")
    assert {each["value"] for each in told} == {"as it was", "from the phone", "from the desk"}
    desk_write = next(each for each in told if each["value"] == "from the desk")
    assert (desk_write["replica"], desk_write["actor"]["name"]) == (0, "Vera")


async def test_two_windows_of_one_person_are_judged_like_two_devices(phones: Phones, world: World) -> None:
    phone, desk = phones.phone(world.nina), phones.desk(world.vera)
    await sync(phone)
    opened = held(phone)["account", world.lunch]["rev"]
    for words in ("first window", "second window"):
        await desk.ask("update_account", input={"id": world.lunch, "baseRev": opened, "note": words})
    await sync(phone)
    [conflict] = await conflicts(desk, "OPEN")
    assert {conflict["loser"]["value"], held(phone)["account", world.lunch]["note"]} == {
        "first window",
        "second window",
    }
