"""A company that promises an answer within an hour, around the clock."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from fieldbeat import records
from fieldbeat.kit.db import Db
from fieldbeat.tickets.actions import create_ticket
from fieldbeat.tickets.policies import create_policy
from fieldbeat_testing.settled import database, founded, harbour
from fieldbeat_testing.world import World

__all__ = ["database", "founded", "harbour"]  # fixtures

PROMISE = {
    "name": "Within an hour",
    "targets": [
        {"metric": "FIRST_RESPONSE", "priority": priority, "minutes": 60}
        for priority in ("LOW", "NORMAL", "HIGH", "URGENT")
    ],
}
Opener = Callable[..., Awaitable[list[UUID]]]


@pytest.fixture
async def promised(db: Db, harbour: World) -> World:
    """The company with its promise."""
    async with records.writing(db, harbour.tenant_id) as tx:
        await create_policy(tx, harbour.adam.actor, patch=PROMISE, around_the_clock=True)
    return harbour


@pytest.fixture
def opened(db: Db, promised: World) -> Opener:
    """Opens faults at LUNCH so many minutes ago; Nina answers for them."""

    async def open_tickets(*minutes_ago: float) -> list[UUID]:
        async with records.writing(db, promised.tenant_id) as tx:
            return [
                (
                    await create_ticket(
                        tx, promised.vera.actor, account_id=UUID(promised.lunch), at=tx.at - timedelta(minutes=ago),
                        patch={"kind": "FAULT", "subject": f"Leak {ago}"},
                    )
                ).record_id
                for ago in minutes_ago
            ]  # fmt: skip

    return open_tickets
