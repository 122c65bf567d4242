"""How a phone waits: as it is told, longer each time that it reaches nobody, and never all phones together."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fieldbeat.phone import Account, Fault, Network, Phone, Unreachable, open_phone
from fieldbeat.phone.phone import JITTER, UNREACHABLE_WAIT_MS, UNREACHABLE_WAIT_MS_MAX
from fieldbeat_sync.device import Link
from fieldbeat_testing.device import settlement
from fieldbeat_testing.network import always

BUSY = {"code": "BUSY", "message": "", "expectedSeq": None, "retryAfterMs": 800}


@pytest.fixture
async def phone(tmp_path: Path) -> AsyncIterator[Phone]:
    """A phone without a network."""
    network = Network(httpx.AsyncHTTPTransport(), always(Fault.LOSE_REQUEST))
    account = Account("nancy@example.org", "secret")
    opened = open_phone(tmp_path / "phone.db", url="http://x", account=account, transport=network)
    yield opened
    await opened.aclose()


async def test_each_sync_that_reaches_nobody_doubles_the_wait_up_to_a_bound(phone: Phone) -> None:
    phone.draw = lambda: 0.0
    waits = []
    for _ in range(12):
        with pytest.raises(Unreachable):
            await phone.sync()
        waits.append(phone.retry_after_ms)
    assert waits[:4] == [UNREACHABLE_WAIT_MS * 2**n for n in range(4)]
    assert waits[-1] == UNREACHABLE_WAIT_MS_MAX


async def test_waits_differ_from_phone_to_phone(phone: Phone) -> None:
    with pytest.raises(Unreachable):
        await phone.sync()
    waits = {phone.retry_after_ms for _ in range(20)}
    assert len(waits) > 1
    assert UNREACHABLE_WAIT_MS <= min(waits) <= max(waits) <= UNREACHABLE_WAIT_MS * (1 + JITTER)


async def test_a_busy_server_is_asked_again_when_it_said_and_a_little_later(phone: Phone) -> None:
    class Busy:
        async def ask(self, name: str, **variables: object) -> object:
            return {**settlement(), "problem": BUSY}

        async def aclose(self) -> None:
            pass

    real, phone.edge = phone.edge, Busy()  # type: ignore[assignment]
    link = phone.device.link
    phone.device.link = Link(link.install_id, link.schema_version, register_due=False, device_id="d", incarnation=1)
    phone.create("account", name="Lunch")
    phone.draw = lambda: 1.0
    standing = await phone.sync()
    assert (standing.settled, standing.retry_after_ms) == (False, round(800 * (1 + JITTER)))
    phone.edge = real
