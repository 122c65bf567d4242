"""What `fieldbeat doctor` looks at. Each check answers one question of a support person and never raises."""

import asyncio
import os
import platform
import shutil
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import version

import asyncpg

from fieldbeat.embedded.folder import POSTGRES_SOCKET, SOCKET_PATH_BYTES_MAX, DataFolder, holder
from fieldbeat.kit.db import UnsafeRole, open_db
from fieldbeat.kit.queue import open_queue
from fieldbeat.kit.revisions import newest_revision, revision_of
from fieldbeat.kit.settings import ENV_PREFIX, Settings, masked, unknown_variables
from fieldbeat.kit.sql import load

FREE_BYTES_WARN, FREE_BYTES_FAIL = 2 * 1024**3, 256 * 1024**2
SKEW_MS_WARN = 1_000
ANSWER_WITHIN_S = 5
SQL = load(__file__, filename="checkup.sql")


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's answer; `advice` is what to do next, empty when nothing is wrong."""

    state: State
    about: str
    said: str
    advice: str = ""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Every check, in an order in which the first failure explains the later ones."""
    for finding in [_program(), *_settings(settings), *_folder(settings), _disk(settings)]:
        yield finding
    async for finding in _database(settings):
        yield finding
    yield await _queue(settings)
    yield await asyncio.to_thread(_api, settings)
    if settings.migrate_url is not None:
        async for finding in _feed(settings.migrate_url):
            yield finding


def _program() -> Finding:
    said = f"fieldbeat {version('fieldbeat')}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    return Finding(State.OK, "program", said)


def _settings(settings: Settings) -> Iterator[Finding]:
    chosen = {name: getattr(settings, name) for name in sorted(settings.model_fields_set)}
    shown = ", ".join(f"{n}={_shown(n, v)}" for n, v in chosen.items())
    yield Finding(State.OK, "settings", shown or "all defaults")
    for name in unknown_variables():
        yield Finding(
            State.WARN, "settings", f"{name} is no setting", "Check its spelling (docs/operating/settings.md)."
        )
    if not settings.listens_on_loopback:
        yield Finding(State.OK, "settings", f"listens beyond this machine ({settings.host}): demo logins are refused")


def _shown(name: str, value: object) -> object:
    if name.endswith("_secret"):
        return "***"
    return masked(str(value)) if name.endswith(("_url", "_endpoint")) else value


def _folder(settings: Settings) -> Iterator[Finding]:
    folder = DataFolder(settings.data_dir.absolute())
    pid = holder(folder)
    if len(os.fsencode(folder.run / POSTGRES_SOCKET)) > SOCKET_PATH_BYTES_MAX:
        yield Finding(
            State.FAIL, "data folder", f"{folder.root}: too long for a socket", "Choose a shorter --data-dir."
        )
    elif pid is not None:
        yield Finding(State.OK, "data folder", f"{folder.root}, in use by process {pid}")
    elif not folder.root.exists():
        yield Finding(State.OK, "data folder", f"{folder.root}, not there yet")
    elif not os.access(folder.root, os.W_OK):
        yield Finding(State.FAIL, "data folder", f"{folder.root} cannot be written", "Mend its permissions.")
    else:
        yield Finding(State.OK, "data folder", f"{folder.root}, not in use")


def _disk(settings: Settings) -> Finding:
    place = next(
        path for path in [settings.data_dir.absolute(), *settings.data_dir.absolute().parents] if path.exists()
    )
    free = shutil.disk_usage(place).free
    said = f"{free / 1024**3:.1f} GiB free at {place}"
    if free < FREE_BYTES_FAIL:
        return Finding(State.FAIL, "disk", said, "Make room: PostgreSQL stops when it cannot write.")
    return (
        Finding(State.WARN, "disk", said, "Make room soon.")
        if free < FREE_BYTES_WARN
        else Finding(State.OK, "disk", said)
    )


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    if settings.database_url is None:
        yield Finding(
            State.FAIL, "database", "none", f"Start `fieldbeat up` (same --data-dir) or set {ENV_PREFIX}DATABASE_URL."
        )
        return
    place = masked(settings.database_url)
    try:
        db = await asyncio.wait_for(open_db(settings.database_url, size=2, statement_cache_size=0), ANSWER_WITHIN_S)
    except UnsafeRole as unsafe:
        yield Finding(State.FAIL, "role", f"{place}: {unsafe}", "Use a role that owns nothing.")
        return
    except (OSError, asyncpg.PostgresError, TimeoutError, ValueError) as error:
        yield Finding(State.FAIL, "database", f"{place}: {error or 'no answer'}", "Is the server up and the URL right?")
        return
    try:
        async with db.unscoped() as conn:
            server = await conn.fetchval("show server_version")
            yield Finding(State.OK, "database", f"PostgreSQL {server} at {place}")
            yield Finding(State.OK, "role", "owns nothing and cannot bypass row-level security")
            before = datetime.now(UTC)
            theirs = await conn.fetchval("select clock_timestamp()")
            yield _clock(before, theirs, datetime.now(UTC))
            yield _migrations(await revision_of(conn))
    finally:
        await db.close()


def _clock(before: datetime, theirs: datetime, after: datetime) -> Finding:
    """The database's clock against ours; half the question's way is the error."""
    skew_ms = (theirs - before - (after - before) / 2) / timedelta(milliseconds=1)
    said = f"the database's clock is {skew_ms:+.0f} ms from this process's"
    if abs(skew_ms) < SKEW_MS_WARN:
        return Finding(State.OK, "clock", said)
    return Finding(State.WARN, "clock", said, "Run NTP on both machines: tokens expire by the API's clock.")


def _migrations(revision: str | None) -> Finding:
    said = f"revision {revision or 'none'}, this version needs {newest_revision()}"
    if revision == newest_revision():
        return Finding(State.OK, "migrations", said)
    if revision is None or revision < newest_revision():
        return Finding(State.FAIL, "migrations", said, "Run `fieldbeat migrate`.")
    return Finding(State.FAIL, "migrations", said, "A newer version migrated it: use that version.")


async def _queue(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding(State.FAIL, "queue", "none", f"Start `fieldbeat up` or set {ENV_PREFIX}REDIS_URL.")
    place = masked(settings.redis_url)
    try:
        queue = await asyncio.wait_for(open_queue(settings.redis_url, retries=0), ANSWER_WITHIN_S)
    except Exception as error:  # whatever the driver raises: it is not reachable
        return Finding(State.FAIL, "queue", f"{place}: {error or 'no answer'}", "Is the server up and the URL right?")
    try:
        told = await queue.info("server")
        waiting = await queue.zcard(queue.default_queue_name)
        alive = await queue.exists(f"{queue.default_queue_name}:health-check")
        name = f"Valkey {told['valkey_version']}" if "valkey_version" in told else f"Redis {told['redis_version']}"
        said = f"{name} at {place}, {waiting} jobs waiting"
        if not alive:
            return Finding(State.WARN, "queue", f"{said}, no worker seen", "Start `fieldbeat worker`.")
        return Finding(State.OK, "queue", said)
    finally:
        await queue.aclose()


def _api(settings: Settings) -> Finding:
    url = f"http://{settings.host}:{settings.port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_WITHIN_S):
            return Finding(State.OK, "api", f"{url} is ready")
    except urllib.error.HTTPError as error:
        return Finding(State.FAIL, "api", f"{url}: {error.read().decode(errors='replace')}", "See the findings above.")
    except (OSError, ValueError) as error:
        return Finding(
            State.WARN, "api", f"{url}: {error}", "Is it meant to run here (FIELDBEAT_HOST, FIELDBEAT_PORT)?"
        )


async def _feed(owner_url: str) -> AsyncIterator[Finding]:
    """As the owner, who sees every tenant: do the feed's heads agree with its rows, is an effect overdue."""
    try:
        conn = await asyncpg.connect(owner_url, timeout=ANSWER_WITHIN_S, command_timeout=30)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        yield Finding(State.WARN, "feed", f"not examined: {error}", f"Check {ENV_PREFIX}MIGRATE_URL.")
        return
    try:
        wrong = await conn.fetchval(SQL["scopes_out_of_step"])
        said = f"{wrong} scopes whose head disagrees with their rows"
        yield (
            Finding(State.FAIL, "feed", said, "Keep a copy of the database and report it.")
            if wrong
            else Finding(State.OK, "feed", "every scope's head agrees with its rows")
        )
        overdue = await conn.fetchval(SQL["overdue_effects"])
        said = f"{overdue} effects overdue by more than five minutes"
        yield (
            Finding(State.WARN, "outbox", said, "Is a worker running?")
            if overdue
            else Finding(State.OK, "outbox", "nothing overdue")
        )
    except asyncpg.PostgresError as error:
        yield Finding(State.WARN, "feed", f"not examined: {error}", "See the migrations above.")
    finally:
        await conn.close()
