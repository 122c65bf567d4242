"""The demo's passwords are public, so it opens to this machine alone."""

import pytest

from fieldbeat.kit.db import Db
from fieldbeat.kit.settings import read_settings
from fieldbeat.people.actions import create_tenant
from fieldbeat.people.keys import KeyRing
from fieldbeat.people.model import DemoIsLocal, Origin, Session
from fieldbeat.people.rules import check_demo_is_local, is_forwarded
from fieldbeat.people.sessions import refresh_session, sign_in

HERE = Origin(listens_on_loopback=True, host="localhost:8000", forwarded=False)
PASSWORD = "fieldbeat"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1:80", "127.0.0.1", "[::1]:8000", "[::1]", "::1"]
)
def test_a_request_from_this_machine_is_local(host: str) -> None:
    check_demo_is_local(Origin(True, host, False))


@pytest.mark.parametrize(
    "origin",
    [
        Origin(False, "localhost", False),
        Origin(True, "localhost", True),
        *(
            Origin(True, host, False)
            for host in ("", "demo.example", "10.0.0.7:8000", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]:80",
                         "localhost:80:80", "0.0.0.0")
        ),
    ],
)  # fmt: skip
def test_a_request_from_elsewhere_is_not(origin: Origin) -> None:
    with pytest.raises(DemoIsLocal):
        check_demo_is_local(origin)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "x-forwarded-proto", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_betrays_itself_by_a_header(name: str) -> None:
    assert is_forwarded(["host", name])
    assert not is_forwarded(["host", "accept", "user-agent"])


@pytest.mark.parametrize(("demo", "refused"), [(True, True), (False, False)])
async def test_only_the_demo_is_bound_to_this_machine(db: Db, demo: bool, refused: bool) -> None:
    await create_tenant(db, name="Demo", admin_email="admin@demo", admin_name="Admin", password=PASSWORD, demo=demo)
    ring, settings = KeyRing(db), read_settings()

    async def attempt(origin: Origin) -> Session:
        return await sign_in(db, ring, settings, email="admin@demo", password=PASSWORD, origin=origin)

    session = await attempt(HERE)
    away = Origin(True, "demo.example", False)
    if not refused:
        assert (await attempt(away)).person.email == "admin@demo"
        return
    with pytest.raises(DemoIsLocal):
        await attempt(away)
    with pytest.raises(DemoIsLocal):
        await refresh_session(db, ring, settings, refresh_token=session.refresh_token, origin=away)
    await refresh_session(db, ring, settings, refresh_token=session.refresh_token, origin=HERE)
