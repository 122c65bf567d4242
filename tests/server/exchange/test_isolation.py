"""Another company and another rep see nothing of it: not in changes, rows, conflicts, rejections or error texts."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from fieldbeat.exchange import reads
from fieldbeat.exchange.devices import devices_page
from fieldbeat.kit.db import Db
from fieldbeat.kit.refusal import Refusal
from fieldbeat_testing.pusher import Pusher, registered
from fieldbeat_testing.world import Person, World

SECRET = "s3cret"


@pytest.fixture
async def hidden(world: World, nina: Pusher, vera: Pusher) -> dict[str, UUID]:
    """Secrets in every place that the exchange keeps: rows, conflicts, parked payloads, codes."""
    late = datetime.now(UTC) - timedelta(hours=1)
    await nina.push(
        nina.update("account", world.tea, {"note": f"{SECRET} note", "code": f"{SECRET}1"}, base_rev=1),
        born := nina.create("contact", {"accountId": world.tea, "name": f"{SECRET} Carl"}),
        nina.update("account", world.tea, {SECRET: SECRET}, base_rev=1),
    )
    lost = vera.update("account", world.tea, {"note": f"{SECRET} lost"}, base_rev=1, at=late)
    [result] = (await vera.push(lost)).results
    await vera.push(vera.delete("account", world.lunch, base_rev=1))
    return {
        "account": UUID(world.tea), "deleted": UUID(world.lunch), "contact": born.record_id,
        "conflict": result.conflict_ids[0],
    }  # fmt: skip


async def everything(db: Db, who: Person, device: Pusher, hidden: dict[str, UUID]) -> str:
    """All that `who` can get the exchange to say, in one text."""
    said: list[Any] = [(await device.pull()).changes]
    for id_ in hidden.values():
        for collection in ("account", "contact", "conflict", "user", "visit", "ticket", "voyage"):
            for made in (
                device.update(collection, id_, {"note": "x", "code": f"{SECRET}1"[:3]}, base_rev=1),
                device.update(collection, id_, {"nonsense": 1}, base_rev=99),
                device.delete(collection, id_, base_rev=1),
                device.create("contact", {"accountId": str(id_), "name": "x"}),
            ):
                answer = await device.push(made)
                said.append(answer.results)
                assert orjson.loads(answer.rows) == []
    async with db.reading(who.actor.tenant_id) as conn:
        said.append(await reads.conflicts_page(conn, who.actor, status=None, after=None, rows_max=100))
        said.append(await reads.conflicts_by_ids(conn, who.actor, list(hidden.values())))
        said.append([each.message for each in await reads.rejections_page(conn, who.actor, after=None, rows_max=500)])
        for id_ in hidden.values():
            for collection, field in (
                ("account", "note"),
                ("contact", "name"),
                ("account", "*"),
                ("conflict", "winner"),
            ):
                with pytest.raises(Refusal) as refused:
                    await reads.why_value(conn, who.actor, collection=collection, record_id=id_, field=field)
                said.append(str(refused.value))
    said.append((await device.pull()).changes)
    return repr(said)


async def test_another_rep_learns_nothing(db: Db, world: World, otto: Pusher, hidden: dict[str, UUID]) -> None:
    text = await everything(db, world.otto, otto, hidden)
    assert SECRET not in text
    assert not any(str(id_) in text for id_ in hidden.values())


@pytest.mark.parametrize("who", ["adam", "vera", "nina"])
async def test_another_company_learns_nothing(
    db: Db, world: World, rival: World, hidden: dict[str, UUID], who: str
) -> None:
    person: Person = getattr(rival, who)
    device = await registered(db, person)
    text = await everything(db, person, device, hidden)
    assert SECRET not in text
    for id_ in [*hidden.values(), world.tenant_id, world.nina.id, world.north]:
        assert str(id_) not in text


async def test_a_code_of_another_company_is_free(world: World, rival: World, hidden: dict[str, UUID], db: Db) -> None:
    stranger = await registered(db, rival.nina)
    [result] = (await stranger.push(stranger.create("account", {"name": "Bar", "code": f"{SECRET}1"}))).results
    assert (result.status, result.existing_id) == ("APPLIED", None)


async def test_an_id_of_another_company_is_just_an_id(
    world: World, rival: World, db: Db, nina: Pusher, hidden: dict[str, UUID]
) -> None:
    stranger = await registered(db, rival.nina)
    assert await stranger.said(stranger.create("account", {"name": "Bar"}, record_id=hidden["account"])) == ["APPLIED"]
    await nina.pull()
    row = nina.row(hidden["account"])
    assert row is not None
    assert row["note"] == f"{SECRET} note"


async def test_a_uuid_settled_by_another_is_no_ones_duplicate(world: World, nina: Pusher, otto: Pusher) -> None:
    sent = nina.update("account", world.tea, {"note": "x"}, base_rev=1)
    await nina.push(sent)
    assert await otto.said(otto.update("account", world.diner, {"note": "x"}, base_rev=1, uuid=sent.uuid)) == [
        "APPLIED"
    ]


async def test_devices_are_listed_to_their_owner_and_those_above(
    db: Db, world: World, rival: World, nina: Pusher, otto: Pusher
) -> None:
    expected = {
        world.nina: {nina.device_id}, world.otto: {otto.device_id}, world.vera: {nina.device_id, otto.device_id},
        world.adam: {nina.device_id, otto.device_id}, rival.vera: set(),
    }  # fmt: skip
    for who, ids in expected.items():
        async with db.reading(who.actor.tenant_id) as conn:
            page = await devices_page(conn, who.actor, after=None, rows_max=100)
        assert {each.id for each in page} & {nina.device_id, otto.device_id} == ids
