"""Every verdict and problem of the push, spoken to the exchange itself."""

import pytest

from fieldbeat.exchange import devices, pull, push
from fieldbeat.exchange.model import Platform, Registering, Status
from fieldbeat.kit.db import Db
from fieldbeat.kit.ids import uuid7
from fieldbeat_testing.pusher import KEY, Pusher, registered
from fieldbeat_testing.world import World, settle


@pytest.fixture
async def world(db: Db) -> World:
    return await settle(db)


async def test_an_edit_is_applied_once_however_often_it_is_sent(db: Db, world: World) -> None:
    nina = await registered(db, world.nina)
    sent = nina.update("account", world.tea, {"note": "open late"}, base_rev=1)
    first = await nina.push(sent)
    assert [result.status for result in first.results] == [Status.APPLIED]
    again = await nina.push(sent, ratchet=first.ratchet)
    assert [(result.status, result.original) for result in again.results] == [(Status.DUPLICATE, Status.APPLIED)]
    page = await nina.pull()
    assert page.scopes is not None
    [row] = [each["row"] for each in page.changes if each["id"] == world.tea]
    assert (row["note"], row["rev"]) == ("open late", 2)
