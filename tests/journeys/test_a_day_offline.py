"""A rep's day without a network, from morning to evening: checked in, a form with a photo, samples, a visit skipped, a
ticket for what was broken, while headquarters moves and cancels. In the evening all is right, whatever came first."""

import base64
import hashlib
import io
from itertools import permutations
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from fieldbeat.kit.ids import uuid7
from fieldbeat.phone import Fault, Phone
from fieldbeat_testing.journey import Phones, conflicts, held, sync, verdicts
from fieldbeat_testing.network import always
from fieldbeat_testing.world import PASSWORD, World, client

CAME = {"at": "2026-11-24T09:02:00Z", "latitude": 53.35, "longitude": -6.26, "accuracyM": 8, "mock": False}
MOVED = "2026-11-24T17:00:00.000Z"
LEFT = {**CAME, "at": "2026-11-24T09:28:00Z"}
SIGN_IN = "mutation ($i: SignInInput!) { signIn(input: $i) { ... on Session { accessToken } } }"


def window(clock: str) -> dict[str, str]:
    hour, minute = clock.split(":")
    return {"plannedStart": f"2026-11-24T{clock}:00Z", "plannedEnd": f"2026-11-24T{hour}:{int(minute) + 30:02}:00Z"}


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return out.getvalue()


async def planned(phones: Phones, world: World) -> dict[str, str]:
    """Headquarters plans three visits of Nina's day."""
    desk = phones.desk(world.vera)
    made = {}
    for name, clock in (("lunch", "09:00"), ("tea", "10:00"), ("late", "16:00")):
        account = world.tea if name == "late" else getattr(world, name)
        answer = await desk.ask("create_visit", input={"accountId": account, "window": window(clock)})
        made[name] = answer["visit"]["id"]
    return made


async def a_day(phone: Phone, visits: dict[str, str], world: World, content: bytes) -> str:
    """What Nina does while there is no network; the id of her photo."""
    picture, shot = str(uuid7()), hashlib.sha256(content).hexdigest()
    phone.edit("visit", visits["lunch"], status="CHECKED_IN", checkIn=CAME)
    phone.create(
        "attachment", picture, recordId=visits["lunch"], sha256=shot, bytes=len(content), contentType="image/jpeg"
    )
    phone.edit("visit", visits["lunch"], answers={"facings": 4, "shelf": picture}, photoIds={"$add": [picture]})
    phone.edit("visit", visits["lunch"], samplesGiven={"$inc": 3})
    phone.edit("visit", visits["lunch"], status="DONE", checkOut=LEFT, outcome="As planned.")
    phone.edit("visit", visits["tea"], status="SKIPPED", skipReason="Closed for repairs")
    broken = phone.create("ticket", None, accountId=world.lunch, kind="FAULT", subject="The cooler leaks")
    phone.edit("visit", visits["late"], note="Ask for the owner")
    assert phone.row("visit", visits["lunch"])["status"] == "DONE"  # type: ignore[index]
    assert broken
    return picture


async def meanwhile(desk: Any, visits: dict[str, str], *, stands: str) -> None:
    """What headquarters does on the same day, from what it saw in the morning: it cancels the visit that is being made,
    which then `stands` as it is told, and moves the last one."""
    cancelled = await desk.ask("cancel_visit", input={"id": visits["lunch"], "baseRev": 1})
    assert cancelled["visit"]["status"] == stands
    await desk.ask("update_visit", input={"id": visits["lunch"], "purpose": "New prices", "baseRev": 1})
    moved = {"plannedStart": MOVED, "plannedEnd": "2026-11-24T17:30:00Z"}
    await desk.ask("reschedule_visit", input={"id": visits["late"], "window": moved, "baseRev": 1})


async def send(app: FastAPI, world: World, attachment: str, content: bytes) -> None:
    """The photo's bytes, in a lane of their own, cut in the middle and gone on with."""
    async with client(app) as http:
        answer = await http.post("/graphql", json={
            "query": SIGN_IN, "variables": {"i": {"email": world.nina.email, "password": PASSWORD}}
        })  # fmt: skip
        token = answer.json()["data"]["signIn"]["accessToken"]
        headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {token}"}
        named = base64.b64encode(attachment.encode()).decode()
        begun = await http.post("/files", headers={
            **headers, "Upload-Length": str(len(content)), "Upload-Metadata": f"attachmentId {named}"
        })  # fmt: skip
        assert begun.status_code == 201, begun.text
        place, half = begun.headers["location"], len(content) // 2
        for offset, part in ((0, content[:half]), (half, content[half:])):
            sent: httpx.Response = await http.patch(place, content=part, headers={
                **headers, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"
            })  # fmt: skip
            assert sent.status_code == 204, sent.text


@pytest.mark.parametrize("order", [*permutations(("phone", "desk"))], ids="-".join)
async def test_a_day_offline_ends_right(phones: Phones, world: World, app: FastAPI, order: tuple[str, ...]) -> None:
    visits, content = await planned(phones, world), photo()
    nina = phones.phone(world.nina, fault=always(Fault.SEND_TWICE), skew_ms=-90 * 86_400_000)
    lead, desk = phones.phone(world.vera), phones.desk(world.vera)
    await sync(nina, lead)
    picture = await a_day(nina, visits, world, content)
    for who in order:
        if who == "desk":
            await meanwhile(desk, visits, stands="CANCELLED" if order[0] == "desk" else "DONE")
        else:
            await sync(nina)
    await sync(nina, lead, nina)

    rows = held(nina)
    assert {key: row for key, row in held(lead).items() if key in rows} == rows
    lunch, tea, late = (rows["visit", visits[name]] for name in ("lunch", "tea", "late"))
    assert (lunch["status"], lunch["checkIn"], lunch["checkOut"]) == ("DONE", CAME, LEFT)
    assert (lunch["samplesGiven"], lunch["answers"]["facings"], lunch["purpose"]) == (3, 4, "New prices")
    assert (tea["status"], tea["skipReason"]) == ("SKIPPED", "Closed for repairs")
    assert (late["note"], late["window"]["plannedStart"]) == ("Ask for the owner", MOVED)
    [ticket] = [row for (kind, _), row in rows.items() if kind == "ticket"]
    assert (ticket["subject"], ticket["number"], ticket["assigneeId"]) == ("The cooler leaks", 1, str(world.nina.id))

    # Done with evidence beats the cancel, which is kept for a human.
    kept = [each for each in await conflicts(desk, "OPEN") if each["field"] == "status"]
    assert [(each["winner"]["value"], each["loser"]["value"]) for each in kept] == [("DONE", "CANCELLED")]
    assert "REJECTED" not in verdicts(nina).values()

    # The photo comes later, and delays nothing.
    assert rows["attachment", picture]["status"] == "DECLARED"
    await send(app, world, picture, content)
    await sync(nina, lead)
    assert held(lead)["attachment", picture]["status"] == "COMPLETE"
