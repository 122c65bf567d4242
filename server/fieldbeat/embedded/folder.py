"""The data folder: who may use it, what lies where, and that only one program uses it at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fieldbeat.embedded.refusal import CannotStart

SOCKET_PATH_BYTES_MAX = 107  # sizeof(sockaddr_un.sun_path) - 1 on Linux; a little less elsewhere
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"


@dataclass(frozen=True)
class DataFolder:
    """The places inside the data folder (`root` is absolute)."""

    root: Path

    @property
    def lock(self) -> Path:
        """Locked while a program uses the folder; holds its process id."""
        return self.root / "lock"

    @property
    def postgres(self) -> Path:
        """PGDATA."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's working directory; it keeps nothing there."""
        return self.root / "valkey"

    @property
    def run(self) -> Path:
        """The sockets. Only the servers' account (and root) may enter."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """What the servers say."""
        return self.root / "logs"


@contextmanager
def claimed_folder(root: Path) -> Iterator[DataFolder]:
    """The data folder, made when missing, for this process alone until the block ends (or the process dies).

    Refuses a path too long for a socket, a folder that cannot be written, and one that another program uses.
    """
    folder = DataFolder(root.absolute())
    _check_length(folder)
    descriptor = _open_lock(folder)
    try:
        _lock(descriptor, folder)
        yield folder
    finally:
        os.close(descriptor)


def holder(folder: DataFolder) -> int | None:
    """The process that uses the folder now, or None."""
    try:
        descriptor = os.open(folder.lock, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(descriptor, 32) or 0)
    finally:
        os.close(descriptor)
    return None


def _check_length(folder: DataFolder) -> None:
    longest = os.fsencode(folder.run / POSTGRES_SOCKET)
    if len(longest) > SOCKET_PATH_BYTES_MAX:
        raise CannotStart(
            f"The path of the data folder is {len(longest) - SOCKET_PATH_BYTES_MAX} bytes too long for a Unix socket: "
            f"{folder.root}. Choose a shorter one with --data-dir or FIELDBEAT_DATA_DIR."
        )


def _open_lock(folder: DataFolder) -> int:
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
        return os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder.root} cannot be written ({error.strerror}). "
            "Choose another one with --data-dir or FIELDBEAT_DATA_DIR."
        ) from error


def _lock(descriptor: int, folder: DataFolder) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = os.read(descriptor, 32).decode().strip() or "unknown"
        raise CannotStart(
            f"Fieldbeat already runs on {folder.root} (process {pid}). Stop it first, or choose another --data-dir."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
