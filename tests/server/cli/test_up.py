"""`fieldbeat up` from its first start to a refused one, on one data folder (a start costs seconds)."""

import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from fieldbeat.embedded.folder import DataFolder
from fieldbeat.embedded.postgres import OWNER, database_url
from fieldbeat_testing.database import Servers
from fieldbeat_testing.program import RunningUp, gone, run, running_up


@pytest.fixture(scope="module")
def folder() -> Iterator[DataFolder]:
    """A data folder with a short path, for the sockets' sake, and a space in it, for ours."""
    with tempfile.TemporaryDirectory(prefix="field beat ", dir="/tmp") as made:
        yield DataFolder(Path(made) / "data")


@pytest.fixture
def log(folder: DataFolder, request: pytest.FixtureRequest) -> Path:
    """Where a start's log goes."""
    return folder.root.parent / f"{request.node.name}.log"


def test_up_serves_until_it_is_asked_to_stop_and_keeps_the_data(folder: DataFolder, log: Path) -> None:
    with running_up(folder.root, log=log) as up:
        assert up.ready == {"ready": True, "url": up.url, "graphql": f"{up.url}/graphql", "logins": up.ready["logins"]}
        checks = {"database": "ok", "queue": "ok", "migrations": "ok"}
        assert httpx.get(f"{up.url}/readyz").json() == {"status": "ready", "checks": checks}
        _refuses_a_second_up(folder, up)
        _doctor_finds_nothing_wrong(folder, up)
        _starts_the_api_again_when_it_crashes(up)
        processes = up.descendants()
        assert len(processes) > 4  # two servers and two services, PostgreSQL with its own
        assert up.end(signal.SIGKILL) == -signal.SIGKILL
        assert gone(processes, within_s=10), "the children outlived a killed parent"

    with running_up(folder.root, log=log) as up:  # recovers, and goes on with the data
        with psycopg.connect(database_url(folder, OWNER)) as conn:
            conn.execute("update alembic_version set version_num = '9999'")
        processes = up.descendants()
        assert up.end(signal.SIGTERM) == 0
        assert gone(processes, within_s=1)

    refused = run("up", "--port", "0", "--data-dir", str(folder.root))
    _is_one_line(refused.stderr.splitlines()[-1:], "revision 9999", "newer")
    assert refused.returncode == 1
    assert not (folder.postgres / "postmaster.pid").exists(), "a refused start left its server behind"


def test_up_on_servers_that_the_settings_name_starts_none_of_its_own(servers: Servers, tmp_path: Path) -> None:
    empty = servers.new_database(migrated=False)
    urls = {"database_url": empty.app_url, "migrate_url": empty.owner_url, "redis_url": servers.redis_url}
    with running_up(tmp_path / "data", log=tmp_path / "log", **urls) as up:
        assert httpx.get(f"{up.url}/readyz").status_code == 200
        assert up.ready["logins"] == []
        assert len(up.descendants()) == 2
        answer = httpx.post(up.ready["graphql"], content=b"x" * (4 * 1024 * 1024 + 1))
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        processes = up.descendants()
        assert up.end(signal.SIGINT) == 0
        assert gone(processes, within_s=1)
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["files"]


def _refuses_a_second_up(folder: DataFolder, up: RunningUp) -> None:
    second = run("up", "--port", "0", "--data-dir", str(folder.root))
    _is_one_line(second.stderr.splitlines(), "already runs", f"process {up.process.pid}")
    assert second.returncode == 1


def _doctor_finds_nothing_wrong(folder: DataFolder, up: RunningUp) -> None:
    port = up.url.rpartition(":")[2]
    told = run("doctor", "--port", port, "--data-dir", str(folder.root))
    assert told.returncode == 0, told.stdout
    assert "0 failures" in told.stdout
    assert f"in use by process {up.process.pid}" in told.stdout


def _starts_the_api_again_when_it_crashes(up: RunningUp) -> None:
    [api] = [pid for pid in up.descendants() if b"fieldbeat.app" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(api, signal.SIGKILL)
    assert gone([api], within_s=5)
    # The parent holds the socket: a request waits for the new process, it is not refused.
    assert httpx.get(f"{up.url}/healthz", timeout=20).status_code == 200
    assert "starting it again" in up.log.read_text()


def test_a_taken_port_is_told_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run("up", "--port", port, "--data-dir", str(tmp_path / "data"))
    _is_one_line(refused.stderr.splitlines(), f"port {port}", "--port")
    assert refused.returncode == 1
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    refused = run("up", "--port", "0", "--data-dir", str(tmp_path / "data"))
    _is_one_line(refused.stderr.splitlines(), "cannot be written", "--data-dir")
    assert refused.returncode == 1


def test_a_path_too_long_for_a_socket_is_told_in_one_line(tmp_path: Path) -> None:
    refused = run("up", "--port", "0", "--data-dir", str(tmp_path / ("long" * 30)))
    _is_one_line(refused.stderr.splitlines(), "too long for a Unix socket", "--data-dir")
    assert refused.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_nobody_may_migrate_must_be_up_to_date(servers: Servers) -> None:
    empty = servers.new_database(migrated=False)
    refused = run("up", "--port", "0", database_url=empty.app_url, redis_url=servers.redis_url)
    _is_one_line(refused.stderr.splitlines(), "revision none", "FIELDBEAT_MIGRATE_URL")
    assert refused.returncode == 1


def test_a_command_without_its_server_says_which_setting_is_missing() -> None:
    refused = run("serve")
    _is_one_line(refused.stderr.splitlines(), "FIELDBEAT_DATABASE_URL is not set")
    assert refused.returncode == 1


def _is_one_line(lines: list[str], *parts: str) -> None:
    assert len(lines) == 1, lines
    assert lines[0].startswith("fieldbeat: ")
    assert all(part in lines[0] for part in parts), lines
